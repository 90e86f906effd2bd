/** Texts with slips in them, and what others make of each: its format read by its library, and judged by ajv alone. */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse as parseProperties } from "dot-properties";
import { parse as parseEnv } from "dotenv";
import { stripComments } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { schema } from "./formats.ts";

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isValid = ajv.compile(schema);

/** What others make of the text: each format by its library, judged by ajv alone. */
export function expected(format: string, text: string, nameOf: (name: string) => string = knownName): unknown {
  try {
    const value = readBy(format, text, nameOf);
    return isValid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readBy(format: string, text: string, nameOf: (name: string) => string): unknown {
  switch (format) {
    case "JSON":
      return JSON.parse(stripComments(text));
    case "YAML":
      return parseYaml(text, { merge: true, logLevel: "error" });
    case "TOML":
      return parseToml(text);
    case "properties":
      return typed(Object.entries(parseProperties(text)));
    default:
      return typed(Object.entries(parseEnv(text)).map(([name, value]) => [nameOf(name), value]));
  }
}

const keys = ["port", "rate", "log.level", "log.colour", "db.url", "db.password"];

/** Names of variables do not depend on case, and may have `_` for `.`. */
const knownName = (name: string): string =>
  keys.find((key) => key.replace(".", "_") === name.toLowerCase().replaceAll(/[^a-z0-9]/g, "_")) ?? name;

function typed(entries: readonly (readonly [string, unknown])[]): unknown {
  const tree: Record<string, unknown> = {};
  for (const [name, text] of entries) {
    const parts = name.split(".");
    const last = parts.pop() ?? "";
    let branch = tree;
    for (const part of parts) {
      const below = branch[part] ?? {};
      if (typeof below !== "object" || below === null) throw new Error(`${part} is a value`);
      branch[part] = below;
      branch = Object.assign(below);
    }
    if (typeof branch[last] === "object") throw new Error(`${last} is a table`);
    branch[last] = meant(name, String(text));
  }
  return tree;
}

function meant(name: string, text: string): unknown {
  const trimmed = text.trim();
  if (name === "port" && /^[-+]?\d+$/.test(trimmed)) return Number(trimmed);
  if (name === "rate" && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  if (name === "log.colour" && /^(true|false)$/.test(trimmed)) return trimmed === "true";
  return text;
}

/** The same numbers each time. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * below);
  };
}

const slips = [
  '"',
  "'",
  ":",
  "=",
  "{",
  "}",
  "[",
  "]",
  ",",
  "#",
  "\\",
  "\n",
  " ",
  "\t",
  "0",
  "9",
  "x",
  "-",
  "&a",
  "*a",
  "---\n",
  "é",
  "\u0000",
];

export function mutated(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const to = Math.min(text.length, at + 1 + random(4));
  const slip = slips[random(slips.length)] ?? "";
  const lines = text.split("\n");
  const line = random(lines.length);
  switch (random(7)) {
    case 0:
      return text.slice(0, at) + slip + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, at) + slip + text.slice(to);
    case 3:
      return text.slice(0, at);
    case 4:
      return [...lines.slice(0, line), lines[line], ...lines.slice(line)].join("\n");
    case 5:
      return [...lines.slice(0, line), ...lines.slice(line + 1)].join("\n");
    default:
      return text.replace(/\d/, String(random(10)));
  }
}

/** Refused here, though the library that others use takes it in silence: see docs/live-config.md. */
export const stricter =
  /is there twice|is not NAME=VALUE|has no closing quote|four hexadecimal digits|lies in|a second document|not a list or a mapping/;
