/**
 * What must run, said a second time and much simpler: four services that share a build and wait for each other are started,
 * stopped, broken, mended, changed and crashed in any order, and a model of a few lines says after each of these what runs.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asking } from "../../src/core/demand.ts";
import { runsOf } from "../../src/core/house.ts";
import { runsFace } from "../../src/core/slots.ts";
import type { Plan, Recipe } from "../../src/core/types.ts";
import { serviceOf } from "./plans.ts";
import { newWorld, tell, type World } from "./world.ts";

const names = ["db", "api", "web", "worker"] as const;
type Name = (typeof names)[number];

const buildOf: Readonly<Record<Name, string | undefined>> = {
  db: undefined,
  api: "shared",
  web: "shared",
  worker: "own",
};
const after: Readonly<Record<Name, readonly Name[]>> = { db: [], api: ["db"], web: ["api"], worker: ["db"] };

const build = (service: string): Recipe => ({
  kind: "build",
  service,
  onChange: "restart",
  products: [],
  isOptional: false,
});

const plan = (swap: "stop-first" | "start-first"): Plan => ({
  services: new Map(
    names.map((name) => [
      name,
      serviceOf(
        { swap },
        [buildOf[name]].flatMap((each) => each ?? []),
        after[name],
      ),
    ]),
  ),
  recipes: new Map([
    ["shared", build("")],
    ["own", build("worker")],
  ]),
  commandGiven: false,
  postpone: false,
  once: false,
});

/** `breaks` and `mends` are what somebody does to the sources: of a program, or of what is built. */
type Deed =
  | { readonly is: "change"; readonly of: readonly Name[] }
  | { readonly is: "stop" | "start" | "crash"; readonly of: Name }
  | { readonly is: "breaks" | "mends"; readonly of: Name | "shared" | "own" };

const some = fc.constantFrom(...names);
const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ is: fc.constant("change" as const), of: fc.subarray([...names], { minLength: 1 }) }),
    },
    { weight: 4, arbitrary: fc.record({ is: fc.constantFrom("stop", "start", "crash"), of: some }) },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constantFrom("breaks", "mends", "mends"),
        of: fc.constantFrom(...names, "shared", "own"),
      }),
    },
  ),
  { minLength: 1, maxLength: 25 },
);

/** Nothing is under way any more; programs and builds that are broken fail, all others do well. */
function rest(world: World, broken: ReadonlySet<string>): void {
  for (let steps = 0; steps < 400; steps += 1) {
    const timer = [...world.timers.values()].sort((a, b) => a.at - b.at)[0];
    const job = [...world.jobs.values()][0];
    const runs = [...world.runs.values()];
    const stopping = runs.find(({ stopOrdered }) => stopOrdered);
    const starting = runs.find(({ ready, exited, stopOrdered }) => !ready && !exited && !stopOrdered);
    if (world.looks > 0) tell(world, { type: "looked", changes: new Map(), busy: false });
    else if (job !== undefined) {
      const failed = { is: "failed", exit: { is: "code", code: 1 } } as const;
      const good = broken.has(job.recipe) ? failed : ({ is: "ok" } as const);
      tell(world, { type: "jobEnded", job: job.job, result: job.cancelled ? { is: "cancelled" } : good });
    } else if (stopping !== undefined) tell(world, { type: "runGone", job: stopping.job });
    else if (starting !== undefined)
      tell(
        world,
        broken.has(starting.job.service)
          ? { type: "runExited", job: starting.job, exit: { is: "code", code: 7 } }
          : { type: "runReady", job: starting.job },
      );
    else if (timer !== undefined) {
      world.at = Math.max(world.at, timer.at);
      tell(world, { type: "elapsed", timer: timer.timer, service: timer.service });
    } else return;
  }
  throw new Error("does not come to rest");
}

interface Modelled {
  wanted: boolean;
  run: "none" | "ready" | "failed";
  /** The newest change that it is to contain. */
  owed: number;
  isDue: boolean;
  /** It is made and waits for others, nothing of it runs, and something has changed meanwhile: should that fail, it is started as it was. */
  isVacated: boolean;
  /** It is made for this one, whatever is made after that. */
  hasIt: boolean;
  starts: number;
  /** Or so many more: as it was, while it was still being made. */
  more: number;
}

interface Model {
  readonly services: Readonly<Record<Name, Modelled>>;
  readonly broken: Set<string>;
  /** By recipe: up to which change it was made well. */
  readonly made: Map<string, number>;
  mark: number;
}

const newModel = (): Model => {
  const one = (): Modelled => ({
    wanted: true,
    run: "none",
    owed: 0,
    isDue: false,
    isVacated: false,
    hasIt: false,
    starts: 0,
    more: 0,
  });
  return {
    services: { db: one(), api: one(), web: one(), worker: one() },
    broken: new Set(),
    made: new Map(),
    mark: 0,
  };
};

