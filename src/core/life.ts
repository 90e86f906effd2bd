/** How everything ends: in order, or at once, with which code. */

import { carryOut, isBesideTheCycle } from "./hooks.ts";
import {
  andThen,
  forEach,
  type House,
  intakeOf,
  type Now,
  ordering,
  runsOf,
  type Step,
  unchanged,
  withIntake,
  withRuns,
  withWork,
} from "./house.ts";
import { force, stopBoth } from "./stops.ts";
import type { Plan, Service } from "./types.ts";
import { forced, givenUp, isUnderWay } from "./work.ts";

/** End everything in order, then exit. Asked a second time: at once. The first code stays, but a question comes before a code of our own. */
export function quit(house: House, code: number, asked: boolean, { plan }: Now): Step {
  const { life } = house;
  if (life.is === "ended") return unchanged(house);
  if (life.is === "quitting") {
    if (!asked) return unchanged(house);
    return life.asked ? atOnce(house) : givenUpAll(unchanged({ ...house, life: { ...life, code, asked } }), plan, true);
  }
  const services = new Set([...plan.services.keys(), ...house.runs.keys()]);
  const quitting = unchanged({ ...house, life: { is: "quitting", code, asked, forced: false, hasEnded: false } });
  const quiet = forEach(quitting, services, (next, service) =>
    ordering(unchanged(resting(next, service)), { type: "disarm", timer: "quiet", service }),
  );
  return forEach(givenUpAll(quiet, plan, asked), services, stopService);
}

/** A hook that says what has happened comes to its end, unless somebody asks for the end of everything. */
const givenUpAll = (step: Step, plan: Plan, asked: boolean): Step =>
  forEach(step, step.house.works, (next, [recipe, work]) => {
    const isLeft = recipe === plan.atEnd || (!asked && isBesideTheCycle(recipe, plan));
    const ending = isLeft ? undefined : givenUp(work);
    if (ending === undefined || !isUnderWay(ending)) return unchanged(next);
    return ordering(unchanged(withWork(next, recipe, ending)), { type: "cancelJob", job: ending.job, force: false });
  });

const resting = (house: House, service: Service): House =>
  withIntake(house, service, { ...intakeOf(house, service), stage: { is: "resting" } });

/** Both runs of a service are told to end. */
export function stopService(house: House, service: Service): Step {
  const { runs, orders } = stopBoth(runsOf(house, service), { service });
  return ordering(unchanged(withRuns(house, service, runs)), ...orders);
}

function atOnce(house: House): Step {
  const { life } = house;
  if (life.is !== "quitting" || life.forced) return unchanged(house);
  const works = forEach(
    unchanged({ ...house, life: { ...life, forced: true } }),
    house.works,
    (next, [recipe, work]) => {
      const ending = forced(givenUp(work) ?? work);
      if (ending === undefined || !isUnderWay(ending)) return unchanged(next);
      return ordering(unchanged(withWork(next, recipe, ending)), { type: "cancelJob", job: ending.job, force: true });
    },
  );
  return forEach(works, house.runs.keys(), (next, service) => {
    const { runs, orders } = force(runsOf(next, service), { service });
    return ordering(unchanged(withRuns(next, service, runs)), ...orders);
  });
}

/** The end, once nothing is left. */
export function leave(step: Step, now: Now): Step {
  const { life, works, runs } = step.house;
  if (life.is !== "quitting") return step;
  if ([...works.values()].some(isUnderWay)) return step;
  if ([...runs.values()].some(({ current, beside }) => current.is !== "empty" || beside.is !== "empty")) return step;
  const { code } = life;
  const { atEnd } = now.plan;
  if (atEnd !== undefined && !life.hasEnded)
    return leave(
      andThen(step, (house) => carryOut({ ...house, life: { ...life, hasEnded: true } }, atEnd, now)),
      now,
    );
  return andThen(step, (house) => ({
    house: { ...house, life: { is: "ended", code } },
    orders: [{ type: "exit", code }],
    news: [],
  }));
}
