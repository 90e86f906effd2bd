/** A world that obeys the machine and breaks its promises when the machine breaks its own: jobs and runs as plain data, every order checked. */
import { asking, type Demand, nothing, pathsOf, type Verdict } from "../../src/core/demand.ts";
import { emptyHouse, type House } from "../../src/core/house.ts";
import { type JobId, jobName } from "../../src/core/job.ts";
import { step } from "../../src/core/step.ts";
import type {
  BuildResult,
  Changes,
  Exit,
  Fact,
  News,
  Order,
  Plan,
  RecipeId,
  Service,
  Timer,
} from "../../src/core/types.ts";
import { planOf, type Settings } from "./plans.ts";

/** A fact without its time: the world knows it. */
export type Happening = Fact extends infer F ? (F extends { at: number } ? Omit<F, "at"> : never) : never;

interface LiveJob {
  readonly job: JobId;
  readonly recipe: RecipeId;
  readonly contains: ReadonlySet<string>;
  /** The number of the fact that it was ordered at. */
  readonly startedAt: number;
  cancelled: boolean;
}

interface LiveRun {
  readonly job: JobId;
  exited: boolean;
  ready: boolean;
  stopOrdered: boolean;
}

export interface World {
  house: House;
  at: number;
  plan: Plan;
  readonly timers: Map<string, { timer: Timer; service: Service; at: number }>;
  looks: number;
  readonly jobs: Map<string, LiveJob>;
  readonly runs: Map<string, LiveRun>;
  exits: number[];
  /** Every path that was told, by service, with the number of the fact that told it. */
  readonly told: Map<string, { fact: number; verdict: Verdict }>;
  /** For each recipe and path, the number of the fact at which the last good job was ordered that contained it. */
  readonly made: Map<string, number>;
  /** For each recipe, the number of the fact at which the last good job was ordered: it contains all that was told before. */
  readonly upTo: Map<RecipeId, number>;
  /** For each service and path, the last number of the fact at which a run was ordered. */
  readonly started: Map<string, number>;
  facts: number;
}

export const newWorld = (settings: Partial<Settings> | Plan = {}): World => ({
  house: emptyHouse,
  at: 0,
  plan: "services" in settings ? settings : planOf(settings),
  timers: new Map(),
  looks: 0,
  jobs: new Map(),
  runs: new Map(),
  exits: [],
  told: new Map(),
  made: new Map(),
  upTo: new Map(),
  started: new Map(),
  facts: 0,
});

export class BrokenPromise extends Error {}

function promise(kept: boolean, what: string): void {
  if (!kept) throw new BrokenPromise(what);
}

export const change = (paths: readonly string[], verdict: Verdict = "rebuild"): Demand => asking(verdict, paths);

export const run = (number: number): JobId => ({ service: "", kind: "run", number });
export const build = (number: number): JobId => ({ service: "", kind: "build", number });

/** For the nameless service. */
export const found = (demand: Demand, empty = false): Changes =>
  demand.size === 0 ? new Map() : new Map([["", { demand, empty }]]);

export const key = (owner: string, path: string): string => `${owner}:${path}`;

export interface Told {
  readonly orders: readonly Order[];
  readonly news: readonly News[];
}

/** Tells the machine one fact and carries out its orders. Throws a `BrokenPromise` on the first that must not be. */
export function tell(world: World, happening: Happening): Told {
  world.facts += 1;
  if (happening.type === "changed" || happening.type === "looked" || happening.type === "configured") {
    for (const [service, { demand }] of happening.changes)
      for (const [path, { verdict }] of demand) world.told.set(key(service, path), { fact: world.facts, verdict });
  }
  happen(world, happening);
  const before = world.house;
  const { house, orders, news } = step(before, { ...happening, at: world.at }, world.plan);
  world.house = house;
  if (before.life.is === "ended") promise(orders.length === 0, "orders after the end");
  for (const order of orders) obey(world, order);
  return { orders, news };
}

/** What a fact means for the world, before the machine hears of it. */
function happen(world: World, fact: Happening): void {
  switch (fact.type) {
    case "looked":
      world.looks = Math.max(0, world.looks - 1);
      break;
    case "elapsed":
      world.timers.delete(`${fact.timer} ${fact.service}`);
      break;
    case "jobEnded": {
      const name = jobName(fact.job);
      const job = world.jobs.get(name);
      if (job === undefined) break;
      if (fact.result.is === "ok" && !job.cancelled) {
        world.upTo.set(job.recipe, job.startedAt);
        for (const path of job.contains) world.made.set(key(job.recipe, path), job.startedAt);
      }
      world.jobs.delete(name);
      break;
    }
    case "runReady":
    case "runExited": {
      const run = world.runs.get(jobName(fact.job));
      if (run !== undefined) run[fact.type === "runReady" ? "ready" : "exited"] = true;
      break;
    }
    case "runGone":
      world.runs.delete(jobName(fact.job));
      break;
    default:
      break;
  }
}

/** Hooks under way that are to be over before this is made, of whoever shares it. */
const hooksBefore = ({ jobs, plan }: World, recipe: RecipeId): LiveJob[] =>
  [...plan.services.values()].flatMap(({ steps }) => {
    const at = steps.findIndex((step) => step.recipe === recipe);
    const before = new Set(steps.slice(0, Math.max(0, at)).map((step) => step.recipe));
    return [...jobs.values()].filter((job) => job.job.kind === "hook" && before.has(job.recipe));
  });

