/** Checks as stories: what drops out of a change, what goes on, and when it is looked at again. */
import { expect, test } from "vitest";
import type { Demand, Verdict } from "../../src/core/demand.ts";
import { heldOf } from "../../src/core/house.ts";
import { standing } from "../../src/core/serving.ts";
import type { BuildResult, Plan } from "../../src/core/types.ts";
import { planOf } from "./plans.ts";
import { orderText } from "./trace.ts";
import { change, comeToRest, found, newWorld, run, tell, type World } from "./world.ts";

function guarded(shape: { readonly builds: boolean; readonly runs?: boolean } = { builds: false }): Plan {
  const plan = planOf(shape);
  const [service] = plan.services.values();
  if (service === undefined) throw new Error("no service");
  return {
    ...plan,
    services: new Map([
      ["", { ...service, steps: [{ recipe: "check", rule: "conf", atStart: true }, ...service.steps] }],
    ]),
    recipes: new Map([
      ...plan.recipes,
      ["check", { kind: "check", service: "", onChange: "restart", products: [], isOptional: false }],
    ]),
  };
}

const file = (path: string, verdict: Verdict = "signal"): Demand => new Map([[path, { verdict, rule: "conf" }]]);

const take = (world: World, fact: Parameters<typeof tell>[1]): string[] =>
  tell(world, fact)
    .orders.map(orderText)
    .filter((order) => !/^(arm|disarm|look)/.test(order));

/** The check that is under way has found these wrong. */
function checked(world: World, ...wrong: readonly string[]): string[] {
  const [job] = world.jobs.values();
  if (job === undefined) throw new Error("nothing is under way");
  const result: BuildResult =
    wrong.length === 0 ? { is: "ok" } : { is: "held", files: wrong.map((path) => ({ path, problems: [] })) };
  return take(world, { type: "jobEnded", job: job.job, result });
}

/** A change, and what is ordered once it rests. */
function save(world: World, demand: Demand): string[] {
  const first = take(world, { type: "changed", changes: found(demand) });
  const quiet = take(world, { type: "elapsed", timer: "quiet", service: "" });
  return [...first, ...quiet, ...take(world, { type: "looked", changes: new Map(), busy: false })];
}

function serving(): World {
  const world = newWorld(guarded());
  expect(take(world, { type: "started" })).toEqual(["check 1:"]);
  expect(checked(world)).toEqual(["start run 1:"]);
  take(world, { type: "runReady", job: run(1) });
  return world;
}

const held = (world: World): string[] => [...heldOf(world.house, "").keys()];
const stands = (world: World): string => standing(world.house, "", world.house.mark, world.plan).is;

test("what is wrong at the start starts nothing, and the next change is judged with everything", () => {
  const world = newWorld(guarded());
  take(world, { type: "started" });
  expect(checked(world, "a.yaml")).toEqual([]);
  expect(stands(world)).toBe("broken");
  expect(save(world, change(["main.js"], "restart"))).toEqual(["check 2: main.js"]);
  expect(checked(world, "a.yaml")).toEqual([]);
  expect(save(world, file("a.yaml"))).toEqual(["check 3: main.js a.yaml"]);
  expect(checked(world)).toEqual(["start run 1: main.js a.yaml"]);
});

test("one that is wrong drops out, the rest goes on, and a run that is newer does not make it right", () => {
  const world = serving();
  expect(save(world, new Map([...file("a.yaml"), ...file("b.yaml"), ...change(["main.js"], "restart")]))).toEqual([
    "check 2: a.yaml b.yaml main.js",
  ]);
  expect(checked(world, "a.yaml")).toEqual(["stop run 1"]);
  expect(held(world)).toEqual(["a.yaml"]);
  comeToRest(world);
  expect(stands(world)).toBe("broken");
});

test("it comes back with its own next change, and with nothing else's", () => {
  const world = serving();
  save(world, file("a.yaml"));
  expect(checked(world, "a.yaml")).toEqual([]);
  expect(save(world, file("b.yaml"))).toEqual(["check 3: b.yaml"]);
  expect(checked(world)).toEqual(["signal run 1: conf"]);
  expect(held(world)).toEqual(["a.yaml"]);
  expect(save(world, file("a.yaml"))).toEqual(["check 4: a.yaml"]);
  expect(checked(world)).toEqual(["signal run 1: conf"]);
  expect(held(world)).toEqual([]);
  expect(stands(world)).toBe("served");
});

test("looked at again because its schema changed, it asks for what its own change has asked for", () => {
  const world = serving();
  save(world, file("a.yaml"));
  checked(world, "a.yaml");
  expect(save(world, file("a.yaml", "ignore"))).toEqual(["check 3: a.yaml"]);
  expect(checked(world)).toEqual(["signal run 1: conf"]);
});

