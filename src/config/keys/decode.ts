/** A table as TOML gives it → the keys that it sets, and everything that is wrong with it. */

import type { ProblemCode } from "../../core/problem-codes.ts";
import { nearest } from "../check/suggest.ts";
import type { Path } from "../text/locate.ts";
import type { Table } from "../text/toml.ts";
import { shown, typeOf } from "../write/write.ts";
import { ourName } from "./hints.ts";
import { allKeys, type NamedKey } from "./keys.ts";

/** Something wrong at a place that is named by its path; the position is looked up later, if at all. */
export interface Complaint {
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
  /** Nothing of ours is near to this name; perhaps it is one of air's. */
  readonly foreign?: string;
}

export interface Setting {
  readonly key: NamedKey;
  /** As it was written. */
  readonly raw: unknown;
  readonly value: unknown;
  readonly path: Path;
}

export interface DecodedTable {
  readonly settings: readonly Setting[];
  readonly complaints: readonly Complaint[];
  /** What stands under `service`, as it is written: read where it is needed. */
  readonly services?: unknown;
}

/** Which keys a table may have, and what is above it. */
export interface TableKeys {
  readonly keys: ReadonlyMap<string, NamedKey>;
  /** `["service", "api"]`; `[]` at the top. */
  readonly above: readonly string[];
  /** Why a name that is a key elsewhere is none here. */
  whyNot?(name: string, leaf?: string): string | undefined;
}

const isTable = (value: unknown): value is Table =>
  typeOf(value) === "a table" && typeof value === "object" && value !== null;

/** Reads every key; all that is wrong is told at once. */
export function decodeTable(table: Table, scope: TableKeys = { keys: allKeys(), above: [] }): DecodedTable {
  const { keys, above } = scope;
  const settings: Setting[] = [];
  const complaints: Complaint[] = [];
  let services: unknown;
  const sections = sectionsOf(scope);
  const take = (key: NamedKey, raw: unknown, path: Path): void => {
    const decoded = key.kind.decode(raw);
    if (decoded.ok) settings.push({ key, raw, value: decoded.value, path });
    else
      for (const fault of decoded.faults)
        complaints.push({
          code: "config/bad-value",
          severity: "error",
          path: [...path, ...fault.path],
          at: key.kind.isTable && fault.path.length > 0 ? "key" : "value",
          message: `${[key.name, ...fault.path.filter((part) => typeof part === "string")].join(".")}: ${fault.message}`,
          ...(fault.hint === undefined ? {} : { hint: fault.hint }),
        });
  };

  // The table alone asks for a proxy, with all as it is by itself.
  const listen = allKeys().get("proxy.listen");
  for (const [name, value] of Object.entries(table)) {
    const key = keys.get(name);
    if (above.length === 0 && name === "service") services = value;
    else if (key !== undefined && key.section === "" && !(isTable(value) && sections.includes(name)))
      take(key, value, [...above, name]);
    else if (!sections.includes(name)) complaints.push(unknownAtTop(scope, name, value));
    else if (!isTable(value)) complaints.push(notATable(scope, name, value));
    else if (name === "proxy" && Object.keys(value).length === 0 && listen !== undefined)
      take(listen, "auto", [...above, name]);
    else
      for (const [leaf, inner] of Object.entries(value)) {
        const innerKey = keys.get(`${name}.${leaf}`);
        if (innerKey === undefined) complaints.push(unknownInSection(scope, name, leaf));
        else take(innerKey, inner, [...above, name, leaf]);
      }
  }
  return services === undefined ? { settings, complaints } : { settings, complaints, services };
}

const sectionsOf = ({ keys }: TableKeys): string[] =>
  [...new Set([...keys.values()].map(({ section }) => section))].filter((name) => name !== "");

const leavesOf = ({ keys }: TableKeys, section: string): string[] =>
  [...keys.values()].filter((key) => key.section === section).map(({ leaf }) => leaf);

/** As a header in the file: `[proc]`, `[service.api.proc]`. */
const header = ({ above }: TableKeys, section: string): string => `[${[...above, section].join(".")}]`;

function notATable(scope: TableKeys, name: string, value: unknown): Complaint {
  const first = leavesOf(scope, name)[0] ?? "";
  return {
    code: "config/bad-value",
    severity: "error",
    path: [...scope.above, name],
    at: "value",
    message: `${name} is a table, not ${typeOf(value)}`,
    hint: `write ${header(scope, name)} on a line of its own, and the keys below it: ${first} = …`,
  };
}

function unknown(path: Path, message: string, hint: string | undefined): Complaint {
  const common = { code: "config/unknown-key", severity: "error", path, at: "key", message } as const;
  return hint === undefined ? { ...common, foreign: path.join(".") } : { ...common, hint };
}

function unknownAtTop(scope: TableKeys, name: string, value: unknown): Complaint {
  const { above } = scope;
  const sections = sectionsOf(scope);
  const near = nearest(name, [...sections, ...leavesOf(scope, ""), ...(above.length === 0 ? ["service"] : [])]);
  const hint =
    scope.whyNot?.(name) ??
    (near === undefined
      ? (belongsElsewhere(scope, name, "") ?? knownAs(scope, "", name))
      : `did you mean ${sections.includes(near) ? header(scope, near) : near === "service" ? "[service.NAME]" : near}?`);
  const inside = above.length === 0 ? "" : ` in [${above.join(".")}]`;
  const message = isTable(value) ? `unknown table ${header(scope, name)}` : `unknown key ${shownKey(name)}${inside}`;
  return unknown([...above, name], message, hint);
}

function unknownInSection(scope: TableKeys, section: string, leaf: string): Complaint {
  const near = nearest(leaf, leavesOf(scope, section));
  const hint =
    scope.whyNot?.(section, leaf) ??
    (near === undefined
      ? (knownAs(scope, section, leaf) ?? belongsElsewhere(scope, leaf, section))
      : `did you mean ${near}?`);
  return unknown([...scope.above, section, leaf], `unknown key ${shownKey(leaf)} in ${header(scope, section)}`, hint);
}

/** By the name that it has elsewhere. */
function knownAs(scope: TableKeys, section: string, theirs: string): string | undefined {
  const ours = ourName(section, theirs);
  if (ours === undefined) return undefined;
  if (section !== "") return leavesOf(scope, section).includes(ours) ? `did you mean ${ours}?` : undefined;
  if (ours === "service") return scope.above.length === 0 ? "did you mean [service.NAME]?" : undefined;
  return sectionsOf(scope).includes(ours) ? `did you mean ${header(scope, ours)}?` : undefined;
}

/** The same name is a key, but of another table: most often a key for the top that was written below a header. */
function belongsElsewhere(scope: TableKeys, leaf: string, section: string): string | undefined {
  const homes = [...scope.keys.values()].filter((key) => key.leaf === leaf && key.section !== section);
  if (homes.some((key) => key.section === ""))
    return scope.above.length === 0
      ? `${leaf} belongs at the top, before the first [table]`
      : `${leaf} belongs right under [${scope.above.join(".")}]`;
  if (homes.length === 0) return undefined;
  return `${leaf} is a key of ${homes.map((key) => header(scope, key.section)).join(" and of ")}`;
}

const shownKey = (name: string): string => (/^[\w-]{1,60}$/.test(name) ? name : shown(name));
