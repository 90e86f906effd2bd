/** Hooks as stories: what is carried out when, and that the end waits for it. */
import { describe, expect, test } from "vitest";
import { asking } from "../../src/core/demand.ts";
import { standing, stateOf } from "../../src/core/serving.ts";
import type { Plan, Recipe } from "../../src/core/types.ts";
import { planOf, type Settings } from "./plans.ts";
import { orderText } from "./trace.ts";
import { change, found, newWorld, run, tell, type World } from "./world.ts";

const hook: Recipe = { kind: "hook", service: "", onChange: "restart", products: [], isOptional: false };

function planWith(settings: Partial<Settings> = {}): Plan {
  const plan = planOf(settings);
  const [service] = plan.services.values();
  if (service === undefined) throw new Error("no service");
  return {
    ...plan,
    services: new Map([
      [
        "",
        {
          ...service,
          steps: [{ recipe: "before" }, ...service.steps, { recipe: "after" }],
          afterReady: "ready",
          afterFail: "fail",
        },
      ],
    ]),
    recipes: new Map([
      ...plan.recipes,
      ["before", hook],
      ["after", hook],
      ["ready", hook],
      ["fail", hook],
      ["end", { ...hook, isOptional: true }],
    ]),
    atEnd: "end",
  };
}

const isTold = (order: string): boolean => !/^(arm quiet|disarm|look)/.test(order);
const take = (world: World, fact: Parameters<typeof tell>[1]): string[] =>
  tell(world, fact).orders.map(orderText).filter(isTold);

/** The job of this recipe ends. */
function ends(world: World, recipe: string, code = 0): string[] {
  const job = [...world.jobs.values()].find((one) => one.recipe === recipe);
  if (job === undefined) throw new Error(`${recipe} is not under way`);
  return take(world, {
    type: "jobEnded",
    job: job.job,
    result: code === 0 ? { is: "ok" } : { is: "failed", exit: { is: "code", code } },
  });
}

function serving(settings: Partial<Settings> = {}): World {
  const world = newWorld(planWith(settings));
  expect(take(world, { type: "started" })).toEqual(["hook 1:"]);
  expect(ends(world, "before")).toEqual(["build 1:"]);
  expect(ends(world, "build")).toEqual(["hook 2:"]);
  expect(ends(world, "after")).toEqual(["start run 1:"]);
  expect(take(world, { type: "runReady", job: run(1) })).toEqual(expect.arrayContaining(["hook 3:"]));
  return world;
}

function saves(world: World, path: string): string[] {
  world.at += 10_000;
  tell(world, { type: "changed", changes: found(change([path])) });
  tell(world, { type: "elapsed", timer: "quiet", service: "" });
  return take(world, { type: "looked", changes: new Map(), busy: false });
}

describe("hooks of a cycle", () => {
  test("are carried out before and after each build, and once a run is ready", () => {
    const world = serving();
    ends(world, "ready");
    expect(saves(world, "a")).toEqual(["hook 4: a"]);
  });

  test.each(["before", "after"])("that fails %s the build is a failure that lasts until the next try", (which) => {
    const world = serving();
    saves(world, "a");
    const { mark } = world.house;
    expect(stateOf(world.house, "", world.plan)).toBe("building");
    if (which === "after") {
      ends(world, "before");
      ends(world, "build");
    }
    ends(world, which, 1);
    expect(stateOf(world.house, "", world.plan)).toBe("failed");
    expect(standing(world.house, "", mark, world.plan)).toEqual({
      is: "broken",
      what: { is: "recipe", recipe: which },
    });
    // The hook that is told of it changes nothing about that.
    ends(world, "fail", 1);
    expect(standing(world.house, "", mark, world.plan).is).toBe("broken");
    saves(world, "a");
    expect(standing(world.house, "", mark, world.plan).is).toBe("under way");
    ends(world, "before");
    if ([...world.jobs.values()].some((one) => one.recipe === "build")) ends(world, "build");
    ends(world, "after");
    expect(stateOf(world.house, "", world.plan)).toBe("starting");
  });

  test("that were never tried are nothing that has failed", () => {
    const world = newWorld({ ...planWith(), postpone: true });
    tell(world, { type: "started" });
    expect(standing(world.house, "", world.house.mark, world.plan)).toEqual({ is: "under way" });
  });

  test("run where there is no build as well", () => {
    const world = newWorld(planWith({ builds: false }));
    tell(world, { type: "started" });
    expect(ends(world, "before")).toEqual(["hook 2:"]);
    expect(ends(world, "after")).toEqual(["start run 1:"]);
  });

  test("that fail start nothing after them, are told, and are tried again with the next change", () => {
    const world = serving();
    ends(world, "ready");
    saves(world, "a");
    expect(ends(world, "before", 1)).toEqual(["hook 5:"]);
    expect([...world.jobs.values()].map(({ recipe }) => recipe)).toEqual(["fail"]);
    ends(world, "fail");
    expect(saves(world, "b")).toEqual(["hook 6: a b"]);
    ends(world, "before");
    // The build fails: what comes before it is carried out before the next try as well.
    ends(world, "build", 1);
    ends(world, "fail");
    expect(saves(world, "c")).toEqual([expect.stringMatching(/^hook/)]);
  });
});

