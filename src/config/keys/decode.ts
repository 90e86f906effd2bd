/** A table as TOML gives it → the keys that it sets, and everything that is wrong with it. */

import type { ProblemCode } from "../../core/problem-codes.ts";
import { nearest } from "../check/suggest.ts";
import type { Path } from "../text/locate.ts";
import type { Table } from "../text/toml.ts";
import { shown, typeOf } from "../write/write.ts";
import { allKeys, type NamedKey, sections } from "./keys.ts";

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
}

const isTable = (value: unknown): value is Table =>
  typeOf(value) === "a table" && typeof value === "object" && value !== null;

/** Reads every key; all that is wrong is told at once. */
export function decodeTable(table: Table): DecodedTable {
  const settings: Setting[] = [];
  const complaints: Complaint[] = [];
  const take = (key: NamedKey, raw: unknown, path: Path): void => {
    if (key.isLater) {
      complaints.push(notYet(path, key.name));
      return;
    }
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
    const key = allKeys().get(name);
    if (key !== undefined && key.section === "") take(key, value, [name]);
    else if (!sections().includes(name)) complaints.push(unknownAtTop(name, value));
    else if (!isTable(value)) complaints.push(notATable(name, value));
    else if (isLaterSection(name)) complaints.push(notYet([name], name));
    else if (name === "proxy" && Object.keys(value).length === 0 && listen !== undefined) take(listen, "auto", [name]);
    else
      for (const [leaf, inner] of Object.entries(value)) {
        const innerKey = allKeys().get(`${name}.${leaf}`);
        if (innerKey === undefined) complaints.push(unknownInSection(name, leaf));
        else take(innerKey, inner, [name, leaf]);
      }
  }
  return { settings, complaints };
}

const leavesOf = (section: string): string[] =>
  [...allKeys().values()].filter((key) => key.section === section).map(({ leaf }) => leaf);

const isLaterSection = (section: string): boolean =>
  [...allKeys().values()].every((key) => key.section !== section || key.isLater === true);

function notYet(path: Path, name: string): Complaint {
  return {
    code: "config/not-available",
    severity: "error",
    path,
    at: "key",
    message: `${name} is not available yet in this version`,
  };
}

function notATable(name: string, value: unknown): Complaint {
  const first = leavesOf(name)[0] ?? "";
  return {
    code: "config/bad-value",
    severity: "error",
    path: [name],
    at: "value",
    message: `${name} is a table, not ${typeOf(value)}`,
    hint: `write [${name}] on a line of its own, and the keys below it: ${first} = …`,
  };
}

function unknown(path: Path, message: string, hint: string | undefined): Complaint {
  const common = { code: "config/unknown-key", severity: "error", path, at: "key", message } as const;
  return hint === undefined ? { ...common, foreign: path.join(".") } : { ...common, hint };
}

function unknownAtTop(name: string, value: unknown): Complaint {
  const near = nearest(name, [...sections(), ...leavesOf("")]);
  const hint =
    near === undefined ? belongsElsewhere(name, "") : `did you mean ${sections().includes(near) ? `[${near}]` : near}?`;
  return unknown([name], isTable(value) ? `unknown table [${name}]` : `unknown key ${shownKey(name)}`, hint);
}

function unknownInSection(section: string, leaf: string): Complaint {
  const near = nearest(leaf, leavesOf(section));
  const hint = near === undefined ? belongsElsewhere(leaf, section) : `did you mean ${near}?`;
  return unknown([section, leaf], `unknown key ${shownKey(leaf)} in [${section}]`, hint);
}

/** The same name is a key, but of another table: most often a key for the top that was written below a header. */
function belongsElsewhere(leaf: string, section: string): string | undefined {
  const homes = [...allKeys().values()].filter((key) => key.leaf === leaf && key.section !== section);
  if (homes.some((key) => key.section === "")) return `${leaf} belongs at the top, before the first [table]`;
  if (homes.length === 0) return undefined;
  return `${leaf} is a key of ${homes.map((key) => `[${key.section}]`).join(" and of ")}`;
}

const shownKey = (name: string): string => (/^[\w-]{1,60}$/.test(name) ? name : shown(name));
