/** Whatever is written: what is in force is the last text that is valid. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse as parseProperties } from "dot-properties";
import { parse as parseEnv } from "dotenv";
import { stripComments } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { type FormatCase, formats, openLive, schema, settings } from "./formats.ts";

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isValid = ajv.compile(schema);

/** What others make of the text: each format by its library, judged by ajv alone. */
function expected(format: string, text: string): unknown {
  try {
    const value = readBy(format, text);
    return isValid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readBy(format: string, text: string): unknown {
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
      return typed(Object.entries(parseEnv(text)).map(([name, value]) => [knownName(name), value]));
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
function randomFrom(seed: number): (below: number) => number {
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

function mutated(text: string, random: (below: number) => number): string {
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
const stricter =
  /is there twice|is not NAME=VALUE|has no closing quote|four hexadecimal digits|lies in|a second document|not a list or a mapping/;

describe.each(formats)("$format", ({ format, file, text }) => {
  test("200 mutated files: each is taken as what others read in it, or refused at its line", async () => {
    using project = newProject({ [file]: text(settings) });
    // Nothing is looked at but when it is asked for.
    const manual = { restMs: 2 ** 30, pollMs: 2 ** 30, rereadAfterMs: 0 };
    await using config = await openLive({ files: project.path(file), schema }, manual);
    let refusal = "";
    config.on("error", ({ message }) => {
      refusal = message;
    });
    const random = randomFrom(77777);
    let inForce: unknown = settings;
    let taken = 0;
    let source = text(settings);
    let last = source;
    for (let round = 0; round < 200; round += 1) {
      const edited = mutated(source, random);
      // The same mistake in the same bytes is not told twice.
      if (edited === last) continue;
      last = edited;
      // Two slips now and then.
      if (random(3) > 0 || expected(format, edited) === undefined) source = text(settings);
      refusal = "";
      project.write(file, edited);
      await config.refresh();
      const others = expected(format, edited);
      if (refusal === "") {
        if (others !== undefined) inForce = others;
        taken += others === undefined ? 0 : 1;
      } else {
        if (others !== undefined) expect(refusal, edited).toMatch(stricter);
        expect(refusal, edited).toMatch(/:\d+:\d+: /);
        // But where the slip made it a part of the key.
        expect(refusal.replace(/unknown key \S*/, ""), edited).not.toContain("hunter2");
      }
      expect(config.snapshot, edited).toEqual(inForce);
    }
    expect(taken).toBeGreaterThan(20);
  });
});

/** One program with a configuration of each format; it tells each value that it sees. */
const subject = join(import.meta.dirname, "subject.mjs");
const built = join(import.meta.dirname, "../../dist/live.js");

test.skipIf(!existsSync(built))(
  "200 random edits under a running program: it sees valid texts alone, in their order, and each time the last one",
  async () => {
    using project = newProject(Object.fromEntries(formats.map(({ file, text }) => [file, text(settings)])));
    project.write("schema.json", JSON.stringify(schema));
    const program = spawn(process.execPath, [subject, built, ...formats.map(({ file }) => file)], {
      cwd: project.directory,
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const seen = new Map<string, number[]>(formats.map(({ file }) => [file, []]));
      createInterface({ input: program.stdout }).on("line", (line) => {
        const { file, port }: { file: string; port: number } = JSON.parse(line);
        seen.get(file)?.push(port);
      });
      await until("all of them open", () => [...seen.values()].every((ports) => ports.length > 0));
      const random = randomFrom(23);
      const seesLast = (file: string): Promise<true> =>
        until(
          `${file} at ${written.get(file)?.at(-1)}`,
          () => seen.get(file)?.at(-1) === written.get(file)?.at(-1),
          () => JSON.stringify([...seen]),
        );
      const written = new Map<string, number[]>(formats.map(({ file }) => [file, [settings.port]]));
      for (let edit = 1; edit <= 200; edit += 1) {
        const one = formats[random(formats.length)];
        if (one === undefined) break;
        const port = 10_000 + edit;
        const isTaken = await write(one, port, random);
        if (isTaken) written.get(one.file)?.push(port);
        // Some edits come before the last one was looked at; after others it is waited for what they come to.
        if (isTaken && random(2) === 0) await seesLast(one.file);
      }
      for (const { file, text } of formats) {
        project.replace(file, text(settings));
        written.get(file)?.push(settings.port);
        await seesLast(file);
      }
      for (const { file } of formats) {
        const valid = written.get(file) ?? [];
        // Each once, in their order; what was overwritten at once may have been passed over. The last is the first again.
        const order = (seen.get(file) ?? []).slice(0, -1).map((port) => valid.indexOf(port));
        expect(order).not.toContain(-1);
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
      }
      expect(program.exitCode).toBeNull();
    } finally {
      program.kill("SIGKILL");
    }

    /** Whether what stands there in the end is valid. */
    async function write(
      { file, text }: FormatCase,
      port: number,
      random: (below: number) => number,
    ): Promise<boolean> {
      const whole = text({ ...settings, port });
      switch (random(7)) {
        case 0:
          project.write(file, whole);
          return true;
        case 1:
          // In two halves, of which the first lacks what is required.
          project.write(file, whole.slice(0, whole.indexOf("level")));
          await new Promise((resolve) => setImmediate(resolve));
          project.write(file, whole);
          return true;
        case 2:
          rmSync(project.path(file));
          await new Promise((resolve) => setImmediate(resolve));
          project.write(file, whole);
          return true;
        case 3:
          project.replace(file, text({ ...settings, port: 70_000 + port }));
          return false;
        case 4:
          project.write(file, `${text({ ...settings, port })}=]{"`);
          return false;
        default:
          project.replace(file, whole);
          return true;
      }
    }
  },
);
