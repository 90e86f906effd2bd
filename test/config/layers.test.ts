import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { allKeys, variableOf } from "../../src/config/keys/keys.ts";
import { originsOf } from "../../src/config/layers/origins.ts";
import { newProject } from "../rig/project.ts";
import { complaints, flag, type Given, good, loadIn, loadText, nowhere } from "./loading.ts";

const run = '[proc]\ncmd = "x"\n';

describe("the article's file", () => {
  test("loads as it stands", async () => {
    const loaded = good(
      await loadText(`root = "."
tmp_dir = "tmp"
[build]
  cmd = "go build -o ./tmp/main ."
[proc]
  cmd = "./tmp/main"
[watch]
  include_files = [".go"]
  exclude_dirs = ["tmp", "vendor"]
`),
    );
    expect(loaded).toMatchObject({
      kind: "reload",
      warnings: [],
      notes: [],
      config: {
        root: ".",
        tmp_dir: "tmp",
        build: { cmd: "go build -o ./tmp/main .", on_fail: "keep" },
        proc: { cmd: "./tmp/main", args: [], stop_signal: "SIGTERM", stop_timeout: 5_000 },
        watch: { include_files: [".go"], exclude_dirs: ["tmp", "vendor"], debounce: "auto", max_wait: 2_000 },
        ready: { timeout: 30_000 },
      },
    });
  });
});

describe("values", () => {
  test.each<[string, string, unknown]>([
    ['"500ms"', "stop_timeout", 500],
    ['"2s"', "stop_timeout", 2_000],
    ['"1m30s"', "stop_timeout", 90_000],
    ['"1h"', "stop_timeout", 3_600_000],
    ['"1.5s"', "stop_timeout", 1_500],
    ["250", "stop_timeout", 250],
    ["0", "stop_timeout", 0],
    ['"0s"', "stop_timeout", 0],
    ['["a b", "$HOME"]', "cmd", ["a b", "$HOME"]],
    ['""', "cmd", undefined],
    ["[]", "cmd", undefined],
    ["false", "stdin", false],
    ['"auto"', "stdin", "auto"],
    ['{ PORT = 3000, DEBUG = true, A = "b" }', "env", { PORT: "3000", DEBUG: "true", A: "b" }],
    [
      '{ V = 1.10, "F" = 1.0, MODE = 0o755, BIG = 1_000, N = -0.0, E = +1e3, I = inf, "a.b" = 0x1F }',
      "env",
      { V: "1.10", F: "1.0", MODE: "0o755", BIG: "1_000", N: "-0.0", E: "+1e3", I: "inf", "a.b": "0x1F" },
    ],
  ])("%s is what it says", async (written, key, value) => {
    const loaded = good(await loadText(`[build]\ncmd = "b"\n[proc]\n${key} = ${written}\n`));
    expect(loaded.config.proc[key as keyof typeof loaded.config.proc]).toEqual(value);
  });

  test("numbers among variables are the texts that were written, wherever the name stands as well", async () => {
    using project = newProject({
      ".reload.toml": '[build]\ncmd = "b"\nenv.A = 1\n[proc]\ncmd = "p"\n[proc.env]\n# A = 2\nA = 1.0\nB = 7 # seven\n',
      ".reload.ci.toml": "[build.env]\nA = 0x1\n",
    });
    const { config } = good(await loadIn(project));
    expect([config.build.env, config.proc.env]).toEqual([{ A: "1" }, { A: "1.0", B: "7" }]);
    expect(good(await loadIn(project, { profile: "ci" })).config.build.env).toEqual({ A: "0x1" });
    const { effectives } = good(await loadIn(project));
    expect(effectives.get("proc.env")?.raw).toEqual({ A: "1.0", B: "7" });
  });

  test.each<[string, unknown]>([
    ["3000", { host: undefined, port: 3000 }],
    ['"3000"', { host: undefined, port: 3000 }],
    ['"localhost:80"', { host: "localhost", port: 80 }],
    ['"[::1]:80"', { host: "::1", port: 80 }],
    ['"auto"', "auto"],
  ])("[ready] tcp = %s is an address", async (written, address) => {
    expect(good(await loadText(`${run}env = { PORT = "1" }\n[ready]\ntcp = ${written}\n`)).config.ready.tcp).toEqual(
      address,
    );
  });

  test.each([
    ["lies in tmp_dir", `${run}cwd = "tmp/app"\n`],
    ["a build may make", `${run}cwd = "dist"\n[build]\ncmd = "make"\n`],
    ["nothing runs in", `[build]\ncmd = "make"\n[proc]\ncwd = "dist"\n`],
  ])("[proc] cwd need not exist where it %s", async (_, written) => {
    expect(await loadText(written)).toMatchObject({ ok: true });
  });

  test("every key can be set from a variable and a flag, and every variable belongs to one key", () => {
    const variables = [...allKeys().keys()].map(variableOf);
    expect(new Set(variables).size).toBe(variables.length);
  });
});

