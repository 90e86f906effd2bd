/** Several programs in one `reload`: who is restarted by what, in which order, and how it is told. */
import { describe, expect, test } from "vitest";
import { app, type Entry, entries, starts } from "../rig/log.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

/** A service that writes into a log of its own, and watches its directory. */
const logging = (name: string, more = "", top = ""): string => `[service.${name}]
root = "${name}"
${top}
[service.${name}.proc]
cmd = ${JSON.stringify(["node", app])}
env = { LOG = "../${name}.log" }
${more}
`;

const directories = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}/a.js`, "1"]));

const startsOf = (project: Project, name: string): Entry[] => starts(project, `${name}.log`);

/** By service: how often it has been started. */
const counts = (project: Project, ...names: readonly string[]): number[] =>
  names.map((name) => startsOf(project, name).length);

async function begun(project: Project, args: readonly string[] = []) {
  const program = reload(["--verbose", ...args], { cwd: project.directory });
  await program.says(/watching \d/);
  return program;
}

/** Everything is served; a program that was started may take a while until it says so. */
async function served(project: Project, names: readonly string[], expected: readonly number[]): Promise<number[]> {
  expect((await settled(project)).code).toBe(0);
  const isThere = (): boolean => counts(project, ...names).every((count, at) => count >= (expected[at] ?? 0));
  await until(`${names.join(", ")}: ${expected.join(", ")} starts`, isThere, () =>
    counts(project, ...names).join(", "),
  );
  return counts(project, ...names);
}

const settled = (project: Project, ...names: readonly string[]) => ask(project.directory, "wait", ...names);

test("what is after a service is not stopped for a change of both before that one serves, wherever it stands in the file", async () => {
  using project = newProject({
    ".reload.toml": `[watch]
include_dirs = ["../lib"]
${logging("web", "", 'after = ["api"]')}
[service.api]
root = "api"
[service.api.proc]
cmd = ${JSON.stringify(`! grep -q BAD ../lib/a.js && echo is up && exec node "${app}"`)}
env = { LOG = "../api.log" }
[service.api.ready]
log = "is up"
`,
    ...directories("web", "api", "lib"),
  });
  await using _ = await begun(project);
  expect(await served(project, ["web", "api"], [1, 1])).toEqual([1, 1]);
  const [web] = startsOf(project, "web");
  project.write("lib/a.js", "BAD");
  expect((await settled(project, "api")).code).not.toBe(0);
  expect(isAlive(web?.pid ?? 0)).toBe(true);
  project.write("lib/a.js", "good again");
  expect(await served(project, ["web", "api"], [2, 2])).toEqual([2, 2]);
});

describe("a change", () => {
  test("restarts the services whose files it touches, and no other; what they share is built once", async () => {
    using project = newProject({
      ".reload.toml": `[build]
cmd = "echo built >> builds"
[watch]
include_dirs = [".", "../lib"]
${logging("api")}${logging("web")}${logging("jobs", '[service.jobs.watch]\ninclude_dirs = ["."]')}`,
      ...directories("api", "web", "jobs", "lib", "other"),
    });
    await using _ = await begun(project);
    expect(await served(project, ["api", "web", "jobs"], [1, 1, 1])).toEqual([1, 1, 1]);
    expect(project.read("builds")).toBe("built\n");
    project.write("lib/a.js", "2");
    expect(await served(project, ["api", "web", "jobs"], [2, 2, 1])).toEqual([2, 2, 1]);
    expect(project.read("builds")).toBe("built\nbuilt\n");
    project.write("jobs/a.js", "2");
    expect(await served(project, ["api", "web", "jobs"], [2, 2, 2])).toEqual([2, 2, 2]);
    project.write("other/a.js", "2");
    expect(await served(project, ["api", "web", "jobs"], [2, 2, 2])).toEqual([2, 2, 2]);
    expect(isAlive(startsOf(project, "api")[1]?.pid ?? 0)).toBe(true);
  });

  test("of what nothing is watched for restarts nothing", async () => {
    using project = newProject({
      ".reload.toml": `${logging("db", "", "watch = false")}${logging("api")}`,
      ...directories("db", "api"),
    });
    await using _ = await begun(project);
    await served(project, ["db", "api"], [1, 1]);
    project.write("db/a.js", "2");
    project.write("api/a.js", "2");
    expect(await served(project, ["db", "api"], [1, 2])).toEqual([1, 2]);
  });

  test("does not start a service that was stopped by name; start does", async () => {
    using project = newProject({
      ".reload.toml": `${logging("api")}${logging("web")}`,
      ...directories("api", "web"),
    });
    await using _ = await begun(project);
    await served(project, ["api", "web"], [1, 1]);
    expect((await ask(project.directory, "stop", "api")).code).toBe(0);
    expect(isAlive(startsOf(project, "api")[0]?.pid ?? 0)).toBe(false);
    project.write("api/a.js", "2");
    expect(await served(project, ["api", "web"], [1, 1])).toEqual([1, 1]);
    expect((await ask(project.directory, "status")).stdout).toMatch(/api +stopped/);
    expect((await ask(project.directory, "start", "api")).code).toBe(0);
    expect(await served(project, ["api", "web"], [2, 1])).toEqual([2, 1]);
  });

  test("of a file that a rule of the top speaks of runs the rule once, for all whom it concerns", async () => {
    using project = newProject({
      ".reload.toml": `[[rule]]
