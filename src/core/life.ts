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
  workOf,
} from "./house.ts";
import { force, stopBoth } from "./stops.ts";
import type { Plan, Service } from "./types.ts";
import { forced, givenUp, isUnderWay } from "./work.ts";

/** End everything in order, then exit. Asked a second time: at once. The first code stays, but a question comes before a code of our own. */
export function quit(house: House, code: number, asked: boolean, now: Now): Step {
  const { life } = house;
  const { plan } = now;
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
  const resigned = givenUpAll(quiet, plan, asked);
  return plan.endsFirst === true ? andThen(resigned, (next) => carryOutEnd(next, now)) : stopInOrder(resigned, plan);
}

/** Once only, whatever follows. */
function carryOutEnd(house: House, now: Now): Step {
  const { life } = house;
  if (life.is !== "quitting" || life.hasEnded) return unchanged(house);
  return carryOut({ ...house, life: { ...life, hasEnded: true } }, now.plan.atEnd, now);
}

/** Those first whom nobody who is left is `after`: who needs another is ended before that one. */
function stopInOrder(step: Step, plan: Plan): Step {
  const left = [...step.house.runs.keys()].filter((service) => isLeft(step.house, service));
  const isNeeded = (service: Service): boolean =>
    left.some((other) => other !== service && plan.services.get(other)?.after.includes(service) === true);
  const free = left.filter((service) => !isNeeded(service));
  const next = forEach(step, free.length > 0 ? free : left, stopService);
  // Some of them had nothing that would have to be waited for.
  const isFurther = left.some((service) => !isLeft(next.house, service));
  return isFurther ? stopInOrder(next, plan) : next;
}

function isLeft(house: House, service: Service): boolean {
  const { current, beside } = runsOf(house, service);
  return current.is !== "empty" || beside.is !== "empty";
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
  return forEach(works, house.runs.keys(), (next, service) =>
    andThen(stopService(next, service), (stopped) => {
      const { runs, orders } = force(runsOf(stopped, service), { service });
      return ordering(unchanged(withRuns(stopped, service, runs)), ...orders);
    }),
  );
}

/** The end, once nothing is left. */
export function leave(ended: Step, now: Now): Step {
  if (ended.house.life.is !== "quitting") return ended;
  const { plan } = now;
  const isFirst = plan.endsFirst === true && isUnderWay(workOf(ended.house, plan.atEnd ?? ""));
  const isOrdered = plan.services.size > 1 || plan.endsFirst === true;
  const step = isOrdered && !isFirst && !ended.house.life.forced ? stopInOrder(ended, plan) : ended;
  const { life, works, runs } = step.house;
  if (life.is !== "quitting") return step;
  if ([...works.values()].some(isUnderWay)) return step;
  if ([...runs.values()].some(({ current, beside }) => current.is !== "empty" || beside.is !== "empty")) return step;
  const { code } = life;
  if (plan.atEnd !== undefined && !life.hasEnded)
    return leave(
      andThen(step, (house) => carryOutEnd(house, now)),
      now,
    );
  return andThen(step, (house) => ({
    house: { ...house, life: { is: "ended", code } },
    orders: [{ type: "exit", code }],
    news: [],
  }));
}
