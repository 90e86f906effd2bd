/** TOML text → plain values, or the one place where it stops to be TOML. */
import { parse, TomlError } from "smol-toml";
import type { Problem } from "../../core/problem.ts";
import { slipIn } from "./slips.ts";
import { placeAt, type SourceText } from "./source.ts";

export type Table = Readonly<Record<string, unknown>>;

export type Parsed = { readonly ok: true; readonly table: Table } | { readonly ok: false; readonly problem: Problem };

/** Never throws. */
export function parseToml(source: SourceText): Parsed {
  try {
    return { ok: true, table: plain(parse(source.text, { integersAsBigInt: "asNeeded" })) };
  } catch (error) {
    return { ok: false, problem: whyNot(source, error) };
  }
}

function whyNot(source: SourceText, error: unknown): Problem {
  if (!(error instanceof TomlError)) {
    const message = `not valid TOML: ${error instanceof Error ? error.message : String(error)}`;
    return { code: "config/not-toml", severity: "error", message, place: placeAt(source, 1, 1) };
  }
  const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
  const place = placeAt(source, error.line, error.column);
  const hint = slipIn(source.text, place.line, reason);
  return {
    code: "config/not-toml",
    severity: "error",
    message: `not valid TOML: ${reason}`,
    place,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Integers that JavaScript has no exact number for become the nearest one: among variables they are texts, as they were written. */
function plain(table: Table): Table {
  const number = (value: unknown): unknown => {
    if (typeof value === "bigint") return Number(value);
    if (Array.isArray(value)) return value.map(number);
    if (typeof value !== "object" || value === null || value instanceof Date) return value;
    for (const [name, each] of Object.entries(value)) {
      if (typeof each === "bigint" || typeof each === "object") Reflect.set(value, name, number(each));
    }
    return value;
  };
  number(table);
  return table;
}

/** A single value as it would stand after a `=`; `undefined` if the text is none. */
export function parseValue(text: string): { readonly value: unknown } | undefined {
  try {
    const table = plain(parse(`value = ${text}`, { integersAsBigInt: "asNeeded" }));
    return Object.keys(table).length === 1 ? { value: table["value"] } : undefined;
  } catch {
    return undefined;
  }
}
