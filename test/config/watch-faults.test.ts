/** Configuration files are followed whatever the calls to the system that are made for it do. */
import { symlinkSync } from "node:fs";
import { afterEach, test, vi } from "vitest";
import { watchFiles } from "../../src/config/store/watch-files.ts";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";

const faults = vi.hoisted(() => ({ calls: new Set<string>(), met: new Set<string>() }));

vi.mock("node:fs", async (original) => {
  const real = await original<Record<string, unknown>>();
  const failing = Object.fromEntries(
    ["readlinkSync", "lstatSync", "statSync", "watch"].map((call) => [
      call,
      (path: unknown, ...rest: readonly unknown[]) => {
        const works = real[call];
        // What the runner of tests reads is left alone.
        if (typeof works !== "function") throw new Error(`no ${call}`);
        if (!faults.calls.has(call) || !String(path).includes("reload test"))
          return Reflect.apply(works, real, [path, ...rest]);
        faults.met.add(call);
        throw Object.assign(new Error(`EIO: planted, ${call}`), { code: "EIO" });
      },
    ]),
  );
  return { ...real, ...failing };
});

afterEach(() => {
  faults.calls.clear();
  faults.met.clear();
});

test.each(["readlinkSync", "lstatSync", "statSync", "watch"])("%s fails, and works again", async (call) => {
  using project = newProject({ "conf/a.toml": "1", "other/x": "" });
  symlinkSync("conf/a.toml", project.path("a.toml"));
  let looks = 0;
  const files = watchFiles([project.path("a.toml"), project.path("b.toml")], () => looks++, { restMs: 1, pollMs: 10 });
  try {
    faults.calls.add(call);
    // Others join, so that all of it is asked for anew.
    files.aim([project.path("a.toml"), project.path("other/c.toml")]);
    project.write("conf/a.toml", "two");
    await until(`${call} has failed`, () => faults.met.has(call));
    faults.calls.clear();
    const before = looks;
    project.write("conf/a.toml", "three times");
    await until("it is looked at", () => looks > before);
  } finally {
    files.close();
  }
});
