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
    const names = ["a.txt", "b.txt", "c.txt", "d.txt"];
    const files = Object.fromEntries(names.map((name) => [name, content]));
    await using running = await session({ config: watchTxt, files });
    const { project, program } = running;
    const before = bytesRead(program.pid);
    const isRead = (): boolean => bytesRead(program.pid) - before > content.length * names.length;
    await until("the files were read", isRead, program.seen);
    // It may have been something else that was read: then one of them is taken for changed, and the next one tells.
    let starts = 1;
    for (const name of names) {
      project.write(name, content);
      const isIgnored = (): boolean => program.stderr.includes(`${name} saved unchanged; ignored`);
      await until("an answer", () => isIgnored() || running.starts.length > starts, program.seen);
      if (isIgnored()) break;
      starts += 1;
    }
    expect(program.stderr).toMatch(/\.txt saved unchanged; ignored/);
    project.append("a.txt", "y");
    expect((await running.start(starts + 1)).changed).toBe("a.txt");
    expect(running.starts).toHaveLength(starts + 1);
  });
});

describe("two SIGINTs", () => {
  test("within half a second are one, as npm can deliver them: the program has its time", async () => {
    for (let attempt = 1; ; attempt += 1) {
      await using running = await session({ env: { TRAP: "1200" } });
      const { program } = running;
      const asked = performance.now();
      program.signal("SIGINT");
      await until("it was asked", () => running.entries.some(({ is }) => is === "asked"), program.seen);
      program.signal("SIGINT");
      const apartMs = performance.now() - asked;
      const { code } = await program.ended;
      // On a machine that is busy the second may come too late to be the same.
      if (apartMs > 400 && attempt < 5) continue;
      expect(code).toBe(130);
      expect(running.entries.map(({ is }) => is)).toEqual(["start", "asked", "end"]);
      return;
    }
  });
});

describe("RELOAD_CHANGED of a reload around this one", () => {
  test("is not handed on, nor is the name of its list", async () => {
    const env = { RELOAD_CHANGED: "outer", RELOAD_CHANGED_FILE: "/outer" };
    await using running = await session({ config: watchTxt, files: { "a.txt": "1" }, env });
    expect(running.starts[0]).toMatchObject({ changed: "" });
    expect(running.starts[0]?.changedFile).toBeUndefined();
    running.project.write("two\nlines.txt", "1");
    const second = await running.start(2);
    expect(second.changed).toBeUndefined();
    expect(second.changedFile).toMatch(/reload-changed-/);
  });
});

describe("what a build writes into the tree", () => {
  test("is seen as written by it, also what it does last and the watcher waits for: one save is one build", async () => {
    // Who empties a file is given time to write it, longer than this build takes from there to its end.
    const build = "echo >> build.log; if grep -q even a.txt; then : > b.txt; else echo x > b.txt; fi";
    await using running = await session({
      config: `${watchTxt}debounce = "1ms"\n[build]\ncmd = ${JSON.stringify(build)}\n`,
      files: { "a.txt": "0" },
    });
    const { project, program } = running;
    const save = async (text: string): Promise<string | undefined> => {
      const before = running.starts.length;
      project.replace("a.txt", text);
      return (await running.start(before + 1)).changed;
    };
    // Known is what was written again: the first build may be over before anything is watched.
    await until("b.txt is known", async () => (await save(`odd ${running.starts.length}`)) === "a.txt", program.seen);
    const before = project.read("build.log").length;
    const texts = ["even 1", "odd 1", "even 2", "odd 2", "even 3", "odd 3"];
    for (const text of texts) expect(await save(text), program.seen()).toBe("a.txt");
    await program.stop();
    expect(project.read("build.log").length - before, program.seen()).toBe(texts.length);
  });
});
