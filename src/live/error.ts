/** Problems as programs get them: a text that says where, and the parts of it. */
import type { Problem } from "../core/problem.ts";
import type { ConfigError, ConfigProblem } from "./types.ts";

export class LiveConfigError extends Error implements ConfigError {
  override readonly name = "LiveConfigError";
  readonly code: string;
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(
      problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`)).join("\n"),
      options,
    );
    this.problems = problems;
    this.code = problems[0]?.code ?? "schema/not-met";
  }
}

export function liveProblem(code: string, origin: string, what: string, hint?: string): ConfigProblem {
  return { code, origin, message: `${origin}: ${what}`, ...(hint === undefined ? {} : { hint }) };
}

/** From a problem that the terminal would show with its line. */
export function locatedProblem(code: string, { place, origin = "", message, hint }: Problem): ConfigProblem {
  if (place === undefined) return liveProblem(code, origin, message, hint);
  const { file, line, column } = place;
  return {
    code,
    origin: file,
    line,
    column,
    message: `${file}:${line}:${column}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

export function throwRefusal(code: string, origin: string, what: string, hint?: string): never {
  throw new LiveConfigError([liveProblem(code, origin, what, hint)]);
}
