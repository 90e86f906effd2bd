/**
 * Where in a TOML text a key or a value stands. smol-toml gives positions for syntax errors only; the parser with positions is larger,
 * so it is loaded when there is something to point at, and never on the way of a configuration without mistakes.
 */
import type { Place } from "../../core/problem.ts";
import { placeAt, type SourceText } from "./source.ts";

export type Path = readonly (string | number)[];

/** One thing to find: the name of a key, or its value. `[]` is the beginning of the file. */
export interface TextTarget {
  readonly path: Path;
  readonly at: "key" | "value";
}

export type Locator = (target: TextTarget) => Place;

/** The parts of the syntax tree that are used here. */
interface Located {
  readonly loc: { readonly start: Position; readonly end: Position };
}
interface Position {
  readonly line: number;
  readonly column: number;
}
interface Name extends Located {
  readonly name?: string;
  readonly value?: string;
}
interface Pair extends Located {
  readonly type: "TOMLKeyValue";
  readonly key: { readonly keys: readonly Name[] };
  readonly value: Content;
}
interface Content extends Located {
  readonly type: string;
  readonly elements?: readonly Content[];
  readonly body?: readonly Pair[];
}
interface Header extends Located {
  readonly type: "TOMLTable";
  readonly key: { readonly keys: readonly Name[] };
  readonly resolvedKey: Path;
  readonly body: readonly Pair[];
}

/** Never throws and never gives up: what the parser cannot find is looked for as text, and in the end it is the first line. */
export async function locator(source: SourceText): Promise<Locator> {
  const body = await topLevel(source.text);
  return (target) => {
    for (let length = target.path.length; length > 0; length -= 1) {
      const at = length === target.path.length ? target.at : "value";
      const found = find(body, target.path.slice(0, length), at);
      if (found !== undefined) return spanned(source, found);
    }
    return byText(source, target.path);
  };
}

async function topLevel(text: string): Promise<readonly (Pair | Header)[]> {
  try {
    const { parseTOML } = await import("toml-eslint-parser");
    return parseTOML(text, { tomlVersion: "latest" }).body[0].body;
  } catch {
    return [];
  }
}

function find(body: readonly (Pair | Header)[], path: Path, at: "key" | "value"): Located | undefined {
  for (const part of body) {
    if (part.type === "TOMLKeyValue") {
      const found = findInPair(part, path, at);
      if (found !== undefined) return found;
      continue;
    }
    const header = part.resolvedKey;
    if (startsWith(header, path)) return nameAt(part, path);
    if (!startsWith(path, header)) continue;
    const found = find(part.body, path.slice(header.length), at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The word of the header that names this table: in `[a.b]`, `a` for the path `a`. An index has no word of its own. */
function nameAt(header: Header, path: Path): Located {
  const names = header.resolvedKey.slice(0, path.length).filter((part) => typeof part === "string").length;
  return header.key.keys[names - 1] ?? header;
}

function findInPair(pair: Pair, path: Path, at: "key" | "value"): Located | undefined {
  const names = pair.key.keys.map((name) => name.name ?? name.value ?? "");
  if (startsWith(names, path)) {
    const name = pair.key.keys[path.length - 1];
    return at === "value" && names.length === path.length ? pair.value : name;
  }
  return startsWith(path, names) ? findInContent(pair.value, path.slice(names.length), at) : undefined;
}

function findInContent(content: Content, path: Path, at: "key" | "value"): Located | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return content;
  if (typeof first === "number") {
    const element = content.elements?.[first];
    return element === undefined ? undefined : findInContent(element, rest, at);
  }
  return find(content.body ?? [], path, at);
}

const startsWith = (path: Path, beginning: Path): boolean =>
  beginning.length <= path.length && beginning.every((part, index) => part === path[index]);

function spanned(source: SourceText, { loc }: Located): Place {
  const { start, end } = loc;
  const length = end.line === start.line ? end.column - start.column : Number.MAX_SAFE_INTEGER;
  return placeAt(source, start.line, start.column + 1, length);
}

function byText(source: SourceText, path: Path): Place {
  const name = path.findLast((part) => typeof part === "string");
  const lines = source.text.split(/\r?\n/);
  const row =
    name === undefined
      ? -1
      : lines.findIndex((line) =>
          line
            .trimStart()
            .replace(/^\[+\s*/, "")
            .startsWith(name),
        );
  const line = lines[row];
  if (line === undefined || name === undefined) return placeAt(source, 1, 1);
  return placeAt(source, row + 1, line.indexOf(name) + 1, name.length);
}
