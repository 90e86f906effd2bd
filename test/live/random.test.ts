/** Whatever is written: what is in force is the last text that is valid. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { type FormatCase, formats, openLive, schema, settings } from "./formats.ts";
import { expected, mutated, randomFrom, stricter } from "./mutations.ts";

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
