/** The package is replaced while it runs (`npm ci`, an upgrade): all of our own code that may still be needed is in memory. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { starts } from "../rig/log.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { builtProgram, isAlive, type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { appCommand } from "../rig/session.ts";
import { until } from "../rig/until.ts";

/** All of its files end where they begin, as while a package is written anew. */
function emptied(copy: string): void {
  for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".js")) writeFileSync(join(copy, name), "");
}

/** Started from a copy of the package, which is gone by the time this resolves. */
async function orphaned(
  project: Project,
  isUp = (): boolean => starts(project).length > 0,
  spoil = (copy: string): void => rmSync(copy, { recursive: true }),
): Promise<Reload> {
  const [node, cli = ""] = builtProgram;
  const copy = project.path("node_modules/reload-dev");
  cpSync(dirname(cli), join(copy, "dist"), { recursive: true });
  cpSync(join(dirname(cli), "../package.json"), join(copy, "package.json"));
  const program = reload(["--verbose"], {
    cwd: project.directory,
    env: { LOG: project.path("app.log"), READS: "a.txt" },
    program: [node, join(copy, "dist/cli.js")],
  });
  await Promise.all([until("the first start", isUp, program.seen), program.says(/watching \d/)]);
  spoil(copy);
  return program;
}

const watched = '[watch]\ninclude_files = [".txt"]\n';
const proc = `[proc]\ncmd = ${appCommand}\n`;

describe("when the package is gone", () => {
  test("saves, edits with mistakes, failing builds and the end are as before", async () => {
    const config = `env_files = [".env"]\nclean_on_exit = true\n${watched}[build]\ncmd = "[ ! -e fail ]"\n${proc}`;
    using project = newProject({ ".reload.toml": config, ".env": "ONE=1\n", "a.txt": "one" });
    await using program = await orphaned(project);
    const [first] = starts(project);
    const edit = async (text: string, answer: RegExp): Promise<void> => {
      const before = program.stderr.length;
      project.write(".reload.toml", text);
      await program.says(answer, before);
    };
    await edit("wrong = [\n", /\.reload\.toml:\d+:\d+: /);
    await edit(config, /configuration 1 again/);
    await edit(`${config}[prok]\ncmd = "x"\n[watch.debounce]\n`, /\.reload\.toml:\d+:\d+: /);
    await edit(config.replace(".txt", ".txt["), /✖ configuration not changed|configuration 2/);
    await edit(`${config}[ready]\nexec = 7\n`, /\.reload\.toml:\d+:\d+: .*ready\.exec/s);
    rmSync(project.path(".reload.toml"));
    await edit(config, /configuration/);
    expect(starts(project)).toHaveLength(1);
    expect(isAlive(first?.pid ?? 0)).toBe(true);
    project.write("fail", "");
    project.write("a.txt", "two");
    await program.says(/build failed .*run 1 stays/);
    rmSync(project.path("fail"));
    project.write("a.txt", "three");
    await until("the save is run", () => starts(project).at(-1)?.content === "three", program.seen);
    project.write(".env", "ONE=2\n");
    await program.says(/ONE.* → .*run 3|run 3/);
    // Asked by another one of the same version, it says what it is.
    const status = await reloadOnce(["status"], { cwd: project.directory });
    expect(status, program.seen()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^reload \d+\.\d+\.\d+ · pid \d+/),
    });
    expect((await program.stop()).code, program.seen()).toBe(143);
    expect(program.stderr).not.toMatch(/\n\s+at |Cannot find module/);
    expect(starts(project).filter(({ pid }) => isAlive(pid))).toEqual([]);
  });

  test("files of a schema are judged whose format nobody had by then", async () => {
    const rules = ["json", "yaml", "toml", "properties", "env"].map(
      (ending) => `[[rule]]\nmatch = "*.${ending}"\nschema = "s.schema"\n`,
    );
    const schema = '{ "type": "object", "properties": { "port": { "type": "integer" } } }';
    using project = newProject({
      ".reload.toml": `${watched}${proc}${rules.join("")}`,
      "s.schema": schema,
      "a.txt": "one",
    });
    await using program = await orphaned(project);
    const texts = {
      "x.json": '{ "port": "a" }',
      "x.yaml": "port: a\n",
      "x.toml": 'port = "a"\n',
      "x.properties": "port=a\n",
    };
    for (const [name, text] of Object.entries({ ...texts, "x.env": "port=a\n" })) {
      project.write(name, text);
      await program.says(new RegExp(`${name}:1:\\d+: .*integer|${name}:1:\\d+: .*number`));
    }
    expect(program.stderr).not.toContain("is missing");
  });

  test.runIf(needs("python3"))("Django's runserver is handed its socket as before", async () => {
    const manage =
      'import os, time\nopen("path.log", "a").write(f"{os.environ.get(\'PYTHONPATH\')}\\n")\nprint("up", flush=True)\ntime.sleep(1000)\n';
    const run = '[proc]\ncmd = "python3 manage.py runserver"\n[sockets]\nlisten = ["./own.sock"]\n';
    using project = newProject({ ".reload.toml": `${watched}${run}`, "manage.py": manage });
    await using program = await orphaned(project, () => project.read("path.log") !== "");
    project.write("a.txt", "two");
    // What hands it on takes itself off the path: where it is missing, the path stays.
    await until("the next start", () => project.read("path.log").split("\n").length > 2, program.seen);
    expect(project.read("path.log")).toBe("None\nNone\n");
  });

  test.each([
    ["gone", undefined],
    ["empty", emptied],
  ])("a part that was never in use and is %s is missing with a message, and what runs goes on", async (_, spoil) => {
    using project = newProject({ ".reload.toml": `${watched}${proc}`, "a.txt": "one" });
    await using program = await orphaned(project, undefined, spoil);
    project.write(".reload.toml", `${watched}[build]\ncmd = "true"\n${proc}`);
    await program.says(/build failed .*a part of reload itself is missing.*start it again.* · run 1 stays/);
    project.write(".reload.toml", `${watched}${proc}[proxy]\n`);
    await program.says(/a part of reload itself is missing[\s\S]*configuration not changed/);
    expect(isAlive(starts(project)[0]?.pid ?? 0)).toBe(true);
    project.write(".reload.toml", `${watched}${proc}warm = true\n`);
    await program.says(/configuration 3/);
    project.write(".reload.toml", `${watched}backend = "chokidar"\n${proc}`);
    await program.says(/configuration 4/);
    project.write("a.txt", "two");
    await until("the save is run", () => starts(project).at(-1)?.content === "two", program.seen);
    expect((await program.stop()).code).toBe(143);
  });
});

