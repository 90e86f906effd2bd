/** An `.air.toml` as air reads it: wrong types are errors, unknown keys are not (but get a warning here), and some empty values mean the default. */

import { nearest } from "../check/suggest.ts";
import type { Complaint } from "../keys/decode.ts";
import type { Path } from "../text/locate.ts";
import type { Table } from "../text/toml.ts";
import { shown, typeOf } from "../write/write.ts";
import type { AirFlagValue } from "./flags.ts";
import { goDurationMs } from "./go-duration.ts";
import { type AirKey, type AirType, airKeys } from "./keys.ts";

/** What the file says of one key. */
export interface AirValue {
  readonly value: unknown;
  /** Where it says so; absent: air's default. */
  readonly path: Path | undefined;
  /** As it was written on the command line, where that says so; the path is empty then. */
  readonly flag?: string;
}

export interface AirFile {
  /** Every key of air that has a value: the file's, else the default. */
  readonly values: ReadonlyMap<string, AirValue>;
  readonly complaints: readonly Complaint[];
}

const systems = { win32: "windows", darwin: "darwin", linux: "linux" } as const;
const systemNames: readonly string[] = Object.values(systems);

/** Sections, and keys at the top. */
const sectionsOfAir = new Set(
  airKeys.flatMap(({ name }) => (name.includes(".") ? [name.slice(0, name.indexOf("."))] : [])),
);
const byName = new Map(airKeys.map((key) => [key.name, key]));

/** Names that no distance finds, as they occur in files. */
const oldNames: Readonly<Record<string, string>> = {
  tmp_folder: "tmp_dir",
  tmp_path: "tmp_dir",
  watch_dir: "build.include_dir",
  "build.stop_on_root": "build.stop_on_error",
};

export function readAir(
  table: Table,
  platform: NodeJS.Platform,
  flags: ReadonlyMap<string, AirFlagValue> = new Map(),
): AirFile {
  const complaints: Complaint[] = [];
  const found = new Map<string, AirValue>();
  const take = (key: AirKey, value: unknown, path: Path): void => {
    const wrong = faultOf(key.type, value);
    if (wrong === undefined) found.set(key.name, { value, path });
    else
      complaints.push({
        code: "config/bad-value",
        severity: "error",
        path: [...path, ...wrong.path],
        at: "value",
        message: `${key.name}: ${wrong.message}`,
      });
  };
  const visit = (name: string, value: unknown, path: Path): void => {
    const key = byName.get(name);
    if (key !== undefined) take(key, value, path);
    else if (sectionsOfAir.has(name)) section(name, value, path, (leaf) => `${name}.${leaf}`);
    else complaints.push(unknownKey(name, value, path));
  };
  const section = (name: string, value: unknown, path: Path, nameIn: (leaf: string) => string): void => {
    if (!isTable(value)) {
      complaints.push({
        code: "config/bad-value",
        severity: "error",
        path,
        at: "value",
        message: `${name} is a table, not ${typeOf(value)}`,
      });
      return;
    }
    for (const [leaf, inner] of Object.entries(value)) {
      if (name !== "build" || !systemNames.includes(lower(leaf))) visit(nameIn(lower(leaf)), inner, [...path, leaf]);
    }
  };
  for (const [name, value] of Object.entries(table)) visit(lower(name), value, [name]);

  const own = platform in systems ? systems[platform as keyof typeof systems] : undefined;
  const build = table["build"] ?? table["BUILD"];
  const overrides = isTable(build) && own !== undefined ? build[own] : undefined;
  if (isTable(overrides)) {
    for (const [leaf, inner] of Object.entries(overrides)) {
      const key = byName.get(`build.${lower(leaf)}`);
      const path = ["build", own ?? "", leaf];
      if (key?.perSystem) take(key, inner, path);
      else
        complaints.push({
          ...unknownKey(`build.${leaf}`, inner, path),
          message: `[build.${own}] has no key ${leaf}; ignored`,
        });
    }
  }
  for (const [name, { value, spelled }] of flags) found.set(name, { value, path: [], flag: spelled });
  return { values: withDefaults(found, platform), complaints };
}

