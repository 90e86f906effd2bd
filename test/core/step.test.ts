import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intakeOf, runsOf as runsIn } from "../../src/core/house.ts";
import type { JobId } from "../../src/core/job.ts";
import { isLive } from "../../src/core/slots.ts";
import { step } from "../../src/core/step.ts";
import type { Plan } from "../../src/core/types.ts";
import { houses, type Move, moves, play, settings, someChange } from "./histories.ts";
import { planOf } from "./plans.ts";
import { comeToRest, type Happening, key, newWorld, tell, type World } from "./world.ts";

/** One nameless service, or four beside each other. */
const plans: fc.Arbitrary<Plan> = fc.oneof(settings.map(planOf), houses);
/** Mutation testing runs them hundreds of times, and takes fewer. */
const runs = { numRuns: Number(process.env["RELOAD_TEST_RUNS"] ?? 400) };

/** Such as never end by themselves. */
const staying = plans.map((plan) => ({
  ...plan,
  services: new Map(
    [...plan.services].map(([service, plan]) => [
      service,
      { ...plan, onExit: plan.onExit === "quit" ? ("wait" as const) : plan.onExit, onChange: "restart" as const },
    ]),
  ),
}));

function begin(plan: Plan): World {
  const world = newWorld(plan);
  tell(world, { type: "started" });
  return world;
}

/** The path is in no run of the service that was made and started after it changed. */
function isLost(world: World, service: string, path: string): boolean {
  const wanted = world.told.get(key(service, path));
  if (wanted === undefined) return false;
  const started = world.started.get(key(service, path));
  if (started === undefined || started < wanted.fact) return true;
  const steps = world.plan.services.get(service)?.steps ?? [];
  return steps.some(({ recipe, rule }) => {
    const upTo = world.upTo.get(recipe);
    return rule === undefined && wanted.verdict === "rebuild" && (upTo === undefined || upTo < wanted.fact);
  });
}

const lost = (world: World): string[] =>
  [...world.told.keys()].filter((name) => {
    const [service = "", path = ""] = name.split(":");
    return isLost(world, service, path);
  });

/** One last change for all of them, as whatever failed is asked for again with the next one. */
function changeAll(world: World): void {
  const move: Move = { dice: 0, pick: 1_023, waitMs: 0, verdict: "rebuild", empty: false };
  tell(world, { type: "changed", changes: someChange(world, move) });
}

