/** Names of variables → keys: `APP_DB_POOL_SIZE` is `db.poolSize`, `db.pool_size` or `db.pool.size`, whichever the configuration has. */
import { isObject } from "../rules/words.ts";
import { isTree, nested } from "./tree.ts";

export interface Variable {
  /** As it is set: `APP_DB_URL`. */
  readonly name: string;
  /** The name without the prefix. */
  readonly rest: string;
  readonly value: string;
}

export type Named = { readonly path: readonly string[] } | { readonly candidates: readonly (readonly string[])[] };

/** @param known the keys that files and schema know; @param isOwn names that match none of them are keys as they stand (`.env` files) */
export function keyOf({ rest }: Variable, known: readonly (readonly string[])[], isOwn: boolean): Named {
  // Two underscores stand between levels, and nowhere else.
  const levels = rest.split("__");
  const like = levels.length > 1 ? known.filter((path) => sameWords(path, levels)) : [];
  const exact = like.find((path) => path.join("__").toLowerCase() === rest.toLowerCase()) ?? like[0];
  if (exact !== undefined) return { path: exact };
  if (levels.length > 1) return { path: levels.map((level) => level.toLowerCase()) };
  const wanted = shouted(rest);
  const matching = known.filter((path) => formsOf(path).includes(wanted));
  // Several files may have the same key.
  const candidates = [...new Map(matching.map((path) => [path.join("\0"), path])).values()];
  if (candidates.length > 1) return { candidates };
  if (candidates[0] !== undefined) return { path: candidates[0] };
  if (isOwn) return { path: rest.split(".") };
  // As far as there are tables, the name leads into them; what is left is one key.
  const parent = known
    .flatMap((path) => path.slice(0, -1).map((_, index) => path.slice(0, index + 1)))
    .filter((path) => rest.toLowerCase().startsWith(`${path.join("_").toLowerCase()}_`))
    .sort((a, b) => b.length - a.length)[0];
  if (parent === undefined) return { path: [rest.toLowerCase()] };
  return { path: [...parent, rest.slice(parent.join("_").length + 1).toLowerCase()] };
}

const shouted = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");

/** As variables are named: `poolSize` is `POOL_SIZE`, and may be `POOLSIZE`. */
function formsOf(path: readonly string[]): readonly string[] {
  const words = path.map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2"));
  return [shouted(path.join("_")), shouted(words.join("_"))];
}

const sameWords = (path: readonly string[], levels: readonly string[]): boolean =>
  path.length === levels.length && path.every((part, index) => formsOf([part]).includes(shouted(levels[index] ?? "")));

export const treeOf = (path: readonly string[], value: string): unknown => nested(path, value);

/** The keys of a configuration, tables too. */
export function pathsIn(value: unknown, path: readonly string[] = []): string[][] {
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => [[...path, key], ...pathsIn(each, [...path, key])]);
}

/** The keys that a schema names, also by way of references inside of it. */
export function pathsInSchema(schema: unknown): string[][] {
  const look = (part: unknown, path: readonly string[], depth: number): string[][] => {
    if (!isObject(part) || depth > 24) return [];
    const properties = isObject(part["properties"]) ? Object.entries(part["properties"]) : [];
    const own = properties.flatMap(([key, each]) => [[...path, key], ...look(each, [...path, key], depth + 1)]);
    const beside = ["allOf", "anyOf", "oneOf"].flatMap((name) => (Array.isArray(part[name]) ? part[name] : []));
    const others = [...beside, part["if"], part["then"], part["else"], resolved(schema, part["$ref"])];
    return [...own, ...others.flatMap((other) => look(other, path, depth + 1))];
  };
  return look(schema, [], 0);
}

function resolved(schema: unknown, reference: unknown): unknown {
  if (typeof reference !== "string" || !reference.startsWith("#/")) return undefined;
  let part = schema;
  for (const step of reference.slice(2).split("/")) {
    part = isObject(part) ? part[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return part;
}
