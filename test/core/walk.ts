/** A walk through every state of the machine that can be reached, with a world that checks every order. */
import type { State } from "../../src/core/state.ts";
import type { Policy } from "../../src/core/types.ts";
import { change, type Fact, newWorld, policy, possible, tell, type World } from "./world.ts";

/** A state with its clock and counters taken out: two that look alike here behave alike from here on. */
function outline(world: World): string {
  const { state } = world;
  const age = (at: number | undefined): string =>
    at === undefined ? "-" : world.at - at >= policy.maxWaitMs ? "old" : "new";
  // Suspicion has walks of its own: see loop.test.ts.
  const alive = [...world.runs.keys()];
  const runs = [...world.runs.values()].map((its) => [its.exited, its.ready, its.stopOrdered]);
  const slot = (its: State["current"]): unknown => ({
    is: its.is,
    run: "run" in its ? alive.indexOf(its.run) : undefined,
    next: "next" in its ? its.next : undefined,
    forced: "forced" in its ? its.forced : undefined,
  });
  return JSON.stringify([
    { ...state.cycle, build: undefined, contains: undefined, due: undefined },
    slot(state.current),
    slot(state.coming),
    state.owed.verdict,
    // How long it is to be quiet is a number in an order: nothing branches on it.
    age(state.burst?.oldestAt),
    age(state.unansweredSince),
    Math.min(state.cancelled, 2),
    state.vacated,
    Math.min(state.crashes, 2),
    state.runs > 1,
    runs,
    world.building === undefined ? "-" : world.building.cancelled,
    [...world.timers.keys()].sort(),
    Math.min(world.looks, 1),
  ]);
}

function copy(world: World): World {
  return {
    ...world,
    timers: new Map(world.timers),
    looks: Math.min(world.looks, 1),
    building: world.building && { ...world.building },
    runs: new Map([...world.runs].map(([run, its]) => [run, { ...its }])),
    exits: [...world.exits],
    told: new Map(),
    built: new Map(),
    started: new Map(),
  };
}

export interface Walk {
  readonly states: number;
  /** Every kind of cycle that was met. */
  readonly cycles: ReadonlySet<string>;
  /** `resting changed settling`: from, by which fact, to. */
  readonly edges: ReadonlySet<string>;
}

/** How a build failed, or a process ended, is for the reporters: to the machine those are alike here. */
function isOneOfEach(fact: Fact): boolean {
  if (fact.type === "runExited") return fact.exit.is === "signal";
  return fact.type !== "buildEnded" || fact.result.is !== "timedOut";
}

/** Every fact in every state that can be reached at all. */
export function walk(settings: Partial<Policy>): Walk {
  const first = newWorld(settings);
  tell(first, { type: "started" });
  const seen = new Set([outline(first)]);
  const open = [first];
  const cycles = new Set<string>();
  const edges = new Set<string>();
  const outside: Fact[] = [
    { type: "changed", demand: change(["a"]), empty: false },
    { type: "changed", demand: change(["b"], "restart"), empty: true },
    { type: "configured", demand: change(["c"], "restart") },
    { type: "quitAsked", code: 130 },
  ];
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    cycles.add(world.state.cycle.is);
    for (const fact of [...possible(world).filter(isOneOfEach), ...outside]) {
      for (const waitMs of [0, policy.maxWaitMs]) {
        const next = copy(world);
        next.at += waitMs;
        tell(next, fact);
        edges.add(`${world.state.cycle.is} ${fact.type} ${next.state.cycle.is}`);
        const key = outline(next);
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(next);
      }
    }
    if (seen.size > 100_000) throw new Error("more states than expected");
  }
  return { states: seen.size, cycles, edges };
}
