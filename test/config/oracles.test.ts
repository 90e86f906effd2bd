/** Files of air and of nodemon, held against the programs that they were written for: what they start is what `reload` starts. */
import { chmodSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { describe, expect, test } from "vitest";
import { realAir } from "../rig/air.ts";
import { newProject, type Project } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** What a program that was started saw, without what differs from project to project. */
interface Start {
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Writes what it sees and ends. Variables whose names begin with `T_` are seen. */
const probe = `#!/usr/bin/env node
const { appendFileSync } = require("node:fs");
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("T_")).sort());
const seen = { script: process.argv[1], args: process.argv.slice(2), cwd: process.cwd(), env };
appendFileSync(process.env.PROBE, JSON.stringify(seen) + "\\n");
`;

type Files = Readonly<Record<string, string>>;

/** A project in which \`probe\` can be run. */
function probed(files: Files): Project {
  const project = newProject({ probe, "main.go": "package main\n", ...files });
  chmodSync(project.path("probe"), 0o755);
  return project;
}

async function firstStart(
  project: Project,
  args: readonly string[],
  env: Files,
  program?: readonly [string, ...string[]],
): Promise<Start> {
  using outside = newProject();
  await using started = reload(args, {
    cwd: project.directory,
    env: { ...env, PROBE: outside.path("seen") },
    ...(program === undefined ? {} : { program }),
  });
  const line = await until("it starts", () => /^.*\n/.exec(outside.read("seen"))?.[0], started.seen);
  const { script, cwd, ...rest }: Start = JSON.parse(line);
  const within = (path: string): string => relative(project.directory, path);
  return { ...rest, script: within(script), cwd: within(cwd) };
}

// ── air ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const air = realAir();

/** `cmd` copies the program to where it is expected. */
const builds = (to: string): string => `cmd = 'mkdir -p "$(dirname "${to}")" && cp probe "${to}"'`;

const airFiles: readonly [name: string, file: string, more?: Files, env?: Files][] = [
  ["nothing but a build", `[build]\n${builds("tmp/main")}\n`],
  ["another bin", `[build]\n${builds("tmp/server")}\nbin = "./tmp/server"\n`],
  ["a bare name", `[build]\n${builds("server")}\nbin = "server"\n`],
  // It takes all of `bin` for a path. What words behind a program mean, as files of older versions have them, is in air-program.test.ts.
  ["a directory with a blank", `[build]\n${builds("my app/main")}\nbin = "./my app/main"\n`, { "my app/x": "" }],
  [
    "a program with a blank in its own name, which a script builds",
    `[build]\ncmd = "sh build.sh"\nbin = "./tmp/my server"\n`,
    { "build.sh": 'mkdir -p tmp; cp probe "tmp/my server"\n' },
  ],
  [
    "such a program in a directory with a blank",
    `[build]\ncmd = "sh build.sh"\nbin = "./my out/my server"\n`,
    { "build.sh": 'mkdir -p "my out"; cp probe "my out/my server"\n' },
  ],
  [
    "args_bin",
    `[build]\n${builds("tmp/main")}\nargs_bin = ["serve", "--name", "'a b'", "$T_OUT", "x;", ":"]\n`,
    {},
    { T_OUT: "o" },
  ],
  [
    "full_bin",
    `[build]\n${builds("tmp/main")}\nfull_bin = "T_A=1 T_B='two words' ./tmp/main full"\nargs_bin = ["more"]\n`,
  ],
  [
    "full_bin that changes the directory",
    `[build]\n${builds("tmp/main")}\nfull_bin = "cd sub && ../tmp/main"\n`,
    { "sub/x": "" },
  ],
  ["an entrypoint", `[build]\n${builds("tmp/main")}\nentrypoint = ["./tmp/main", "serve", "-v"]\n`],
  ["an entrypoint that is looked up", `[build]\ncmd = ":"\nentrypoint = ["node", "probe", "serve"]\n`],
  [
    "an entrypoint from root",
    `root = "web"\n[build]\n${builds("web/tmp/main")}\nentrypoint = ["./tmp/main"]\n`,
    { "web/x": "" },
  ],
  ["root", `root = "web"\n[build]\n${builds("tmp/main")}\n`, { "web/main.go": "" }],
  [
    "a table of the platform",
    `[build]\n${builds("tmp/main")}\nargs_bin = ["all"]\n[build.linux]\nargs_bin = ["linux"]\n`,
  ],
  [
    "env files",
    `env_files = [".env", "more.env"]\n[build]\n${builds("tmp/main")}\n`,
    {
      ".env": `T_HOST=db\nT_URL="pg://\${T_HOST}/x"\nT_OUT=file\nT_TWO=1\n`,
      "more.env": "export T_TWO=2\nT_Q='a # b' # c\n",
    },
    { T_OUT: "outer" },
  ],
];

describe.skipIf(air === undefined || process.platform !== "linux")("an air file starts what air starts:", () => {
  test.each(airFiles)("%s", async (_, file, files = {}, env = {}) => {
    using one = probed({ ".air.toml": file, ...files });
    using other = probed({ ".air.toml": file, ...files });
    const [theirs, ours] = await Promise.all([firstStart(one, [], env, [air ?? ""]), firstStart(other, [], env)]);
    expect(ours).toEqual(theirs);
  });
});

// ── nodemon ────────────────────────────────────────────────────────────────────────────────────────────────────────

const nodemon = createRequire(import.meta.url).resolve("nodemon/bin/nodemon.js");

/** The line of a script in the package.json, and what stands in nodemon.json. */
const nodemonLines: readonly [name: string, line: string, config?: unknown, more?: Files, env?: Files][] = [
  ["a script", "nodemon probe.js"],
  ["a script with words", "nodemon probe.js a 'b c' --x $T_OUT", {}, {}, { T_OUT: "o" }],
  ["arguments of Node", "nodemon --no-warnings probe.js a"],
  ["exec", "nodemon", { exec: "node probe.js one 'two words'" }],
  ["exec on the line", "nodemon --watch . --exec 'node probe.js x'"],
  ["exec beside a script, which is left out", "nodemon", { exec: "node probe.js one", script: "other.js" }],
  ["exec that builds", "nodemon", { exec: "echo > built && node probe.js $(ls built)" }],
  ["exec with a variable", "nodemon", { exec: "T_A=1 node probe.js $T_OUT" }, {}, { T_OUT: "o" }],
  ["execMap", "nodemon probe.foo", { execMap: { foo: "node" } }, { "probe.foo": probe }],
  [
    "execMap with the name in it",
    "nodemon probe.foo",
    { execMap: { foo: "node {{filename}} after" } },
    { "probe.foo": probe },
  ],
  ["variables", "nodemon probe.js", { env: { T_A: "1", T_OUT: "file" } }, {}, { T_OUT: "outer" }],
  ["a script in a directory", "nodemon sub/probe.js", { watch: ["sub"] }, { "sub/probe.js": probe }],
  ["a delay and endings", "nodemon -e js,json probe.js y", { delay: "500", ignore: ["x/*"] }],
];

describe.skipIf(process.platform === "win32")("a script that is nodemon's starts what nodemon starts:", () => {
  test.each(nodemonLines)("%s", async (_, line, config = {}, files = {}, env = {}) => {
    const all = {
      "probe.js": probe,
      "nodemon.json": JSON.stringify(config),
      "package.json": JSON.stringify({ scripts: { dev: line }, devDependencies: { nodemon: "3" } }),
      ...files,
    };
    using one = probed(all);
    using other = probed(all);
    const theirLine = `exec "${process.execPath}" "${nodemon}"${line.slice("nodemon".length)}`;
    const [theirs, ours] = await Promise.all([
      firstStart(one, [], env, ["sh", "-c", theirLine]),
      firstStart(other, [], env),
    ]);
    expect(ours).toEqual(theirs);
  });
});

describe("nodemon.json, taken over by init --from, starts what nodemon starts:", () => {
  test.each(nodemonLines.filter(([, line]) => line === "nodemon"))("%s", async (_, __, config, files, env = {}) => {
    const all = { "probe.js": probe, "nodemon.json": JSON.stringify(config), ...files };
    using one = probed(all);
    using other = probed(all);
    const taken = await reloadOnce(["init", "--from", "nodemon.json"], { cwd: other.directory });
    expect(taken.code, taken.stderr).toBe(0);
    const [theirs, ours] = await Promise.all([
      firstStart(one, [], env, [process.execPath, nodemon]),
      firstStart(other, [], env),
    ]);
    expect(ours).toEqual(theirs);
  });
});
