/** Numbers and dates among variables, as they were written: to the program that gets them `1.10`, `0o755` and `2026-01-31` are texts. */

import type { Path } from "../text/locate.ts";
import type { ReadLayer } from "./file-layers.ts";
import type { LayerItem } from "./layers.ts";

export async function asWritten(layer: ReadLayer): Promise<ReadLayer> {
  const { text } = layer.source;
  const isOther = (item: LayerItem): boolean => numbersIn(item).some(([name, value]) => !isPlain(text, name, value));
  if (!layer.items.some(isOther)) return layer;
  // The parser with positions is asked only where one is written in another way than JavaScript would.
  const locate = (await import("../text/locate.ts")).locator;
  const at = await locate(layer.source);
  const written = (path: Path): string => {
    const { text: line, column, length } = at({ path, at: "value" });
    return line.slice(column - 1, column - 1 + length);
  };
  const items = layer.items.map((item): LayerItem => {
    const { key, origin } = item;
    if (origin.from !== "file" || !isOther(item)) return item;
    const texts = numbersIn(item).map(([name]) => [name, written([...origin.path, name])]);
    const raw = { ...Object(item.raw), ...Object.fromEntries(texts) };
    const decoded = key.kind.decode(raw);
    return decoded.ok ? { ...item, raw, value: decoded.value } : item;
  });
  return { ...layer, items };
}

function numbersIn({ key, raw }: LayerItem): [string, number | Date][] {
  if (key.kind.isTable !== true || typeof raw !== "object" || raw === null) return [];
  return Object.entries(raw).filter(
    (pair): pair is [string, number | Date] => typeof pair[1] === "number" || pair[1] instanceof Date,
  );
}

/** Wherever this name is set in the text, this number follows in just these digits. */
function isPlain(text: string, name: string, value: number | Date): boolean {
  if (typeof value !== "number") return false;
  const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const set = `${literal(name)}["']?[ \\t]*=[ \\t]*`;
  const count = (pattern: string): number => text.match(new RegExp(pattern, "g"))?.length ?? 0;
  const plain = count(`${set}${literal(String(value))}(?![\\w.+-])`);
  return plain > 0 && plain === count(set);
}
