/** What belongs to whom: signals, the streams, the parent, directories, names. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app, startNumber, starts } from "../rig/log.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { builtProgram, cleanEnv, processesWith, reload, reloadOnce } from "../rig/reload.ts";
import { appCommand, session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const quoted = builtProgram.map((word) => `"${word}"`).join(" ");

describe.skipIf(process.platform === "win32")("SIGUSR1 and SIGUSR2", () => {
  test("go to the program, also behind a shell, and neither end us nor open Node's inspector", async () => {
    using project = newProject({
      "app.sh":
        'trap "echo usr1 >> got.log" USR1; trap "echo usr2 >> got.log" USR2; echo ready >> got.log; while :; do sleep 0.02; done',
    });
    await using program = reload(["--proc.cmd", "sh app.sh; true"], { cwd: project.directory });
    await until("the program listens", () => project.read("got.log").includes("ready"), program.seen);
    program.signal("SIGUSR1");
    await until("SIGUSR1", () => project.read("got.log").includes("usr1"), program.seen);
    program.signal("SIGUSR2");
    await until("SIGUSR2", () => project.read("got.log").includes("usr2"), program.seen);
    expect(program.stderr).not.toMatch(/Debugger listening|ended/);
    expect((await program.stop()).code).toBe(143);
  });
});

/** A command line that a user's shell runs, and everything of it by a mark in the environment. */
function line(project: Project, words: readonly [string, ...string[]]): ReturnType<typeof spawn> {
  return spawn(words[0], words.slice(1), {
    cwd: project.directory,
    env: cleanEnv({ LOG: project.path("app.log"), OWNER_MARK: project.directory }),
    stdio: "ignore",
  });
}

const all = (project: Project): number[] => processesWith(`OWNER_MARK=${project.directory}`);

describe.runIf(process.platform === "linux")("under npm", () => {
  test.runIf(needs("npm")).each([
    ["reload alone", ""],
    ["a shell that waits for reload", "; true"],
  ])("%s ends with all of it when npm is killed", async (_, after) => {
    using project = newProject({
      "package.json": JSON.stringify({ scripts: { dev: `${quoted} -- node "${app}"${after}` } }),
      "a.txt": "1",
    });
    const npm = line(project, ["npm", "run", "dev"]);
    await startNumber(project, 1);
    npm.kill("SIGKILL");
    await until(
      "the end of all",
      () => all(project).length === 0,
      () => all(project).join(" "),
    );
  });
});

describe.runIf(process.platform === "linux")("when nobody reads the output any more", () => {
  test("everything is stopped, also where the program prints nothing more, and the exit code is 141", async () => {
    using project = newProject({ "a.txt": "1" });
    const run = `${quoted} -- sh -c 'echo one; exec node "${app}"'`;
    const shell = line(project, ["bash", "-c", `${run} | head -1; exit \${PIPESTATUS[0]}`]);
    const [code] = await once(shell, "exit");
    expect(code).toBe(141);
    expect(all(project)).toEqual([]);
    expect(starts(project)).toHaveLength(1);
  });
});

describe("clean_on_exit", () => {
  const config = (tmpDir: string): string =>
    `tmp_dir = "${tmpDir}"\nclean_on_exit = true\n[build]\ncmd = "mkdir -p ${tmpDir} && echo built > ${tmpDir}/out"\n[proc]\ncmd = ${appCommand}\n[watch]\ninclude_files = [".txt"]\n`;
  const run = async (project: Project, meanwhile: () => void | Promise<void> = () => {}): Promise<void> => {
    await using program = reload([], { cwd: project.directory, env: { LOG: project.path("app.log") } });
    await startNumber(project, 1, program.seen);
    await meanwhile();
    expect((await program.stop()).code, program.seen()).toBe(143);
  };

  test("removes the directory that we made, and those above it that we made and nobody uses", async () => {
    using project = newProject({ ".reload.toml": config("one/two/tmp"), "a.txt": "1" });
    await run(project, () => expect(project.read("one/two/tmp/out")).toBe("built\n"));
    expect(project.has("one")).toBe(false);
  });

  test("leaves a directory above it in which somebody keeps something", async () => {
    using project = newProject({ ".reload.toml": config("one/tmp"), "a.txt": "1" });
    await run(project, () => project.write("one/mine", "1"));
    expect([project.has("one/mine"), project.has("one/tmp")]).toEqual([true, false]);
  });

  test("leaves one that was there before", async () => {
    using project = newProject({ ".reload.toml": config("tmp"), "a.txt": "1", "tmp/mine": "1" });
    await run(project);
    expect(project.has("tmp/mine")).toBe(true);
  });

  test("leaves one that the user put in its place", async () => {
    using project = newProject({ ".reload.toml": config("tmp"), "a.txt": "1" });
    await run(project, () => {
      rmSync(project.path("tmp"), { recursive: true });
      mkdirSync(project.path("tmp"));
      writeFileSync(project.path("tmp/mine"), "1");
    });
    expect(project.has("tmp/mine")).toBe(true);
  });

  test("leaves one that the user made after the start, where no build has run", async () => {
    using project = newProject({ ".reload.toml": config("tmp").replace(/\[build\]\n.*\n/, ""), "a.txt": "1" });
    await run(project, () => project.write("tmp/mine", "1"));
    expect(project.has("tmp/mine")).toBe(true);
  });
});

