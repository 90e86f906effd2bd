/** What the properties cannot say: single stories, each with its reason. */
import { describe, expect, test } from "vitest";
import type { Effect, Policy } from "../../src/core/types.ts";
import { change, comeToRest, type Fact, newWorld, policy, tell, type World } from "./world.ts";

function begin(settings: Partial<Policy> = {}): World {
  const world = newWorld(settings);
  tell(world, { type: "started" });
  comeToRest(world);
  return world;
}

const saved = (path: string): Fact => ({ type: "changed", demand: change([path]), empty: false });
const nothingNew: Fact = { type: "looked", demand: change([]), empty: false, busy: false };
const failed = (build: number): Fact => ({
  type: "buildEnded",
  build,
  result: { is: "failed", exit: { is: "code", code: 1 } },
});
const types = (effects: readonly Effect[]): string[] => effects.map(({ type }) => type);

/** A change, its quiet time, the look, and the build that comes of it. */
function saveAndBuild(world: World, path: string): number {
  tell(world, saved(path));
  world.at = world.timers.get("quiet") ?? world.at;
  tell(world, { type: "elapsed", timer: "quiet" });
  tell(world, nothingNew);
  if (world.building === undefined) throw new Error("no build");
  return world.building.build;
}

describe("a build that fails", () => {
  test("after the old run was already told to stop for a build before it: that one is started, so that something serves", () => {
    const world = begin();
    const good = saveAndBuild(world, "a");
    tell(world, { type: "buildEnded", build: good, result: { is: "ok" } });
    expect(world.state.cycle.is).toBe("swapping");
    const broken = saveAndBuild(world, "b");
    tell(world, { type: "runGone", run: 1 });
    expect(types(tell(world, failed(broken)))).toContain("startRun");
    comeToRest(world);
    expect(world.state.current).toMatchObject({ is: "ready", run: 2 });
    // What failed is still asked for.
    expect(world.state.owed.verdict).toBe("rebuild");
  });

  test("with a change behind it is followed by a build of that change, without another save", () => {
    const world = begin({ onChange: "finish" });
    const build = saveAndBuild(world, "a");
    tell(world, saved("b"));
    tell(world, failed(build));
    comeToRest(world);
    expect(world.built.has("b")).toBe(true);
    expect(world.built.has("a")).toBe(true);
  });
});

describe("a start", () => {
  test("is followed by one more look: what changed since the last one is in nobody's hands", () => {
    const world = begin({ builds: false });
    tell(world, saved("a"));
    tell(world, { type: "elapsed", timer: "quiet" });
    tell(world, nothingNew);
    expect(types(tell(world, { type: "runGone", run: 1 }))).toEqual(["startRun", "look"]);
  });

  test("is not put off for ever by somebody who writes while the old run takes long to end", () => {
    const world = begin({ builds: false });
    for (let write = 0; write < 200 && world.state.runs === 1; write += 1) {
      world.at += 30;
      tell(world, saved("a"));
      if ((world.timers.get("quiet") ?? Number.POSITIVE_INFINITY) <= world.at)
        tell(world, { type: "elapsed", timer: "quiet" });
      if (world.looks > 0) tell(world, { type: "looked", demand: change(["a"]), empty: false, busy: false });
      // The old run needs seven writes to end.
      if (world.runs.get(1)?.stopOrdered === true && write % 7 === 0 && world.state.cycle.is === "swapping")
        tell(world, { type: "runGone", run: 1 });
    }
    expect(world.state.runs).toBe(2);
    expect(world.at).toBeLessThan(3 * policy.maxWaitMs);
  });
});

describe("the wish to quit", () => {
  test("ends the build that runs, and a second wish ends everything at once", () => {
    const world = begin();
    saveAndBuild(world, "a");
    expect(types(tell(world, { type: "quitAsked", code: 130 }))).toEqual(["disarm", "cancelBuild", "stopRun"]);
    const [first, second] = tell(world, { type: "quitAsked", code: 130 });
    expect([first, second]).toMatchObject([
      { type: "cancelBuild", force: true },
      { type: "stopRun", force: true },
    ]);
    expect(tell(world, { type: "quitAsked", code: 130 })).toEqual([]);
  });
});

describe("the quiet time", () => {
  const afterMs = (effects: readonly Effect[]): number | undefined =>
    effects.find((effect) => effect.type === "arm")?.afterMs;

  test("is short after a lone change, longer once more paths join, a file is empty, or something has just been started", () => {
    const world = begin();
    world.at += 1_000;
    expect(afterMs(tell(world, saved("a")))).toBe(5);
    expect(afterMs(tell(world, saved("a")))).toBe(5);
    expect(afterMs(tell(world, saved("b")))).toBe(60);
    const other = begin();
    other.at += 1_000;
    expect(afterMs(tell(other, { type: "changed", demand: change(["a"]), empty: true }))).toBe(60);
    const third = begin({ builds: false });
    third.at += 100;
    expect(afterMs(tell(third, saved("a")))).toBe(60);
  });

  test("is what was configured, to the letter, 0 too", () => {
    for (const debounce of [0, 300]) {
      const world = begin({ debounce });
      expect(afterMs(tell(world, { type: "changed", demand: change(["a", "b"]), empty: true }))).toBe(debounce);
    }
  });

  test("never lasts longer than max_wait", () => {
    const world = begin();
    for (let write = 0; write < 100; write += 1) {
      world.at += 50;
      tell(world, saved(`a${write % 3}`));
    }
    expect(world.timers.get("quiet")).toBeLessThanOrEqual(world.at);
  });

  test("waits for git, but not for ever: a commit holds its lock while an editor is open", () => {
    const world = begin();
    tell(world, saved("a"));
    const busy: Fact = { type: "looked", demand: change([]), empty: false, busy: true };
    let waits = 0;
    const since = world.at;
    while (world.building === undefined && waits < 1_000) {
      world.at = world.timers.get("quiet") ?? world.at;
      tell(world, { type: "elapsed", timer: "quiet" });
      tell(world, busy);
      waits += 1;
    }
    expect(world.building).toBeDefined();
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
      tell(world, { type: "runExited", run: world.state.runs, exit: { is: "code", code: 1 } });
      const [arm] = tell(world, { type: "runGone", run: world.state.runs });
      if (arm?.type !== "arm") throw new Error("no back-off");
      waits.push(arm.afterMs);
    };
    for (let times = 0; times < 6; times += 1) {
      crash(10);
      tell(world, { type: "elapsed", timer: "backoff" });
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
    crash(10);
    const before = world.state.runs;
    tell(world, saved("a"));
    tell(world, { type: "elapsed", timer: "quiet" });
    expect(types(tell(world, nothingNew))).toContain("startRun");
    expect(world.state.runs).toBe(before + 1);
    crash(10);
    tell(world, { type: "elapsed", timer: "backoff" });
    crash(9_000);
    expect(waits.slice(-2)).toEqual([500, 500]);
  });
});
