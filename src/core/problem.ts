/** A message to the user as a value: what is wrong, where, and what to do. Rendered in `report/problem.ts`, never here. */

import type { ProblemCode } from "./problem-codes.ts";

export interface Place {
  /** Path of the file as the user would name it. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  /** How many characters the caret underlines; at least 1. */
  readonly length: number;
  /** The text of the line, for the code frame. */
  readonly text: string;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Where it stands in a file; absent for flags and environment variables, which name themselves in `origin`. */
  readonly place?: Place;
  /** `--build.cmd`, `RELOAD_BUILD_CMD`, or a file without a position. */
  readonly origin?: string;
  /** What to do about it, a "did you mean" included. */
  readonly hint?: string;
}
