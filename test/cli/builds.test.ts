import { describe, expect, test } from "vitest";
import { starts } from "../rig/log.ts";
import { isAlive, processesWith, reload } from "../rig/reload.ts";
import { prepared, session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const watchTxt = '[watch]\ninclude_files = [".txt"]\n';

/** A build that logs when it begins and ends, and takes as many seconds as `a.txt` says. */
const slowBuild = `[build]\ncmd = '''
echo "begin $(cat a.txt)" >> build.log
sleep "$(cat a.txt)" && cp a.txt built && echo "end $(cat a.txt)" >> build.log
'''\n`;

describe("a build", () => {
  test("comes before the run, and the run has what it made", async () => {
    await using running = await session({
      config: `${watchTxt}[build]\ncmd = "cp a.txt built"\n`,
      files: { "a.txt": "one" },
      env: { READS: "built" },
    });
    expect(running.starts[0]?.content).toBe("one");
    running.project.write("a.txt", "two");
    expect((await running.start(2)).content).toBe("two");
    await running.program.says(/● a\.txt changed → build \d+ms → (stop \d+ms → )?running · run 2/);
  });

  test("that a change makes stale is ended with its whole tree, and there is never a second one beside it", async () => {
    const mark = `31.${process.pid}`;
    await using running = await session({
      config: watchTxt + slowBuild,
      files: { "a.txt": "0" },
      env: { READS: "built" },
    });
    const { project } = running;
    project.write("a.txt", mark);
    const sleeper = await until("the build sleeps", () => processesWith(`sleep\0${mark}`)[0], running.program.seen);
    project.write("a.txt", "0.1");
    expect((await running.start(2)).content).toBe("0.1");
    expect(isAlive(sleeper)).toBe(false);
    expect(project.read("build.log").trim().split("\n")).toEqual([
      "begin 0",
      "end 0",
      `begin ${mark}`,
      "begin 0.1",
      "end 0.1",
    ]);
    expect(running.starts).toHaveLength(2);
  });

  test("that saves come faster than is finished all the same", async () => {
    await using running = await session({
      config: `${watchTxt}max_wait = "1s"\n[build]\ncmd = "cp a.txt built.part && sleep 0.7 && mv built.part built"\n`,
      files: { "a.txt": "0" },
      env: { READS: "built" },
    });
    let count = 0;
    const saver = setInterval(() => {
      count += 1;
      running.project.write("a.txt", `save ${count}`);
    }, 250);
    try {
      await running.start(3);
    } finally {
      clearInterval(saver);
    }
    await until(
      "the last save runs",
      () => running.starts.at(-1)?.content === running.project.read("a.txt"),
      running.program.seen,
    );
  });

  test("of the newest source wins, however long each of them takes", async () => {
    await using running = await session({
      config: watchTxt + slowBuild,
      files: { "a.txt": "0" },
      env: { READS: "built" },
    });
    const { project } = running;
    for (const version of ["0.5", "1.5", "0.25"]) {
      project.write("a.txt", version);
      await until(
        `a build of ${version}`,
        () => project.read("build.log").includes(`begin ${version}\n`),
        running.program.seen,
      );
    }
    await until("0.25 runs", () => running.starts.at(-1)?.content === "0.25", running.program.seen);
  });

  test("that fails leaves the running process alone and shows why; the mend starts once", async () => {
    await using running = await session({
      config: `${watchTxt}[build]\ncmd = "grep -v broken a.txt > built || { echo 'line 1: it is broken' >&2; exit 3; }"\n`,
      files: { "a.txt": "good" },
      env: { READS: "built" },
    });
    const { project, program } = running;
    const [first] = running.starts;
    project.write("a.txt", "broken");
    await program.says(/✖ a\.txt changed → build failed after .* \(code 3\) · run 1 stays/);
    await program.says(/line 1: it is broken/);
    expect(isAlive(first?.pid ?? 0)).toBe(true);
    expect(running.starts).toHaveLength(1);
    project.write("a.txt", "mended");
    expect((await running.start(2)).content).toBe("mended\n");
    expect(isAlive(first?.pid ?? 0)).toBe(false);
    expect(running.starts).toHaveLength(2);
  });

  test('that fails ends the running process with on_fail = "stop"', async () => {
    await using running = await session({
      config: `${watchTxt}[build]\non_fail = "stop"\ncmd = "grep -v broken a.txt > built"\n`,
      files: { "a.txt": "good" },
    });
    const [first] = running.starts;
    running.project.write("a.txt", "broken");
    await until("the process is gone", () => !isAlive(first?.pid ?? 0), running.program.seen);
    running.project.write("a.txt", "mended");
    await running.start(2);
  });

  test("that fails at the very first starts nothing; the mend does", async () => {
    using project = prepared({
      config: `${watchTxt}[build]\ncmd = "grep -v broken a.txt"\n`,
      files: { "a.txt": "broken" },
    });
    await using program = reload(["--verbose"], { cwd: project.directory, env: { LOG: project.path("app.log") } });
    await program.says(/✖ started → build failed after .* \(code 1\) · nothing runs/);
    await program.says(/watching \d/);
    expect(starts(project)).toEqual([]);
    project.write("a.txt", "mended");
    await until("it runs", () => starts(project).length === 1, program.seen);
  });

  test("that takes longer than its timeout is ended with its whole tree and reported as failed", async () => {
    const mark = `33.${process.pid}`;
    await using running = await session({
      config: `${watchTxt}[build]\ntimeout = "400ms"\ncmd = "if grep -q slow a.txt; then (sleep ${mark} & sleep ${mark}; wait); fi"\n`,
      files: { "a.txt": "quick" },
    });
    running.project.write("a.txt", "slow");
    const [sleeper] = await until("two sleepers", () => {
      const found = processesWith(`sleep\0${mark}`);
      return found.length >= 2 ? found : undefined;
    });
    await running.program.says(/✖ a\.txt changed → build timed out after 400ms · run 1 stays/);
    await until("no sleeper is left", () => processesWith(`sleep\0${mark}`).length === 0, running.program.seen);
    expect(isAlive(sleeper ?? 0)).toBe(false);
    expect(running.starts).toHaveLength(1);
  });
});
