/** Values from outside of files: environment variables, flags, COMMAND. Each is TOML if that is of the key's kind, else the text itself. */
import type { Problem } from "../../core/problem.ts";
import { nearest } from "../check/suggest.ts";
import { allKeys, type NamedKey, variableOf } from "../keys/keys.ts";
import { bad, type Decoded } from "../keys/kinds.ts";
import { keyOfService, ofService, serviceKeys } from "../keys/service-keys.ts";
import { parseValue } from "../text/toml.ts";
import { inline, shown } from "../write/write.ts";
import type { LayerItem, Origin } from "./layers.ts";

/** One key that was given on the command line. */
export interface GivenFlag {
  /** `build.cmd` */
  readonly name: string;
  readonly text: string;
  /** As the user wrote it: `--build`, `-b`, `--build.cmd`. */
  readonly spelled: string;
  /** Add to the list of the layers below instead of replacing it. The second flag of a list always adds to the first. */
  readonly mode?: "replace" | "add";
}

export interface GivenLayer {
  readonly items: readonly LayerItem[];
  readonly problems: readonly Problem[];
}

/** Set for the children of `reload` or read elsewhere; never keys. */
export const reservedVariables = [
  "RELOAD_PROFILE",
  "RELOAD_RUN",
  "RELOAD_CHANGED",
  "RELOAD_CHANGED_FILE",
  "RELOAD_SESSION",
  "RELOAD_STAGE",
  "RELOAD_ERROR",
] as const;

const prefix = "RELOAD_";
const ofServices = `${prefix}SERVICE_`;

/** @param services those that files declare: their keys are variables as well */
export function fromEnvironment(env: NodeJS.ProcessEnv, services: readonly string[] = []): GivenLayer {
  const given: LayerItem[] = [];
  const problems: Problem[] = [];
  const names = Object.keys(env).filter((name) => name.startsWith(prefix));
  if (names.length === 0) return { items: given, problems };
  const byVariable = new Map([...allKeys().values()].map((key) => [variableOf(key.name), { key, service: "" }]));
  for (const service of services)
    for (const [name, key] of serviceKeys()) byVariable.set(variableOf(ofService(service, name)), { key, service });
  for (const name of names.sort()) {
    const text = env[name];
    const known = byVariable.get(name);
    if (text === undefined || reservedVariables.some((reserved) => reserved === name)) continue;
    if (known === undefined) {
      const near = nearest(
        name.slice(prefix.length),
        [...byVariable.keys(), ...reservedVariables].map((known) => known.slice(prefix.length)),
      );
      if (near !== undefined)
        problems.push({
          code: "config/unknown-key",
          severity: "warning",
          origin: name,
          message: "unknown variable; ignored",
          hint: `did you mean ${prefix}${near}?`,
        });
      else if (name.startsWith(ofServices))
        problems.push({
          code: "config/unknown-key",
          severity: "warning",
          origin: name,
          message: "ignored: no service that a file declares has this key",
          ...(services.length === 0 ? {} : { hint: `there are: ${services.join(", ")}` }),
        });
    } else take({ ...known, text, origin: { from: "variable", name }, adds: false }, given, problems);
  }
  return { items: given, problems };
}

/** @param services those that files declare: their keys are flags as well */
export function fromFlags(
  flags: readonly GivenFlag[],
  services: readonly string[] = [],
): GivenLayer & { readonly unknown: readonly GivenFlag[] } {
  const unknown: GivenFlag[] = [];
  const given: LayerItem[] = [];
  const problems: Problem[] = [];
  for (const flag of flags) {
    const ofService = keyOfService(flag.name);
    const key = ofService?.key ?? allKeys().get(flag.name);
    const service = ofService?.service ?? "";
    if (key === undefined || (ofService !== undefined && !services.includes(service))) {
      unknown.push(flag);
      continue;
    }
    const isSecond =
      key.kind.isList === true &&
      given.some((earlier) => earlier.key.name === key.name && (earlier.service ?? "") === service);
    const origin = { from: "flag", name: flag.spelled } as const;
    take({ key, service, text: flag.text, origin, adds: flag.mode === "add" || isSecond }, given, problems);
  }
  return { items: given, problems, unknown };
}

interface Taken {
  readonly key: NamedKey;
  /** `""`: the top. */
  readonly service: string;
  readonly text: string;
  readonly origin: Extract<Origin, { readonly name: string }>;
  readonly adds: boolean;
}

