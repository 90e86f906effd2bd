import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { type ConfigCommand, type ConfigOutput, showConfig } from "../../src/commands/config.ts";
import { initConfig } from "../../src/commands/init.ts";
import { allKeys } from "../../src/config/keys/keys.ts";
import { judge } from "../../src/core/demand.ts";
import { palette } from "../../src/report/colour.ts";
import { treesOf } from "../../src/session/trees.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { flag, type Given, good, loadIn, nowhere } from "./loading.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Two streams, and what was written to them. */
function streams(): { stdout: ConfigOutput; stderr: ConfigOutput; said(code: number): Said } {
  const texts = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof texts): ConfigOutput => ({
    colors: palette(false),
    write(text) {
      texts[name] += text;
    },
  });
  return { stdout: stream("stdout"), stderr: stream("stderr"), said: (code) => ({ code, ...texts }) };
}

async function config(
  project: Project,
  given: Given = {},
  how: Partial<Pick<ConfigCommand, "json" | "quiet">> = {},
): Promise<Said> {
  const { stdout, stderr, said } = streams();
  const request = { cwd: project.directory, flags: [], ...given, env: { ...nowhere, ...given.env } };
  return said(await showConfig({ request, json: false, quiet: false, ...how, stdout, stderr }));
}

async function init(project: Project, given: { from?: string; force?: boolean } = {}): Promise<Said> {
  const { stdout, stderr, said } = streams();
  return said(await initConfig({ cwd: project.directory, env: nowhere, force: false, ...given, stdout, stderr }));
}