describe("a configuration that is refused", () => {
  test("is told with --json as well, and the exit code is the last event", async () => {
    using project = newProject({ ".reload.toml": '[build]\ncmd = 7\n[prok]\ncmd = "x"\n' });
    const result = await reloadOnce(["--json"], { cwd: project.directory });
    expect(result.code).toBe(2);
    const events = result.stdout
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    expect(events).toMatchObject([
      { event: "problem", severity: "error", file: ".reload.toml", line: 2 },
      { event: "problem", severity: "error", file: ".reload.toml", line: 3 },
      { event: "exit", code: 2 },
    ]);
    await reloadOnce(["--json=events.json"], { cwd: project.directory });
    expect(readFileSync(project.path("events.json"), "utf8").trim().split("\n")).toHaveLength(3);
  });

  test("because another one runs leaves the events of that one alone", async () => {
    await using running = await session({ args: ["--json=events.json"] });
    const before = running.project.read("events.json");
    expect((await reloadOnce(["--json=events.json"], { cwd: running.project.directory })).code).toBe(2);
    expect(running.project.read("events.json").startsWith(before)).toBe(true);
  });
});

test("an empty HOME is no home: the configuration is found all the same", async () => {
  using project = newProject({ ".reload.toml": '[proc]\ncmd = "exit 7"\n' });
  const result = await reloadOnce(["--once"], { cwd: project.directory, env: { HOME: "" } });
  expect(result.code, result.stderr).toBe(7);
});

describe("a project that is removed while it is watched", () => {
  test("is not made again by us, and is built and run as soon as it is cloned anew", async () => {
    using above = newProject();
    const files = {
      ".reload.toml": `[build]\ncmd = "mkdir -p tmp && cp a.txt tmp/o"\n[proc]\ncmd = "cat a.txt; exec sleep 1000"\n`,
      "a.txt": "one\n",
    };
    const clone = (text: string): void => {
      // Whole at once, as git does not do it, but mv.
      for (const [name, content] of Object.entries({ ...files, "a.txt": text })) above.write(`new/${name}`, content);
      renameSync(above.path("new"), above.path("app"));
    };
    clone("one\n");
    await using program = reload(["--verbose"], { cwd: above.path("app") });
    await Promise.all([program.says(/watching \d/), program.says(/run 1 ready/)]);
    rmSync(above.path("app"), { recursive: true });
    await program.says(/app is not there; waiting for it/);
    await program.says(/build failed .*app does not exist\) · run 1 stays/);
    expect(above.has("app")).toBe(false);
    clone("two\n");
    await until("the new one runs", () => program.stdout.includes("two\n"), program.seen);
  });
});

test("commands in a directory that is gone say so, and those that name a process need none", async () => {
  using project = newProject();
  const within = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh", ...builtProgram] as const;
  for (const words of [["status"], ["wait"], ["explain", "a.txt"], []]) {
    const ended = await reloadOnce(words, { cwd: project.directory, program: within });
    expect([ended.code, ended.stderr], words.join(" ")).toEqual([2, expect.stringContaining("no longer exists\n")]);
  }
  const named = await reloadOnce(["status", "--pid", "1"], { cwd: project.directory, program: within });
  expect([named.code, named.stderr]).toEqual([2, expect.stringContaining("no reload runs with the pid 1")]);
});
