/** `.properties`, as Java reads them. */
import { Pair, parseLines } from "dot-properties";
import type { SourceText } from "../../config/text/source.ts";
import { type DocumentReading, refusedDocument } from "../document.ts";
import { type FlatEntry, flatDocument } from "../flat.ts";
import { placeOfOffset } from "../offsets.ts";

export function readProperties(source: SourceText): DocumentReading {
  const entries: FlatEntry[] = [];
  for (const node of parseLines(source.text, true)) {
    if (!(node instanceof Pair)) continue;
    const [start, nameEnd, valueStart, end] = node.range ?? [0, 0, 0, 0];
    const wrong = wrongEscape(source.text.slice(start, end));
    if (wrong !== undefined)
      return refusedDocument("a \\u is followed by four hexadecimal digits", placeOfOffset(source, start + wrong, 2));
    entries.push({ name: node.key, value: node.value, nameAt: [start, nameEnd], valueAt: [valueStart, end] });
  }
  return flatDocument(source, entries);
}

/** Java refuses such a file. */
function wrongEscape(text: string): number | undefined {
  for (const match of text.matchAll(/\\(u[0-9a-fA-F]{4}|[\s\S])/g)) if (match[1] === "u") return match.index;
  return undefined;
}
