/** Configurations as trees of plain values: merged, compared, looked into. */
import { isDeepStrictEqual } from "node:util";
import type { Path } from "../config/text/locate.ts";

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Key by key; what is not a tree on both sides is taken from above. What is undefined says nothing. */
export function merge(below: unknown, above: unknown, join: (below: unknown, above: unknown) => unknown): unknown {
  if (above === undefined) return below;
  if (!isTree(below) || !isTree(above)) return join(below, above);
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    if (value !== undefined) merged.set(key, merge(merged.get(key), value, join));
  }
  // Also for a key named `__proto__`.
  return Object.fromEntries(merged);
}

/** A copy that nobody can change. What is neither a list nor a plain object (a date, an instance of a class) stays what it is. */
export function frozen(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen));
  if (!isTree(value)) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, frozen(each)])));
}

/** A copy that may be changed. */
export function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copied(each)]));
}

/** The value at a dotted key. A key that has dots in its own name is found too. */
export function valueAt(tree: unknown, key: string): unknown {
  if (typeof tree !== "object" || tree === null) return undefined;
  if (Object.hasOwn(tree, key)) return Object.entries(tree).find(([name]) => name === key)?.[1];
  for (let dot = key.lastIndexOf("."); dot > 0; dot = key.lastIndexOf(".", dot - 1)) {
    const first = key.slice(0, dot);
    if (!Object.hasOwn(tree, first)) continue;
    const found = valueAt(valueAt(tree, first), key.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

export const isSame = (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other);

/** The ends of all branches. Lists, and objects without keys, are ends. */
export function leavesOf(value: unknown, path: Path = []): readonly { readonly path: Path; readonly value: unknown }[] {
  if (!isTree(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, [...path, key]));
}

/** `{ "db.url": 1 }` → `{ db: { url: 1 } }` */
export function expanded(flat: Tree): Tree {
  let tree: unknown = {};
  for (const [key, value] of Object.entries(flat))
    tree = merge(tree, nested(key.split("."), value), (_, above) => above);
  return isTree(tree) ? tree : {};
}

export function nested([first, ...rest]: readonly string[], value: unknown): unknown {
  return first === undefined ? value : Object.fromEntries([[first, nested(rest, value)]]);
}

/** For the comparison of versions: differs if the value does. */
export function comparableText(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return `${typeof value} ${value}`;
  if (Array.isArray(value)) return `[${value.map(comparableText).join(",")}]`;
  if (!isTree(value)) return JSON.stringify(value) ?? String(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${comparableText(value[key])}`).join(",")}}`;
}