/** air's reader also tries the name in capitals, and no other spelling. */
export const lower = (name: string): string => (name === name.toUpperCase() ? name.toLowerCase() : name);

function withDefaults(found: ReadonlyMap<string, AirValue>, platform: NodeJS.Platform): ReadonlyMap<string, AirValue> {
  const values = new Map<string, AirValue>();
  for (const key of airKeys) {
    const own = found.get(key.name);
    const fallback = defaultOn(platform, key);
    // A string that is empty does not displace air's default; a list, a number and false do (numbers on purpose: see docs/from-air.md).
    if (own !== undefined && !(own.value === "" && fallback !== undefined)) values.set(key.name, own);
    else if (fallback !== undefined) values.set(key.name, { value: fallback, path: undefined });
  }
  return values;
}

function defaultOn(platform: NodeJS.Platform, key: AirKey): unknown {
  if (platform !== "win32") return key.default;
  if (key.name === "build.cmd") return "go build -o ./tmp/main.exe .";
  return key.name === "build.bin" ? "tmp\\main.exe" : key.default;
}

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && typeOf(value) === "a table";

// ── types ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface TypeFault {
  readonly path: Path;
  readonly message: string;
}

/** air stops at a wrong type, and so does this. */
function faultOf(type: AirType, value: unknown): TypeFault | undefined {
  const wants = (what: string): TypeFault => ({
    path: [],
    message: `${shown(value)} is ${typeOf(value)}, not ${what}`,
  });
  switch (type) {
    case "string":
      return typeof value === "string" ? undefined : wants("a string");
    case "boolean":
      return typeof value === "boolean" ? undefined : wants("true or false");
    case "integer":
    case "milliseconds":
      return Number.isInteger(value) ? undefined : wants("a whole number");
    case "duration":
      if (Number.isInteger(value)) return undefined;
      if (typeof value !== "string") return wants('a whole number or a duration such as "500ms"');
      return goDurationMs(value) === undefined
        ? {
            path: [],
            message: `${shown(value)} is not a duration: it needs a number and a unit, as in "500ms" or "2s"`,
          }
        : undefined;
    case "strings":
      return stringsFault(value) ?? undefined;
    case "command words":
      return typeof value === "string" ? undefined : stringsFault(value);
    case "list of tables":
      return Array.isArray(value) && value.every(isTable) ? undefined : wants("a list of tables: [[build.rules]]");
  }
}

function stringsFault(value: unknown): TypeFault | undefined {
  if (!Array.isArray(value)) return { path: [], message: `${shown(value)} is ${typeOf(value)}, not a list of strings` };
  const index = value.findIndex((item: unknown) => typeof item !== "string");
  return index < 0
    ? undefined
    : { path: [index], message: `${shown(value[index])} is ${typeOf(value[index])}, not a string` };
}

// ── unknown keys ───────────────────────────────────────────────────────────────────────────────────────────────────

function unknownKey(name: string, value: unknown, path: Path): Complaint {
  const what = isTable(value) ? `table [${name}]` : `key ${name}`;
  const meant = isTable(value) ? nearest(name, sectionsOfAir) : meantBy(name);
  const message = `air has no ${what}; ignored`;
  return {
    code: "config/unknown-key",
    severity: "warning",
    path,
    at: "key",
    message,
    ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
  };
}

function meantBy(name: string): string | undefined {
  const old = oldNames[name];
  if (old !== undefined) return old;
  const leafOf = (full: string): string => full.slice(full.lastIndexOf(".") + 1);
  const section = name.includes(".") ? name.slice(0, name.indexOf(".")) : "";
  const siblings = airKeys.filter((key) =>
    section === "" ? !key.name.includes(".") : key.name.startsWith(`${section}.`),
  );
  const near = nearest(
    leafOf(name),
    siblings.map((key) => leafOf(key.name)),
  );
  if (near !== undefined) return siblings.find((key) => leafOf(key.name) === near)?.name;
  const elsewhere = airKeys.find((key) => leafOf(key.name) === leafOf(name));
  return elsewhere?.name;
}
