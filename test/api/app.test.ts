/** `import { start } from "reload-dev"`, in this very process. */
import { expect, test } from "vitest";
import { type App, type ReloadEvent, type StartError, start } from "../../src/api.ts";
import { app as program, startNumber, starts } from "../rig/log.ts";
import type { Project } from "../rig/project.ts";
import { isAlive, reload } from "../rig/reload.ts";
import { settledProject } from "../rig/settled.ts";
import { until } from "../rig/until.ts";

const config = (project: Project, name = "app") => ({
  build: { cmd: "! grep -n BAD main.txt >&2", env: { NAME: name } },
  proc: { cmd: ["node", "program.mjs"], env: { LOG: project.path("app.log"), NAME: name } },
  ready: { log: "is up" },
  watch: { include_files: [".txt"] },
});

// Ready when it has written that it was started.
const files = { "main.txt": "0", "program.mjs": `import ${JSON.stringify(program)};\nconsole.log("is up");\n` };

/** The next event of this name. */
async function next<Name extends ReloadEvent["event"]>(
  { events }: App,
  name: Name,
): Promise<Extract<ReloadEvent, { readonly event: Name }>> {
  const is = (event: ReloadEvent): event is Extract<ReloadEvent, { readonly event: Name }> => event.event === name;
  for await (const event of events) if (is(event)) return event;
  throw new Error(`no more events, and no ${name}`);
}

const failure = (start: Promise<App>): Promise<StartError> =>
  start.then(
    () => Promise.reject(new Error("it started")),
    (error: unknown) => error as StartError,
  );

test("an app builds, runs, follows edits, tells its events in order, restarts, and leaves nothing", async () => {
  using project = settledProject(files);
  await using app = await start(config(project), { cwd: project.directory });
  expect(await next(app, "opened")).toMatchObject({ root: project.directory, config: null });
  expect(await next(app, "run-ready")).toMatchObject({ run: 1 });
  expect((await app.wait()).ok).toBe(true);

  project.write("main.txt", "1");
  expect(await next(app, "changed")).toMatchObject({ paths: ["main.txt"] });
  expect(await next(app, "run-ready")).toMatchObject({ run: 2 });

  project.write("main.txt", "BAD");
  const failed = await app.wait();
  expect(failed).toMatchObject({ ok: false, state: "failed", stage: "build" });
  expect(failed.text).toMatch(/^failed: build/);
  expect(await next(app, "output")).toMatchObject({ from: "build", text: expect.stringContaining("BAD") });

  project.write("main.txt", "2");
  expect(await app.wait()).toMatchObject({ ok: true, state: "ready", changes: ["main.txt"] });
  const before = starts(project).length;
  expect(await app.restart()).toMatchObject({ ok: true });
  expect(starts(project)).toHaveLength(before + 1);

  await app.stop();
  expect(await app.ended).toBe(0);
  expect(await next(app, "exit")).toMatchObject({ code: 0 });
  await expect(next(app, "opened")).rejects.toThrow("no more events");
  await expect(app.restart()).rejects.toThrow("has ended");
  for (const { pid } of starts(project)) expect(isAlive(pid)).toBe(false);
});

test("several run in one process, each on its own; loops beside each other get every event each", async () => {
  using first = settledProject(files);
  using second = settledProject(files);
  await using one = await start(config(first, "one"), { cwd: first.directory });
  await using two = await start(config(second, "two"), { cwd: second.directory });
  const both = await Promise.all([next(one, "run-ready"), next(two, "run-ready")]);
  expect(both.map(({ run }) => run)).toEqual([1, 1]);
  await Promise.all([one.wait(), two.wait()]);
  const beside = Promise.all([next(one, "run-ready"), next(one, "run-ready")]);
  first.write("main.txt", "1");
  expect((await beside).map(({ run }) => run)).toEqual([2, 2]);
  expect((await startNumber(first, 2)).name).toBe("one");
  await one.stop();
  second.write("main.txt", "1");
  expect((await two.wait()).ok).toBe(true);
  expect(starts(second)).toHaveLength(2);
});

test("of several services each is restarted and waited for by name; two apps beside each other know nothing of it", async () => {
  using project = settledProject({ "api/a.txt": "0", "jobs/a.txt": "0" });
  using other = settledProject({ "a.txt": "0" });
  const proc = { cmd: ["sleep", "1000"] };
  await using app = await start(
    { service: { api: { root: "api", proc }, jobs: { root: "jobs", proc } } },
    { cwd: project.directory },
  );
  await using beside = await start({ proc }, { cwd: other.directory });
  const first = await app.wait();
  expect(first, JSON.stringify(first)).toMatchObject({ ok: true, state: "ready", run: 1 });
  expect(await beside.wait()).toMatchObject({ ok: true, run: 1 });
  expect(await app.restart({ services: ["jobs"] })).toMatchObject({ ok: true, run: 2 });
  project.write("jobs/a.txt", "1");
  expect(await app.wait({ services: ["jobs"] })).toMatchObject({ ok: true, run: 3, changes: ["jobs/a.txt"] });
  expect(await app.wait({ services: ["api"] })).toMatchObject({ ok: true, run: 1 });
  await app.stop();
  expect(await app.ended).toBe(0);
  await expect(app.wait()).rejects.toThrow("has ended");
  expect(await beside.wait()).toMatchObject({ ok: true, run: 1 });
});