function take({ key, service, text, origin, adds }: Taken, items: LayerItem[], problems: Problem[]): void {
  const { name } = origin;
  const { raw, decoded } = key.kind.isTable ? tableOf(key, text, origin) : readAs(key, text);
  if (decoded.ok) {
    const list =
      key.kind.isList === true && Array.isArray(raw) && raw.length === 1 && raw[0] === text && key.name !== directories
        ? apart(text)
        : [];
    if (list.length > 1)
      problems.push({
        code: "config/bad-value",
        severity: "warning",
        origin: name,
        message: `${key.name}: ${shown(text)} is one item, with a comma in it`,
        hint: `a list is written ${inline(list)}`,
      });
    const item = { key, raw, value: decoded.value, origin, adds: adds || key.kind.isTable === true };
    items.push(service === "" ? item : { ...item, service });
    return;
  }
  for (const { message, hint } of decoded.faults) {
    const isSaid = name === `--${service === "" ? key.name : ofService(service, key.name)}`;
    const problem = {
      code: "config/bad-value",
      severity: "error",
      origin: name,
      message: isSaid ? message : `${key.name}: ${message}`,
    } as const;
    problems.push(hint === undefined ? problem : { ...problem, hint });
  }
}

/** Taken apart where it is known what is there: a directory's name can have a comma in it. */
const directories = "watch.include_dirs";

/** Lists that people write with commas, and whose items have none outside of braces. */
const commaLists: readonly string[] = ["env_files", "watch.include_files", "watch.exclude_dirs", "watch.exclude_files"];

/** Its words, apart by commas that stand outside of braces: `*.{js,ts}` is one. */
const apart = (text: string): string[] =>
  text
    .replaceAll(/\{[^}]*\}/g, (braced) => braced.replaceAll(",", "\0"))
    .split(",")
    .map((word) => word.replaceAll("\0", ",").trim())
    .filter((word) => word !== "");

function readAs(key: NamedKey, text: string): { raw: unknown; decoded: Decoded<unknown> } {
  const toml = parseValue(text);
  if (toml !== undefined) {
    const decoded = key.kind.decode(toml.value);
    if (decoded.ok) return { raw: toml.value, decoded };
  }
  if (!key.kind.isList) {
    const decoded = key.kind.decode(text);
    // What is wrong with the value is told of what the user meant: 99999 is not a port, rather than "99999" is none.
    return decoded.ok || toml === undefined
      ? { raw: text, decoded }
      : { raw: text, decoded: key.kind.decode(toml.value) };
  }
  if (/^\s*\[/.test(text)) return { raw: text, decoded: noList(key, text) };
  const raw = text === "" ? [] : commaLists.includes(key.name) ? apart(text) : [text];
  return { raw, decoded: key.kind.decode(raw) };
}

/** What begins like a list has to be one: as a text, `["_test\.go$"]` would be quite another regular expression. */
function noList(key: NamedKey, text: string): Decoded<unknown> {
  const toml = parseValue(text);
  if (toml !== undefined) return key.kind.decode(toml.value);
  const hint = /\\/.test(text)
    ? "in double quotes a backslash is written twice; single quotes take it as it is: ['…']"
    : undefined;
  return bad(
    `${shown(text)} begins like a list and is none`,
    hint ?? `a list is written ["a", "b"]; a single item that begins with [ is written ['${text}']`,
  );
}

/** `{ A = "1" }` is TOML for a table, and no variable named `{ A`; a flag may be one `A=1`. */
function tableOf(key: NamedKey, text: string, { from }: Origin): { raw: unknown; decoded: Decoded<unknown> } {
  if (key.name === "rule") return { raw: text, decoded: bad("[[rule]] comes from files only") };
  const asTable = `a table is written { NAME = "value" }`;
  if (/^\s*\{/.test(text)) {
    const toml = parseValue(text);
    return toml === undefined
      ? { raw: text, decoded: bad(`${shown(text)} begins like a table and is none`, asTable) }
      : { raw: toml.value, decoded: key.kind.decode(toml.value) };
  }
  const equals = text.indexOf("=");
  if (from === "variable") return { raw: text, decoded: bad(`${shown(text)} is no table`, asTable) };
  if (equals < 1) return { raw: text, decoded: bad(`"${text}" is not KEY=VALUE`) };
  const raw = Object.fromEntries([[text.slice(0, equals), text.slice(equals + 1)]]);
  return { raw, decoded: key.kind.decode(raw) };
}