describe("reload config", () => {
  const files = {
    ".reload.toml": 'env_files = [".env"]\n[proc]\ncmd = "x"\n[proc.env]\nA = "1"\n',
    ".reload.dev.toml": '[proc.env]\nB = "2"\n',
    ".env": "SECRET=hunter2\nOTHER=x\n",
  };

  test("prints every value with its origin, as TOML that could be saved", async () => {
    using project = newProject(files);
    const { code, stdout, stderr } = await config(project, {
      profile: "dev",
      env: { RELOAD_WATCH_DEBOUNCE: "20ms" },
      flags: [flag("watch.gitignore", "false")],
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^debounce = "20ms" +# RELOAD_WATCH_DEBOUNCE$/m);
    expect(stdout).toMatch(/^gitignore = false +# --watch\.gitignore$/m);
    expect(stdout).toMatch(/^cmd = "x" +# \.reload\.toml:3$/m);
    expect(stdout).toMatch(/^env = \{ A = "1", B = "2" \} +# \.reload\.toml:4 \+ \.reload\.dev\.toml:1$/m);
    expect(stdout).toMatch(/^stop_signal = "SIGTERM" +# default$/m);
    expect(stdout).toMatch(/^# timeout: not set +# default$/m);
    expect(stdout).toContain("# variables from env_files: OTHER, SECRET");
    expect(stdout).not.toContain("hunter2");
    project.write("again/.reload.toml", stdout);
    project.write("again/.env", "");
    const again = good(await loadIn(project, { cwd: project.path("again") }));
    for (const { name } of allKeys().values()) expect(stdout).toContain(name.slice(name.indexOf(".") + 1));
    expect(again.config.proc.env).toEqual({ A: "1", B: "2" });
  });

  test("prints paths from the command line as they would stand in the file", async () => {
    using project = newProject({ ".reload.toml": '[proc]\ncmd = "x"\n', "in/sub/own/x": "" });
    const cwd = project.path("in/sub");
    const flags = [flag("root", ".."), flag("proc.cwd", "own"), flag("watch.include_dirs", "."), flag("tmp_dir", "t")];
    const { stdout } = await config(project, { cwd, flags });
    expect(stdout).toMatch(/^root = "in" +# --root$/m);
    const before = good(await loadIn(project, { cwd, flags }));
    project.write(".reload.toml", stdout);
    const after = good(await loadIn(project, { cwd }));
    expect(before.root).toBe(project.path("in"));
    expect([after.root, after.commandDirectory]).toEqual([before.root, before.commandDirectory]);
    expect(after.config).toEqual(before.config);
  });

  test("prints it for programs with --json", async () => {
    using project = newProject(files);
    const { code, stdout } = await config(project, {}, { json: true });
    expect(code).toBe(0);
    expect(stdout).not.toContain("hunter2");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      kind: "reload",
      file: project.path(".reload.toml"),
      keys: {
        "proc.cmd": { value: "x", origins: [".reload.toml:3"] },
        "build.cmd": { value: null, origins: ["default"] },
      },
      envFileVariables: ["OTHER", "SECRET"],
      warnings: [],
    });
  });

  test("says nothing with -q when nothing is wrong, and ends with 2 when something is", async () => {
    using project = newProject(files);
    expect(await config(project, {}, { quiet: true })).toEqual({ code: 0, stdout: "", stderr: "" });
    project.write(".reload.toml", "[bild]\n");
    expect(await config(project, {}, { quiet: true })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(".reload.toml:1:2: unknown table [bild]"),
    });
    const json = await config(project, {}, { quiet: true, json: true });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      problems: [{ file: ".reload.toml", line: 1, column: 2, hint: "did you mean [build]?" }],
    });
  });

  test("shows what a file of air's became, with its warnings", async () => {
    using project = newProject({ ".air.toml": "[build]\ndelay = 0\nbind = 1\n" });
    const { code, stdout, stderr } = await config(project);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^debounce = "0s" +# \.air\.toml:2$/m);
    expect(stderr).toMatch(/^\.air\.toml:3:1: warning: air has no key build\.bind/);
  });

  test("shows what was detected", async () => {
    using project = newProject({ "app.py": "" });
    expect((await config(project)).stdout).toMatch(/^cmd = \["python3?", "app\.py"\] +# a Python project$/m);
  });
});

describe("reload init", () => {
  const projects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    Go: {
      "go.mod": "module example.com/api\n\ngo 1.21\n",
      "main.go": "package main\n\nfunc main() {}\n",
      ".env": "A=1\n",
    },
    Node: { "package.json": '{ "scripts": { "start": "node server.js" } }', "server.js": "" },
    TypeScript: { "package.json": '{ "scripts": { "dev": "tsx watch a.ts", "start": "tsx a.ts" } }', "a.ts": "" },
    Python: { "app.py": "" },
    Rust: { "Cargo.toml": '[package]\nname = "api"\n', "src/main.rs": "" },
    Deno: { "deno.json": "{}", "main.ts": "" },
    "no project at all": {},
  };

  test.each(Object.keys(projects))("writes a commented file of at most 40 lines that loads, for %s", async (name) => {
    using project = newProject(projects[name]);
    const before = await loadIn(project);
    const { code, stdout, stderr } = await init(project);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^wrote \.reload\.toml\n/);
    const text = project.read(".reload.toml");
    expect(text).toMatch(/^#:schema \S+schema\.json\n# /);
    expect(text.split("\n").length).toBeLessThanOrEqual(41);
    expect(text.match(/^# [A-Z]/gm)?.length).toBeGreaterThan(8);
    const after = good(await loadIn(project));
    expect(after.kind).toBe("reload");
    if (!before.ok) return;
    // It does what was detected, and says so in a file.
    for (const key of ["build.cmd", "proc.cmd", "env_files", "watch.exclude_dirs"])
      expect(after.effectives.get(key)?.raw).toEqual(before.effectives.get(key)?.raw);
    const files = before.config.watch.include_files;
    expect(after.config.watch.include_files).toEqual([...files, ".env", ".env.local"]);
  });

  test("goes on watching the env files that the program reads by itself", async () => {
    using project = newProject({ "app.py": "", ".env.test": "", ".env.example": "", ".gitignore": ".env*\n" });
    await init(project);
    const loaded = good(await loadIn(project));
    expect(loaded.config.watch.include_files.slice(-3)).toEqual([".env", ".env.local", ".env.test"]);
    const { options } = await treesOf(loaded, () => undefined);
    const verdict = (path: string): unknown =>
      judge({ path, kind: "changed" }, options.trees[0]?.views[0]?.matchers ?? [])?.verdict;
    expect([".env", ".env.test", ".env.example"].map(verdict)).toEqual(["rebuild", "rebuild", "ignore"]);
  });

  test("writes a service for each where several programs are meant, and nothing where what is there watches by itself", async () => {
    const main = "package main\nfunc main() {}\n";
    using several = newProject({ "go.mod": "module m\n", "cmd/a/main.go": main, "cmd/b/main.go": main });
    expect(await init(several)).toMatchObject({ code: 0, stdout: "wrote .reload.toml\na\nb\nstart with: reload\n" });
    expect(several.read(".reload.toml")).toContain(
      '[service.b.build]\ncmd = "go build -ldflags=-w -o ./tmp/b ./cmd/b"',
    );
    using project = newProject({ "package.json": '{"scripts":{"dev":"vite"}}' });
    const { code, stdout, stderr } = await init(project);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('script "dev" starts vite, which watches');
    expect(project.has(".reload.toml")).toBe(false);
  });

  test.each([
    ["package.json", "{", "package.json is not valid JSON"],
    ["Cargo.toml", "[package", "Cargo.toml is not valid TOML"],
    ["go.mod", "module m\n", "go.mod is here, but no main package"],
  ])("says why a %s is not enough", async (name, content, reason) => {
    using project = newProject({ [name]: content });
    const { code, stdout } = await init(project);
    expect(code).toBe(0);
    expect(stdout).toContain(reason);
    expect(stdout).toContain("put your command into [proc] cmd");
  });

  test("offers what can be switched on by taking a # away", async () => {
    using project = newProject(projects["Go"]);
    await init(project);
    const text = project.read(".reload.toml");
    const active = text.replaceAll(/^# (?=\[?\w+\]?(?: = .*)?$)/gm, "");
    expect(active).not.toBe(text);
    project.write(".reload.toml", active);
    expect(good(await loadIn(project)).config.ready.http).toBe("http://localhost:8080/health");
    expect(good(await loadIn(project)).config.env_files).toEqual([".env"]);
  });

  test("names the schema of an installed reload", async () => {
    using project = newProject({ "app.py": "", "node_modules/reload-dev/schema.json": "{}" });
    await init(project);
    expect(project.read(".reload.toml")).toMatch(/^#:schema \.\/node_modules\/reload-dev\/schema\.json\n/);
  });

  test("does not write over a file, but with --force", async () => {
    using project = newProject({ ".reload.toml": "mine\n", "app.py": "" });
    const refused = await init(project);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^\.reload\.toml: exists already\n.*--force/),
    });
    expect(project.read(".reload.toml")).toBe("mine\n");
    expect((await init(project, { force: true })).code).toBe(0);
    expect(project.read(".reload.toml")).toContain("app.py");
  });

  test("does not hide a reload.toml", async () => {
    using project = newProject({ "reload.toml": "", "app.py": "" });
    expect(await init(project, { force: true })).toMatchObject({
      code: 2,
      stderr: "reload.toml: exists already\n",
    });
  });
});

describe("reload init --from an .air.toml", () => {
  const air = `root = "web"
tmp_dir = ".air"
[build]
cmd = "make"
bin = "./web/server"
args_bin = ["$PORT"]
exclude_dir = ["dist"]
include_ext = ["go"]
include_file = ["conf.yaml"]
send_interrupt = true
kill_delay = 500
rerun_delay = 9
pre_cmd = ["echo"]
post_cmd = ["rm -f x", "echo bye"]
bind = "x"
[log]
main_only = true
[color]
main = "red"
`;

  test("means the same, and lists what had no counterpart", async () => {
    using project = newProject({ ".air.toml": air, "web/x": "" });
    const { code, stdout, stderr } = await init(project, { from: ".air.toml" });
    expect([code, stderr]).toEqual([0, ""]);
    const loaded = good(await loadIn(project));
    expect(loaded).toMatchObject({ kind: "reload", root: project.directory });
    expect(loaded.config).toMatchObject({
      tmp_dir: "web/.air",
      build: { cmd: "make" },
      hooks: { before_build: ["echo"], at_end: ["rm -f x", "echo bye"] },
      proc: { cmd: "./web/server $PORT", stop_signal: "SIGINT", stop_timeout: 500 },
      watch: {
        include_dirs: ["web"],
        include_files: [".go", "/web/conf.yaml"],
        exclude_dirs: ["/web/dist", "/web/testdata", ".*"],
        gitignore: false,
        ignore_unchanged: false,
      },
    });
    for (const lost of [
      "build.rerun_delay = 9",
      "log.main_only = true",
      "build.bind",
      'add "|| true" where it may fail',
    ]) {
      expect(stdout).toContain(lost);
      expect(project.read(".reload.toml")).toContain(lost);
    }
    expect(stdout).not.toContain("color");
  });

  test("lists what is written in capitals as well", async () => {
    using project = newProject({ ".air.toml": "[LOG]\nMAIN_ONLY = true\n[BUILD]\nRERUN_DELAY = 9\n" });
    const { stdout } = await init(project, { from: ".air.toml" });
    expect(stdout).toContain("log.main_only = true");
    expect(stdout).toContain("build.rerun_delay = 9");
  });

  test.each([
    ["^skip/", ["backend/skip/a.go"], ["backend/a/skip/b.go", "backend/a.go"]],
    ["end", ["backend/end.go"], ["backend/a.go"]],
    ["_test\\.go$", ["backend/a_test.go", "backend/x/a_test.go"], ["backend/a.go"]],
    ["^a/|^b/|c/$|d\\^", ["backend/a/x.go", "backend/b/x.go", "backend/d^.go"], ["backend/x/a/b.go"]],
    ["^x[^^|]y", ["backend/xay.go"], ["backend/x^y.go", "backend/x|y.go"]],
  ])("takes the way to root into the regular expression %j", async (regex, excluded, watched) => {
    using project = newProject({
      ".air.toml": `root = "backend"\n[build]\nexclude_regex = [${JSON.stringify(regex)}]\n`,
      "backend/x": "",
    });
    expect((await init(project, { from: ".air.toml" })).code).toBe(0);
    const { options } = await treesOf(good(await loadIn(project)), () => {});
    const isWatched = (path: string): boolean =>
      options.trees.some(({ views }) =>
        views.some(({ matchers }) => judge({ path, kind: "changed" }, matchers)?.verdict === "rebuild"),
      );
    expect([...excluded, ...watched].filter(isWatched)).toEqual(watched);
  });

  test("shows where it is wrong, and writes nothing", async () => {
    using project = newProject({ ".air.toml": '[build]\ndelay = "x"\n', "b.toml": "[build\n", "c.toml": "[proc]\n" });
    expect(await init(project, { from: ".air.toml" })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^\.air\.toml:2:9: build\.delay/),
    });
    expect(await init(project, { from: "b.toml" })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^b\.toml:1:\d+: not valid TOML/),
    });
    expect(await init(project, { from: "c.toml" })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^c\.toml: not a configuration of air/),
    });
    project.write("d.toml", 'root = "src"\n[build]\nbin = "x"\n');
    expect(await init(project, { from: "d.toml" })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^d\.toml:1:8: root: "src" does not exist/),
    });
    expect(await init(project, { from: "gone.toml" })).toMatchObject({ code: 2, stderr: "gone.toml: no such file\n" });
    expect(project.has(".reload.toml")).toBe(false);
  });
});