describe("whatever happens, in whatever order", () => {
  test("there are never two jobs of one recipe at once and never two runs, and nothing is left at the one exit", () => {
    fc.assert(
      fc.property(plans, moves, (plan, history) => {
        const world = begin(plan);
        for (const move of history) play(world, move, { quits: true, asks: true });
        tell(world, { type: "quitAsked", code: 130 });
        tell(world, { type: "quitAsked", code: 130 });
        comeToRest(world);
        expect(world.exits).toHaveLength(1);
        expect(world.house.life.is).toBe("ended");
      }),
      runs,
    );
  });

  test("at the end nobody is told to end while somebody who needs it is still there", () => {
    fc.assert(
      fc.property(houses, moves, (plan, history) => {
        const world = begin(plan);
        for (const move of history) play(world, move, { asks: true });
        let { orders } = tell(world, { type: "quitAsked", code: 130 });
        while (world.exits.length === 0) {
          const ended = orders.flatMap((order) => (order.type === "stopRun" ? [order.job.service] : []));
          const isInTheWay = (name: string): boolean =>
            ended.some((other) => plan.services.get(name)?.after.includes(other) === true);
          expect([...world.runs.values()].filter(({ job }) => isInTheWay(job.service))).toEqual([]);
          const [job] = world.jobs.values();
          const run = [...world.runs.values()].find(({ stopOrdered }) => stopOrdered);
          if (job !== undefined)
            ({ orders } = tell(world, { type: "jobEnded", job: job.job, result: { is: "cancelled" } }));
          else if (run !== undefined) ({ orders } = tell(world, { type: "runGone", job: run.job }));
          else throw new Error("nothing is told to end, and there is no exit");
        }
      }),
      runs,
    );
  });

  test("it comes to rest, and every change is in a run of each service it concerns that was made and started after it", () => {
    fc.assert(
      fc.property(staying, moves, (plan, history) => {
        const world = begin(plan);
        for (const move of history) play(world, move);
        changeAll(world);
        comeToRest(world);
        expect(lost(world)).toEqual([]);
        for (const service of plan.services.keys()) {
          expect(intakeOf(world.house, service).stage.is).toBe("resting");
          expect(runsIn(world.house, service).current.is).toBe("ready");
        }
      }),
      runs,
    );
  });

  test("what is stopped or paused meanwhile loses nothing either, once it is started and resumed", () => {
    fc.assert(
      fc.property(staying, moves, (plan, history) => {
        const world = begin(plan);
        for (const move of history) play(world, move, { asks: true });
        tell(world, { type: "resumed" });
        tell(world, { type: "asked", verb: "start", services: [...plan.services.keys()] });
        changeAll(world);
        comeToRest(world);
        expect(lost(world)).toEqual([]);
      }),
      runs,
    );
  });

  test("a late fact about an old job or an old run changes nothing", () => {
    fc.assert(
      fc.property(plans, moves, fc.nat(4), (plan, history, code) => {
        const world = begin(plan);
        for (const move of history) play(world, move, { quits: true });
        const stale: Happening[] = [];
        for (const service of plan.services.keys())
          for (let number = 0; number <= runsIn(world.house, service).count; number += 1) {
            const job: JobId = { service, kind: "run", number };
            if ([...world.runs.values()].some((run) => run.job.service === service && run.job.number === number))
              continue;
            stale.push({ type: "runReady", job }, { type: "runLate", job }, { type: "runGone", job });
            stale.push({ type: "runExited", job, exit: { is: "code", code } });
          }
        for (const [recipe, own] of plan.recipes)
          for (let number = 0; number <= (world.house.jobs.get(`${own.service}/${own.kind}`) ?? 0); number += 1) {
            const job: JobId = { service: own.service, kind: own.kind, number };
            if ([...world.jobs.values()].some((live) => live.recipe === recipe && live.job.number === number)) continue;
            stale.push({ type: "jobEnded", job, result: code === 0 ? { is: "ok" } : { is: "cancelled" } });
          }
        for (const fact of stale) {
          const { house, orders } = step(world.house, { ...fact, at: world.at }, world.plan);
          expect(orders).toEqual([]);
          expect(house).toEqual(world.house);
        }
      }),
      { numRuns: Math.ceil(runs.numRuns / 3) },
    );
  });

  test("a failed job stops nothing", () => {
    fc.assert(
      fc.property(plans, moves, (plan, history) => {
        const keeping: Plan = {
          ...plan,
          services: new Map([...plan.services].map(([service, plan]) => [service, { ...plan, onFail: "keep" }])),
        };
        const world = begin(keeping);
        for (const move of history) play(world, move);
        const [job] = world.jobs.values();
        const before = [...plan.services.keys()].map((service) => runsIn(world.house, service).current);
        if (job === undefined || job.cancelled || !before.every(isLive)) return;
        const { orders } = tell(world, {
          type: "jobEnded",
          job: job.job,
          result: { is: "failed", exit: { is: "code", code: 1 } },
        });
        expect(orders.filter((order) => order.type === "stopRun")).toEqual([]);
        expect([...plan.services.keys()].map((service) => runsIn(world.house, service).current)).toEqual(before);
      }),
      runs,
    );
  });

  test("with --once the program always ends, with a code", () => {
    fc.assert(
      fc.property(fc.boolean(), plans, moves, (hasProcess, plan, history) => {
        const services = new Map([...plan.services].map(([service, plan]) => [service, { ...plan, runs: hasProcess }]));
        const world = begin({ ...plan, services, once: true, postpone: false });
        for (const move of history.filter(({ dice }) => dice >= 36)) play(world, move);
        comeToRest(world);
        expect(world.exits).toHaveLength(1);
      }),
      runs,
    );
  });
});
