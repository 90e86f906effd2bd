/** YAML 1.2, with merge keys (`<<`), which most programs that read YAML understand. */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Path } from "../../config/text/locate.ts";
import type { SourceText } from "../../config/text/source.ts";
import type { Place } from "../../core/problem.ts";
import { type DocumentReading, refusedDocument } from "../document.ts";
import { placeOfOffset } from "../offsets.ts";

export function readYaml(source: SourceText): DocumentReading {
  const all = parseAllDocuments(source.text, {
    prettyErrors: false,
    merge: true,
    logLevel: "error",
    // Compares each key with each other one; what is there twice is found below.
    uniqueKeys: false,
  });
  const documents: readonly Document[] = Array.isArray(all) ? all : [];
  const [first, second] = documents;
  if (first === undefined)
    // Nothing, or comments alone.
    return { ok: true, document: { value: undefined, isText: false, place: () => placeOfOffset(source, 0) } };
  // One mistake makes many: only the first is sure to be one.
  const [mistake] = first.errors;
  if (mistake !== undefined) {
    const [start, end] = mistake.pos;
    return refusedDocument(`this is not YAML: ${reasonOf(mistake.message)}`, placeOfOffset(source, start, end - start));
  }
  if (second !== undefined) {
    const place = placeOfOffset(source, second.range?.[0] ?? 0);
    return refusedDocument("a second document begins here; a configuration is one document", place);
  }
  const wrong = wrongKeyIn(first.contents);
  if (wrong !== undefined) return refusedDocument(wrong.message, nodePlace(source, wrong.node));
  try {
    const value: unknown = first.toJS({ maxAliasCount: 100 });
    if (contains(value, []))
      return refusedDocument("an alias stands inside of what it stands for", placeOfOffset(source, 0));
    // A file without content is an empty configuration.
    const isEmpty = value === null && isNothing(first.contents);
    return {
      ok: true,
      document: {
        value: isEmpty ? undefined : value,
        isText: false,
        place: (path, at) => placeIn(source, first, path, at),
      },
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const name = /alias[^:]*: (\S+)$/.exec(message)?.[1];
    const offset = name === undefined ? 0 : Math.max(0, source.text.indexOf(`*${name}`));
    // Its name may be a password that begins with `*`.
    const reason = name === undefined ? message : "there is no anchor for this alias before it";
    return refusedDocument(`this is not YAML: ${reason}`, placeOfOffset(source, offset, (name?.length ?? 0) + 1));
  }
}

/** Whether the value is a part of itself. */
function contains(value: unknown, above: readonly unknown[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return above.includes(value) || Object.values(value).some((each) => contains(each, [...above, value]));
}

/** In the words of the library, without what stands in the file. */
function reasonOf(message: string): string {
  if (/call stack/.test(message)) return "it is nested too deeply";
  const reason = message.replace(/: ".*"$/s, "").trim();
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}

const isNothing = (contents: unknown): boolean => isScalar(contents) && (contents.source ?? "") === "";

interface WrongKey {
  readonly node: unknown;
  readonly message: string;
}

function wrongKeyIn(node: unknown): WrongKey | undefined {
  if (isPair(node)) return wrongKeyIn(node.value);
  if (!isMap(node) && !isSeq(node)) return undefined;
  const names = new Set<string>();
  for (const item of node.items) {
    if (isPair(item)) {
      const { key } = item;
      if (isNode(key) && !isScalar(key) && !isAlias(key))
        return { node: key, message: "a key is text, not a list or a mapping" };
      const name = nameOf(key);
      if (names.has(name) && name !== "<<") return { node: key, message: `the key ${name} is there twice` };
      names.add(name);
    }
    const deeper = wrongKeyIn(item);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function placeIn(source: SourceText, document: Document, path: Path, at: "key" | "value"): Place {
  let node: unknown = document.contents;
  let found: unknown = node;
  let key: unknown;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? (pairOf(node.items, part) ?? mergedPair(document, node.items, part)) : undefined;
    const item = pair?.value ?? (isSeq(node) && typeof part === "number" ? node.items[part] : undefined);
    // It is not there: what it would stand in has to be mended.
    if (pair === undefined && item === undefined) return nodePlace(source, key ?? found);
    key = pair?.key;
    node = item;
    found = item ?? key;
  }
  // A key without a value: the key is all there is to point at.
  const hasValue = isNode(found) && found.range != null && found.range[1] > found.range[0];
  return nodePlace(source, at === "key" || !hasValue ? (key ?? found) : found);
}

interface Item {
  readonly key: unknown;
  readonly value?: unknown;
}

function pairOf(items: readonly Item[], part: string | number): Item | undefined {
  return items.findLast(({ key }) => nameOf(key) === String(part));
}

/** Where a key comes by `<<: *other`, the other mapping has what is to be mended. */
function mergedPair(document: Document, items: readonly Item[], part: string | number): Item | undefined {
  const merged = pairOf(items, "<<")?.value;
  for (const each of isSeq(merged) ? merged.items : [merged]) {
    const other = isAlias(each) ? each.resolve(document) : each;
    const found = isMap(other) ? (pairOf(other.items, part) ?? mergedPair(document, other.items, part)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** That of a merge is a symbol in the document. */
const nameOf = (key: unknown): string =>
  isScalar(key) ? (typeof key.value === "symbol" ? (key.source ?? "") : String(key.value)) : String(key);

function nodePlace(source: SourceText, node: unknown): Place {
  if (!isNode(node) || node.range == null) return placeOfOffset(source, 0);
  const [start, end] = node.range;
  // A mapping or list of several lines is pointed at by its beginning.
  return placeOfOffset(source, start, isMap(node) || isSeq(node) ? 1 : Math.max(1, end - start));
}