describe("reload init --from nodemon's configuration", () => {
  const nodemon = {
    watch: ["src", "config/"],
    ext: "ts,json",
    ignore: ["src/**/*.spec.ts", "dist", "tmp/*"],
    exec: "ts-node ./src/index.ts",
    delay: 2500,
    env: { NODE_ENV: "development", PORT: 3000 },
    signal: "SIGHUP",
    verbose: true,
    legacyWatch: true,
    pollingInterval: 200,
    events: { restart: "osascript …" },
    execMap: { py: "python3" },
    runOnChangeOnly: true,
    restartable: "rs",
    colours: true,
  };

  test("means the same, and lists what had no counterpart", async () => {
    using project = newProject({ "nodemon.json": JSON.stringify(nodemon), "dist/x": "" });
    const { code, stdout, stderr } = await init(project, { from: "nodemon.json" });
    expect([code, stderr]).toEqual([0, ""]);
    expect(good(await loadIn(project)).config).toMatchObject({
      proc: { cmd: "ts-node ./src/index.ts", env: { NODE_ENV: "development", PORT: "3000" }, stop_signal: "SIGHUP" },
      watch: {
        include_dirs: ["src", "config"],
        include_files: [".ts", ".json"],
        exclude_dirs: ["/dist", "tmp"],
        exclude_files: ["src/**/*.spec.ts", "tmp/*"],
        debounce: 2_500,
        poll: 200,
      },
      log: { level: "debug" },
    });
    expect(stdout).toMatch(
      /without a counterpart:\n {2}events = [\s\S]*\n {2}runOnChangeOnly = true: no counterpart; reload --postpone/,
    );
    expect(stdout).not.toContain("colours");
  });

  test.each([
    [
      ["src", "lib", "*.json"],
      ["src/a.ts", "src/deep/a.ts", "lib/a.ts", "top.json", "other/b.json"],
      ["a.ts", "src/a.md", "other/a.ts"],
    ],
    [
      ["src", "lib/"],
      ["src/a.ts", "lib/deep/a.ts"],
      ["a.ts", "other/a.ts"],
    ],
    [
      ["src", "src/one.yaml"],
      ["src/a.ts", "src/one.yaml"],
      ["src/two.yaml", "a.ts"],
    ],
    [["src", "."], ["src/a.ts", "other/a.ts", "a.ts"], ["a.md"]],
    [
      ["*.json", "lib/**/*.sql"],
      ["a.json", "deep/a.json", "lib/x/a.sql"],
      ["a.ts", "lib/a.ts"],
    ],
    [["src", "src.json"], ["src/a.ts", "src.json"], ["deep/src.json"]],
  ])("watches what %j names, and nothing else", async (watch, watched, not) => {
    using project = newProject({
      "nodemon.json": JSON.stringify({ watch, ext: "ts", exec: "x" }),
      "src/one.yaml": "",
      "lib/x": "",
    });
    await init(project, { from: "nodemon.json" });
    const { options } = await treesOf(good(await loadIn(project)), () => {});
    const isWatched = (path: string): boolean =>
      options.trees.some(({ views }) =>
        views.some(({ matchers }) => judge({ path, kind: "changed" }, matchers)?.verdict === "rebuild"),
      );
    expect([...watched, ...not].filter(isWatched)).toEqual(watched);
  });

  test("lists what is of a wrong type, or cannot be reached", async () => {
    using project = newProject({
      "nodemon.json": JSON.stringify({
        watch: 3,
        ext: ["ts", 4],
        verbose: "yes",
        env: { A: null, B: ["x"], C: 1 },
        exec: "x",
      }),
      "far.json": JSON.stringify({ watch: ["src", "../far", "*.sql", "../*.json"], exec: "x" }),
    });
    const { code, stdout, stderr } = await init(project, { from: "nodemon.json" });
    expect([code, stderr]).toEqual([0, ""]);
    for (const lost of ["watch = 3: ", 'ext = ["ts", 4]: ', 'verbose = "yes": ', "env.A = null: ", 'env.B = ["x"]: '])
      expect(stdout).toContain(lost);
    expect(good(await loadIn(project)).config.proc.env).toEqual({ C: "1" });
    const far = await init(project, { from: "far.json", force: true });
    expect([far.code, far.stderr]).toEqual([0, ""]);
    expect(far.stdout).toContain('watch "../far": ');
    expect(far.stdout).toContain('watch "../*.json": ');
  });

  test("of a package.json runs its main with node", async () => {
    using project = newProject({
      "package.json": JSON.stringify({ main: "src/app.js", nodemonConfig: { delay: "1500", nodeArgs: ["--inspect"] } }),
    });
    await init(project, { from: "package.json" });
    expect(good(await loadIn(project)).config).toMatchObject({
      proc: { cmd: "node --inspect src/app.js" },
      watch: { debounce: 1_500, include_files: [".js", ".mjs", ".cjs", ".json"] },
    });
  });

  test.each<[Record<string, unknown>, object]>([
    [
      { exec: "npm run build && node dist/server.js" },
      { build: { cmd: "npm run build" }, proc: { cmd: "node dist/server.js" } },
    ],
    [
      { exec: "tsc && tsc-alias && node 'a && b.js'" },
      { build: { cmd: "tsc && tsc-alias" }, proc: { cmd: "node 'a && b.js'" } },
    ],
    [
      { exec: "npm run build && node dist/x.js", script: "other.js" },
      { build: { cmd: "npm run build" }, proc: { cmd: "node dist/x.js" } },
    ],
    [{ exec: "cd web && node server.js" }, { build: { cmd: undefined }, proc: { cmd: "cd web && node server.js" } }],
    [{ exec: "export A=1 && node x.js" }, { proc: { cmd: "export A=1 && node x.js" } }],
    [{ exec: "make; node x.js && echo" }, { proc: { cmd: "make; node x.js && echo" } }],
    [{ exec: "(a && b)" }, { proc: { cmd: "(a && b)" } }],
    [{ script: "app.ts", execMap: { ts: "tsx" } }, { proc: { cmd: "tsx app.ts" } }],
    [
      { script: "app.js", execMap: { js: "node --harmony {{filename}} x" } },
      { proc: { cmd: "node --harmony app.js x" } },
    ],
    [{ exec: "x", delay: "500" }, { watch: { debounce: 500 } }],
    [{ exec: "x", delay: "500ms" }, { watch: { debounce: 500 } }],
    [{ exec: "x", delay: "2.5s" }, { watch: { debounce: 2_500 } }],
  ])("%j runs what nodemon runs", async (config, meant) => {
    using project = newProject({ "nodemon.json": JSON.stringify(config), "web/x": "" });
    await init(project, { from: "nodemon.json" });
    expect(good(await loadIn(project)).config).toMatchObject(meant);
  });

  test.each(["server/*", "server/**", "server/**/*", "./server/*", "server/"])(
    "watch %s is all that is in the directory, with the endings that are watched",
    async (path) => {
      using project = newProject({
        "nodemon.json": JSON.stringify({ watch: [path], ext: "js", exec: "x" }),
        "server/x.js": "",
      });
      await init(project, { from: "nodemon.json" });
      expect(good(await loadIn(project)).config.watch).toMatchObject({
        include_dirs: ["server"],
        include_files: [".js"],
      });
    },
  );

  test("that is none says so", async () => {
    using project = newProject({ "package.json": "{}", "nodemon.json": "[1" });
    expect(await init(project, { from: "package.json" })).toMatchObject({
      code: 2,
      stderr: 'package.json: there is no "nodemonConfig" in it\n',
    });
    expect(await init(project, { from: "nodemon.json" })).toMatchObject({
      code: 2,
      stderr: "nodemon.json: not a JSON object\n",
    });
  });
});

test.skipIf(!needs("go"))("what init writes for Go builds and runs", async () => {
  using project = newProject({
    "go.mod": "module example.com/api\n\ngo 1.21\n",
    "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Print("it runs") }\n',
  });
  await init(project);
  const { build, proc } = parse(project.read(".reload.toml")) as { build: { cmd: string }; proc: { cmd: [string] } };
  const { execFileSync } = await import("node:child_process");
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" };
  execFileSync("sh", ["-c", build.cmd], { cwd: project.directory, env, stdio: "pipe" });
  expect(execFileSync(proc.cmd[0], { cwd: project.directory, encoding: "utf8" })).toBe("it runs");
});
