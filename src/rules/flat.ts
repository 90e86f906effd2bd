/** Files that are a list of names with values, as `server.port = 8080`: dots in the names make a tree. */
import type { Path } from "../config/text/locate.ts";
import type { SourceText } from "../config/text/source.ts";
import type { Place } from "../core/problem.ts";
import { type DocumentReading, refusedDocument } from "./document.ts";
import { placeOfOffset } from "./offsets.ts";

export interface FlatEntry {
  readonly name: string;
  readonly value: string;
  /** Offsets in the text; where the value is empty, its span is empty too. */
  readonly nameAt: readonly [start: number, end: number];
  readonly valueAt: readonly [start: number, end: number];
}

/** The last of several entries with one name counts, as in the programs that read such files. */
export function flatDocument(source: SourceText, entries: readonly FlatEntry[]): DocumentReading {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const entry of byName.values()) {
    for (let dot = entry.name.indexOf("."); dot >= 0; dot = entry.name.indexOf(".", dot + 1)) {
      const above = entry.name.slice(0, dot);
      const other = byName.get(above);
      if (other === undefined) continue;
      const line = placeOfOffset(source, other.nameAt[0]).line;
      const message = `${entry.name} lies in ${above}, which has a value of its own on line ${line}`;
      return refusedDocument(message, spanned(source, entry.nameAt));
    }
  }
  const tree = new Map<string, unknown>();
  for (const { name, value } of byName.values()) put(tree, name.split("."), value);
  return {
    ok: true,
    document: { value: toObject(tree), isText: true, place: (path, at) => placeIn(source, byName, path, at) },
  };
}

function put(tree: Map<string, unknown>, path: readonly string[], value: string): void {
  let branch = tree;
  for (const part of path.slice(0, -1)) {
    const below = branch.get(part);
    const next = below instanceof Map ? below : new Map<string, unknown>();
    branch.set(part, next);
    branch = next;
  }
  branch.set(path.at(-1) ?? "", value);
}

function toObject(tree: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...tree].map(([key, value]) => [key, value instanceof Map ? toObject(value) : value]));
}

function placeIn(source: SourceText, byName: ReadonlyMap<string, FlatEntry>, path: Path, at: "key" | "value"): Place {
  const wanted = path.join(".");
  // An item of a list that was written as one text stands where the text does; a branch where its first leaf does.
  const found =
    [...byName.values()].find(({ name }) => wanted === name || wanted.startsWith(`${name}.`)) ??
    [...byName.values()].find(({ name }) => wanted !== "" && name.startsWith(`${wanted}.`));
  if (found === undefined) return placeOfOffset(source, 0);
  const isEmpty = found.valueAt[0] === found.valueAt[1];
  return spanned(source, at === "key" || isEmpty ? found.nameAt : found.valueAt);
}

const spanned = (source: SourceText, [start, end]: readonly [number, number]): Place =>
  placeOfOffset(source, start, Math.max(1, end - start));
