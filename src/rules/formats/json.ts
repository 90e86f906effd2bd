/** JSON, with comments: many programs read such files, and those that do not say so themselves. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { Path } from "../../config/text/locate.ts";
import type { SourceText } from "../../config/text/source.ts";
import type { Place } from "../../core/problem.ts";
import { type DocumentReading, refusedDocument } from "../document.ts";
import { placeOfOffset } from "../offsets.ts";

const reasons: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is neither a value nor a key in double quotes",
  InvalidNumberFormat: "this is not a number",
  PropertyNameExpected: "a key in double quotes is missing",
  ValueExpected: "a value is missing",
  ColonExpected: "a colon is missing",
  CommaExpected: "a comma is missing",
  CloseBraceExpected: "a closing } is missing",
  CloseBracketExpected: "a closing ] is missing",
  EndOfFileExpected: "the value ended before this",
  InvalidCommentToken: "this is not a comment",
  UnexpectedEndOfComment: "the comment has no end",
  UnexpectedEndOfString: "the string has no end",
  UnexpectedEndOfNumber: "the number has no end",
  InvalidUnicode: "this is not a Unicode escape",
  InvalidEscapeCharacter: "this is not an escape",
  InvalidCharacter: "this character must be escaped",
};

export function readJsonDocument(source: SourceText): DocumentReading {
  const errors: ParseError[] = [];
  const tree = parseTree(source.text, errors, { allowTrailingComma: /\.jsonc$/i.test(source.path) });
  const [first] = errors;
  // One mistake makes many: only the first is sure to be one.
  if (first !== undefined || tree === undefined) {
    const code = first === undefined ? "ValueExpected" : printParseErrorCode(first.error);
    const isTrailing = code === "PropertyNameExpected" || code === "ValueExpected";
    const hint =
      isTrailing && endsInComma(source.text.slice(0, first?.offset ?? 0)) ? "take the comma away" : undefined;
    const place = placeOfOffset(source, first?.offset ?? 0, first?.length ?? 1);
    return refusedDocument(`this is not JSON: ${reasons[code] ?? code}`, place, hint);
  }
  const twice = repeatedKey(tree);
  if (twice !== undefined)
    return refusedDocument(`the key ${twice.value} is there twice`, placeOfOffset(source, twice.offset, twice.length));
  return {
    ok: true,
    document: {
      value: getNodeValue(tree),
      isText: false,
      place: (path, at) => placeIn(source, tree, path, at),
    },
  };
}

const endsInComma = (text: string): boolean => text.trimEnd().endsWith(",");

function placeIn(source: SourceText, tree: Node, path: Path, at: "key" | "value"): Place {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node === undefined) continue;
    const key = node.parent?.type === "property" ? node.parent.children?.[0] : undefined;
    const wanted = at === "key" || length < path.length ? (key ?? node) : node;
    const isContainer = wanted.type === "object" || wanted.type === "array";
    return placeOfOffset(source, wanted.offset, isContainer ? 1 : wanted.length);
  }
  return placeOfOffset(source, 0, 1);
}

function repeatedKey(node: Node): Node | undefined {
  const keys = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = child.type === "property" ? child.children?.[0] : undefined;
    if (key !== undefined) {
      if (keys.has(key.value)) return key;
      keys.add(key.value);
    }
    const deeper = repeatedKey(child);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
