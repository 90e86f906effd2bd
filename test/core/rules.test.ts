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

const another: Demand = new Map([["b.tmpl", { verdict: "rebuild", rule: "gen" }]]);

/** The build is over, and the program has been started anew. */
function startsAnew(world: World): void {
  ended(world, 0);
  for (let run = [...world.runs.values()].find(({ stopOrdered }) => stopOrdered); run !== undefined; run = undefined)
    take(world, { type: "runGone", job: run.job });
  for (const { job, ready } of [...world.runs.values()]) if (!ready) take(world, { type: "runReady", job });
}

test("another template that is saved while the rule runs is carried out for in a cycle of its own", () => {
  const world = ruleRuns();
  ended(world, 0);
  startsAnew(world);
  for (let round = 0; round < 3; round += 1) {
    world.at += 10_000;
    saved(world, template);
    expect(settled(world)).toEqual([expect.stringMatching(/^rule \d+: a\.tmpl$/)]);
    saved(world, another);
    expect(ended(world, 0)).toEqual([expect.stringMatching(/^build \d+: a\.tmpl$/)]);
    startsAnew(world);
    expect(settled(world)).toEqual([expect.stringMatching(/^rule \d+: b\.tmpl$/)]);
    ended(world, 0);
    startsAnew(world);
  }
});

test("what a rule writes each time never starts it again, whatever it matches", () => {
  const world = ruleRuns();
  for (let round = 0; round < 3; round += 1) {
    saved(world, another);
    expect(ended(world, 0)).toEqual([expect.stringMatching(/^build \d+: a\.tmpl b\.tmpl$/)]);
    startsAnew(world);
    expect(settled(world)).toEqual([]);
    world.at += 10_000;
    saved(world, template);
    expect(settled(world)).toEqual([expect.stringMatching(/^rule \d+: a\.tmpl$/)]);
  }
});

test("a rule that writes what it matches under another name each time is named in the end, and left alone", () => {
  const world = ruleRuns();
  ended(world, 0);
  startsAnew(world);
  let name = 0;
  const news: string[] = [];
  const rounds = (): number => {
    world.at += 10_000;
    saved(world, template);
    for (let round = 1; round < 20; round += 1) {
      if (settled(world).length === 0) return round - 1;
      name += 1;
      const out: Demand = new Map([[`${name}.tmpl`, { verdict: "rebuild", rule: "gen" }]]);
      news.push(...tell(world, { type: "changed", changes: found(out) }).news.map(({ type }) => type));
      ended(world, 0);
      startsAnew(world);
    }
    return 20;
  };
  expect([rounds(), rounds(), rounds()]).toEqual([6, 1, 1]);
  expect(news).toEqual(["circular"]);
});

test("what a rule makes is built, also where the last build began after what it was carried out for was saved", () => {
  const world = ruleRuns();
  saved(world, template);
  expect(ended(world, 0)).toEqual(["build 2: a.tmpl"]);
  startsAnew(world);
  expect(settled(world)).toEqual(["rule 2: a.tmpl"]);
  expect(ended(world, 0)).toEqual(["build 3: a.tmpl"]);
});

test("somebody who writes one template after the other while the rule runs is not taken for the rule", () => {
  const world = ruleRuns();
  ended(world, 0);
  startsAnew(world);
  const next = (name: number): Demand => new Map([[`${name}.tmpl`, { verdict: "rebuild", rule: "gen" }]]);
  world.at += 10_000;
  saved(world, next(0));
  // One in a second, and the rule takes as long.
  const start = world.at;
  let since = start;
  for (let tick = 1; tick <= 80; tick += 1) {
    if (world.jobs.size > 0 && world.at - since >= 1_000) {
      ended(world, 0);
      startsAnew(world);
    }
    const timer = world.timers.get("quiet ");
    if (timer !== undefined && timer.at <= start + 500 * tick) {
      settled(world);
      since = world.at;
    }
    world.at = Math.max(world.at, start + 500 * tick);
    if (tick % 2 === 0) expect(tell(world, { type: "changed", changes: found(next(tick)) }).news).toEqual([]);
  }
});