test("a service that does not exist is an error of whoever asks; a limit that is over is an answer", async () => {
  using project = settledProject(files);
  await using app = await start(
    { build: { cmd: "while test -e held; do sleep 0.02; done" }, proc: { cmd: "sleep 1000" } },
    { cwd: project.directory },
  );
  expect((await app.wait()).ok).toBe(true);
  await expect(app.wait({ services: ["api"] })).rejects.toThrow("there is no service api");
  project.write("held", "");
  project.write("main.txt", "1");
  // On a busy machine a limit may be over before the save was seen.
  const late = await until("a limit that is over while it is built", async () => {
    const answer = await app.wait({ timeoutMs: 100 });
    return answer.state === "building" ? answer : undefined;
  });
  expect(late).toMatchObject({ ok: false, stage: null });
});

test("a signal that is aborted ends it as stop does; before the start nothing is started", async () => {
  using project = settledProject(files);
  const over = new AbortController();
  const app = await start(config(project), { cwd: project.directory, signal: over.signal });
  const { pid } = await startNumber(project, 1);
  over.abort();
  expect(await app.ended).toBe(0);
  expect(isAlive(pid)).toBe(false);
  await expect(start(config(project), { signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow(
    "too late",
  );
  expect(starts(project)).toHaveLength(1);
});

test("a file is found, named, and locked as on the command line; its edits are followed", async () => {
  using project = settledProject({
    ...files,
    ".reload.toml": `[proc]\ncmd = ${JSON.stringify(["node", program])}\n[proc.env]\nLOG = ${JSON.stringify("app.log")}\n`,
  });
  await using app = await start(undefined, { cwd: project.directory });
  expect(await next(app, "opened")).toMatchObject({ config: ".reload.toml" });
  await startNumber(project, 1);
  const taken = await failure(start(".reload.toml", { cwd: project.directory }));
  expect(taken.problems).toMatchObject([{ code: "session/already-running" }]);
  expect(taken.message).toContain(`pid ${process.pid}`);
  await app.wait();
  project.write(".reload.toml", project.read(".reload.toml").replace("[proc.env]", '[proc.env]\nNAME = "edited"'));
  expect((await startNumber(project, 2)).name).toBe("edited");
  // From a shell it is talked to like any other.
  await using asked = reload(["status"], { cwd: project.directory });
  expect((await asked.ended).code).toBe(0);
  expect(asked.stdout).toContain(`pid ${process.pid}`);
});

test("what is wrong with the configuration rejects, with every mistake at its key", async () => {
  using project = settledProject();
  const options = { cwd: project.directory };
  const wrong = { proc: { cmd: 7, stop_timeut: "1s" }, watch: { debounce: "soon" } };
  const error = await failure(start(wrong as never, options));
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe("StartError");
  expect(error.problems.map(({ origin }) => origin)).toEqual(["proc.cmd", "proc.stop_timeut", "watch.debounce"]);
  expect(error.problems[1]?.hint).toContain("stop_timeout");
  expect(error.message).toContain("3 errors");
  const unfit = { build: { cmd: () => {} }, proc: { cmd: null } };
  expect((await failure(start(unfit as never, options))).problems).toMatchObject([
    { origin: "build.cmd", message: "is a function" },
    { origin: "proc.cmd", message: expect.stringContaining("null") },
  ]);
  expect((await failure(start("missing.toml", options))).message).toContain("missing.toml");
  expect((await failure(start({}, options))).message).toContain("nothing to do");
  expect((await failure(start({}, { cwd: project.path("none") }))).message).toContain("is not a directory");
});

test("what programs print goes to the streams that are handed in, and else nowhere", async () => {
  const { PassThrough } = await import("node:stream");
  using project = settledProject(files);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let printed = "";
  let said = "";
  stdout.on("data", (part) => {
    printed += String(part);
  });
  stderr.on("data", (part) => {
    said += String(part);
  });
  await using app = await start(
    { proc: { cmd: "echo hello; exec sleep 1000" } },
    { cwd: project.directory, stdout, stderr },
  );
  await until("what it prints", () => printed === "hello\n" && said.includes("run 1"));
  expect(await next(app, "output")).toMatchObject({ text: "hello\n", stream: "stdout" });
});
