/** The same configuration as a text of each format, and what the tests do to files. */
import { stringify as propertiesText } from "dot-properties";
import { stringify as tomlText } from "smol-toml";
import { stringify as yamlText } from "yaml";
import { openLive as open, type Timing } from "../../src/live/open.ts";
import type { LiveConfig, LiveConfigOptions } from "../../src/live/types.ts";

export interface Settings {
  readonly port: number;
  readonly rate: number;
  readonly log: { readonly level: string; readonly colour?: boolean };
  readonly db: { readonly url: string; readonly password?: string };
}

export const settings: Settings = {
  port: 8080,
  rate: 2.5,
  log: { level: "info", colour: true },
  db: { url: "postgres://localhost/app", password: "hunter2-hunter2" },
};

export const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["port", "log", "db"],
  additionalProperties: false,
  properties: {
    port: { type: "integer", minimum: 1, maximum: 65535 },
    rate: { type: "number", exclusiveMinimum: 0 },
    log: {
      type: "object",
      required: ["level"],
      additionalProperties: false,
      properties: { level: { enum: ["debug", "info", "warn", "error"] }, colour: { type: "boolean" } },
    },
    db: {
      type: "object",
      required: ["url"],
      additionalProperties: false,
      properties: { url: { type: "string", format: "uri" }, password: { type: "string", minLength: 12 } },
    },
  },
};

type Values = Readonly<Record<string, unknown>>;

function flat(values: Values, prefix = ""): [key: string, value: string][] {
  return Object.entries(values).flatMap(([key, value]): [string, string][] =>
    isValues(value) ? flat(value, `${prefix}${key}.`) : [[`${prefix}${key}`, String(value)]],
  );
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export interface FormatCase {
  readonly format: string;
  readonly file: string;
  text(values: object): string;
}

const asValues = (values: object): Values => Object.fromEntries(Object.entries(values));

export const formats: readonly FormatCase[] = [
  { format: "JSON", file: "app.json", text: (values) => `// comments are fine\n${JSON.stringify(values, null, 2)}\n` },
  { format: "YAML", file: "app.yaml", text: (values) => yamlText(values) },
  { format: "TOML", file: "app.toml", text: (values) => `${tomlText(values)}\n` },
  {
    format: "properties",
    file: "app.properties",
    text: (values) => `${propertiesText(Object.fromEntries(flat(asValues(values))), { latin1: false })}\n`,
  },
  {
    format: "env",
    file: ".env",
    text: (values) =>
      `${flat(asValues(values))
        .map(([key, value]) => `${key}="${value}"`)
        .join("\n")}\n`,
  },
];

/** Looks by the clock are far apart: what is seen here is seen by events. */
export const timing: Timing = { restMs: 10, rereadAfterMs: 50, pollMs: 2 ** 30 };

/** As a program would, but for how long is waited. */
export const openLive = <T = Readonly<Record<string, unknown>>>(
  options: LiveConfigOptions,
  how: Timing,
): Promise<LiveConfig<T>> =>
  open<T>(options, { env: process.env, cwd: process.cwd(), warn: (error) => process.emitWarning(error.message) }, how);
