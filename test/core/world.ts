/** A world that obeys the machine and breaks its promises when the machine breaks its own: builds and runs as plain data, every order checked. */
import { type Demand, nothing, type Verdict } from "../../src/core/demand.ts";
import { initial, type State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import type { BuildResult, Effect, Event, Exit, Policy, Timer } from "../../src/core/types.ts";

export const policy: Policy = {
  builds: true,
  products: [],
  runs: true,
  debounce: "auto",
  maxWaitMs: 2_000,
  onChange: "restart",
  onFail: "keep",
  onExit: "wait",
  swap: "stop-first",
  commandGiven: false,
  postpone: false,
  once: undefined,
};

/** An event without its time, or what a world adds to one. */
export type Fact = Event extends infer E ? (E extends { at: number } ? Omit<E, "at"> : never) : never;

interface LiveRun {
  readonly contains: ReadonlySet<string>;
  exited: boolean;
  ready: boolean;
  stopOrdered: boolean;
}

export interface World {
  state: State;
  at: number;
  readonly policy: Policy;
  readonly timers: Map<Timer, number>;
  looks: number;
  building: { build: number; contains: Demand; startedAt: number; cancelled: boolean } | undefined;
  readonly runs: Map<number, LiveRun>;
  exits: number[];
  /** Every path that was told, with the number of the fact that told it. */
  readonly told: Map<string, { fact: number; verdict: Verdict }>;
  /** Paths that a successful build contained, with the number of the fact at which that build was ordered. */
  readonly built: Map<string, number>;
  /** The last number of the fact at which a run was ordered, by path that it contains. */
  readonly started: Map<string, number>;
  facts: number;
}

export function newWorld(settings: Partial<Policy> = {}): World {
  return {
    state: initial,
    at: 0,
    policy: { ...policy, ...settings },
    timers: new Map(),
    looks: 0,
    building: undefined,
    runs: new Map(),
    exits: [],
    told: new Map(),
    built: new Map(),
    started: new Map(),
    facts: 0,
  };
}

export class BrokenPromise extends Error {}

function promise(kept: boolean, what: string): void {
  if (!kept) throw new BrokenPromise(what);
}

export function change(paths: readonly string[], verdict: Verdict = "rebuild"): Demand {
  return paths.length === 0 ? nothing : { verdict, changes: new Set(paths) };
}

/** Tells the machine one fact and carries out its orders. Throws a `BrokenPromise` on the first that must not be. */
export function tell(world: World, fact: Fact): readonly Effect[] {
  world.facts += 1;
  if (fact.type === "changed" || fact.type === "looked" || fact.type === "configured") {
    for (const path of fact.demand.changes) world.told.set(path, { fact: world.facts, verdict: fact.demand.verdict });
  }
  happen(world, fact);
  const before = world.state;
  const { state, effects } = step(before, { ...fact, at: world.at } as Event, world.policy);
  world.state = state;
  if (before.cycle.is === "ended") promise(effects.length === 0, "orders after the end");
  for (const effect of effects) obey(world, effect);
  return effects;
}

/** What a fact means for the world, before the machine hears of it. */
function happen(world: World, fact: Fact): void {
  switch (fact.type) {
    case "looked":
      world.looks -= 1;
      break;
    case "elapsed":
      world.timers.delete(fact.timer);
      break;
    case "buildEnded": {
      const { building } = world;
      if (building?.build !== fact.build) break;
      if (fact.result.is === "ok" && !building.cancelled) {
        for (const path of building.contains.changes) world.built.set(path, building.startedAt);
      }
      world.building = undefined;
      break;
    }
    case "runReady":
    case "runExited": {
      const run = world.runs.get(fact.run);
      if (run !== undefined) run[fact.type === "runReady" ? "ready" : "exited"] = true;
      break;
    }
    case "runGone":
      world.runs.delete(fact.run);
      break;
    default:
      break;
  }
}

function obey(world: World, effect: Effect): void {
  switch (effect.type) {
    case "arm":
      promise(effect.afterMs >= 0, "a timer in the past");
      world.timers.set(effect.timer, world.at + effect.afterMs);
      break;
    case "disarm":
      world.timers.delete(effect.timer);
      break;
    case "look":
      world.looks += 1;
      break;
    case "build":
      promise(world.building === undefined, "two builds at once");
      promise(world.policy.builds, "a build where there is nothing to build");
      world.building = { build: effect.build, contains: effect.demand, startedAt: world.facts, cancelled: false };
      break;
    case "cancelBuild":
      promise(world.building?.build === effect.build, "cancelled a build that is not under way");
      if (world.building !== undefined) world.building.cancelled = true;
      break;
    case "startRun": {
      const others = [...world.runs.values()];
      const beside = world.policy.swap === "start-first" && others.every((run) => run.ready && !run.stopOrdered);
      promise(others.length === 0 || (beside && others.length === 1), "two runs at once");
      promise(world.exits.length === 0, "a run after the end");
      world.runs.set(effect.run, { contains: effect.demand.changes, exited: false, ready: false, stopOrdered: false });
      for (const path of effect.demand.changes) world.started.set(path, world.facts);
      break;
    }
    case "stopRun": {
      const run = world.runs.get(effect.run);
      promise(run !== undefined, "stopped a run that is gone");
      promise(effect.force || run?.stopOrdered === false, "stopped twice");
      if (run !== undefined) run.stopOrdered = true;
      break;
    }
    case "mute":
    case "restless":
      break;
    case "exit":
      world.exits.push(effect.code);
      promise(world.exits.length === 1, "exited twice");
      promise(world.building === undefined, "exited during a build");
      promise(world.runs.size === 0, "left a run behind");
      break;
  }
}

const exits: readonly Exit[] = [
  { is: "code", code: 0 },
  { is: "code", code: 7 },
  { is: "signal", signal: "SIGKILL", number: 9 },
  { is: "unstartable", missing: true, message: "no such command" },
];

const failures: readonly BuildResult[] = [
  { is: "failed", exit: { is: "code", code: 1 } },
  { is: "timedOut", afterMs: 10 },
];

/** Every fact that this world could tell next, changes and questions of the user aside. */
export function possible(world: World): Fact[] {
  const facts: Fact[] = [];
  for (const timer of world.timers.keys()) facts.push({ type: "elapsed", timer });
  if (world.looks > 0) {
    for (const busy of [false, true]) facts.push({ type: "looked", demand: nothing, empty: false, busy });
  }
  const { building } = world;
  if (building !== undefined) {
    facts.push({ type: "buildEnded", build: building.build, result: { is: "ok" } });
    if (building.cancelled) facts.push({ type: "buildEnded", build: building.build, result: { is: "cancelled" } });
    else for (const result of failures) facts.push({ type: "buildEnded", build: building.build, result });
  }
  for (const [run, { exited, ready, stopOrdered }] of world.runs) {
    if (!exited) {
      if (!ready) facts.push({ type: "runReady", run }, { type: "runLate", run });
      for (const exit of exits) facts.push({ type: "runExited", run, exit });
    }
    if (stopOrdered) facts.push({ type: "runGone", run });
  }
  return facts;
}

/** Lets everything that is under way end well, until nothing more can happen. Throws when that takes for ever. */
export function comeToRest(world: World): void {
  for (let steps = 0; steps < 200; steps += 1) {
    const timer = [...world.timers.entries()].sort((a, b) => a[1] - b[1])[0];
    const stopping = [...world.runs].find(([, run]) => run.stopOrdered);
    const starting = [...world.runs].find(([, run]) => !run.ready && !run.exited && !run.stopOrdered);
    if (world.looks > 0) tell(world, { type: "looked", demand: nothing, empty: false, busy: false });
    else if (world.building !== undefined) {
      const { build, cancelled } = world.building;
      tell(world, { type: "buildEnded", build, result: cancelled ? { is: "cancelled" } : { is: "ok" } });
    } else if (stopping !== undefined) tell(world, { type: "runGone", run: stopping[0] });
    else if (starting !== undefined && world.exits.length === 0) tell(world, { type: "runReady", run: starting[0] });
    else if (timer !== undefined) {
      world.at = Math.max(world.at, timer[1]);
      tell(world, { type: "elapsed", timer: timer[0] });
    } else return;
  }
  throw new BrokenPromise(`does not come to rest: ${world.state.cycle.is}`);
}
