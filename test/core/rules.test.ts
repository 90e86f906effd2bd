/** Rules as stories: what changes while one runs may be its own work, or what mends it. */
import { expect, test } from "vitest";
import type { Demand } from "../../src/core/demand.ts";
import type { Plan } from "../../src/core/types.ts";
import { planOf } from "./plans.ts";
import { orderText } from "./trace.ts";
import { change, found, newWorld, tell, type World } from "./world.ts";

function ruled(): Plan {
  const plan = planOf();
  const [service] = plan.services.values();
  if (service === undefined) throw new Error("no service");
  return {
    ...plan,
    services: new Map([
      ["", { ...service, steps: [{ recipe: "rule", rule: "gen", atStart: false }, ...service.steps] }],
    ]),
    recipes: new Map([
      ...plan.recipes,
      ["rule", { kind: "rule", service: "", onChange: "restart", products: [], isOptional: false }],
    ]),
  };
}

const take = (world: World, fact: Parameters<typeof tell>[1]): string[] =>
  tell(world, fact)
    .orders.map(orderText)
    .filter((order) => !/^(arm|disarm|look)/.test(order));

const template: Demand = new Map([["a.tmpl", { verdict: "rebuild", rule: "gen" }]]);

const saved = (world: World, demand: Demand): string[] => take(world, { type: "changed", changes: found(demand) });

/** The quiet time passes, if there is one. */
function settled(world: World): string[] {
  const timer = world.timers.get("quiet ");
  if (timer === undefined) return [];
  world.at = Math.max(world.at, timer.at);
  return [
    ...take(world, { type: "elapsed", timer: "quiet", service: "" }),
    ...take(world, { type: "looked", changes: new Map(), busy: false }),
  ];
}

function ended(world: World, code: number): string[] {
  const [job] = world.jobs.values();
  if (job === undefined) throw new Error("nothing is under way");
  const result = code === 0 ? ({ is: "ok" } as const) : ({ is: "failed", exit: { is: "code", code } } as const);
  return take(world, { type: "jobEnded", job: job.job, result });
}

function ruleRuns(): World {
  const world = newWorld(ruled());
  take(world, { type: "started" });
  ended(world, 0);
  saved(world, template);
  expect(settled(world)).toEqual(["rule 1: a.tmpl"]);
  return world;
}

test("what is saved while a rule fails is tried without another save", () => {
  const world = ruleRuns();
  expect(saved(world, change(["helper.js"]))).toEqual([]);
  expect(ended(world, 1)).toEqual([]);
  expect(settled(world)).toEqual(["rule 2: a.tmpl helper.js"]);
  // Once more, since somebody is slow at mending it.
  saved(world, change(["helper.js"]));
  ended(world, 1);
  expect(settled(world)).toEqual(["rule 3: a.tmpl helper.js"]);
  expect(ended(world, 0)).toEqual(["build 2: a.tmpl helper.js"]);
});

test("a rule that fails and writes something else each time is left alone after three times, until somebody saves", () => {
  const world = ruleRuns();
  for (const next of [["rule 2: a.tmpl out.js"], ["rule 3: a.tmpl out.js"], []]) {
    saved(world, change(["out.js"]));
    ended(world, 1);
    expect(settled(world)).toEqual(next);
  }
  saved(world, change(["main.js"]));
  expect(settled(world)).toEqual(["rule 4: a.tmpl out.js main.js"]);
  saved(world, change(["out.js"]));
  ended(world, 1);
  expect(settled(world)).toHaveLength(1);
});

test("a rule that fails, and beside which nothing changes, waits for a change", () => {
  const world = ruleRuns();
  ended(world, 1);
  expect(settled(world)).toEqual([]);
});

test("what was written by a rule that passed does not make a build that fails run again", () => {
  const world = ruleRuns();
  saved(world, change(["out.js"]));
  expect(ended(world, 0)).toEqual(["build 2: a.tmpl out.js"]);
  ended(world, 1);
  expect(settled(world)).toEqual([]);
});
