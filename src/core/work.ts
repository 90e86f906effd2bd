/**
 * What is made: one recipe, and how far its last good result goes. A job contains every change that was known when it
 * was started, so whether a result is good enough for somebody is a comparison of two numbers.
 *
 *   clean ─▶ running ─▶ clean | failed          failed ─▶ running
 *               └▶ cancelling ─▶ clean          (given up: what was good before is as good as it was)
 */
import type { JobId } from "./job.ts";
import { type Loops, noLoops } from "./loop.ts";
import type { BuildResult } from "./types.ts";

/** A number that only grows; every change has one. */
export type Mark = number;

/** Of the start, before anything has changed and before anybody has asked. */
export const firstMark: Mark = 1;

export type Work = { readonly loops: Loops } & (
  | { readonly is: "clean"; readonly good: Mark }
  | { readonly is: "running"; readonly job: JobId; readonly upTo: Mark; readonly good: Mark }
  | {
      readonly is: "cancelling";
      readonly job: JobId;
      readonly upTo: Mark;
      readonly good: Mark;
      readonly forced: boolean;
    }
  | { readonly is: "failed"; readonly upTo: Mark; readonly good: Mark }
);

/** What others see of it. */
export type WorkFace = "idle" | "busy" | "ending" | "failed";

export const noWork: Work = { is: "clean", good: 0, loops: noLoops };

export function workFace({ is }: Work): WorkFace {
  switch (is) {
    case "clean":
      return "idle";
    case "running":
      return "busy";
    case "cancelling":
      return "ending";
    case "failed":
      return "failed";
  }
}

/** A job of this recipe is under way. */
export const isUnderWay = (work: Work): work is Extract<Work, { job: JobId }> =>
  work.is === "running" || work.is === "cancelling";

/** Its last result is good and contains the mark. */
export const hasMade = (work: Work, mark: Mark): boolean => work.is === "clean" && work.good >= mark;

export function started(work: Work, job: JobId, upTo: Mark): Work {
  if (isUnderWay(work)) throw new Error(`a second job of one recipe: ${JSON.stringify(job)}`);
  return { is: "running", job, upTo, good: work.good, loops: work.loops };
}

/** Its job is to end before it is finished; `undefined` where there is nothing to be given up. */
export function givenUp(work: Work): Work | undefined {
  return work.is === "running" ? { ...work, is: "cancelling", forced: false } : undefined;
}

/** A job that is being given up already is ended at once. */
export function forced(work: Work): Work | undefined {
  return work.is === "cancelling" && !work.forced ? { ...work, forced: true } : undefined;
}

export function ended(work: Work, result: BuildResult): Work {
  if (!isUnderWay(work)) return work;
  const { good, upTo, loops } = work;
  if (work.is === "cancelling") return { is: "clean", good, loops };
  return result.is === "ok" ? { is: "clean", good: upTo, loops } : { is: "failed", upTo, good, loops };
}

/** Its result is left out of account: it has to be made again. */
export const notMade = (work: Work): Work =>
  isUnderWay(work) ? { is: "clean", good: work.good, loops: work.loops } : work;

/** Its result is worth nothing any more. */
export const spoilt = (work: Work): Work => (isUnderWay(work) ? work : { is: "clean", good: 0, loops: work.loops });