describe("a later layer wins, and zero, false, an empty text and an empty list are values:", () => {
  const file = `clean_on_exit = true
[watch]
debounce = "1s"
gitignore = false
include_files = [".go"]
[build]
cmd = "make"
[proc]
cmd = "x"
stop_timeout = "9s"
args = ["file"]
`;
  const profile = `[watch]\ndebounce = 0\ninclude_files = []\n[build]\ncmd = ""\n`;
  const load = async (
    given: Given,
  ): Promise<{ values: Record<string, unknown>; origins: Record<string, readonly string[]> }> => {
    using project = newProject({ ".reload.toml": file, ".reload.dev.toml": profile });
    const loaded = good(await loadIn(project, given));
    return {
      values: Object.fromEntries([...loaded.effectives].map(([name, { value }]) => [name, value])),
      origins: Object.fromEntries(await originsOf(loaded)),
    };
  };

  test("the file over the defaults", async () => {
    const { values, origins } = await load({});
    expect(values).toMatchObject({ "watch.debounce": 1_000, "watch.gitignore": false, "proc.sweep": true });
    expect(origins).toMatchObject({
      "watch.debounce": [".reload.toml:3"],
      "proc.stop_timeout": [".reload.toml:10"],
      "proc.sweep": ["default"],
    });
  });

  test.each<[string, Given]>([
    ["of a flag", { profile: "dev" }],
    ["of a variable", { env: { RELOAD_PROFILE: "dev" } }],
  ])("the profile %s over the file", async (_, given) => {
    const { values, origins } = await load(given);
    expect(values).toMatchObject({
      "watch.debounce": 0,
      "watch.include_files": [],
      "build.cmd": undefined,
      "proc.cmd": "x",
    });
    expect(origins).toMatchObject({
      "watch.debounce": [".reload.dev.toml:2"],
      "build.cmd": [".reload.dev.toml:5"],
      "proc.cmd": [".reload.toml:9"],
    });
  });

  test("variables over the profile, flags over variables", async () => {
    const { values, origins } = await load({
      profile: "dev",
      env: {
        RELOAD_WATCH_DEBOUNCE: "7ms",
        RELOAD_PROC_ARGS: "[]",
        RELOAD_CLEAN_ON_EXIT: "false",
        RELOAD_PROC_STOP_TIMEOUT: "0",
      },
      flags: [flag("watch.debounce", "5"), flag("watch.gitignore", "true")],
    });
    expect(values).toMatchObject({
      "watch.debounce": 5,
      "watch.gitignore": true,
      "proc.args": [],
      clean_on_exit: false,
      "proc.stop_timeout": 0,
    });
    expect(origins).toMatchObject({
      "watch.debounce": ["--watch.debounce"],
      "proc.args": ["RELOAD_PROC_ARGS"],
      clean_on_exit: ["RELOAD_CLEAN_ON_EXIT"],
    });
  });

  test("COMMAND takes the place of the command and its arguments", async () => {
    const { values, origins } = await load({ command: ["echo", "a b"], flags: [flag("proc.cmd", "y")] });
    expect(values).toMatchObject({ "proc.cmd": ["echo", "a b"], "proc.args": [], "build.cmd": "make" });
    expect(origins).toMatchObject({ "proc.cmd": ["COMMAND"], "build.cmd": [".reload.toml:7"] });
  });
});

