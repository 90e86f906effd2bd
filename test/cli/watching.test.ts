/** What a user sees of watching, beyond the tests of the watcher itself. */
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app } from "../rig/log.ts";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { appCommand, session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const watchTxt = '[watch]\ninclude_files = [".txt"]\n';

describe.each(["native", "chokidar"])("with hints from %s", (backend) => {
  const args = ["--watch.backend", backend];

  test("5,000 files written in one go are one start", async () => {
    // On a machine that is busy the writing itself may take longer than the usual patience.
    await using running = await session({ config: `${watchTxt}max_wait = "60s"\n`, args });
    for (let file = 0; file < 5_000; file += 1) running.project.write(`d${file % 50}/f${file}.txt`, String(file));
    const second = await running.start(2);
    expect(second.changedFile ?? second.changed).toBeDefined();
    running.project.write("last.txt", "1");
    await until(
      "the last one is seen",
      () => running.starts.some(({ changed }) => changed === "last.txt"),
      running.program.seen,
    );
    expect(running.starts).toHaveLength(3);
  });

  test("a checkout that changes 500 files, a stash, and a rebase are one start each", async () => {
    await using running = await session({
      config: watchTxt,
      args,
      files: { ".gitignore": "app.log\n" },
      prepare(project) {
        project.git("init", "-q");
        for (let file = 0; file < 500; file += 1) project.write(`src/${file % 20}/f${file}.txt`, "main\n");
        project.git("add", "-A");
        project.git("commit", "-qm", "main");
        project.git("checkout", "-qb", "other");
        for (let file = 0; file < 500; file += 1) project.write(`src/${file % 20}/f${file}.txt`, `other ${file}\n`);
        project.git("commit", "-qam", "other");
        for (let commit = 0; commit < 3; commit += 1) {
          project.write("src/0/f0.txt", `other 0 ${commit}\n`);
          project.git("commit", "-qam", `other ${commit}`);
        }
        project.git("checkout", "-q", "main");
        project.write("new.txt", "on main\n");
        project.git("add", "-A");
        project.git("commit", "-qm", "on main");
      },
    });
    const { project } = running;
    /** One start for what is done, and it is over when a lone change after it makes the next one. */
    const onceFor = async (what: () => void): Promise<void> => {
      const before = running.starts.length;
      what();
      await running.start(before + 1);
      await running.program.says(new RegExp(`run ${before + 1} ready`));
      expect(running.starts).toHaveLength(before + 1);
    };
    await onceFor(() => void project.git("checkout", "-q", "other"));
    await onceFor(() => void project.git("rebase", "-q", "main"));
    await onceFor(() => project.write("src/1/f1.txt", "edited\n"));
    await onceFor(() => void project.git("stash", "-q"));
  });

  test("a build that writes the same bytes into a watched file calls for nothing; new bytes each time are stopped and named", async () => {
    await using running = await session({
      config: `${watchTxt}[build]\ncmd = "echo built >> build.log; cp a.txt same.txt; test -e new.on && date +%s%N > new.txt; true"\n`,
      args,
      files: { "a.txt": "1\n", "same.txt": "1\n" },
    });
    const { project, program } = running;
    // What the first build rewrites while the tree is being looked at has no known content yet: that may be a start of its own.
    await program.says(/run \d+ ready/);
    const builds = (): number => project.read("build.log").trim().split("\n").length;
    const first = builds();
    const seen = program.stderr.length;
    project.write("a.txt", "1\n2\n");
    await program.says(/a\.txt.* changed → build/, seen);
    await program.says(/run \d+ ready/, seen);
    // `same.txt` got other bytes than before with this one: at most one more build.
    expect(builds()).toBeLessThanOrEqual(first + 3);
    project.write("new.on", "");
    project.write("a.txt", "3\n");
    await program.says(/new\.txt changes with every build; not building for it again/);
    await program.says(/exclude_files = \["new\.txt"\] under \[watch\]/);
    const looped = builds();
    // It is quiet, and still answers.
    const before = running.starts.length;
    project.write("b.txt", "1\n");
    await until(
      "a start for b.txt",
      () => running.starts.slice(before).some(({ changed }) => changed?.includes("b.txt")),
      program.seen,
    );
    expect(looped).toBeLessThanOrEqual(first + 3 + 4);
  });
});

test("a program that writes into the tree at each start is left alone soon, and other changes count at once", async () => {
  await using running = await session({
    config: watchTxt,
    // Opened by tee itself: what a run has as stdout or stderr is an output of reload's, and calls for nothing.
    args: ["--proc.cmd", `date +%s%N | tee started.txt >/dev/null; exec node '${app}'`],
    files: { "a.txt": "1\n" },
  });
  const reasons = (): string[] => running.program.stderr.match(/^● .* changed →/gm) ?? [];
  const byHand = (): string[] => reasons().filter((reason) => /\ba\.txt/.test(reason));
  await until(
    "five saves in a row, and no start for started.txt between them",
    async () => {
      const before = byHand().length;
      running.project.write("a.txt", `${before}\n`);
      await until("a start for a.txt", () => byHand().length > before, running.program.seen);
      return (
        byHand().length >= 5 &&
        reasons()
          .slice(-5)
          .every((reason) => byHand().includes(reason))
      );
    },
    running.program.seen,
  );
});

test.each(["native", "chokidar", "poll"])(
  "links that are named are followed, whatever becomes of them, and others are not (%s)",
  async (source) => {
    await using running = await session({
      config: watchTxt,
      args: [...(source === "poll" ? ["--poll"] : ["--watch.backend", source]), ...["-w", "current", "-w", "one.txt"]],
      prepare(project) {
        for (const name of ["v1/a.txt", "v2/a.txt", "lib/b.txt", "c.txt"]) project.write(name, `${name}\n`);
        symlinkSync("v1", project.path("current"));
        symlinkSync("c.txt", project.path("one.txt"));
        symlinkSync("../lib", project.path("v2/lib"));
      },
    });
    const changed = async (count: number): Promise<string | undefined> => (await running.start(count)).changed;
    running.project.write("v1/a.txt", "edited\n");
    expect(await changed(2)).toBe("current/a.txt");
    symlinkSync("v2", running.project.path("next"));
    renameSync(running.project.path("next"), running.project.path("current"));
    expect(await changed(3)).toContain("current/a.txt");
    running.project.write("lib/b.txt", "edited\n");
    running.project.write("v1/a.txt", "edited again\n");
    running.project.write("c.txt", "edited\n");
    expect(await changed(4)).toBe("one.txt");
    running.project.write("v2/a.txt", "edited\n");
    expect(await changed(5)).toBe("current/a.txt");
  },
);

test("what is named and is not there is said, also when the configuration is edited, and counts when it comes", async () => {
  const watching = (directories: string): string =>
    `[watch]\ninclude_files = [".txt"]\ninclude_dirs = [${directories}]\n`;
  const config = (directories: string): string => `${watching(directories)}[proc]\ncmd = ${appCommand}\n`;
  await using running = await session({ config: watching('"src", "typo/deep"'), files: { "src/a.txt": "1\n" } });
  await running.program.says(/typo\/deep is not there; waiting for it/);
  running.project.write("typo/deep/b.txt", "1\n");
  expect((await running.start(2)).changed).toBe("typo/deep/b.txt");
  const seen = running.program.stderr.length;
  running.project.write(".reload.toml", config('"src", "typo/deep", "later"'));
  await running.program.says(/later is not there; waiting for it/, seen);
  expect(running.program.stderr.slice(seen)).not.toContain("typo/deep is not there");
  expect(running.program.stderr).not.toContain("src is not there");
});

test("a single file outside of the project is watched whatever its name is, and what lies beside it is not", async () => {
  using elsewhere = newProject({ "shared.log": "1\n", "other.log": "1\n" });
  await using running = await session({ config: watchTxt, args: ["-w", ".", "-w", elsewhere.path("shared.log")] });
  elsewhere.write("other.log", "2\n");
  elsewhere.write("shared.log", "2\n");
  expect((await running.start(2)).changed).toContain("shared.log");
  running.project.write("a.txt", "1");
  expect((await running.start(3)).changed).toBe("a.txt");
});

describe("links that lead out of what is watched", () => {
  const outside = (): ReturnType<typeof newProject> =>
    newProject({ "lib/deep/a.txt": "a", "pages/x.html": "x", "b.txt": "b" });

  test("are named, with what to do, where a file behind them would count", async () => {
    using far = outside();
    await using running = await session({
      config: watchTxt,
      files: { "src/c.txt": "c" },
      prepare(project) {
        symlinkSync(far.path("lib"), project.path("lib"));
        symlinkSync(far.path("b.txt"), project.path("src/b.txt"));
        symlinkSync(far.path("pages"), project.path("pages"));
        symlinkSync("src", project.path("alias"));
        symlinkSync(far.directory, project.path("far"));
        symlinkSync("nowhere", project.path("broken.txt"));
      },
    });
    await running.program.says(/lead out of what is watched/);
    const said = running.program.seen();
    const [, named = ""] = /(\S+, \S+, \S+) are links that lead out/.exec(said) ?? [];
    expect(named.split(", ").sort()).toEqual(["far", "lib", "src/b.txt"]);
    expect(said).toContain("follow_symlinks = true");
    expect(said.split("lead out of what is watched")).toHaveLength(2);
  });

  test("are followed with follow_symlinks, and nothing is said", async () => {
    using far = outside();
    await using running = await session({
      config: `${watchTxt}follow_symlinks = true\n`,
      prepare: (project) => symlinkSync(far.path("lib"), project.path("lib")),
    });
    far.write("lib/deep/a.txt", "edited");
    expect((await running.start(2)).changed).toBe("lib/deep/a.txt");
    expect(running.program.seen()).not.toContain("lead out");
  });
});

test.skipIf(process.platform === "win32")(
  "a program that may not be executed is started once it is made executable, and only then",
  async () => {
    using project = newProject({ "run.sh": "#!/bin/sh\necho it is up >&2\nexec sleep 1000\n" });
    await using program = reload(["--verbose", "--", "./run.sh"], { cwd: project.directory });
    await program.says(/watching \d/);
    await program.says(/permission denied|EACCES/i);
    expect(program.seen()).not.toContain("it is up");
    chmodSync(project.path("run.sh"), 0o755);
    await program.says(/it is up/);
    await program.says(/run\.sh changed/);
    // Of no other change of the mode is anything made.
    chmodSync(project.path("run.sh"), 0o700);
    project.write("mark.txt", "1");
    await program.says(/mark\.txt changed/);
    expect(program.seen().match(/run\.sh changed/g)).toHaveLength(1);
  },
);

describe.runIf(process.platform !== "win32")("what is no text where one is expected", () => {
  test.each([
    [".gitignore, when it starts", [".gitignore"]],
    [".reloadignore", [".reloadignore"]],
    [".git", [".git"]],
    ["package.json and Procfile.dev", ["package.json", "Procfile.dev"]],
  ])("holds nothing up: %s", async (_, names) => {
    await using running = await session({
      config: watchTxt,
      prepare: (project) =>
        execFileSync(
          "mkfifo",
          names.map((name) => project.path(name)),
        ),
    });
    running.project.write("a.txt", "1");
    expect((await running.start(2)).changed).toBe("a.txt");
  });

  test("holds nothing up: what lies beside a file that is called like the journal of a database", async () => {
    await using running = await session({
      prepare: (project) => execFileSync("mkfifo", [project.path("data")]),
    });
    running.project.write("data-wal", "1");
    expect((await running.start(2)).changed).toBe("data-wal");
  });

  test("holds nothing up: an ignore file that becomes a device or a fifo while it runs", async () => {
    await using running = await session({ config: watchTxt, files: { ".gitignore": "b.txt\n" } });
    let count = 1;
    for (const put of [
      () => symlinkSync("/dev/zero", running.project.path(".new")),
      () => execFileSync("mkfifo", [running.project.path(".new")]),
    ]) {
      put();
      renameSync(running.project.path(".new"), running.project.path(".gitignore"));
      running.project.write("a.txt", String(count));
      count += 1;
      expect((await running.start(count)).changed).toBe("a.txt");
    }
  });
});
