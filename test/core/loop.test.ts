import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intakeOf, workOf } from "../../src/core/house.ts";
import { noLoops, probeMs } from "../../src/core/loop.ts";
import { change, found, key, newWorld, possible, type Told, tell, type World } from "./world.ts";

interface Tally {
  builds: number;
  readonly muted: string[];
}

/**
 * Lets time pass until nothing happens any more, or for `untilMs`. Builds take `buildMs`; `during` says what changes at
 * which moment of a build, `saves` what somebody saves at which time.
 */
function live(
  world: World,
  buildMs: number,
  writes: readonly string[],
  saves: readonly { at: number; path: string; isSame?: boolean }[],
  isNew: (path: string, build: number) => boolean = () => true,
): Tally {
  const tally: Tally = { builds: 0, muted: [] };
  const hear = ({ orders, news }: Told): void => {
    for (const order of orders) if (order.type === "startJob") tally.builds += 1;
    for (const item of news) if (item.type === "muted") tally.muted.push(...item.paths);
  };
  const save = (path: string): void => hear(tell(world, { type: "changed", changes: found(change([path])) }));
  const queue = [...saves];
  let buildAt = 0;
  let lastBuild = 0;
  for (let steps = 0; steps < 2_000; steps += 1) {
    const [building] = world.jobs.values();
    if (building !== undefined && building.job.number !== lastBuild) {
      lastBuild = building.job.number;
      buildAt = world.at;
    }
    const gone = [...world.runs.values()].find((run) => run.stopOrdered);
    if (world.looks > 0) hear(tell(world, { type: "looked", changes: new Map(), busy: false }));
    else if (building?.cancelled === true)
      hear(tell(world, { type: "jobEnded", job: building.job, result: { is: "cancelled" } }));
    else if (gone !== undefined) hear(tell(world, { type: "runGone", job: gone.job }));
    else {
      // The next thing in time: a save, a write of the build just before its end, its end, a timer.
      const next = [
        ...(queue[0] === undefined ? [] : [{ at: queue[0].at, is: "save" as const }]),
        ...(building === undefined ? [] : [{ at: buildAt + buildMs, is: "end" as const }]),
        ...[...world.timers.values()].map(({ timer, at }) => ({ at, is: timer })),
      ].sort((a, b) => a.at - b.at)[0];
      if (next === undefined) return tally;
      world.at = Math.max(world.at, next.at);
      if (next.is === "save") {
        const first = queue.shift();
        if (first?.isSame === true) hear(tell(world, { type: "rewritten", paths: [first.path] }));
        else if (first !== undefined) save(first.path);
      } else if (next.is === "end" && building !== undefined) {
        for (const path of writes) {
          if (isNew(path, building.job.number)) save(path);
          else hear(tell(world, { type: "rewritten", paths: [path] }));
        }
        if (!building.cancelled) hear(tell(world, { type: "jobEnded", job: building.job, result: { is: "ok" } }));
      } else if (next.is !== "end") hear(tell(world, { type: "elapsed", timer: next.is, service: "" }));
    }
  }
  throw new Error(`never ends: ${possible(world).map(({ type }) => type)}`);
}

const isAnswered = (world: World): boolean => intakeOf(world.house, "").owed.size === 0;
const toldAt = (world: World, path: string): number => world.told.get(key("", path))?.fact ?? 0;
const builtAt = (world: World, path: string): number => world.made.get(key("build", path)) ?? 0;

const begin = (): World => {
  const world = newWorld();
  tell(world, { type: "started" });
  return world;
};