describe("a value of a flag", () => {
  const flagged = async (name: string, ...texts: string[]): Promise<unknown> =>
    good(await loadText(run, { flags: texts.map((text) => flag(name, text)) })).effectives.get(name)?.value;

  test.each<[string, string, unknown]>([
    ["proc.cmd", "echo 'a b' | cat", "echo 'a b' | cat"],
    ["proc.cmd", '["echo", "a b"]', ["echo", "a b"]],
    ["proc.cmd", "true", "true"],
    ["proc.cmd", "7", "7"],
    ["watch.debounce", "auto", "auto"],
    ["watch.debounce", "2s", 2_000],
    ["watch.poll", "true", true],
    ["watch.poll", "300ms", 300],
    ["watch.exclude_dirs", "web dist", ["web dist"]],
    ["watch.exclude_dirs", '["a", "b"]', ["a", "b"]],
    ["watch.exclude_dirs", "", []],
    ["watch.exclude_dirs", "a\nb = 1", ["a\nb = 1"]],
  ])("%s %j is TOML if that is of the key's kind, else the text itself", async (name, text, value) => {
    expect(await flagged(name, text)).toEqual(value);
  });

  test("adds to the one before, where the key is a list", async () => {
    expect(await flagged("watch.include_dirs", "a", "b")).toEqual(["a", "b"]);
    const loaded = good(
      await loadText(`${run}[watch]\nexclude_files = ["a"]\n`, { flags: [flag("watch.exclude_files", "b", "add")] }),
    );
    expect(loaded.config.watch.exclude_files).toEqual(["a", "b"]);
    expect((await originsOf(loaded)).get("watch.exclude_files")).toEqual([".reload.toml:4", "--watch.exclude_files"]);
  });

  test("sets one variable and leaves the others", async () => {
    const loaded = good(
      await loadText(`${run}[proc.env]\nA = "1"\nB = "2"\n`, {
        flags: [
          { name: "proc.env", text: "B=x=y", spelled: "-E" },
          { name: "proc.env", text: "C=", spelled: "-E" },
        ],
      }),
    );
    expect(loaded.config.proc.env).toEqual({ A: "1", B: "x=y", C: "" });
  });

  test("that is a path is one from where the user stands", async () => {
    using project = newProject({ ".reload.toml": run, "sub/x": "", "m.mjs": "" });
    const loaded = good(
      await loadIn(project, {
        cwd: project.path("sub"),
        flags: [flag("watch.include_dirs", "x"), flag("watch.matcher", "../m.mjs")],
      }),
    );
    expect(loaded.root).toBe(project.directory);
    expect(loaded.config.watch).toMatchObject({ include_dirs: ["sub/x"], matcher: "m.mjs" });
  });

  test("that adds a path leaves those of the file where they are", async () => {
    using project = newProject({
      ".reload.toml": `env_files = ["f.env"]\n${run}`,
      "f.env": "A=1\n",
      "sub/g.env": "B=1\n",
    });
    const flags = [{ name: "env_files", text: "g.env", spelled: "--env-file", mode: "add" as const }];
    const { config, fileEnv } = good(await loadIn(project, { cwd: project.path("sub"), flags }));
    expect(config.env_files).toEqual(["f.env", "sub/g.env"]);
    expect(fileEnv).toEqual({ A: "1", B: "1" });
  });

  test("that is a path is one from where the user stands, also beside an air file with a root of its own", async () => {
    using project = newProject({ ".air.toml": 'root = "src"\n', "src/x": "", "other/x": "", "e.env": "A=1\n" });
    const loaded = good(
      await loadIn(project, {
        flags: [flag("watch.include_dirs", "src"), flag("proc.cwd", "other"), flag("env_files", '["e.env"]')],
      }),
    );
    expect(loaded.root).toBe(project.path("src"));
    expect(loaded.config.watch.include_dirs).toEqual(["."]);
    expect(resolve(loaded.commandDirectory, loaded.config.proc.cwd ?? "")).toBe(project.path("other"));
    expect(loaded.fileEnv).toEqual({ A: "1" });
  });
});

