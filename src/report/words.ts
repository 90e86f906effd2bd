/** Small pieces of text that several reporters share. */
import type { Problem } from "../core/problem.ts";
import type { Exit } from "../core/types.ts";

/** `38ms`, `1.4s`, `2m05s`, `1h30m`. */
export function shortDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds >= 3_600) {
    const minutes = Math.round(seconds / 60);
    return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
  }
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/**
 * A name as it may be printed: control characters and terminal escapes in it are shown, not obeyed (CWE-150).
 * A newline becomes `\n`, an escape `\x1b`.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** `main.go changed`, `a.go, b.go changed`, `a.go and 4 more changed`. */
export const cause = (changes: ReadonlySet<string>): string =>
  changes.size === 0 ? "started" : `${several([...changes])} changed`;

/** `a.go`, `a.go, b.go`, `a.go and 4 more`. */
export function several(names: readonly string[]): string {
  const [first = "", second, ...others] = names.map(printable);
  if (second === undefined) return first;
  return others.length === 0 ? `${first}, ${second}` : `${first} and ${others.length + 1} more`;
}

/** `code 1`, `SIGKILL`, `no such command`. */
export function ending(exit: Exit): string {
  switch (exit.is) {
    case "code":
      return `code ${exit.code}`;
    case "signal":
      return exit.signal;
    case "unstartable":
      return exit.message;
  }
}

/** A problem in one line. */
export const problemLine = (problem: Problem): string => {
  const { place, message } = problem;
  const where = place === undefined ? leadOf(problem) : `${place.file}:${place.line}:${place.column}`;
  return `${where === undefined ? "" : `${where}: `}${message}`;
};

/** Where it comes from, unless the message begins with that. */
export const leadOf = ({ origin, message }: Problem): string | undefined =>
  origin !== undefined && message.startsWith(`${origin}: `) ? undefined : origin;

export const plural = (count: number, word: string): string =>
  `${grouped(count)} ${count === 1 ? word : word.endsWith("y") ? `${word.slice(0, -1)}ies` : `${word}s`}`;

/** `50,000`. Not by `toLocaleString`: its tables take 7 MB of memory. */
const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
