/** From an offset in a text to a place that people can go to. */
import { placeAt, type SourceText } from "../config/text/source.ts";
import type { Place } from "../core/problem.ts";

/** @param offset in UTF-16 code units from the beginning of the text */
export function placeOfOffset(source: SourceText, offset: number, length = 1): Place {
  const before = source.text.slice(0, offset);
  const line = before.split("\n").length;
  return placeAt(source, line, offset - (before.lastIndexOf("\n") + 1) + 1, length);
}