/** These ask for what they owe: it is made once for all that share it, and whoever may starts. */
function ask(model: Model, asking: readonly Name[]): void {
  const { services, broken, made } = model;
  const isMade = (name: Name): boolean => isMadeFor(model, name);
  for (const name of asking) {
    const recipe = buildOf[name];
    if (!services[name].wanted || recipe === undefined || isMade(name)) continue;
    // What was made before a failure is for those alone that have it already.
    made.set(recipe, broken.has(recipe) ? 0 : model.mark);
  }
  for (const name of names) {
    const modelled = services[name];
    modelled.hasIt ||= modelled.wanted && isMade(name);
    const isNext = modelled.isDue && modelled.wanted && after[name].every((other) => services[other].run === "ready");
    if (!isNext || !(isMade(name) || modelled.isVacated)) continue;
    modelled.starts += 1;
    modelled.more = modelled.isVacated && isMade(name) ? 1 : 0;
    modelled.isDue = !isMade(name);
    modelled.isVacated = false;
    modelled.run = broken.has(name) ? "failed" : "ready";
  }
}

function isMadeFor({ services, made }: Model, name: Name): boolean {
  const recipe = buildOf[name];
  return recipe === undefined || services[name].hasIt || (made.get(recipe) ?? 0) >= services[name].owed;
}

function change(model: Model, of: readonly Name[]): void {
  for (const name of of) {
    const modelled = model.services[name];
    if (modelled.isDue && modelled.wanted && isMadeFor(model, name) && modelled.run !== "ready")
      modelled.isVacated = true;
  }
  model.mark += 1;
  for (const name of of) Object.assign(model.services[name], { owed: model.mark, isDue: true, hasIt: false });
  ask(model, of);
}

/** Both do it, the machine with all that lies between. */
function carryOut(world: World, model: Model, deed: Deed): void {
  switch (deed.is) {
    case "change":
      world.at += 60_000;
      change(model, deed.of);
      changed(world, deed.of);
      break;
    case "stop":
      Object.assign(model.services[deed.of], { wanted: false, run: "none", isDue: true });
      tell(world, { type: "asked", verb: "stop", services: [deed.of] });
      break;
    case "start":
      if (model.services[deed.of].wanted) break;
      model.services[deed.of].wanted = true;
      ask(model, [deed.of]);
      tell(world, { type: "asked", verb: "start", services: [deed.of] });
      break;
    case "crash": {
      const run = [...world.runs.values()].find(
        ({ job, ready, exited }) => job.service === deed.of && ready && !exited,
      );
      if (run === undefined) break;
      model.services[deed.of].run = "failed";
      tell(world, { type: "runExited", job: run.job, exit: { is: "code", code: 7 } });
      break;
    }
    case "breaks":
      model.broken.add(deed.of);
      break;
    case "mends":
      model.broken.delete(deed.of);
      break;
  }
}

let paths = 0;
function changed(world: World, of: readonly Name[]): void {
  paths += 1;
  const demand = asking("rebuild", [`m${paths}`]);
  tell(world, { type: "changed", changes: new Map(of.map((name) => [name, { demand, empty: false }])) });
}

/** What runs is what the model says, and it was started as often as it says. */
function compare({ house }: World, { services }: Model, why: string): void {
  const words = { room: "none", starting: "starting", ready: "ready", ended: "ended", failed: "failed" } as const;
  const seen = names.map((name) => ({ name, run: words[runsFace(runsOf(house, name))] }));
  expect(seen, why).toEqual(names.map((name) => ({ name, run: services[name].run })));
  for (const name of names) {
    const { count } = runsOf(house, name);
    const { starts, more } = services[name];
    expect(count >= starts && count <= starts + more, `${count} starts of ${name}, not ${starts}: ${why}`).toBe(true);
    Object.assign(services[name], { starts: count, more: 0 });
  }
}

function begun(
  deeds: readonly Deed[],
  swap: "stop-first" | "start-first" = "stop-first",
): { world: World; model: Model } {
  const model = newModel();
  // What is broken before anything has run.
  for (const deed of deeds) if (deed.is === "breaks") model.broken.add(deed.of);
  const world = newWorld(plan(swap));
  change(model, names);
  tell(world, { type: "started" });
  rest(world, model.broken);
  return { world, model };
}

/** Each deed is carried out, and after it runs what the model says. */
function runsAsSaid(before: readonly Deed[], history: readonly Deed[]): { world: World; model: Model } {
  const { world, model } = begun(before);
  compare(world, model, "at the start");
  for (const deed of history) {
    carryOut(world, model, deed);
    rest(world, model.broken);
    compare(world, model, JSON.stringify(deed));
  }
  return { world, model };
}

describe("four services, started, stopped, broken, mended, changed and crashed in any order", () => {
  test("run as the model says after each of these, and nothing is left when they are told to end", () => {
    fc.assert(
      fc.property(deeds, deeds, (before, history) => {
        const { world, model } = runsAsSaid(before.slice(0, 3), history);
        tell(world, { type: "quitAsked", code: 130 });
        rest(world, model.broken);
        expect([world.exits, world.runs.size, world.jobs.size]).toEqual([[130], 0, 0]);
      }),
      { numRuns: Number(process.env["RELOAD_TEST_RUNS"] ?? 400) },
    );
  });

  test("one that waits to start as it was, and whose failed build another one makes, starts once with that in it", () => {
    runsAsSaid(
      [{ is: "breaks", of: "db" }],
      [
        { is: "breaks", of: "shared" },
        { is: "change", of: ["web"] },
        { is: "mends", of: "shared" },
        { is: "mends", of: "db" },
        { is: "change", of: ["db", "api"] },
        { is: "change", of: ["api"] },
      ],
    );
  });
});
