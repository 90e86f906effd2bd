/** The exit codes that stand for how a process ended. */
import type { Exit } from "./types.ts";

/** Its own, 128+n for signal n, 127 when it does not exist, 126 when it could not be started. */
export function codeOf(exit: Exit): number {
  switch (exit.is) {
    case "code":
      return exit.code;
    case "signal":
      return 128 + exit.number;
    case "unstartable":
      return exit.missing ? 127 : 126;
  }
}

/** Of those that come before a code of the process itself. */
const first = [2, 127, 126, 1, 3];

/** The worse of two codes: those of `reload` in their order, then the greater. */
export function worseOf(a: number, b: number): number {
  const rank = (code: number): number => (first.includes(code) ? first.indexOf(code) : first.length);
  if (rank(a) !== rank(b)) return rank(a) < rank(b) ? a : b;
  return Math.max(a, b);
}

/** With `--once`: where there is a readiness check, it was not met, whatever the process says of itself. */
export const onceCode = (exit: Exit, checked: boolean): number =>
  checked && exit.is !== "unstartable" ? 3 : codeOf(exit);
