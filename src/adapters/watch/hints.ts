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

/** Why no hints can be had for a directory: `ENOSPC` and `EMFILE` when the system's limits are reached, `ENOENT`, `EACCES` …, `UNSUPPORTED`: not by this source. */
export interface Refused {
  readonly code: string;
}

export interface HintSource {
  readonly name: "native" | "chokidar" | "poll";
  /**
   * Hints about what lies directly in the directory at `path` (absolute): from now on, or from a hint about anything in it on.
   * @param refused hears the code of a refusal that came later
   */
  place(path: string, hint: Hint, refused: (code: string) => void): Placed | Refused;
  /** When all that was placed until now is in effect. */
  ready(): Promise<void>;
  /** Whether a new watch may be placed on a path before the old one is closed. */
  readonly replacesInPlace: boolean;
  close(): Promise<void>;
}

export const isRefused = (answer: Placed | Refused): answer is Refused => "code" in answer;
