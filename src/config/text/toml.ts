/** TOML text → plain values, or the one place where it stops to be TOML. */
import { parse, TomlError } from "smol-toml";
import type { Problem } from "../../core/problem.ts";
import { placeAt, type SourceText } from "./source.ts";

export type Table = Readonly<Record<string, unknown>>;

export type Parsed = { readonly ok: true; readonly table: Table } | { readonly ok: false; readonly problem: Problem };

/** Never throws. */
export function parseToml(source: SourceText): Parsed {
  try {
    return { ok: true, table: parse(source.text) };
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
  const hint = hintFor(reason, place.text);
  return {
    code: "config/not-toml",
    severity: "error",
    message: `not valid TOML: ${reason}`,
    place,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The mistakes that people make most. */
function hintFor(reason: string, line: string): string | undefined {
  if (/=\s*"[^"]*\\[^"]*"/.test(line) && /escape/.test(reason))
    return "a backslash in double quotes begins an escape; write it twice, or use single quotes: 'tmp\\main.exe'";
  const value = /^\s*[\w.-]+\s*=\s*([^\s"'[{#][^#]*)/.exec(line)?.[1]?.trim();
  if (value !== undefined && !/^(?:true|false|[-+]?(?:inf|nan|\d.*))$/.test(value))
    return `text needs quotes: "${value}"`;
  return undefined;
}

/** A single value as it would stand after a `=`; `undefined` if the text is none. */
export function parseValue(text: string): { readonly value: unknown } | undefined {
  try {
    const table = parse(`value = ${text}`);
    return Object.keys(table).length === 1 ? { value: table["value"] } : undefined;
  } catch {
    return undefined;
  }
}
