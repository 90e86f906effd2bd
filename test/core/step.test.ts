import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/core/demand.ts";
import { isLive } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import type { Event, Policy } from "../../src/core/types.ts";
import { walk } from "./walk.ts";
import { change, comeToRest, type Fact, newWorld, possible, tell, type World } from "./world.ts";

const policies: fc.Arbitrary<Partial<Policy>> = fc.record({
  builds: fc.boolean(),
  runs: fc.constant(true),
  debounce: fc.constantFrom<Policy["debounce"]>("auto", 0, 300),
  onChange: fc.constantFrom<Policy["onChange"]>("restart", "finish"),
  onFail: fc.constantFrom<Policy["onFail"]>("keep", "stop"),
  onExit: fc.constantFrom<Policy["onExit"]>("wait", "restart", "quit"),
  swap: fc.constantFrom<Policy["swap"]>("stop-first", "start-first"),
  postpone: fc.boolean(),
});

/** One move of a random history: which of the possible facts, or what somebody from outside does. */
interface Move {
  readonly dice: number;
  readonly pick: number;
  readonly waitMs: number;
  readonly verdict: Verdict;
  readonly empty: boolean;
}

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    dice: fc.integer({ min: 0, max: 99 }),
    pick: fc.nat(1_000),
    waitMs: fc.constantFrom(0, 0, 1, 7, 80, 700, 3_000, 11_000),
    verdict: fc.constantFrom<Verdict>("rebuild", "rebuild", "restart"),
    empty: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Numbers of paths are never used twice, so that what became of each can be told. */
let paths = 0;

function play(world: World, { dice, pick, waitMs, verdict, empty }: Move, mayQuit: boolean): void {
  world.at += waitMs;
  const facts = possible(world);
  if (dice < 25) {
    paths += 1;
    tell(world, { type: "changed", demand: change([`p${paths}`], verdict), empty });
  } else if (dice < 30 && world.looks > 0) {
    paths += 1;
    tell(world, { type: "looked", demand: change([`p${paths}`], verdict), empty, busy: false });
  } else if (dice < 33) {
    paths += 1;
    tell(world, { type: "configured", demand: change([`p${paths}`], verdict) });
  } else if (dice < 36 && mayQuit) tell(world, { type: "quitAsked", code: 130 });
  else {
    const fact = facts[pick % Math.max(1, facts.length)];
    if (fact !== undefined) tell(world, fact);
  }
}

const isLost = (world: World, path: string): boolean => {
  const wanted = world.told.get(path);
  const started = world.started.get(path);
  if (wanted === undefined) return false;
  if (started === undefined || started < wanted.fact) return true;
  const built = world.built.get(path);
  return world.policy.builds && wanted.verdict === "rebuild" && (built === undefined || built < wanted.fact);
};

const runs = { numRuns: 4_000 };

describe("whatever happens, in whatever order", () => {
  test("there are never two builds at once and never two runs, and nothing is left at the one exit", () => {
    fc.assert(
      fc.property(policies, moves, (settings, history) => {
        const world = newWorld(settings);
        tell(world, { type: "started" });
        for (const move of history) play(world, move, true);
        tell(world, { type: "quitAsked", code: 130 });
        tell(world, { type: "quitAsked", code: 130 });
        comeToRest(world);
        expect(world.exits).toHaveLength(1);
        expect(world.state.cycle.is).toBe("ended");
      }),
      runs,
    );
  });

  test("it comes to rest, and every change is in a run that was built and started after it", () => {
    fc.assert(
      fc.property(policies, moves, (settings, history) => {
        const world = newWorld({
          ...settings,
          onExit: settings.onExit === "quit" ? "wait" : (settings.onExit ?? "wait"),
        });
        tell(world, { type: "started" });
        for (const move of history) play(world, move, false);
        // One last change, as whatever failed is asked for again with the next one.
        paths += 1;
        tell(world, { type: "changed", demand: change([`p${paths}`]), empty: false });
        comeToRest(world);
        expect(world.state.cycle.is).toBe("resting");
        expect([...world.told.keys()].filter((path) => isLost(world, path))).toEqual([]);
        expect(world.state.current.is).toBe("ready");
      }),
      runs,
    );
  });

  test("a late fact about an old build or an old run changes nothing", () => {
    fc.assert(
      fc.property(policies, moves, fc.nat(4), (settings, history, kind) => {
        const world = newWorld(settings);
        tell(world, { type: "started" });
        for (const move of history) play(world, move, true);
        const gone = [...Array(world.state.runs + 1).keys()].filter((run) => !world.runs.has(run));
        const over = [...Array(world.state.builds + 1).keys()].filter((build) => world.building?.build !== build);
        const stale: Fact[] = [
          ...gone.flatMap((run): Fact[] => [
            { type: "runReady", run },
            { type: "runLate", run },
            { type: "runGone", run },
            { type: "runExited", run, exit: { is: "code", code: kind } },
          ]),
          ...over.map(
            (build): Fact => ({ type: "buildEnded", build, result: kind === 0 ? { is: "ok" } : { is: "cancelled" } }),
          ),
        ];
        for (const fact of stale) {
          const before = world.state;
          const { state, effects } = step(before, { ...fact, at: world.at } as Event, world.policy);
          expect(effects).toEqual([]);
          expect(state).toEqual(before);
        }
      }),
      runs,
    );
  });

  test("a failed build stops nothing", () => {
    fc.assert(
      fc.property(policies, moves, (settings, history) => {
        const world = newWorld({ ...settings, onFail: "keep", builds: true });
        tell(world, { type: "started" });
        for (const move of history) play(world, move, false);
        const { building, state } = world;
        if (building === undefined || building.cancelled || !isLive(state.current)) return;
        const effects = tell(world, {
          type: "buildEnded",
          build: building.build,
          result: { is: "failed", exit: { is: "code", code: 1 } },
        });
        expect(effects.filter((effect) => effect.type === "stopRun")).toEqual([]);
        expect(world.state.current).toEqual(state.current);
      }),
      runs,
    );
  });

  test("with --once the program always ends, with a code", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), moves, (builds, hasProcess, checked, history) => {
        const world = newWorld({ builds, runs: hasProcess, once: { checked } });
        tell(world, { type: "started" });
        for (const move of history.filter(({ dice }) => dice >= 36)) play(world, move, false);
        comeToRest(world);
        expect(world.exits).toHaveLength(1);
      }),
      runs,
    );
  });
});

describe("a walk through all states", () => {
  const cycles = ["building", "cancelling", "ended", "looking", "quitting", "resting", "settling", "swapping"];
  const cases: [string, Partial<Policy>, string[]][] = [
    ["stop first", {}, cycles],
    ["stop first, restart on exit", { onExit: "restart" }, cycles],
    ["quit on exit, stop on a failed build", { onExit: "quit", onFail: "stop" }, cycles],
    ["finish builds", { onChange: "finish" }, cycles.filter((cycle) => cycle !== "cancelling")],
    ["no build", { builds: false }, cycles.filter((cycle) => cycle !== "building" && cycle !== "cancelling")],
    ["only a build", { runs: false }, cycles.filter((cycle) => cycle !== "swapping")],
    ["start first", { swap: "start-first" }, cycles],
    ["start first, restart on exit", { swap: "start-first", onExit: "restart" }, cycles],
  ];
  test.each(cases)("%s: no promise is broken anywhere", (_, settings, expected) => {
    const { states, cycles: seen } = walk(settings);
    expect([...seen].sort()).toEqual(expected);
    expect(states).toBeGreaterThan(30);
  });
});
