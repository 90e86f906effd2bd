/**
 * Where everybody stands, read from the house: what `status`, `wait`, the proxy and the page share. Exact while somebody
 * writes on, since every change has a mark and everything that is made knows up to which one it contains.
 */
import { nothing } from "./demand.ts";
import { heldUpTo } from "./guard.ts";
import { type House, heldOf, intakeOf, runsOf, workOf } from "./house.ts";
import { type JobId, jobName } from "./job.ts";
import { brokenRecipe, failedBefore } from "./needs.ts";
import type { Owed } from "./stage.ts";
import type { HeldFile, Plan, RecipeId, Service } from "./types.ts";
import { isUnderWay, type Mark } from "./work.ts";

export type ServiceState =
  | "building"
  | "starting"
  | "ready"
  | "late"
  | "failed"
  | "ended"
  | "paused"
  | "stopping"
  | "stopped";

/** What has failed, and is not mended. */
export type Broken =
  | { readonly is: "recipe"; readonly recipe: RecipeId | undefined }
  /** A check holds these back. */
  | { readonly is: "held"; readonly files: readonly HeldFile[] }
  | { readonly is: "run"; readonly run: number | undefined }
  /** What it is `after` has failed. */
  | { readonly is: "before"; readonly services: readonly Service[] };

/** Whether all changes up to a mark are answered. */
export type Standing =
  /** A run that contains them serves, or nothing is meant to run. */
  | { readonly is: "served"; readonly run: number | undefined }
  | { readonly is: "under way" }
  | { readonly is: "broken"; readonly what: Broken }
  /** A run that contains them is not ready in time. */
  | { readonly is: "late"; readonly run: number };

const oldest = (owed: Owed): Mark =>
  Math.min(Number.POSITIVE_INFINITY, ...[...owed.values()].map(({ since }) => since));

/** The recipe of this job has failed with it: what is owed is not started. */
export const hasFailedWith = (before: House, after: House, job: JobId): boolean =>
  [...before.works].some(
    ([recipe, work]) => isUnderWay(work) && jobName(work.job) === jobName(job) && workOf(after, recipe).is === "failed",
  );

/** Which of the files that a check has found wrong are held back by now: something may have been saved since it looked. */
export const heldOnes = (after: House, service: Service, files: readonly HeldFile[]): readonly HeldFile[] =>
  files.filter(({ path, problems }) => heldOf(after, service).get(path)?.problems === problems);

export function standing(house: House, service: Service, mark: Mark, plan: Plan): Standing {
  const planned = plan.services.get(service);
  const { stage, owed, isStopped, hasFailed } = intakeOf(house, service);
  const runs = runsOf(house, service);
  if (planned === undefined || isStopped)
    return runs.current.is === "stopping" ? { is: "under way" } : { is: "served", run: undefined };
  const taken = stage.is === "working" || stage.is === "due" ? stage.taken : nothing;
  if (oldest(taken) <= mark) {
    const before = stage.is === "due" ? failedBefore(house, service, { at: 0, plan }) : [];
    return before.length > 0 ? { is: "broken", what: { is: "before", services: before } } : { is: "under way" };
  }
  if (oldest(owed) <= mark) {
    // Nothing is made for them, and nothing is about to be. Before the first try they wait.
    const isBroken = stage.is === "resting" && !house.isPaused && hasFailed;
    const recipe = brokenRecipe(house, service, plan);
    return isBroken ? { is: "broken", what: { is: "recipe", recipe } } : { is: "under way" };
  }
  const held = heldUpTo(house, service, mark);
  if (held.length > 0) return { is: "broken", what: { is: "held", files: held } };
  if (!planned.runs) return { is: "served", run: undefined };
  const { current, beside } = runs;
  switch (current.is) {
    case "ready":
    case "kept":
      if (runs.rolledBack >= mark && current.upTo < mark) return { is: "broken", what: { is: "run", run: runs.count } };
      // The one that contains them is still to take over.
      return beside.is === "starting" && current.upTo < mark && beside.upTo >= mark
        ? { is: "under way" }
        : { is: "served", run: current.run };
    case "late":
      return { is: "late", run: current.run };
    case "exited": {
      const isEnd = current.exit.is === "code" && current.exit.code === 0 && !planned.checked;
      return isEnd ? { is: "served", run: current.run } : { is: "broken", what: { is: "run", run: current.run } };
    }
    case "backingOff":
      return { is: "broken", what: { is: "run", run: undefined } };
    case "starting":
    case "stopping":
    case "empty":
      return { is: "under way" };
  }
}

export function stateOf(house: House, service: Service, plan: Plan): ServiceState {
  const { stage, isStopped, hasFailed } = intakeOf(house, service);
  const { current, beside } = runsOf(house, service);
  if (house.life.is !== "living") return "stopping";
  if (current.is === "stopping") return stage.is === "resting" ? "stopping" : "starting";
  if (isStopped) return "stopped";
  const steps = plan.services.get(service)?.steps ?? [];
  if (stage.is === "working" || steps.some(({ recipe }) => isUnderWay(workOf(house, recipe)))) return "building";
  if (stage.is === "due" || current.is === "starting" || beside.is === "starting") return "starting";
  if (house.isPaused) return "paused";
  if (hasFailed || brokenRecipe(house, service, plan) !== undefined) return "failed";
  if (current.is === "ready" || current.is === "kept") return "ready";
  if (current.is === "late") return "late";
  if (current.is === "exited") return current.exit.is === "code" && current.exit.code === 0 ? "ended" : "failed";
  if (current.is === "backingOff") return "failed";
  return plan.services.get(service)?.runs === true ? "starting" : "ready";
}
