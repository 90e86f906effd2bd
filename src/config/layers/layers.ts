/** One value for each key, from the layers: later ones win, tables and added lists grow. Every value remembers where it comes from. */
import { allKeys, type Config, isApart, type NamedKey } from "../keys/keys.ts";
import { keyOfService } from "../keys/service-keys.ts";
import type { Path } from "../text/locate.ts";
import type { SourceText } from "../text/source.ts";
import { inline } from "../write/write.ts";

export type Origin =
  | { readonly from: "default" }
  | { readonly from: "file"; readonly source: SourceText; readonly path: Path }
  /** An environment variable or a flag, as the user wrote it; COMMAND; or what was found by itself. */
  | { readonly from: "variable" | "flag" | "command" | "detected"; readonly name: string };

/** The value of a key that is in force. */
export interface Effective {
  readonly key: NamedKey;
  /** As it would be written in the file; `undefined` where nothing is set. */
  readonly raw: unknown;
  readonly value: unknown;
  /** More than one where layers add to each other; the last is the newest. */
  readonly origins: readonly Origin[];
}

export interface LayerItem {
  readonly key: NamedKey;
  readonly raw: unknown;
  readonly value: unknown;
  readonly origin: Origin;
  readonly adds: boolean;
  /** The service that it is for; absent: the top. */
  readonly service?: string;
}

export type Effectives = ReadonlyMap<string, Effective>;

/** A value that the program itself gives: one that is none is a mistake in the program. */
export function layerItem(name: string, raw: unknown, origin: Origin): LayerItem {
  const ofService = keyOfService(name);
  const key = ofService?.key ?? allKeys().get(name);
  const decoded = key?.kind.decode(raw);
  if (key === undefined || decoded?.ok !== true) throw new Error(`${name} = ${inline(raw)} is not a value of this key`);
  const item = { key, raw, value: decoded.value, origin, adds: false };
  return ofService === undefined ? item : { ...item, service: ofService.service };
}

/** Defaults first, then every item in its order. All are of one scope. */
export function combine(items: readonly LayerItem[]): Effectives {
  const all = new Map<string, Effective>();
  for (const key of allKeys().values()) {
    all.set(key.name, { key, raw: key.default, value: defaultOf(key), origins: [{ from: "default" }] });
  }
  for (const item of items) {
    const before = all.get(item.key.name);
    all.set(item.key.name, before === undefined || !item.adds ? replaced(item) : added(before, item));
  }
  return all;
}

const replaced = ({ key, raw, value, origin }: LayerItem): Effective => ({ key, raw, value, origins: [origin] });

function added(before: Effective, item: LayerItem): Effective {
  const earlier = before.origins.filter((origin) => origin.from !== "default");
  return {
    key: item.key,
    raw: join(before.raw, item.raw),
    value: join(before.value, item.value),
    origins: [...earlier, item.origin],
  };
}

function join(before: unknown, more: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(more)) return [...before, ...more];
  if (typeof before === "object" && typeof more === "object") return { ...before, ...more };
  return more;
}

function defaultOf(key: NamedKey): unknown {
  if (key.default === undefined) return undefined;
  const decoded = key.kind.decode(key.default);
  if (!decoded.ok) throw new Error(`the default of ${key.name} is none: ${JSON.stringify(decoded.faults)}`);
  return decoded.value;
}

/** The nested form that the rest of the program reads. */
export function configOf(effectives: Effectives): Config {
  const top: Record<string, unknown> = {};
  for (const { key, value } of effectives.values()) {
    if (isApart(key)) continue;
    if (key.section === "") top[key.leaf] = value;
    else {
      const section = top[key.section];
      top[key.section] = { ...(typeof section === "object" ? section : {}), [key.leaf]: value };
    }
  }
  // The one place where the table's values become the table's type: every key is in `effectives`, decoded by its own kind.
  return top as unknown as Config;
}
