/** Versions are numbered, can be gone back to, and end with the configuration. */
import { renameSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { ConfigError } from "../../src/live/types.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { openLive, timing } from "./formats.ts";

test("a rollback is a new version, in force until the files change again", async () => {
  using project = newProject({ "a.yaml": "port: 1\nlevel: info\n" });
  await using config = await openLive({ files: project.path("a.yaml") }, timing);
  const calls: unknown[] = [];
  config.on("port", (now, before, version) => calls.push([now, before, version]));
  project.replace("a.yaml", "port: 2\nlevel: info\n");
  await until("port 2", () => config.get("port") === 2);

  expect(await config.rollback(1)).toBe(3);
  expect(config.get("port")).toBe(1);
  await config.refresh();
  expect(config.get("port")).toBe(1);
  expect(await config.rollback(1)).toBe(3);
  project.replace("a.yaml", "port: 4\nlevel: info\n");
  await until("port 4", () => config.get("port") === 4);

  expect(calls).toEqual([
    [2, 1, 2],
    [1, 2, 3],
    [4, 1, 4],
  ]);
  expect(
    config.versions.map(({ number, parent, rollbackTo, changed }) => ({ number, parent, rollbackTo, changed })),
  ).toEqual([
    { number: 1, changed: ["port", "level"] },
    { number: 2, parent: 1, changed: ["port"] },
    { number: 3, parent: 2, changed: ["port"], rollbackTo: 1 },
    { number: 4, parent: 3, changed: ["port"] },
  ]);
  const error = await config.rollback(9).then(
    () => undefined,
    (thrown: ConfigError) => thrown,
  );
  expect(error?.code).toBe("usage/bad-argument");
});

test("the last hundred versions are kept", async () => {
  using project = newProject({ "a.yaml": "port: 0\n" });
  await using config = await openLive({ files: project.path("a.yaml") }, { ...timing, restMs: 2 ** 20 });
  for (let port = 1; port <= 130; port += 1) {
    project.replace("a.yaml", `port: ${port}\n`);
    await config.refresh();
  }
  expect(config.versions.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => 32 + index));
  await expect(config.rollback(31)).rejects.toThrow("there is no such version");
  expect(await config.rollback(32)).toBe(132);
  expect(config.get("port")).toBe(31);
});

test("a file that is gone is told, and what it said stays", async () => {
  using project = newProject({ "a.yaml": "port: 1\n" });
  await using config = await openLive({ files: project.path("a.yaml") }, timing);
  const errors: string[] = [];
  config.on("error", ({ code }) => errors.push(code));
  renameSync(project.path("a.yaml"), project.path("b.yaml"));
  await until("an error", () => errors.length > 0);
  expect(errors).toEqual(["config/unreadable"]);
  expect(config.get("port")).toBe(1);
  rmSync(project.path("b.yaml"));
});

test("a listener that throws hinders no other, and is told", async () => {
  using project = newProject({ "a.yaml": "port: 1\n" });
  await using config = await openLive({ files: project.path("a.yaml") }, timing);
  const heard: string[] = [];
  config.on("port", () => {
    throw new Error("a");
  });
  config.on("port", async () => {
    throw new Error("b");
  });
  config.on("port", () => heard.push("c"));
  const stop = config.on("port", () => heard.push("never"));
  stop();
  const errors: string[] = [];
  config.on("error", ({ code, message }) => {
    errors.push(`${code} ${message}`);
    throw new Error("in the listener for errors");
  });
  project.replace("a.yaml", "port: 2\n");
  await until("both errors", () => errors.length === 2);
  expect(heard).toEqual(["c"]);
  expect(errors).toEqual([
    'usage/listener on("port"): the listener threw: a',
    'usage/listener on("port"): the listener threw: b',
  ]);
});

test("after close nothing is told any more, and what was in force can be read", async () => {
  using project = newProject({ "a.yaml": "port: 1\n" });
  const config = await openLive({ files: project.path("a.yaml") }, timing);
  const calls: unknown[] = [];
  config.on("*", (now) => calls.push(now));
  await config.close();
  project.replace("a.yaml", "port: 2\n");
  await using other = await openLive({ files: project.path("a.yaml") }, timing);
  project.replace("a.yaml", "port: 3\n");
  await until("the other one", () => other.get("port") === 3);
  expect(config.get("port")).toBe(1);
  expect(await config.refresh()).toBe(1);
  expect(calls).toEqual([]);
  await config.close();
});

test("a text of which the half is valid too is given the time to become whole", async () => {
  using project = newProject({ "a.yaml": "port: 1\nlevel: info\nhosts: [a, b]\n" });
  await using config = await openLive({ files: project.path("a.yaml") }, { ...timing, rereadAfterMs: 300 });
  const seen: unknown[] = [];
  config.on("*", (now) => seen.push(now));
  project.write("a.yaml", "port: 2\nlevel: de");
  await config.refresh();
  expect(seen).toEqual([{ port: 2, level: "de" }]);

  project.write("a.yaml", "port: 3\nlevel: warn\n");
  await until("port 3", () => config.get("port") === 3);
  for (const half of ["port: 4\nlevel: de", "port: 4\n"]) {
    project.write("a.yaml", half);
    const looking = config.refresh();
    // It has read the half; now the writer goes on.
    await new Promise((resolve) => setImmediate(resolve));
    project.write("a.yaml", "port: 4\nlevel: debug\n");
    await looking;
    expect(config.snapshot).toEqual({ port: 4, level: "debug" });
    project.write("a.yaml", "port: 3\nlevel: warn\n");
    await config.refresh();
  }
  expect(config.versions.map(({ snapshot }) => Object(snapshot).level)).toEqual([
    "info",
    "de",
    "warn",
    "debug",
    "warn",
    "debug",
    "warn",
  ]);
});
