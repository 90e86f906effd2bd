/** `.env` files, as `dotenv` reads them; lines that it would pass over in silence are mistakes here. */
import { parse } from "dotenv";
import type { SourceText } from "../../config/text/source.ts";
import { type DocumentReading, refusedDocument } from "../document.ts";
import { type FlatEntry, flatDocument } from "../flat.ts";
import { placeOfOffset } from "../offsets.ts";

const assignment = /(?:export[ \t]+)?([\w.-]+)(?:[ \t]*=[ \t]*|:[ \t]+)/y;
const quoted = /(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`)(?=[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\r|$))/y;
const unquoted = /[^#\r\n]*/y;
const restOfLine = /[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\r|$)/y;

export function readEnv(source: SourceText): DocumentReading {
  const { text } = source;
  const values = parse(text);
  const entries: FlatEntry[] = [];
  let offset = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match !== null) offset = pattern.lastIndex;
    return match;
  };
  while (offset < text.length) {
    take(/\s*/y);
    if (offset >= text.length) break;
    const start = offset;
    // `export NAME` says that a variable which is set elsewhere is handed on.
    if (take(/#[^\r\n]*/y) !== null || take(/export[ \t]+[\w.-]+[ \t]*(?=\r?\n|\r|$)/y) !== null) continue;
    const name = take(assignment);
    if (name?.[1] === undefined) {
      const length = take(/[^\r\n]*/y)?.[0].length ?? 1;
      return refusedDocument("this line is not NAME=VALUE", placeOfOffset(source, start, length));
    }
    const nameStart = start + name[0].indexOf(name[1]);
    const valueStart = offset;
    const end = valueStart + (take(quoted) ?? take(unquoted) ?? [""])[0].trimEnd().length;
    const written = text.slice(valueStart, end);
    const quote = /^['"`]/.exec(written)?.[0];
    if (quote !== undefined && (written.length < 2 || !written.endsWith(quote)))
      return refusedDocument(`the value of ${name[1]} has no closing quote`, placeOfOffset(source, valueStart, 1));
    take(restOfLine);
    entries.push({
      name: name[1],
      value: values[name[1]] ?? "",
      nameAt: [nameStart, nameStart + name[1].length],
      valueAt: [valueStart, end],
    });
  }
  return flatDocument(source, entries);
}