match = "proto/*.proto"
run = "echo generated >> generated"
${logging("api")}${logging("web")}`,
      "proto/a.proto": "1",
      ...directories("api", "web"),
    });
    await using _ = await begun(project);
    expect((await settled(project)).code).toBe(0);
    await served(project, ["api", "web"], [1, 1]);
    project.write("proto/a.proto", "2");
    expect((await settled(project)).code).toBe(0);
    expect(project.read("generated")).toBe("generated\ngenerated\n");
    expect(await served(project, ["api", "web"], [2, 2])).toEqual([2, 2]);
    project.write("web/a.js", "2");
    expect(await served(project, ["api", "web"], [2, 3])).toEqual([2, 3]);
  });
});

describe("after", () => {
  test("waits for a launcher that ends with 0, and for a service whose build is under way", async () => {
    using project = newProject({
      ".reload.toml": `[service.migrate.proc]
cmd = "echo migrated >> ../order || echo migrated >> order"
[service.migrate.watch]
include_dirs = ["none"]
[service.api]
root = "api"
after = ["migrate"]
[service.api.build]
cmd = "while ! [ -e ../go ]; do sleep 0.02; done; echo built >> ../order"
[service.api.proc]
cmd = ${JSON.stringify(["node", app])}
env = { LOG = "../api.log" }
${logging("web", "", 'after = ["api"]')}`,
      ...directories("api", "web", "none"),
    });
    await using program = await begun(project);
    await program.says(/migrate ○ run 1 ended with code 0/);
    expect(counts(project, "api", "web")).toEqual([0, 0]);
    project.write("go", "");
    expect(await served(project, ["api", "web"], [1, 1])).toEqual([1, 1]);
    expect(startsOf(project, "web")[0]?.at).toBeGreaterThan(startsOf(project, "api")[0]?.at ?? 0);
  });

  test("one that has failed is said and waited for, and a later success starts those who wait; one that fails later stops nobody", async () => {
    using project = newProject({
      ".reload.toml": `[service.db]
