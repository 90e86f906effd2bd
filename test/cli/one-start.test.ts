/** One save is one build and one start, however it is written, and whatever the command itself produces. */
import { appendFileSync, closeSync, openSync, renameSync, writeSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const hasGo = needs("go");

/** Logs what it was started for, in a line. */
const program = (log: string): string =>
  `printf '%s' "$RELOAD_CHANGED" | tr '\\n' , >> "${log}"; echo >> "${log}"; exec sleep 1000`;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Session extends AsyncDisposable {
  readonly program: Reload;
  /** What each start was for; the first is for nothing. */
  starts(): string[];
  /** Saves a file of the rig's own and returns what was started until it was answered, that start included. */
  startsUntilMark(): Promise<string[]>;
}

let marks = 0;

async function begin(project: Project): Promise<Session> {
  const outside = newProject();
  const log = outside.path("starts");
  const started = reload(["--verbose", "--", "sh", "-c", program(log)], { cwd: project.directory });
  const starts = (): string[] => outside.read("starts").split("\n").slice(0, -1);
  await started.says(/watching \d/);
  await until("the first start", () => starts().length > 0, started.seen);
  const session: Session = {
    program: started,
    starts,
    async startsUntilMark() {
      marks += 1;
      const mark = `mark${marks}.txt`;
      project.write(mark, String(marks));
      await until("the mark", () => starts().some((line) => line.includes(mark)), started.seen);
      return starts();
    },
    async [Symbol.asyncDispose]() {
      await started.stop();
      outside[Symbol.dispose]();
    },
  };
  // What is left of the beginning is answered before.
  await session.startsUntilMark();
  return session;
}

describe("a save through a temporary", () => {
  test.each([
    ["a.txt.QwErTy", 10],
    ["a.txt.QwErTy", 40],
    [".a.txt.QwErTy", 25],
    ["sedX1y2Z3", 30],
    ["a.txt-1f3c9", 40],
  ])("named %s, which is there for %i ms, is one start, for the file alone", async (name, ms) => {
    using project = newProject({ "a.txt": "0" });
    await using session = await begin(project);
    // On a busy machine a save can take longer than it says here: that is another kind of save, and says nothing.
    let before = 0;
    let tookMs = Number.POSITIVE_INFINITY;
    for (let save = 1; tookMs > ms + 8; save += 1) {
      before = (await session.startsUntilMark()).length;
      const beganMs = performance.now();
      project.write(name, String(save));
      await later(ms);
      renameSync(project.path(name), project.path("a.txt"));
      tookMs = performance.now() - beganMs;
    }
    await until("the start", () => session.starts().length > before, session.program.seen);
    const [first, second, ...rest] = (await session.startsUntilMark()).slice(before);
    expect([first, second?.startsWith("mark"), rest], session.program.seen()).toEqual(["a.txt", true, []]);
  });
});

describe("a file that is being written for two seconds", () => {
  test.each([
    ["a new one", "big.txt", 100],
    ["one that was there", "a.txt", 110],
    ["in one go", "a.txt", 5],
  ])("%s, is a few starts, and the last one has all of it", async (_, name, pauseMs) => {
    using project = newProject({ "a.txt": "0" });
    await using session = await begin(project);
    const before = session.starts().length;
    const file = openSync(project.path(name), "w");
    const end = performance.now() + 2_000;
    while (performance.now() < end) {
      writeSync(file, "x".repeat(1_000));
      await later(pauseMs);
    }
    closeSync(file);
    const starts = (await session.startsUntilMark()).slice(before);
    expect(starts.length, session.program.seen()).toBeLessThanOrEqual(6);
    expect(starts.join()).toContain(name);
  });
});

describe("ten ordinary saves of one file", () => {
  test("bring no advice to exclude it", async () => {
    using project = newProject({ "a.txt": "0" });
    await using session = await begin(project);
    for (let save = 0; save < 10; save += 1) {
      const before = session.starts().length;
      appendFileSync(project.path("a.txt"), "x");
      await until("the start", () => session.starts().length > before, session.program.seen);
    }
    expect(session.program.stderr).not.toMatch(/exclude_files|called for/);
  });
});

describe("a build that writes the program", () => {
  test.runIf(hasGo)("the program that is run is built and started once, before anything is edited", async () => {
    using project = newProject({
      "go.mod": "module example.com/app\n\ngo 1.20\n",
      "main.go":
        'package main\n\nimport (\n\t"fmt"\n\t"time"\n)\n\nfunc main() {\n\tfmt.Println("started")\n\ttime.Sleep(time.Hour)\n}\n',
    });
    await using program = reload(["--verbose", "-b", "go build -o app .", "--", "./app"], { cwd: project.directory });
    await program.says(/build \S+ → .*· run 1/);
    project.append("main.go", "\n// edited\n");
    await program.says(/main\.go changed → build \S+ → .*· run 2/);
    expect(program.stderr.match(/build \d+ is pid/g)).toHaveLength(2);
    await program.stop();
  });
});