describe("a build that writes a watched file anew each time", () => {
  test("is run three times at most, then the file is named and left out", () => {
    const world = begin();
    const tally = live(world, 300, ["gen.go"], []);
    // The first build was ordered before the tally began.
    expect(1 + tally.builds).toBe(3);
    expect(tally.muted).toEqual(["gen.go"]);
    expect(intakeOf(world.house, "").stage.is).toBe("resting");
    expect(workOf(world.house, "build").is).toBe("clean");
  });

  test("builds again for other files, and once for each", () => {
    const world = begin();
    live(world, 300, ["gen.go"], []);
    const save = { at: world.at + 5_000, path: "main.go" };
    const tally = live(world, 300, ["gen.go"], [save]);
    expect(tally).toEqual({ builds: 1, muted: [] });
  });

  test("is waited for two seconds at most, however often it has called for itself", () => {
    const waits = [1, 2, 3, 4, 5, 6, 30].map((rounds) =>
      probeMs({ ...noLoops, rounds: new Map([["gen.go", rounds]]) }, new Set(["gen.go"])),
    );
    expect(waits).toEqual([0, 1_000, 2_000, 2_000, 2_000, 2_000, 2_000]);
  });

  test("builds again when the file is saved outside of a build", () => {
    const world = begin();
    live(world, 300, ["gen.go"], []);
    const tally = live(world, 300, [], [{ at: world.at + 5_000, path: "gen.go" }]);
    expect(tally).toEqual({ builds: 1, muted: [] });
  });

  test("is stopped in the end also when somebody has saved that file before", () => {
    const world = begin();
    live(world, 300, [], [{ at: 5_000, path: "gen.go" }]);
    const tally = live(world, 300, ["gen.go"], [{ at: world.at + 5_000, path: "gen.go" }]);
    expect(tally.muted).toEqual(["gen.go"]);
    expect(tally.builds).toBeLessThanOrEqual(8);
  });
});

describe("a first build that is over before everything was looked at once", () => {
  test("is known as the one who wrote what is found then, once the next one writes it again", () => {
    const world = begin();
    live(world, 300, [], []);
    tell(world, { type: "changed", changes: found(change(["gen.go"])), isFirst: true });
    const isSame = (): boolean => false;
    expect(live(world, 300, ["gen.go"], [], isSame)).toEqual({ builds: 1, muted: [] });
    const saves = [{ at: world.at + 5_000, path: "main.go" }];
    expect(live(world, 300, ["gen.go"], saves)).toEqual({ builds: 1, muted: [] });
  });
});

describe("a build whose output follows from its input", () => {
  /** What it writes is new whenever something else was saved since the last build. */
  const follows = (world: World) => {
    let lastSaves = -1;
    let lastBuild = 0;
    let isNew = true;
    return (_: string, build: number): boolean => {
      const saves = toldAt(world, "main.go");
      if (build !== lastBuild) {
        isNew = saves !== lastSaves;
        lastSaves = saves;
        lastBuild = build;
      }
      return isNew;
    };
  };

  test.each([1, 50])("is run once for each save, however many files it writes (%i), once they are known", (count) => {
    const world = begin();
    const files = Array.from({ length: count }, (_, index) => `gen/${index}.go`);
    const isNew = follows(world);
    const first = live(world, 300, files, [], isNew);
    expect(first).toEqual({ builds: 1, muted: [] });
    for (let save = 0; save < 5; save += 1) {
      const tally = live(world, 300, files, [{ at: world.at + 5_000, path: "main.go" }], isNew);
      expect(tally).toEqual({ builds: 1, muted: [] });
      expect(isAnswered(world)).toBe(true);
    }
  });

  test("is run for an output that somebody saves while none runs", () => {
    const world = begin();
    const isNew = follows(world);
    live(world, 300, ["gen.go"], [], isNew);
    expect(live(world, 300, [], [{ at: world.at + 5_000, path: "gen.go" }]).builds).toBe(1);
  });

  test("is run once for each save as well after what it wrote was seen late, once, when it was over", () => {
    const world = begin();
    const isNew = follows(world);
    live(world, 300, [], []);
    live(world, 300, ["gen.go"], [{ at: world.at + 5_000, path: "gen.go" }], isNew);
    const save = () => [{ at: world.at + 5_000, path: "main.go" }];
    for (let round = 0; round < 4; round += 1) live(world, 300, ["gen.go"], save(), isNew);
    expect(live(world, 300, ["gen.go"], save(), isNew)).toEqual({ builds: 1, muted: [] });
    // Saved by somebody while none runs, it is his again.
    expect(live(world, 300, [], [{ at: world.at + 5_000, path: "gen.go" }]).builds).toBe(1);
    expect(live(world, 300, ["gen.go"], save(), isNew).builds).toBe(2);
  });

  test("is known by name before the first one: the program that is run", () => {
    const world = newWorld({ products: ["app"] });
    tell(world, { type: "started" });
    expect(live(world, 300, ["app"], [])).toEqual({ builds: 0, muted: [] });
    expect(live(world, 300, [], [{ at: world.at + 5_000, path: "app" }]).builds).toBe(1);
  });
});