test("a start that somebody asks for does not read what is wrong: the run stays", () => {
  const world = serving();
  save(world, file("a.yaml"));
  checked(world, "a.yaml");
  take(world, { type: "asked", verb: "restart", services: [""] });
  take(world, { type: "elapsed", timer: "quiet", service: "" });
  expect(take(world, { type: "looked", changes: new Map(), busy: false })).toEqual(["check 3: a.yaml"]);
  expect(checked(world, "a.yaml")).toEqual([]);
  expect([held(world), stands(world)]).toEqual([["a.yaml"], "broken"]);
  expect(save(world, change(["main.js"], "restart"))).toEqual(["stop run 1"]);
});

test("what is saved while a check looks belongs to the same check, which is carried out once more", () => {
  const world = serving();
  save(world, file("a.yaml"));
  expect(take(world, { type: "changed", changes: found(file("a.yaml")) })).toEqual([]);
  expect(checked(world, "a.yaml")).toEqual(["check 3: a.yaml"]);
  expect(held(world)).toEqual([]);
  expect(checked(world)).toEqual(["signal run 1: conf"]);
});

test("however often a file is saved meanwhile, it is not read before it has been judged", () => {
  const world = serving();
  save(world, file("a.yaml"));
  for (const number of [3, 4, 5]) {
    take(world, { type: "changed", changes: found(file("a.yaml")) });
    expect(checked(world)).toEqual([`check ${number}: a.yaml`]);
  }
  expect(checked(world, "a.yaml")).toEqual([]);
  expect(held(world)).toEqual(["a.yaml"]);
});

test("after a crash a change of the sources starts the program, whatever is held back", () => {
  const world = serving();
  take(world, { type: "runExited", job: run(1), exit: { is: "code", code: 1 } });
  comeToRest(world);
  save(world, new Map([...file("a.yaml"), ...change(["main.js"], "restart")]));
  checked(world, "a.yaml");
  expect(held(world)).toEqual(["a.yaml"]);
});

test("a source that is saved meanwhile gives the check up, and both are in the next one", () => {
  const world = serving();
  save(world, file("a.yaml"));
  expect(take(world, { type: "changed", changes: found(change(["main.js"])) })).toEqual(["cancel check 2"]);
  const [job] = world.jobs.values();
  if (job === undefined) throw new Error("nothing is under way");
  take(world, { type: "jobEnded", job: job.job, result: { is: "cancelled" } });
  take(world, { type: "elapsed", timer: "quiet", service: "" });
  expect(take(world, { type: "looked", changes: new Map(), busy: false })).toEqual(["check 3: a.yaml main.js"]);
});

const asked = (world: World, verb: "restart" | "rebuild"): string[] => [
  ...take(world, { type: "asked", verb, services: [""] }),
  ...take(world, { type: "elapsed", timer: "quiet", service: "" }),
  ...take(world, { type: "looked", changes: new Map(), busy: false }),
];

test("after a crash, a start that was asked for in vain does not keep a change of the sources from being started", () => {
  const world = serving();
  take(world, { type: "runExited", job: run(1), exit: { is: "code", code: 1 } });
  comeToRest(world);
  expect(asked(world, "restart")).toEqual(["check 2:"]);
  expect(checked(world, "a.yaml")).toEqual([]);
  expect([held(world), stands(world)]).toEqual([["a.yaml"], "broken"]);
  // What it has left behind goes first.
  expect(save(world, change(["main.js"], "restart"))).toEqual(["stop run 1"]);
  expect(take(world, { type: "runGone", job: run(1) })).toEqual(["start run 2: main.js"]);
});

test("after a crash, it comes as soon as the file is right", () => {
  const world = serving();
  take(world, { type: "runExited", job: run(1), exit: { is: "code", code: 1 } });
  comeToRest(world);
  asked(world, "restart");
  checked(world, "a.yaml");
  // Its schema has changed.
  expect(save(world, file("a.yaml", "ignore"))).toEqual(["check 3: a.yaml"]);
  expect(checked(world)).toEqual(["stop run 1"]);
  expect(take(world, { type: "runGone", job: run(1) })[0]).toMatch(/^start run 2/);
});

test("where nothing runs, a build that was asked for in vain does not keep the next one from being made", () => {
  const world = newWorld(guarded({ builds: true, runs: false }));
  take(world, { type: "started" });
  checked(world);
  expect(checked(world)).toEqual([]);
  expect(asked(world, "rebuild")).toEqual(["check 2:"]);
  expect(checked(world, "a.yaml")).toEqual([]);
  expect([held(world), stands(world)]).toEqual([["a.yaml"], "broken"]);
  expect(save(world, change(["main.c"], "rebuild"))).toEqual(["build 2: main.c"]);
  expect(checked(world)).toEqual([]);
  expect([held(world), stands(world)]).toEqual([["a.yaml"], "broken"]);
});
