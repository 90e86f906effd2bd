/** What the properties cannot say: single stories, each with its reason. */
import { describe, expect, test } from "vitest";
import { verdictOf } from "../../src/core/demand.ts";
import { intakeOf, runsOf } from "../../src/core/house.ts";
import type { Order } from "../../src/core/types.ts";
import { defaults, planOf, type Settings } from "./plans.ts";
import { change, comeToRest, found, type Happening, key, newWorld, run, tell, type World } from "./world.ts";

function begin(settings: Partial<Settings> = {}): World {
  const world = newWorld(settings);
  tell(world, { type: "started" });
  comeToRest(world);
  return world;
}

const saved = (path: string): Happening => ({ type: "changed", changes: found(change([path])) });
const nothingNew: Happening = { type: "looked", changes: new Map(), busy: false };
const ended = (build: number, code: number): Happening => ({
  type: "jobEnded",
  job: { service: "", kind: "build", number: build },
  result: code === 0 ? { is: "ok" } : { is: "failed", exit: { is: "code", code } },
});
const quiet: Happening = { type: "elapsed", timer: "quiet", service: "" };
const types = ({ orders }: { readonly orders: readonly Order[] }): string[] => orders.map(({ type }) => type);
const quietAt = (world: World): number | undefined => world.timers.get("quiet ")?.at;
const stage = (world: World): string => intakeOf(world.house, "").stage.is;
const runs = (world: World): number => runsOf(world.house, "").count;

/** A change, its quiet time, the look, and the build that comes of it. */
function saveAndBuild(world: World, path: string): number {
  tell(world, saved(path));
  world.at = quietAt(world) ?? world.at;
  tell(world, quiet);
  tell(world, nothingNew);
  const [job] = world.jobs.values();
  if (job === undefined) throw new Error("no build");
  return job.job.number;
}

describe("a build that fails", () => {
  test("after the old run was already told to stop for a build before it: that one is started, so that something serves", () => {
    const world = begin();
    const good = saveAndBuild(world, "a");
    tell(world, ended(good, 0));
    expect(stage(world)).toBe("due");
    const broken = saveAndBuild(world, "b");
    tell(world, { type: "runGone", job: run(1) });
    expect(types(tell(world, ended(broken, 1)))).toContain("startRun");
    comeToRest(world);
    expect(runsOf(world.house, "").current).toMatchObject({ is: "ready", run: 2 });
    // What failed is still asked for.
    expect(verdictOf(intakeOf(world.house, "").owed)).toBe("rebuild");
  });

  test("with a change behind it is followed by a build of that change, without another save", () => {
    const world = begin({ onChange: "finish" });
    const build = saveAndBuild(world, "a");
    tell(world, saved("b"));
    tell(world, ended(build, 1));
    comeToRest(world);
    expect(world.made.has(key("build", "b"))).toBe(true);
    expect(world.made.has(key("build", "a"))).toBe(true);
  });
});

describe("a start", () => {
  test("is followed by one more look: what changed since the last one is in nobody's hands", () => {
    const world = begin({ builds: false });
    tell(world, saved("a"));
    tell(world, quiet);
    tell(world, nothingNew);
    expect(types(tell(world, { type: "runGone", job: run(1) }))).toEqual(["startRun", "look"]);
  });

  test("is not put off for ever by somebody who writes while the old run takes long to end", () => {
    const world = begin({ builds: false });
    for (let write = 0; write < 200 && runs(world) === 1; write += 1) {
      world.at += 30;
      tell(world, saved("a"));
      if ((quietAt(world) ?? Number.POSITIVE_INFINITY) <= world.at) tell(world, quiet);
      if (world.looks > 0) tell(world, { type: "looked", changes: found(change(["a"])), busy: false });
      // The old run needs seven writes to end.
      if (world.runs.get("run/1")?.stopOrdered === true && write % 7 === 0 && stage(world) === "due")
        tell(world, { type: "runGone", job: run(1) });
    }
    expect(runs(world)).toBe(2);
    expect(world.at).toBeLessThan(3 * defaults.maxWaitMs);
  });
});

