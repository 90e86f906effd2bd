/** `[[rule]]`: what a change of certain files does. */
import type { Command } from "../../core/command.ts";
import type { Verdict } from "../../core/demand.ts";
import { nearest } from "../check/suggest.ts";
import { typeOf } from "../write/write.ts";
import { bool, choice, type Fault, type Kind, patterns } from "./kinds.ts";
import { commands, signal } from "./process-kinds.ts";

export interface RuleConfig {
  readonly name: string;
  readonly match: readonly string[];
  readonly do: Verdict;
  readonly signal: NodeJS.Signals;
  readonly run: readonly Command[];
  readonly atStart: boolean;
  /** A JSON Schema that what matches has to satisfy; as it is written, relative to `root`. */
  readonly schema: string | undefined;
  /** Of a rule of air's, which is asked before what is left out: regular expressions of what is not for it, although it matches. */
  readonly except?: readonly string[];
}

const deed = choice("ignore", "refresh", "signal", "restart", "rebuild");
/** A single one needs no list. */
const oneOrMore: Kind<readonly string[]> = {
  name: "pattern or list",
  schema: { anyOf: [{ type: "string" }, patterns.schema] },
  decode: (value) => patterns.decode(typeof value === "string" ? [value] : value),
};
const names = ["match", "do", "signal", "run", "name", "at_start", "schema"] as const;

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeOf(value) === "a table" && typeof value === "object" && value !== null;

export const rules: Kind<readonly RuleConfig[]> = {
  name: "rules",
  isTable: true,
  schema: {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      required: ["match"],
      properties: {
        match: oneOrMore.schema,
        do: deed.schema,
        signal: signal.schema,
        run: commands.schema,
        name: { type: "string" },
        at_start: bool.schema,
        schema: { type: "string", minLength: 1 },
      },
    },
  },
  decode(value) {
    const list = Array.isArray(value) ? value : undefined;
    if (list === undefined || !list.every(isTable)) {
      const message = "each rule is a table of a list of tables: write [[rule]] on a line of its own";
      return { ok: false, faults: [{ message, path: [] }] };
    }
    const decoded = list.map((table, index) => ruleOf(table, index));
    const faults = decoded.flatMap((one) => ("faults" in one ? one.faults : []));
    const all = decoded.flatMap((one) => ("rule" in one ? [one.rule] : []));
    const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) < index);
    if (twice !== undefined && faults.length === 0)
      faults.push({ message: `two rules have the name ${twice.name}`, path: [all.indexOf(twice), "name"] });
    return faults.length > 0 ? { ok: false, faults } : { ok: true, value: all };
  },
};

type Decoded = { readonly rule: RuleConfig } | { readonly faults: Fault[] };

function ruleOf(table: Readonly<Record<string, unknown>>, index: number): Decoded {
  const faults: Fault[] = [];
  const at = <V>(name: (typeof names)[number], kind: Kind<V>): V | undefined => {
    if (table[name] === undefined) return undefined;
    const read = kind.decode(table[name]);
    if (read.ok) return read.value;
    for (const fault of read.faults) faults.push({ ...fault, path: [index, name, ...fault.path] });
    return undefined;
  };
  for (const name of Object.keys(table)) {
    if (names.some((known) => known === name)) continue;
    const near = nearest(name, names);
    const message = `unknown key ${name} in [[rule]]`;
    faults.push({ message, path: [index, name], ...(near === undefined ? {} : { hint: `did you mean ${near}?` }) });
  }
  const match = at("match", oneOrMore) ?? [];
  const isWritten = table["match"] !== undefined;
  if (!isWritten || (match.length === 0 && faults.length === 0))
    faults.push({
      message: isWritten ? "a rule needs a pattern in match" : "a rule needs match: which files it is for",
      hint: 'match = "*.tmpl", or a list of patterns',
      path: isWritten ? [index, "match"] : [index],
    });
  const run = at("run", commands) ?? [];
  const verdict = at("do", deed) ?? "rebuild";
  const sent = at("signal", signal);
  const name = table["name"];
  if (name !== undefined && (typeof name !== "string" || name.trim() === ""))
    faults.push({ message: "name is a text, and not an empty one", path: [index, "name"] });
  const schema = table["schema"];
  if (schema !== undefined && (typeof schema !== "string" || schema.trim() === ""))
    faults.push({ message: "schema is the path of a file with a JSON Schema", path: [index, "schema"] });
  const atStart = at("at_start", bool) ?? true;
  if (sent !== undefined && verdict !== "signal" && faults.length === 0)
    faults.push({ message: 'signal is sent where do = "signal"', path: [index, "signal"] });
  if (faults.length > 0) return { faults };
  const called = typeof name === "string" ? name : match.join(", ");
  const rule: RuleConfig = {
    name: called,
    match,
    do: verdict,
    signal: sent ?? "SIGHUP",
    run,
    atStart,
    schema: typeof schema === "string" ? schema : undefined,
  };
  return { rule };
}
