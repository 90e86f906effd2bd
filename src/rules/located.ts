/** A fault in a value → a problem at its line, without the value of a secret. */
import type { SourceText } from "../config/text/source.ts";
import type { Problem } from "../core/problem.ts";
import type { ConfigDocument } from "./document.ts";
import type { SchemaFault } from "./explain.ts";
import type { Format } from "./format.ts";
import { hideValue, withoutSecrets } from "./secrets.ts";

export function problemAt(fault: SchemaFault, document: ConfigDocument, source: SourceText, format: Format): Problem {
  const { path, at, message, hint, isSecret } = fault;
  const place = document.place(path, at);
  const advice = hint === undefined ? {} : { hint };
  const problem: Problem = {
    code: "schema/not-met",
    severity: "error",
    message,
    place: isSecret && at === "value" ? hideValue(place) : place,
    ...advice,
  };
  return withoutSecrets(problem, source, format);
}

/** As one reads the file. */
export const inOrder = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort(
    ({ place: a }, { place: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  );
