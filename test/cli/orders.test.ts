/** What is asked for by hand of a `reload` that runs: it is carried out, and its answer is about that. */
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { type Asked, ask } from "./asking.ts";

/** `asks` of a project that runs: one that can be talked to. */
async function running(files: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const project = newProject(files);
  const program = reload(args, { cwd: project.directory });
  const asks = (...words: readonly string[]): Promise<Asked> => ask(project.directory, ...words);
  await until("somebody to talk to", async () => (await asks("status")).code === 0, program.seen);
  return {
    ...project,
    asks,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

const watch = '[watch]\ninclude_files = ["*.txt"]\n';

test("restart while changes are collected acts, and tells what became of it; so does start, of what does not run", async () => {
  await using own = await running({
    ".reload.toml": `[build]\ncmd = "! grep -n BAD main.txt >&2"\n[proc]\ncmd = "exec sleep 1000"\n${watch}`,
    "main.txt": "1",
  });
  expect((await own.asks("wait")).stdout).toMatch(/^ready: run 1/);
  await own.asks("pause");
  own.write("main.txt", "2");
  expect(await own.asks("wait")).toMatchObject({ code: 3, stdout: "paused: reload resume goes on\n" });
  expect((await own.asks("restart")).stdout).toMatch(/^ready: run 2/);
  // It runs: there is nothing to start.
  expect((await own.asks("start")).stdout).toMatch(/^ready: run 2/);
  own.write("main.txt", "BAD");
  await own.asks("resume");
  expect((await own.asks("wait")).code).toBe(1);
  await own.asks("pause");
  const failed = await own.asks("restart");
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^failed: build .*\n1:BAD/);
  own.write("main.txt", "3");
  await own.asks("resume");
  expect((await own.asks("wait")).stdout).toMatch(/^ready: run 3/);
  expect((await own.asks("start")).stdout).toMatch(/^ready: run 3/);
});

test("of several services the answer as JSON has each; start leaves those alone that run", async () => {
  await using own = await running({
    ".reload.toml": `[service.api]
[service.api.build]
cmd = "! grep -n BAD api.txt >&2"
[service.api.proc]
cmd = "exec sleep 1000"
[service.api.watch]
include_files = ["api.txt"]
[service.jobs.proc]
cmd = "exec sleep 1000"
[service.jobs.watch]
include_files = ["jobs.txt"]
`,
    "api.txt": "1",
    "jobs.txt": "1",
  });
  const asJson = async (...words: readonly string[]): Promise<unknown> =>
    JSON.parse((await own.asks(...words, "--json")).stdout) as unknown;
  await own.asks("wait");
  own.write("jobs.txt", "2");
  expect(await asJson("wait")).toEqual({
    state: "ready",
    stage: null,
    run: 1,
    url: null,
    changes: ["jobs.txt"],
    errors: [],
    output: "",
    services: [
      { name: "api", state: "ready", run: 1, url: null, changes: [] },
      { name: "jobs", state: "ready", run: 2, url: null, changes: ["jobs.txt"] },
    ],
  });
  await own.asks("stop", "jobs");
  expect(await asJson("start")).toMatchObject({
    services: [
      { name: "api", run: 1 },
      { name: "jobs", state: "ready", run: 3 },
    ],
  });
  own.write("api.txt", "BAD");
  expect(await asJson("wait")).toMatchObject({
    state: "failed",
    stage: "build",
    services: [
      { name: "api", state: "failed", run: 1 },
      { name: "jobs", state: "ready", run: 3 },
    ],
  });
  expect(await asJson("wait", "jobs")).toMatchObject({ state: "ready", run: 3, services: [{ name: "jobs" }] });
});

test("rollback holds until the file changes again, also after an edit that was refused, and while changes are collected", async () => {
  const first = `[proc]\ncmd = "exec sleep 1000"\n${watch}`;
  await using own = await running({ ".reload.toml": first, "main.txt": "1" });
  await own.asks("wait");
  const inForce = async (): Promise<string | undefined> =>
    /^ *(\d+) .* in force/m.exec((await own.asks("versions")).stdout)?.[1];
  own.write(".reload.toml", `env_files = ["x.env"]\n${first}`);
  expect((await own.asks("wait")).stdout).toMatch(/^ready: run 2/);
  own.write(".reload.toml", `bogus = 1\n${first}`);
  expect((await own.asks("wait")).stdout).toContain(".reload.toml:1:1: unknown key bogus");
  expect((await own.asks("rollback", "1")).stdout).toMatch(/^ready: run 3/);
  expect(await inForce()).toBe("3");
  // What the file says now was refused, and somebody has answered that.
  expect((await own.asks("wait")).code).toBe(0);
  await own.asks("pause");
  expect((await own.asks("rollback", "2")).stdout).toMatch(/^ready: run 4/);
  await own.asks("resume");
  own.write(".reload.toml", `${first}env_files_ = 1\n`);
  expect((await own.asks("wait")).code).toBe(1);
  own.write(".reload.toml", first);
  expect((await own.asks("wait")).stdout).toMatch(/^ready: run 5/);
  for (const wrong of [["7"], ["x"], []]) expect((await own.asks("rollback", ...wrong)).code).toBe(2);
});

test("explain with options tells what the one that runs would do if it had been started with them as well", async () => {
  await using own = await running({ "main.c": "", "lib/a.c": "", "lib/a.h": "" }, ["-e", "c", "--", "sleep", "1000"]);
  expect((await own.asks("explain", "lib/a.c")).stdout).toMatch(/^lib\/a\.c: restarts: \.c /);
  expect((await own.asks("explain", "-i", "/lib", "lib/a.c")).stdout).toMatch(/^lib\/a\.c: ignored: .*--ignore/);
  // What replaces takes the place of what was said there.
  expect((await own.asks("explain", "-e", "h", "lib/a.h", "main.c")).stdout).toMatch(
    /^lib\/a\.h: restarts: \.h .*\nmain\.c: ignored: \.h /,
  );
});