describe("the file is found", () => {
  test.each([".reload.toml", "reload.toml", ".config/reload.toml", ".air.toml", ".config/air.toml"])(
    "as %s",
    async (name) => {
      using project = newProject({ [name]: name.includes("air") ? "[build]\n" : run });
      const loaded = good(await loadIn(project));
      expect(loaded).toMatchObject({
        kind: name.includes("air") ? "air" : "reload",
        root: project.directory,
        directory: project.directory,
      });
      expect(loaded.file?.name).toBe(name);
    },
  );

  test("in the order of the names", async () => {
    using project = newProject({ "reload.toml": run, ".reload.toml": run, ".air.toml": "" });
    expect(good(await loadIn(project)).file?.name).toBe(".reload.toml");
  });

  test("above, up to the directory with .git, and it is said", async () => {
    using project = newProject({ ".reload.toml": `root = "src"\n${run}`, "a/b/x": "", "src/x": "" });
    const loaded = good(await loadIn(project, { cwd: project.path("a/b") }));
    expect(loaded.root).toBe(project.path("src"));
    expect(loaded.notes).toEqual(["using ../../.reload.toml"]);
    mkdirSync(project.path("a/.git"));
    expect(await loadIn(project, { cwd: project.path("a/b") })).toMatchObject({ ok: false });
  });

  test("never in the home directory or above it, and it is said", async () => {
    using project = newProject({ ".reload.toml": run, "home/.reload.toml": run, "home/p/x": "" });
    const given = (cwd: string): Given => ({ cwd: project.path(cwd), env: { HOME: project.path("home") } });
    expect(complaints(await loadIn(project, given("home")))).toMatch(
      /^\.reload\.toml: warning: not used: it lies in the home directory[\s\S]*reload -c \.reload\.toml reads it/,
    );
    expect(await loadIn(project, given("home/p"))).toMatchObject({ ok: false });
    expect(await loadIn(project, { ...given("home"), configFile: ".reload.toml" })).toMatchObject({ ok: true });
  });

  test.skipIf(process.geteuid?.() !== 0)("never in a directory of another user", async () => {
    using project = newProject({ ".reload.toml": run, "mine/x": "" });
    chownSync(project.directory, 12_345, 12_345);
    chmodSync(project.directory, 0o755);
    expect(await loadIn(project, { cwd: project.path("mine") })).toMatchObject({ ok: false });
    // root in a container, in a project that belongs to a user of the host.
    expect(await loadIn(project)).toMatchObject({ ok: true });
  });

  test("by -c, with patterns from its own directory, or the one above .config", async () => {
    using project = newProject({ "conf/dev.toml": run, "x/.config/reload.toml": run });
    expect(good(await loadIn(project, { configFile: "conf/dev.toml" })).root).toBe(project.path("conf"));
    expect(good(await loadIn(project, { configFile: "x/.config/reload.toml" })).root).toBe(project.path("x"));
  });

  test("by -c, with a profile of its own name", async () => {
    using project = newProject({ "conf/dev.toml": run, "conf/dev.ci.toml": "[log]\ntime = true\n" });
    const loaded = good(await loadIn(project, { configFile: "conf/dev.toml", profile: "ci" }));
    expect(loaded.config.log.time).toBe(true);
    expect(loaded.files).toContain(project.path("conf/.reload.ci.toml"));
  });
});

describe("COMMAND without a file", () => {
  test("needs none, builds nothing and watches everything", async () => {
    using project = newProject({ "go.mod": "module x\n" });
    const loaded = good(await loadIn(project, { command: ["./server", "--x"] }));
    expect(loaded).toMatchObject({
      kind: "command",
      root: project.directory,
      restartPatterns: [],
      config: {
        build: { cmd: undefined },
        proc: { cmd: ["./server", "--x"] },
        watch: { include_files: [], include_dirs: ["."] },
      },
    });
  });

  test("may come as a flag", async () => {
    using project = newProject({ "go.mod": "module x\n" });
    expect(good(await loadIn(project, { flags: [flag("proc.cmd", "./server")] }))).toMatchObject({
      kind: "command",
      config: { build: { cmd: undefined } },
    });
  });
});

test("a directory that is named to be watched and lies in tmp_dir is noted: nothing of it is ever seen", async () => {
  using project = newProject({ ".reload.toml": run, "tmp/made/x": "" });
  for (const path of ["tmp", "./tmp/made", project.path("tmp/made")])
    expect(good(await loadIn(project, { flags: [flag("watch.include_dirs", `[".", "${path}"]`)] })).notes).toEqual([
      expect.stringMatching(/^.*tmp\S* is not watched: it lies in tmp_dir/),
    ]);
  const flags = [flag("watch.include_dirs", '["tmp"]'), flag("tmp_dir", "made")];
  expect(good(await loadIn(project, { flags })).notes).toEqual([]);
});

describe("env_files", () => {
  test("give their variables, a later file wins, and a missing one is noted and waited for", async () => {
    using project = newProject({
      ".reload.toml": `env_files = [".env", ".env.local", ".env.gone"]\n${run}`,
      ".env": "# comment\nA=1\nB=\"two words\"\nexport C='it #is'\nD=x # comment\nE=\n",
      ".env.local": "A=2\n",
    });
    const loaded = good(await loadIn(project));
    expect(loaded.fileEnv).toEqual({ A: "2", B: "two words", C: "it #is", D: "x", E: "" });
    expect(loaded.notes).toEqual(["env file .env.gone does not exist yet"]);
    expect(loaded.files).toContain(project.path(".env.gone"));
    expect(loaded.envFiles).toEqual([".env", ".env.local", ".env.gone"].map(project.path));
  });

  test("that cannot be read are a warning", async () => {
    using project = newProject({ ".reload.toml": `env_files = ["sub"]\n${run}`, "sub/x": "" });
    expect(good(await loadIn(project)).warnings).toMatchObject([{ origin: "sub", message: "is a directory" }]);
  });
});

test("the home directory of the tests is nowhere", () => {
  expect(nowhere.HOME).not.toBe(process.env["HOME"]);
});
