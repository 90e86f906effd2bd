/** A configuration file of some format as one value, and where each part of the value stands in the text. */
import type { Path } from "../config/text/locate.ts";
import type { Place, Problem } from "../core/problem.ts";

export interface ConfigDocument {
  readonly value: unknown;
  /** The format knows text alone (`.env`, `.properties`): `8080` may be meant as a number. */
  readonly isText: boolean;
  /** The nearest part that is there: for a path that is not in the file, the place of what it would stand in. */
  place(path: Path, at: "key" | "value"): Place;
}

export type DocumentReading =
  | { readonly ok: true; readonly document: ConfigDocument }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export const refusedDocument = (message: string, place: Place, hint?: string): DocumentReading => ({
  ok: false,
  problems: [
    { code: "schema/bad-document", severity: "error", message, place, ...(hint === undefined ? {} : { hint }) },
  ],
});
