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

/** With `--once`: where there is a readiness check, it was not met, whatever the process says of itself. */
export const onceCode = (exit: Exit, checked: boolean): number =>
  checked && exit.is !== "unstartable" ? 3 : codeOf(exit);