root = "db"
[service.db.proc]
cmd = "sh ./db.sh"
${logging("api", "", 'after = ["db"]')}`,
      "db/db.sh": "exit 7",
      ...directories("api"),
    });
    await using program = await begun(project);
    await program.says(/db +✖ .*ended with code 7/);
    await program.says(/api ▲ waits for db, which failed/);
    expect((await settled(project, "api")).stdout).toContain("waits for db, which failed");
    project.write("db/db.sh", "exec sleep 1000");
    expect(await served(project, ["api"], [1])).toEqual([1]);
    project.write("db/db.sh", "exit 8");
    await program.says(/db +✖ .*ended with code 8/);
    expect(isAlive(startsOf(project, "api")[0]?.pid ?? 0)).toBe(true);
  });

  test("at the end, whoever needs another is ended before that one", async () => {
    using project = newProject({
      ".reload.toml": `${logging("db")}${logging("api", 'stop_timeout = "10s"\n', 'after = ["db"]').replace("api.log", 'api.log", TRAP = "300')}`,
      ...directories("db", "api"),
    });
    await using program = await begun(project);
    expect((await settled(project)).code).toBe(0);
    expect((await program.stop()).code).toBe(143);
    const end = entries(project, "api.log").find(({ is }) => is === "end");
    const asked = entries(project, "db.log").find(({ is }) => is === "asked");
    expect(asked?.at).toBeGreaterThan(end?.at ?? Number.POSITIVE_INFINITY);
  });
});

describe("a live edit", () => {
  test("touches the services whose keys changed; one that comes is started, one that goes is ended", async () => {
    const api = logging("api");
    const web = logging("web");
    using project = newProject({ ".reload.toml": api + web, ...directories("api", "web", "jobs") });
    await using _ = await begun(project);
    await served(project, ["api", "web"], [1, 1]);
    project.write(".reload.toml", api + web.replace("env = {", 'env = { X = "1",'));
    expect(await served(project, ["api", "web"], [1, 2])).toEqual([1, 2]);
    project.write(".reload.toml", api + web.replace("env = {", 'env = { X = "1",') + logging("jobs"));
    await until("jobs runs", async () => (await settled(project)).code === 0 && counts(project, "jobs")[0] === 1);
    expect(counts(project, "api", "web")).toEqual([1, 2]);
    project.write(".reload.toml", api + logging("jobs"));
    await until("web is gone", () => !isAlive(startsOf(project, "web")[1]?.pid ?? 0));
    project.write("jobs/a.js", "2");
    expect(await served(project, ["api", "web", "jobs"], [1, 2, 2])).toEqual([1, 2, 2]);
  });
});

describe("output", () => {
  const talking = (name: string, word: string): string => `[service.${name}.proc]
cmd = ["node", "-e", "for (let i = 0; i < 20000; i++) console.log('${word}'.repeat(20) + i); process.stdout.write('${word} no end'); setInterval(() => {}, 1000)"]
`;

  test("of two at full speed is whole lines, each with the name, none mixed, none lost, the last without its end as well", async () => {
    using project = newProject({ ".reload.toml": `${talking("api", "ab")}${talking("worker", "xyz")}` });
    await using program = await begun(project);
    await until("all was printed", () =>
      ["api    | ab no end", "worker | xyz no end"].every((line) => program.stdout.includes(line)),
    );
    const lines = program.stdout.split("\n").filter((line) => line !== "");
    const of = (name: string): string[] =>
      lines.filter((line) => line.startsWith(`${name} | `)).map((line) => line.slice(9));
    const expected = (word: string): string[] => [
      ...Array.from({ length: 20_000 }, (_, at) => word.repeat(20) + at),
      `${word} no end`,
    ];
    expect(of("api   ")).toEqual(expected("ab"));
    expect(of("worker")).toEqual(expected("xyz"));
    expect(lines).toHaveLength(40_002);
  });

  test("is not prefixed where one service runs", async () => {
    using project = newProject({ ".reload.toml": '[service.api.proc]\ncmd = "echo plain; exec sleep 1000"\n' });
    await using program = await begun(project);
    await until("it printed", () => program.stdout.includes("plain\n"), program.seen);
    expect(program.stdout).toBe("plain\n");
  });
});

describe("--only", () => {
  test("runs the services that are named, with those that they are after", async () => {
    using project = newProject({
      ".reload.toml": `${logging("db")}${logging("api", "", 'after = ["db"]')}${logging("web")}`,
      ...directories("db", "api", "web"),
    });
    await using _ = await begun(project, ["--only", "api"]);
    expect(await served(project, ["db", "api", "web"], [1, 1, 0])).toEqual([1, 1, 0]);
  });
});

describe("--once", () => {
  const ending = (name: string, command: string, top = ""): string =>
    `[service.${name}]\n${top}\n[service.${name}.proc]\ncmd = ${JSON.stringify(command)}\n`;

  test.each<[string, string, number]>([
    ["all that pass", `${ending("a", "exit 0")}${ending("b", "exec sleep 1000")}`, 0],
    ["one that ends with a code of its own", `${ending("a", "exit 7")}${ending("b", "exec sleep 1000")}`, 7],
    ["one that fails and is needed", `${ending("a", "exit 7")}${ending("b", "exit 0", 'after = ["a"]')}`, 3],
    ["a build that fails", `[build]\ncmd = "exit 9"\n${ending("a", "exit 0")}`, 1],
    ["one that does not exist", `${ending("a", "exec sleep 1000")}[service.b.proc]\ncmd = ["no-such-program"]\n`, 127],
  ])("%s: the code says so, and nothing is left", async (_, config, code) => {
    using project = newProject({ ".reload.toml": config });
    expect((await reloadOnce(["--once", "--for", "300ms"], { cwd: project.directory })).code).toBe(code);
  });
});

describe("for programs", () => {
  test("events say whose they are, and each finds the addresses of all who have one", async () => {
    using project = newProject({
      ".reload.toml": `[service.web-app]
