/** Hooks beside the cycle: when a run is ready, when something has failed, at the end. Nothing waits for them but the end itself. */
import { nothing } from "./demand.ts";
import { type House, type Now, ordering, type Step, unchanged, withJobs, withWork, workOf } from "./house.ts";
import type { JobId } from "./job.ts";
import { isLive, type Slot } from "./slots.ts";
import type { Failure, Plan, RecipeId, Service } from "./types.ts";
import { isUnderWay, started } from "./work.ts";

/** Carried out now, or once more when it is over: the newest occasion counts. */
export function carryOut(house: House, recipe: RecipeId | undefined, { plan }: Now, failure?: Failure): Step {
  const hook = recipe === undefined ? undefined : plan.recipes.get(recipe);
  if (recipe === undefined || hook === undefined) return unchanged(house);
  const work = workOf(house, recipe);
  if (isUnderWay(work)) return unchanged({ ...house, pending: new Map(house.pending).set(recipe, failure) });
  const { kind, service } = hook;
  const counter = `${service}/${kind}`;
  const job: JobId = { service, kind, number: (house.jobs.get(counter) ?? 0) + 1 };
  const begun = withJobs(withWork(house, recipe, started(work, job, house.mark)), counter, job.number);
  const order = { type: "startJob", job, recipe, demand: nothing } as const;
  return ordering(unchanged(begun), failure === undefined ? order : { ...order, failure });
}

/** A hook is over, for which there was another occasion meanwhile. */
export function again(house: House, recipe: RecipeId, now: Now): Step {
  if (!house.pending.has(recipe)) return unchanged(house);
  const pending = new Map(house.pending);
  const failure = pending.get(recipe);
  pending.delete(recipe);
  return carryOut({ ...house, pending }, recipe, now, failure);
}

export const isBesideTheCycle = (recipe: RecipeId, { services, atEnd }: Plan): boolean =>
  recipe === atEnd ||
  [...services.values()].some(({ afterReady, afterFail }) => recipe === afterReady || recipe === afterFail);

/** Something of this service has failed. */
export const told = (house: House, service: Service, failure: Failure, now: Now): Step =>
  carryOut(house, now.plan.services.get(service)?.afterFail, now, failure);

/** The run is not ready yet, and would be. */
export const isExpected = (slots: readonly Slot[], run: number): boolean =>
  slots.some((slot) => (slot.is === "starting" || slot.is === "late") && slot.run === run);

/** The run is meant to be alive. */
export const isMeantToLive = (slots: readonly Slot[], run: number): boolean =>
  slots.some((slot) => isLive(slot) && slot.run === run);
