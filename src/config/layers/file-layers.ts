/** The layers that come from files: the configuration, and the profile that lies over it. */

import type { Problem } from "../../core/problem.ts";
import type { AirReading } from "../air/air.ts";
import { type Complaint, decodeTable, type Setting } from "../keys/decode.ts";
import { allKeys } from "../keys/keys.ts";
import type { RuleConfig } from "../keys/rule-kinds.ts";
import { type Read, type SourceText, unreadable } from "../text/source.ts";
import { parseToml, type Table } from "../text/toml.ts";
import { type FoundFile, nameOf, profileFiles } from "./discover.ts";
import type { LayerItem, Origin } from "./layers.ts";

/** A file layer: its text, what it sets, and what is wrong with it. */
export interface ReadLayer {
  readonly source: SourceText;
  readonly items: readonly LayerItem[];
  readonly complaints: readonly Complaint[];
  /** What it says under `service`, as it is written; `undefined`: nothing. */
  readonly services?: unknown;
}

export interface Unopened {
  readonly problem: Problem;
  readonly is: "missing" | "unreadable" | "unparsable";
}

/** A layer, or why there is none. */
export interface OpenedLayer {
  readonly layer?: ReadLayer;
  readonly unopened?: Unopened;
}

export type OpenedFile = { readonly source: SourceText; readonly table: Table } | Unopened;

export function openToml(path: string, name: string, read: (path: string) => Read): OpenedFile {
  const text = read(path);
  if (text.is !== "text") return { problem: unreadable(name, text), is: text.is };
  const source = { path, name, text: text.text };
  const parsed = parseToml(source);
  return parsed.ok ? { source, table: parsed.table } : { problem: parsed.problem, is: "unparsable" };
}

export function fileLayer(source: SourceText, table: Table): ReadLayer {
  const { settings, complaints, services } = decodeTable(table);
  const items = itemsOf(source, settings);
  return services === undefined ? { source, items, complaints } : { source, items, complaints, services };
}

export const itemsOf = (source: SourceText, settings: readonly Setting[]): LayerItem[] =>
  settings.map(({ key, raw, value, path }) => {
    return { key, raw, value, origin: { from: "file", source, path }, adds: key.kind.isTable === true };
  });

export function airLayer(source: SourceText, { settings, ruleExceptions, complaints }: AirReading): ReadLayer {
  const items: LayerItem[] = [];
  const faults: Complaint[] = [];
  const withExceptions = (name: string, value: unknown): unknown =>
    name === "rule" && Array.isArray(value)
      ? value.map((rule: RuleConfig, index): RuleConfig => ({ ...rule, except: ruleExceptions[index] ?? [] }))
      : value;
  for (const { name, raw, path, flag } of settings) {
    const key = allKeys().get(name);
    if (key === undefined) throw new Error(`air's file became ${name}, which is not a key`);
    const decoded = key.kind.decode(raw);
    const origin: Origin =
      flag !== undefined
        ? { from: "flag", name: flag }
        : path === undefined
          ? { from: "detected", name: "air's default" }
          : { from: "file", source, path };
    if (decoded.ok) items.push({ key, raw, value: withExceptions(name, decoded.value), origin, adds: false });
    else
      for (const { message } of decoded.faults)
        faults.push({
          code: "config/bad-value",
          severity: "error",
          path: path ?? [],
          at: "value",
          message: `${path?.join(".") ?? name}: ${message}`,
        });
  }
  return { source, items, complaints: [...complaints, ...faults] };
}

export function profileLayer(
  file: FoundFile | undefined,
  cwd: string,
  profile: string,
  read: (path: string) => Read,
): OpenedLayer {
  if (!/^[\w.-]+$/.test(profile) || /^\.+$/.test(profile)) {
    const message = `"${profile}" cannot be the name of a profile: use letters, digits, "-", "_" and "."`;
    return {
      unopened: {
        is: "unreadable",
        problem: { code: "usage/bad-argument", severity: "error", origin: "--profile", message },
      },
    };
  }
  const [first = "", ...others] = profileFiles(file, cwd, profile);
  const path = [first, ...others].find((candidate) => read(candidate).is !== "missing") ?? first;
  const opened = openToml(path, nameOf(cwd, path), read);
  return "problem" in opened ? { unopened: opened } : { layer: fileLayer(opened.source, opened.table) };
}
