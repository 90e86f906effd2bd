import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app, starts } from "../rig/log.ts";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

describe("COMMAND", () => {
  test.each([
    ["after --", ["--once", "--for", "1ms", "--"]],
    ["after the options", ["--once", "--for", "1ms"]],
  ])("gets its words unchanged %s", async (_, before) => {
    using project = newProject();
    const words = ["a b", "$HOME", "*.go", "x;y", "--help", "--once", "", '"', "it's", "-c", "--", "é\n"];
    const result = await reloadOnce([...before, process.execPath, app, ...words], {
      cwd: project.directory,
      env: { LOG: project.path("app.log") },
    });
    expect(result.code, result.stderr).toBe(0);
    // --for 1ms may end it before it has written: then it says so by having no start at all.
    const [start] = starts(project);
    if (start !== undefined) expect(start.args).toEqual(words);
  });

  test("gets its words unchanged", async () => {
    using project = newProject();
    const words = ["a b", "$HOME", "*.go", "x;y", "--help", "--once", "", '"', "it's", "-c", "--", "é\n"];
    await using program = reload([process.execPath, app, ...words], {
      cwd: project.directory,
      env: { LOG: project.path("app.log") },
    });
    const start = await until("it starts", () => starts(project)[0], program.seen);
    expect(start.args).toEqual(words);
  });

  test("named like a command of ours runs after --", async () => {
    using project = newProject({ config: "#!/bin/sh\necho the program named config\n" });
    const { chmodSync } = await import("node:fs");
    chmodSync(project.path("config"), 0o755);
    const result = await reloadOnce(["--once", "--", "config"], {
      cwd: project.directory,
      env: { PATH: `${project.directory}:${process.env["PATH"]}` },
    });
    expect(result.stdout).toBe("the program named config\n");
    expect(result.code).toBe(0);
  });

  test("needs no -- before its own options", async () => {
    using project = newProject({ "package.json": '{ "scripts": { "dev": "echo dev of npm" } }' });
    const result = await reloadOnce(["--once", "npm", "run", "--silent", "dev"], { cwd: project.directory });
    expect(result.stdout).toContain("dev of npm");
  });

  test.each([
    [["--proc.sweep", "false"], "the file says"],
    [["--proc.sweep", "true", "echo", "COMMAND"], "COMMAND"],
    [["--proc.sweep", "echo", "COMMAND"], "COMMAND"],
    [["--proc.sweep=false", "echo", "COMMAND"], "COMMAND"],
  ])("begins behind the true or false of a key: %j", async (words, said) => {
    using project = newProject({ ".reload.toml": `[proc]\ncmd = "echo the file says"\n` });
    const result = await reloadOnce(["--once", ...words], { cwd: project.directory });
    expect(result, result.stderr).toMatchObject({ code: 0, stdout: `${said}\n` });
  });

  test("that does not exist but resembles a command of ours says so", async () => {
    using project = newProject();
    const result = await reloadOnce(["confg"], { cwd: project.directory });
    expect(result.code).toBe(127);
    expect(result.stderr).toMatch(/did you mean .*reload config/);
  });

  test("that cannot be found says what may have been meant", async () => {
    using project = newProject({ run: "#!/no/such/interpreter\n" });
    chmodSync(project.path("run"), 0o755);
    const line = await reloadOnce(["npm run dev"], { cwd: project.directory });
    expect(line).toMatchObject({ code: 127, stderr: expect.stringMatching(/npm run dev: no such command \(.*sh -c/) });
    const script = await reloadOnce(["--once", "./run"], { cwd: project.directory });
    expect(script).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(/\.\/run: the interpreter in its first line/),
    });
  });

  test("takes the place of the file's, and the rest of the file holds", async () => {
    using project = newProject({
      ".reload.toml": '[build]\ncmd = "echo built"\n[proc]\ncmd = "echo from the file"\nargs = ["x"]\n',
    });
    const result = await reloadOnce(["--once", "echo", "from the line"], { cwd: project.directory });
    expect(result.stdout).toBe("built\nfrom the line\n");
  });
});

describe("what is printed", () => {
  test("has no escape sequence when it is piped", async () => {
    using project = newProject({ ".reload.toml": '[build]\ncmd = "exit 1"\n[proc]\ncmd = "true"\n' });
    const result = await reloadOnce(["--once"], { cwd: project.directory });
    expect(result.stderr).toContain("build failed");
    expect(result.stdout + result.stderr).not.toContain("\u001b");
  });

  test("is coloured when asked for", async () => {
    using project = newProject({ ".reload.toml": '[build]\ncmd = "exit 1"\n[proc]\ncmd = "true"\n' });
    for (const [args, env] of [
      [["--color"], {}],
      [["--color=always"], { NO_COLOR: "1" }],
      [[], { FORCE_COLOR: "1" }],
    ] as const) {
      const result = await reloadOnce(["--once", ...args], { cwd: project.directory, env });
      expect(result.stderr).toContain("\u001b[31m");
    }
    for (const [args, env] of [
      [["--no-color"], { FORCE_COLOR: "1" }],
      [[], { FORCE_COLOR: "0" }],
      [[], { CI: "1" }],
    ] as const) {
      const result = await reloadOnce(["--once", ...args], { cwd: project.directory, env });
      expect(result.stderr).not.toContain("\u001b");
    }
  });

  test("of the program passes through untouched, and ours goes to stderr", async () => {
    using project = newProject();
    const result = await reloadOnce(["--once", "--", "sh", "-c", "printf 'a\\033[31mb'; printf 'oops' >&2"], {
      cwd: project.directory,
    });
    expect(result.stdout).toBe("a\u001b[31mb");
    expect(result.stderr).toContain("oops");
  });

  test("is the version or the help on stdout", async () => {
    using project = newProject();
    const version = await reloadOnce(["--version"], { cwd: project.directory });
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const help = await reloadOnce(["--help"], { cwd: project.directory });
    expect(help.code).toBe(0);
    for (const word of ["--once", "--watch", "COMMAND", "init", "config", ".reload.toml"])
      expect(help.stdout).toContain(word);
  });
});