/** Every `import()` of our sources is loaded ahead, or it stands here, as it is called from `src`, with the reason why not. */
const notAhead: Readonly<Record<string, string>> = {
  "commands/run.ts": "it is what runs",
  "config/air/air.ts": "loaded with an air file; an edit makes no other file one",
  "adapters/lock/lock.ts": "taken before anything is started",
  "adapters/lock/registry.ts": "loaded before there is anybody to answer",
  "config/projects/scripts/shell.ts": "a part of unwrap.ts, which is loaded ahead",
  "config/projects/embeds.ts": "a part of detect.ts, which is loaded ahead",
  "config/projects/beside.ts": "loaded where nothing is started, or with the first look at the project",
  "session/line-file.ts": "opened before anything is started",
  "report/json/json.ts": "as --json says, before anything is started",
  "report/trace.ts": "as --trace says, before anything is started",
  "adapters/watch/watch.ts": "loaded before there is anything to watch",
  "session/proxy/proxied.ts": "loaded with a proxy; where one is added later and this is missing, a message says so",
  "session/proxy/places.ts": "loaded with a proxy; where one is added later and this is missing, a message says so",
  "session/warm/warm.ts": "loaded with warm = true; where it is added later and this is missing, a message says so",
  "session/warm/shape-here.ts": "an advice, which is not given where it is missing",
  "adapters/sockets/sockets.ts":
    "loaded with sockets; where some are added later and this is missing, a message says so",
  "adapters/sockets/handing.ts": "loaded with sockets, as above",
  "transpile/ask.ts": "loaded with the first build that the compiler that stays is asked for",
  commander: "the command line is read once",
  chokidar: "another source of hints, polled where it is missing",
  "main.ts": "the program itself",
  "report/narrow.ts": "help, which is printed at the start",
};

/** The command line is read once, other commands are programs of their own, and so is what has a live configuration. */
const ofOthers = ["commands/", "line/", "rules/"];

test("what is imported later is loaded ahead, or is known not to be needed", () => {
  const sources = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const importsOf = (name: string): string[] =>
    [...readFileSync(join(sources, name), "utf8").matchAll(/(?<!typeof )import\("([^"]+)"\)/g)].map(
      ([, name = ""]) => name,
    );
  const absolute = (file: string, name: string): string => (name.startsWith(".") ? join(dirname(file), name) : name);
  const ahead = new Set(importsOf("session/ahead.ts").map((name) => absolute("session/ahead.ts", name)));
  const forgotten = files
    .filter((file) => !ofOthers.some((folder) => file.startsWith(folder)))
    .flatMap((file) => importsOf(file).map((name) => absolute(file, name)))
    .filter((name) => !ofOthers.some((folder) => name.startsWith(folder)))
    .filter((name) => !ahead.has(name) && notAhead[name] === undefined);
  expect(ahead.size).toBeGreaterThan(5);
  expect(forgotten).toEqual([]);
});
