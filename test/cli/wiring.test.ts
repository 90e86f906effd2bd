/** Lines that tie the parts together, each of which is a promise: break one, and a test here goes red (`npm run mutate:wiring`). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const watchTxt = '[watch]\ninclude_files = [".txt"]\n';

/** How much a process has read so far, in bytes. */
const bytesRead = (pid: number): number =>
  Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]);

describe.runIf(process.platform === "linux")("contents", () => {
  test("are learned once the first run is ready: a file that is saved unchanged is no change", async () => {
    const content = `${"x".repeat(600_000)}\n`;
    await using its = await session({ config: watchTxt, files: { "a.txt": content } });
    const { project, program } = its;
    const before = bytesRead(program.pid);
    await until("the file was read", () => bytesRead(program.pid) - before > content.length, program.seen);
    project.write("a.txt", content);
    await program.says(/a\.txt saved unchanged; ignored/);
    project.append("a.txt", "y");
    expect((await its.start(2)).changed).toBe("a.txt");
    expect(its.starts).toHaveLength(2);
  });
});

describe("two SIGINTs", () => {
  test("within half a second are one, as npm can deliver them: the program has its time", async () => {
    for (let attempt = 1; ; attempt += 1) {
      await using its = await session({ env: { TRAP: "1200" } });
      const { program } = its;
      const asked = performance.now();
      program.signal("SIGINT");
      await until("it was asked", () => its.entries.some(({ is }) => is === "asked"), program.seen);
      program.signal("SIGINT");
      const apartMs = performance.now() - asked;
      const { code } = await program.ended;
      // On a machine that is busy the second may come too late to be the same.
      if (apartMs > 400 && attempt < 5) continue;
      expect(code).toBe(130);
      expect(its.entries.map(({ is }) => is)).toEqual(["start", "asked", "end"]);
      return;
    }
  });
});

describe("RELOAD_CHANGED of a reload around this one", () => {
  test("is not handed on, nor is the name of its list", async () => {
    const env = { RELOAD_CHANGED: "outer", RELOAD_CHANGED_FILE: "/outer" };
    await using its = await session({ config: watchTxt, files: { "a.txt": "1" }, env });
    expect(its.starts[0]).toMatchObject({ changed: "" });
    expect(its.starts[0]?.changedFile).toBeUndefined();
    its.project.write("two\nlines.txt", "1");
    const second = await its.start(2);
    expect(second.changed).toBeUndefined();
    expect(second.changedFile).toMatch(/reload-changed-/);
  });
});

describe("what a build writes into the tree", () => {
  test("is seen as written by it, also in its last moment: one save is one build", async () => {
    await using its = await session({
      config: `${watchTxt}debounce = "1ms"\n[build]\ncmd = "echo >> build.log; cp a.txt b.txt; cp a.txt c.txt; cp a.txt d.txt"\n`,
      files: { "a.txt": "0" },
    });
    const { project, program } = its;
    const builds = (): number => project.read("build.log").length;
    const save = async (text: string): Promise<void> => {
      const before = its.starts.length;
      project.write("a.txt", text);
      await its.start(before + 1);
    };
    // What it makes is known by the second writing.
    await save("1");
    await save("2");
    const before = builds();
    for (const text of ["3", "4", "5", "6"]) await save(text);
    await program.stop();
    expect(builds() - before, program.seen()).toBe(4);
  });
});
