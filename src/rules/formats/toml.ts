/** TOML, read and pointed at by what reads our own configuration. */
import { TomlDate } from "smol-toml";
import { locator } from "../../config/text/locate.ts";
import type { SourceText } from "../../config/text/source.ts";
import { parseToml } from "../../config/text/toml.ts";
import type { DocumentReading } from "../document.ts";

export async function readToml(source: SourceText): Promise<DocumentReading> {
  const parsed = parseToml(source);
  if (!parsed.ok) {
    // What is proposed repeats what stands in the line, which may be a secret with a misspelt name.
    const { hint: _, ...problem } = parsed.problem;
    return { ok: false, problems: [problem] };
  }
  const locate = await locator(source);
  return {
    ok: true,
    document: { value: plain(parsed.table), isText: false, place: (path, at) => locate({ path, at }) },
  };
}

/** Dates as they are written, as in JSON and YAML: a schema judges text by `format`. */
function plain(value: unknown): unknown {
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