describe("somebody who saves during long builds", () => {
  test("at whatever times, beside a build that writes what it always writes: every change is in a build that began after it, or was said to be left out", () => {
    const save = fc.record({
      afterMs: fc.integer({ min: 1, max: 4_000 }),
      path: fc.constantFrom("a.go", "b.go", "c.go"),
    });
    fc.assert(
      fc.property(fc.array(save, { maxLength: 25 }), fc.constantFrom(30, 300, 3_000), (history, buildMs) => {
        const world = begin();
        // Each has been saved while no build ran, once.
        const before = ["a.go", "b.go", "c.go"].map((path, index) => ({ at: 20_000 * (index + 1), path }));
        let at = 80_000;
        const after = history.map(({ afterMs, path }) => {
          at += afterMs;
          return { at, path };
        });
        const saves = [...before, ...after];
        let contained = "";
        const { muted } = live(world, buildMs, ["gen.go"], saves, () => {
          const now = JSON.stringify(["a.go", "b.go", "c.go"].map((path) => toldAt(world, path)));
          const isNew = now !== contained;
          contained = now;
          return isNew;
        });
        // Whoever saves a file in six builds in a row, and never between two, is told.
        for (const { path } of saves) {
          if (!muted.includes(path)) expect(toldAt(world, path)).toBeLessThan(builtAt(world, path));
        }
      }),
      { numRuns: Number(process.env["RELOAD_TEST_RUNS"] ?? 300) },
    );
  });

  test("and saves the same bytes once more is not taken for the build, as long as it does not do so each time", () => {
    const world = begin();
    // `b.go` is saved and saved again, in two builds; the next build is without it.
    live(
      world,
      3_000,
      [],
      [
        { at: 10_000, path: "main.go" },
        { at: 10_500, path: "b.go" },
        { at: 11_500, path: "b.go", isSame: true },
      ],
    );
    live(world, 3_000, [], [{ at: world.at + 5_000, path: "main.go" }]);
    const start = world.at + 5_000;
    live(
      world,
      3_000,
      [],
      [
        { at: start, path: "main.go" },
        { at: start + 1_000, path: "b.go" },
      ],
    );
    expect(toldAt(world, "b.go")).toBeLessThan(builtAt(world, "b.go"));
  });

  test("and saves the same bytes once more in the next build is not taken for the build", () => {
    const world = begin();
    live(world, 3_000, [], []);
    const first = world.at + 5_000;
    live(
      world,
      3_000,
      [],
      [
        { at: first, path: "main.go" },
        { at: first + 500, path: "b.go" },
        { at: first + 1_500, path: "b.go", isSame: true },
      ],
    );
    const then = world.at + 5_000;
    live(
      world,
      3_000,
      [],
      [
        { at: then, path: "main.go" },
        { at: then + 1_000, path: "b.go" },
      ],
    );
    expect(toldAt(world, "b.go")).toBeLessThan(builtAt(world, "b.go"));
  });

  test("is never taken for the build: the last save is always in a run", () => {
    const world = begin();
    const saves = Array.from({ length: 30 }, (_, index) => ({ at: 1_000 * (index + 1), path: "main.go" }));
    const tally = live(world, 3_000, [], saves);
    expect(tally.muted).toEqual([]);
    expect(toldAt(world, "main.go")).toBeLessThan(builtAt(world, "main.go"));
    expect(isAnswered(world)).toBe(true);
  });
});