function obey(world: World, order: Order): void {
  switch (order.type) {
    case "arm":
      promise(order.afterMs >= 0, "a timer in the past");
      world.timers.set(`${order.timer} ${order.service}`, { ...order, at: world.at + order.afterMs });
      break;
    case "disarm":
      world.timers.delete(`${order.timer} ${order.service}`);
      break;
    case "look":
      world.looks += 1;
      break;
    case "startJob": {
      promise(world.plan.recipes.has(order.recipe), "a job where there is nothing to be made");
      const others = [...world.jobs.values()].filter(({ recipe }) => recipe === order.recipe);
      promise(others.length === 0, "two jobs of one recipe at once");
      promise(!world.jobs.has(jobName(order.job)), "a number twice");
      for (const hook of hooksBefore(world, order.recipe)) {
        const isNeeded = [...hook.contains].some((path) => !world.made.has(key(order.recipe, path)));
        promise(!isNeeded, "a build before the hook is over that comes before it");
      }
      world.jobs.set(jobName(order.job), {
        job: order.job,
        recipe: order.recipe,
        contains: pathsOf(order.demand),
        startedAt: world.facts,
        cancelled: false,
      });
      break;
    }
    case "cancelJob": {
      const job = world.jobs.get(jobName(order.job));
      promise(job !== undefined, "cancelled a job that is not under way");
      promise(order.force || job?.cancelled === false, "cancelled twice");
      if (job !== undefined) job.cancelled = true;
      break;
    }
    case "startRun":
      startRun(world, order);
      break;
    case "stopRun": {
      const run = world.runs.get(jobName(order.job));
      promise(run !== undefined, "stopped a run that is gone");
      promise(order.force || run?.stopOrdered === false, "stopped twice");
      if (run !== undefined) run.stopOrdered = true;
      break;
    }
    case "signalRun": {
      const run = world.runs.get(jobName(order.job));
      promise(run?.ready === true && !run.stopOrdered, "signalled a run that does not serve");
      break;
    }
    case "refresh":
      break;
    case "exit":
      world.exits.push(order.code);
      promise(world.exits.length === 1, "exited twice");
      promise(world.jobs.size === 0, "exited during a job");
      promise(world.runs.size === 0, "left a run behind");
      break;
  }
}

function startRun(world: World, { job, demand }: Extract<Order, { type: "startRun" }>): void {
  const { service } = job;
  const plan = world.plan.services.get(service);
  const others = runsOf(world, service);
  const beside = plan?.swap === "start-first" && others.every((run) => run.ready && !run.stopOrdered);
  promise(others.length === 0 || (beside && others.length === 1), "two runs at once");
  promise(world.exits.length === 0, "a run after the end");
  promise(plan?.runs === true, "a run where there is nothing to run");
  world.runs.set(jobName(job), { job, exited: false, ready: false, stopOrdered: false });
  for (const path of pathsOf(demand)) world.started.set(key(service, path), world.facts);
}

export const runsOf = (world: World, service: Service = ""): LiveRun[] =>
  [...world.runs.values()].filter(({ job }) => job.service === service);

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
export function possible(world: World): Happening[] {
  const facts: Happening[] = [];
  for (const { timer, service } of world.timers.values()) facts.push({ type: "elapsed", timer, service });
  if (world.looks > 0) for (const busy of [false, true]) facts.push({ type: "looked", changes: found(nothing), busy });
  for (const { job, cancelled } of world.jobs.values()) {
    facts.push({ type: "jobEnded", job, result: { is: "ok" } });
    if (cancelled) facts.push({ type: "jobEnded", job, result: { is: "cancelled" } });
    else for (const result of failures) facts.push({ type: "jobEnded", job, result });
  }
  for (const { job, exited, ready, stopOrdered } of world.runs.values()) {
    if (!exited) {
      if (!ready) facts.push({ type: "runReady", job }, { type: "runLate", job });
      for (const exit of exits) facts.push({ type: "runExited", job, exit });
    }
    if (stopOrdered) facts.push({ type: "runGone", job });
  }
  return facts;
}

/** Lets everything that is under way end well, until nothing more can happen. Throws when that takes for ever. */
export function comeToRest(world: World): void {
  for (let steps = 0; steps < 400; steps += 1) {
    const timer = [...world.timers.values()].sort((a, b) => a.at - b.at)[0];
    const job = [...world.jobs.values()][0];
    const stopping = [...world.runs.values()].find((run) => run.stopOrdered);
    const starting = [...world.runs.values()].find((run) => !run.ready && !run.exited && !run.stopOrdered);
    if (world.looks > 0) tell(world, { type: "looked", changes: found(nothing), busy: false });
    else if (job !== undefined)
      tell(world, { type: "jobEnded", job: job.job, result: job.cancelled ? { is: "cancelled" } : { is: "ok" } });
    else if (stopping !== undefined) tell(world, { type: "runGone", job: stopping.job });
    else if (starting !== undefined && world.exits.length === 0) tell(world, { type: "runReady", job: starting.job });
    else if (timer !== undefined) {
      world.at = Math.max(world.at, timer.at);
      tell(world, { type: "elapsed", timer: timer.timer, service: timer.service });
    } else return;
  }
  throw new BrokenPromise("does not come to rest");
}