describe("after_fail", () => {
  test("is told what failed: a job, a run that is late, one that ends by itself, and not one that is stopped", () => {
    const world = serving();
    ends(world, "ready");
    const { orders } = tell(world, { type: "runExited", job: run(1), exit: { is: "code", code: 3 } });
    expect(orders[0]).toMatchObject({ type: "startJob", recipe: "fail", failure: { stage: "run", job: run(1) } });
    ends(world, "fail");
    saves(world, "a");
    ends(world, "before");
    ends(world, "build");
    ends(world, "after");
    tell(world, { type: "runGone", job: run(1) });
    expect(tell(world, { type: "runLate", job: run(2) }).orders[0]).toMatchObject({ failure: { stage: "ready" } });
    ends(world, "fail");
    tell(world, { type: "quitAsked", code: 130 });
    expect(
      take(world, { type: "runExited", job: run(2), exit: { is: "signal", signal: "SIGTERM", number: 15 } }),
    ).toEqual([]);
  });

  test("is carried out once more if something fails while it is under way", () => {
    const world = serving();
    ends(world, "ready");
    tell(world, { type: "runExited", job: run(1), exit: { is: "code", code: 3 } });
    saves(world, "a");
    ends(world, "before", 1);
    expect(ends(world, "fail")).toEqual([expect.stringMatching(/^hook/)]);
    expect(ends(world, "fail")).toEqual([]);
  });
});

describe("at_end", () => {
  test("is carried out once, when everything has stopped, and the exit waits for it", () => {
    const world = serving();
    // Somebody asks for the end: the hook of the run that got ready is ended as well, or one that never ends would keep it.
    expect(take(world, { type: "quitAsked", code: 130 })).toEqual(["cancel hook 3", "stop run 1"]);
    expect(take(world, { type: "runGone", job: run(1) })).toEqual([]);
    expect(ends(world, "ready")).toEqual(["hook 4:"]);
    expect(ends(world, "end", 7)).toEqual(["exit 130"]);
  });

  test("comes before what runs is ended, where the configuration is air's, and once", () => {
    const world = serving();
    ends(world, "ready");
    world.plan = { ...world.plan, endsFirst: true };
    expect(take(world, { type: "quitAsked", code: 130 })).toEqual(["hook 4:"]);
    expect(ends(world, "end", 1)).toEqual(["stop run 1"]);
    expect(take(world, { type: "runGone", job: run(1) })).toEqual(["exit 130"]);
    const hurried = serving();
    ends(hurried, "ready");
    hurried.plan = { ...hurried.plan, endsFirst: true };
    take(hurried, { type: "quitAsked", code: 130 });
    expect(take(hurried, { type: "quitAsked", code: 130 })).toEqual(expect.arrayContaining(["kill run 1"]));
    ends(hurried, "end", 1);
    expect(take(hurried, { type: "runGone", job: run(1) })).toEqual(["exit 130"]);
  });

  test("is ended at once when that is asked for", () => {
    const world = serving();
    ends(world, "ready");
    tell(world, { type: "quitAsked", code: 130 });
    tell(world, { type: "runGone", job: run(1) });
    expect(take(world, { type: "quitAsked", code: 130 })).toEqual(["kill hook 4"]);
    expect(ends(world, "end")).toEqual(["exit 130"]);
  });

  test("comes after a failure with --once as well, and a hook that fails there is a failure", () => {
    const world = newWorld(planWith({ once: { checked: false } }));
    tell(world, { type: "started" });
    ends(world, "before");
    expect(ends(world, "build", 1)).toEqual(["hook 2:"]);
    expect(ends(world, "fail")).toEqual(["hook 3:"]);
    expect(ends(world, "end")).toEqual(["exit 1"]);
    const other = newWorld(planWith({ once: { checked: false }, builds: false }));
    tell(other, { type: "started" });
    ends(other, "before");
    ends(other, "after");
    tell(other, { type: "runReady", job: run(1) });
    tell(other, { type: "runGone", job: run(1) });
    ends(other, "ready", 1);
    expect(ends(other, "end")).toEqual(["exit 1"]);
  });
});

test.each(["before", "after"])(
  "a hook %s the build that is under way when the configuration is edited is carried out once more, and the program is started once",
  (which) => {
    const plan = planWith();
    const finishing = [...plan.recipes].map(
      ([id, recipe]) => [id, { ...recipe, onChange: "finish" as const }] as const,
    );
    const world = newWorld({ ...plan, recipes: new Map(finishing) });
    take(world, { type: "started" });
    if (which === "after") {
      ends(world, "before");
      ends(world, "build");
    }
    expect(take(world, { type: "configured", changes: found(asking("rebuild", [".reload.toml"])) })).toEqual([]);
    expect(ends(world, which)).toEqual([]);
    tell(world, { type: "elapsed", timer: "quiet", service: "" });
    expect(take(world, { type: "looked", changes: new Map(), busy: false })).toEqual([
      expect.stringMatching(/^hook \d/),
    ]);
    expect(ends(world, "before")).toEqual([expect.stringMatching(/^build \d/)]);
    expect(ends(world, "build")).toEqual([expect.stringMatching(/^hook \d/)]);
    expect(ends(world, "after")).toEqual(["start run 1: .reload.toml"]);
    take(world, { type: "runReady", job: run(1) });
    expect(world.timers.size).toBe(0);
  },
);
