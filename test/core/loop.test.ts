import { describe, expect, test } from "vitest";
import { change, newWorld, possible, tell, type World } from "./world.ts";

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
  saves: readonly { at: number; path: string }[],
): Tally {
  const tally: Tally = { builds: 0, muted: [] };
  const orders = (effects: ReturnType<typeof tell>): void => {
    for (const effect of effects) {
      if (effect.type === "build") tally.builds += 1;
      if (effect.type === "mute") tally.muted.push(...effect.paths);
    }
  };
  const queue = [...saves];
  let buildAt = 0;
  let lastBuild = 0;
  for (let steps = 0; steps < 2_000; steps += 1) {
    const { building } = world;
    if (building !== undefined && building.build !== lastBuild) {
      lastBuild = building.build;
      buildAt = world.at;
    }
    const gone = [...world.runs].find(([, run]) => run.stopOrdered);
    if (world.looks > 0) orders(tell(world, { type: "looked", demand: change([]), empty: false, busy: false }));
    else if (building?.cancelled === true)
      orders(tell(world, { type: "buildEnded", build: building.build, result: { is: "cancelled" } }));
    else if (gone !== undefined) orders(tell(world, { type: "runGone", run: gone[0] }));
    else {
      // The next thing in time: a save, a write of the build just before its end, its end, a timer.
      const next = [
        ...(queue[0] === undefined ? [] : [{ at: queue[0].at, is: "save" as const }]),
        ...(building === undefined ? [] : [{ at: buildAt + buildMs, is: "end" as const }]),
        ...[...world.timers].map(([timer, at]) => ({ at, is: timer })),
      ].sort((a, b) => a.at - b.at)[0];
      if (next === undefined) return tally;
      world.at = Math.max(world.at, next.at);
      if (next.is === "save") {
        const save = queue.shift();
        if (save !== undefined) orders(tell(world, { type: "changed", demand: change([save.path]), empty: false }));
      } else if (next.is === "end" && building !== undefined) {
        for (const path of writes) orders(tell(world, { type: "changed", demand: change([path]), empty: false }));
        if (world.building?.cancelled === false)
          orders(tell(world, { type: "buildEnded", build: building.build, result: { is: "ok" } }));
      } else if (next.is === "quiet" || next.is === "backoff") orders(tell(world, { type: "elapsed", timer: next.is }));
    }
  }
  throw new Error(`never ends: ${possible(world).map(({ type }) => type)}`);
}

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
    expect(world.state.cycle.is).toBe("resting");
  });

  test("builds again for other files, and once for each", () => {
    const world = begin();
    live(world, 300, ["gen.go"], []);
    const save = { at: world.at + 5_000, path: "main.go" };
    const tally = live(world, 300, ["gen.go"], [save]);
    expect(tally).toEqual({ builds: 1, muted: [] });
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

describe("somebody who saves during long builds", () => {
  test("is never taken for the build: the last save is always in a run", () => {
    const world = begin();
    const saves = Array.from({ length: 30 }, (_, index) => ({ at: 1_000 * (index + 1), path: "main.go" }));
    const tally = live(world, 3_000, [], saves);
    expect(tally.muted).toEqual([]);
    expect(world.told.get("main.go")?.fact).toBeLessThan(world.built.get("main.go") ?? 0);
    expect(world.state.owed.verdict).toBe("ignore");
  });
});
