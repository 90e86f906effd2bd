/** Where hints come from. A hint only says "look there": what has changed is found by looking. */

/**
 * Something may have happened in a directory.
 * @param name the entry it is about, if the source knows; `undefined`: anything in it
 * @param isStructural the entry may have come, gone or been replaced, not merely been written to
 */
export type Hint = (name: string | undefined, isStructural: boolean) => void;

export interface Placed {
  close(): void;
}

/** Why no hints can be had for a directory: `ENOSPC` and `EMFILE` when the system's limits are reached, `ENOENT`, `EACCES` … */
export interface Refused {
  readonly code: string;
}

export interface HintSource {
  readonly name: "native" | "chokidar" | "poll";
  /** Hints about what lies directly in the directory at `path` (absolute), from now on or after a hint about anything in it. */
  place(path: string, hint: Hint): Placed | Refused;
  /** Called when everything was looked at that there is; the source answers when all that was placed is in effect. */
  ready(): Promise<void>;
  /** How many watches of the system it holds. */
  readonly watches: number;
  close(): Promise<void>;
}

export const isRefused = (answer: Placed | Refused): answer is Refused => "code" in answer;

export function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}