describe("the wish to quit", () => {
  test("ends the build that runs, and a second wish ends everything at once", () => {
    const world = begin();
    saveAndBuild(world, "a");
    expect(types(tell(world, { type: "quitAsked", code: 130 }))).toEqual(["disarm", "cancelJob", "stopRun"]);
    const [first, second] = tell(world, { type: "quitAsked", code: 130 }).orders;
    expect([first, second]).toMatchObject([
      { type: "cancelJob", force: true },
      { type: "stopRun", force: true },
    ]);
    expect(tell(world, { type: "quitAsked", code: 130 }).orders).toEqual([]);
  });
});

describe("the quiet time", () => {
  const afterMs = ({ orders }: { readonly orders: readonly Order[] }): number | undefined =>
    orders.find((order) => order.type === "arm")?.afterMs;

  test("is short after a lone change, longer once more paths join, a file is empty, or something has just been started", () => {
    const world = begin();
    world.at += 1_000;
    expect(afterMs(tell(world, saved("a")))).toBe(5);
    expect(afterMs(tell(world, saved("a")))).toBe(5);
    expect(afterMs(tell(world, saved("b")))).toBe(60);
    const other = begin();
    other.at += 1_000;
    expect(afterMs(tell(other, { type: "changed", changes: found(change(["a"]), true) }))).toBe(60);
    const third = begin({ builds: false });
    third.at += 100;
    expect(afterMs(tell(third, saved("a")))).toBe(60);
  });

  test("is what was configured, to the letter, 0 too", () => {
    for (const debounce of [0, 300]) {
      const world = begin({ debounce });
      expect(afterMs(tell(world, { type: "changed", changes: found(change(["a", "b"]), true) }))).toBe(debounce);
    }
  });

  test("never lasts longer than max_wait", () => {
    const world = begin();
    for (let write = 0; write < 100; write += 1) {
      world.at += 50;
      tell(world, saved(`a${write % 3}`));
    }
    expect(quietAt(world)).toBeLessThanOrEqual(world.at);
  });

  test("waits for git, but not for ever: a commit holds its lock while an editor is open", () => {
    const world = begin();
    tell(world, saved("a"));
    const busy: Happening = { type: "looked", changes: new Map(), busy: true };
    let waits = 0;
    const since = world.at;
    while (world.jobs.size === 0 && waits < 1_000) {
      world.at = quietAt(world) ?? world.at;
      tell(world, quiet);
      tell(world, busy);
      waits += 1;
    }
    expect(world.jobs.size).toBe(1);
    expect(world.at - since).toBeGreaterThanOrEqual(10_000);
    expect(world.at - since).toBeLessThan(10_200);
  });
});

describe("a process that ends again and again", () => {
  test("is started again after 0.5, 1, 2, 4, 8 and 8 seconds, at once after a change, and from 0.5 again after a long life", () => {
    const world = begin({ onExit: "restart", builds: false });
    const waits: number[] = [];
    const crash = (livedMs: number): void => {
      world.at += livedMs;
      tell(world, { type: "runExited", job: run(runs(world)), exit: { is: "code", code: 1 } });
      const [arm] = tell(world, { type: "runGone", job: run(runs(world)) }).orders;
      if (arm?.type !== "arm") throw new Error("no back-off");
      waits.push(arm.afterMs);
    };
    for (let times = 0; times < 6; times += 1) {
      crash(10);
      tell(world, { type: "elapsed", timer: "backoff", service: "" });
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
    crash(10);
    const before = runs(world);
    tell(world, saved("a"));
    tell(world, quiet);
    expect(types(tell(world, nothingNew))).toContain("startRun");
    expect(runs(world)).toBe(before + 1);
    crash(10);
    tell(world, { type: "elapsed", timer: "backoff", service: "" });
    crash(9_000);
    expect(waits.slice(-2)).toEqual([500, 500]);
  });
});

test("a build that a new configuration does without is given up, and what it was for goes on without it", () => {
  const world = begin();
  saveAndBuild(world, "a");
  world.plan = planOf({ builds: false });
  tell(world, { type: "configured", changes: found(change([""])) });
  comeToRest(world);
  expect(runs(world)).toBe(2);
  expect(runsOf(world.house, "").current.is).toBe("ready");
});

test("the first build as well", () => {
  const world = newWorld();
  tell(world, { type: "started" });
  world.plan = planOf({ builds: false });
  tell(world, { type: "configured", changes: found(change([""])) });
  comeToRest(world);
  expect(runs(world)).toBe(1);
});