[service.web-app.proc]
cmd = ["node", "server.js"]
[service.web-app.proxy]
target = "auto"
[service.jobs.proc]
cmd = "echo web is $RELOAD_URL_WEB_APP; exec sleep 1000"
`,
      "server.js": 'require("node:http").createServer((_, answer) => answer.end("hi")).listen(process.env.PORT)',
    });
    await using program = await begun(project, ["--json=events"]);
    expect((await settled(project)).code).toBe(0);
    const url = /jobs +\| web is (http:\S+)/.exec(program.stdout)?.[1] ?? "";
    expect(await (await fetch(url, { headers: { connection: "close" } })).text()).toBe("hi");
    const events: { event: string; service?: string }[] = project
      .read("events")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const ready = events.filter(({ event }) => event === "run-ready").map(({ service }) => service);
    expect(ready.sort()).toEqual(["jobs", "web-app"]);
    expect((await ask(project.directory, "url", "web-app")).stdout.trim()).toBe(url);
  });
});

describe("four services with directories in common and a build that all share", () => {
  test("are built and started as a model says, whatever is saved; who is not concerned keeps its process", async () => {
    const watched: Readonly<Record<string, readonly string[]>> = {
      api: ["api", "lib"],
      web: ["web", "lib", "assets"],
      jobs: ["jobs", "lib"],
      docs: ["docs", "assets"],
    };
    const names = Object.keys(watched);
    const watches = (name: string): string => {
      const all = (watched[name] ?? []).map((directory) => (directory === name ? "." : `../${directory}`));
      return `[service.${name}.watch]\ninclude_dirs = ${JSON.stringify(all)}\n`;
    };
    using project = newProject({
      ".reload.toml": `[build]\ncmd = "echo built >> builds"\n${names.map((name) => logging(name, watches(name))).join("")}`,
      ...directories("api", "web", "jobs", "docs", "lib", "assets", "none"),
    });
    await using _ = await begun(project);
    const expected = new Map(names.map((name) => [name, 1]));
    let builds = 1;
    const agree = async (): Promise<void> => {
      const all = names.map((name) => expected.get(name) ?? 0);
      expect(await served(project, names, all)).toEqual(all);
      expect(project.read("builds").trim().split("\n")).toHaveLength(builds);
    };
    await agree();
    const saves = ["lib", "api", "assets", "none", "docs", "lib", "web", "assets", "jobs", "none", "lib", "docs"];
    for (const [at, directory] of saves.entries()) {
      if (at === 6) process.kill(startsOf(project, "api").at(-1)?.pid ?? 0, "SIGKILL");
      project.write(`${directory}/a.js`, `${at + 2}`);
      const concerned = names.filter((name) => watched[name]?.includes(directory));
      for (const name of concerned) expected.set(name, (expected.get(name) ?? 0) + 1);
      if (concerned.length > 0) builds += 1;
      if (at < 6 || directory === "lib") await agree();
      else
        await until(
          `save ${at}`,
          () => names.every((name) => counts(project, name)[0] === expected.get(name)),
          () => counts(project, ...names).join(", "),
        );
    }
    await agree();
    const logs = await ask(project.directory, "logs", "--build");
    expect(logs.code).toBe(0);
  });
});
