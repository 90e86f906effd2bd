import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { isAlive, processesWith, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const empty = (): ReturnType<typeof newProject> => newProject({ "a.txt": "1\n" });

describe("reload --once", () => {
  test.each([
    ["a program's own code", ["--once", "--", "sh", "-c", "exit 7"], 7],
    ["success", ["--once", "--", "true"], 0],
    ["128 and the number of the signal that ended it", ["--once", "--", "sh", "-c", "kill -9 $$"], 137],
    ["127 for a command that does not exist", ["--once", "--", "no-such-command-here"], 127],
    ["127 for one that a shell does not find", ["--once", "--proc.cmd", "no-such-command-here"], 127],
    ["0 for a program that stays alive", ["--once", "--for", "300ms", "--", "sleep", "1000"], 0],
    ["0 for one that need not stay alive at all", ["--once", "--for", "0", "--", "sleep", "1000"], 0],
    ["0 for one that stays alive for whole milliseconds", ["--once", "--for", "300", "--", "sleep", "1000"], 0],
    ["1 for a build that fails", ["--once", "-b", "exit 4", "--", "sh", "-c", "echo started > ran"], 1],
    [
      "3 for a program that never gets ready",
      ["--once", "--ready.exec", "false", "--ready.timeout", "300ms", "--", "sleep", "1000"],
      3,
    ],
    ["3 for one that ends before it is ready, whatever its code", ["--once", "--ready.exec", "false", "--", "true"], 3],
    ["0 for one that gets ready", ["--once", "--ready.exec", "true", "--", "sleep", "1000"], 0],
  ])("ends with %s", async (_, args, code) => {
    using project = empty();
    const mark = `ONCE_MARK=${project.directory}`;
    const result = await reloadOnce(args, { cwd: project.directory, env: { ONCE_MARK: project.directory } });
    expect(result.code, result.stderr).toBe(code);
    expect(project.has("ran")).toBe(false);
    expect(processesWith(mark)).toEqual([]);
    expect(result.stderr).not.toMatch(/\n {4}at /);
  });

  test("passes with the build alone where nothing is to be run", async () => {
    using project = newProject({ ".reload.toml": '[build]\ncmd = "echo built > out"\n' });
    const result = await reloadOnce(["--once"], { cwd: project.directory });
    expect(result.code, result.stderr).toBe(0);
    expect(project.read("out")).toBe("built\n");
  });

  test("ends what the program left behind", async () => {
    using project = empty();
    const result = await reloadOnce(["--once", "--", "sh", "-c", "sleep 1000 & echo $! > left; exit 0"], {
      cwd: project.directory,
    });
    expect(result.code, result.stderr).toBe(0);
    expect(isAlive(Number(project.read("left")))).toBe(false);
  });
});

describe("reload --once with a check that is not met", () => {
  test.each([
    [
      "when the time is over",
      ["--ready.timeout", "300ms"],
      "sleep 1000",
      /not ready after \d+ms \(exec: code 4: no such table\)/,
    ],
    ["when the program ends with 0", [], "sleep 0.3", /run 1 ended with code 0 .*before it was ready \(exec: .*\)/],
    [
      "when it ends with anything else",
      [],
      "sleep 0.3; exit 7",
      /run 1 ended with code 7 .*before it was ready \(exec: .*\)/,
    ],
  ])("says why, %s", async (_, more, program, expected) => {
    using project = empty();
    const check = ["--ready.exec", "echo no such table; exit 4"];
    const result = await reloadOnce(["--once", ...check, ...more, "--", "sh", "-c", program], {
      cwd: project.directory,
    });
    expect(result.code, result.stderr).toBe(3);
    expect(result.stderr).toMatch(expected);
  });
});

describe("reload --once --postpone", () => {
  test("waits for the first change, and for no other", async () => {
    using project = newProject({ "a.txt": "1\n" });
    const command = ["sh", "-c", "cat a.txt >> ran.log; sleep 0.3; exit 7"];
    await using program = reload(["--once", "--postpone", "--verbose", "--", ...command], { cwd: project.directory });
    await program.says(/watching \d/);
    expect(project.has("ran.log")).toBe(false);
    project.write("a.txt", "2\n");
    await until("it has read it", () => project.read("ran.log") === "2\n", program.seen);
    // It does not matter any more.
    project.write("a.txt", "3\n");
    expect((await program.ended).code, program.seen()).toBe(7);
    expect(project.read("ran.log")).toBe("2\n");
  });

  test("ends with what it is sent, while it waits", async () => {
    using project = empty();
    await using program = reload(["--once", "--postpone", "--verbose", "--", "true"], { cwd: project.directory });
    await program.says(/watching \d/);
    program.signal("SIGTERM");
    expect((await program.ended).code, program.seen()).toBe(143);
  });
});

describe("a usage error", () => {
  test.each([
    ["an unknown option, with the one that was meant", ["--onec"], /--onec.*\n?.*--once/s],
    [
      "an unknown key, with the one that was meant",
      ["--watch.debounec", "5ms"],
      /watch\.debounec.*\n?.*watch\.debounce/s,
    ],
    [
      "an unknown option that is nearly a key",
      ["--clean-on-exit", "--", "true"],
      /--clean-on-exit.*\n.*--clean_on_exit\?/,
    ],
    ["a short option with an equals sign", ["-qb=make", "--", "true"], /-qb=make.*\n.*-b make or --build=make/],
    ["a duration that is none", ["--debounce", "fast", "--", "true"], /debounce.*fast/s],
    ["a length of life that is none", ["--once", "--for", "1.5", "--", "true"], /--for: "1\.5" is not a duration/],
    ["no ending among the endings", ["--once", "-e", ", ,", "--", "true"], /--ext needs at least one file ending/],
    ["a port that is none", ["--ready.tcp", "99999", "--", "true"], /ready\.tcp.*99999/s],
    ["a missing configuration file", ["-c", "no-such-file.toml"], /no-such-file\.toml/],
    ["a missing directory", ["-C", "no-such-directory"], /no-such-directory/],
    ["an option without its value", ["--config"], /--config/],
    ["nothing to run", [], /\.reload\.toml/],
    ["an empty command", ["--"], /COMMAND|command/],
    ["a command of ours where no reload runs", ["refresh"], /no reload runs here or above/],
  ])("is %s: code 2, and nothing started", async (_, args, message) => {
    using project = empty();
    const result = await reloadOnce(args, { cwd: project.directory });
    expect(result.code, result.stderr).toBe(2);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n {4}at /);
  });
});

describe("the PORT of the process", () => {
  test("is where a check looks that names none", async () => {
    using project = newProject();
    const server = "require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT)";
    const { createServer } = await import("node:net");
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const address = probe.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => probe.close(resolve));
    for (const check of [
      ["--ready.tcp", "auto"],
      ["--ready.http", "/health"],
    ]) {
      const result = await reloadOnce(
        ["--once", "-E", `PORT=${port}`, ...check, "--", process.execPath, "-e", server],
        { cwd: project.directory },
      );
      expect(result.code, result.stderr).toBe(0);
      expect(result.stderr).not.toContain("Warning");
    }
    const result = await reloadOnce(["--once", "--ready.http", "/health", "--", "true"], { cwd: project.directory });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/ready\.http.*PORT/);
  });
});
