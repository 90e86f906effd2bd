/** What a job that is over means for those who need it: what comes next, a failure, or a start for whoever had given it up. */
import { pursue, sightOf, turnIntake } from "./cycle.ts";
import { verdictOf } from "./demand.ts";
import { holdBack } from "./guard.ts";
import { again, isBesideTheCycle, told } from "./hooks.ts";
import {
  andThen,
  forEach,
  type House,
  intakeOf,
  type Now,
  planOf,
  runsOf,
  type Step,
  unchanged,
  withRuns,
  withWork,
  workOf,
} from "./house.ts";
import { act, backAgain, failed, madeByOthers } from "./intake.ts";
import { type JobId, jobName } from "./job.ts";
import { quit, stopService } from "./life.ts";
import { buildOver } from "./loop.ts";
import { brokenRecipe, hasAskedSince, usersOf, waitingFor } from "./needs.ts";
import { cleared } from "./trails.ts";
import type { BuildResult, Failure, RecipeId, Service } from "./types.ts";
import { ended, isUnderWay, spoilt } from "./work.ts";

export function jobEnded(house: House, job: JobId, result: BuildResult, now: Now): Step {
  const { plan, at } = now;
  const found = [...house.works].find(([, work]) => isUnderWay(work) && jobName(work.job) === jobName(job));
  if (found === undefined) return unchanged(house);
  const [recipe, before] = found;
  const users = waitingFor(house, recipe, plan);
  const isFine = result.is === "ok" || plan.recipes.get(recipe)?.isOptional === true;
  const over = ended({ ...before, loops: buildOver(before.loops, result.is === "ok") }, isFine ? { is: "ok" } : result);
  const next = unchanged(withWork(house, recipe, over));
  const label = plan.recipes.get(recipe)?.label;
  const failure: Failure = { stage: job.kind, job, label, ...(result.is === "failed" ? { exit: result.exit } : {}) };
  // With `--once`, a hook that fails is a failure, also where all else has passed.
  if (house.life.is === "quitting" && plan.once && !isFine && before.is === "running" && house.life.code === 0)
    return unchanged({ ...next.house, life: { ...house.life, code: 1 } });
  if (house.life.is !== "living") return next;
  // Nobody needs it any more: who has waited for it goes on without it.
  if (!plan.recipes.has(recipe)) return forEach(next, plan.services.keys(), (after, user) => pursue(after, user, now));
  if (isBesideTheCycle(recipe, plan))
    return andThen(next, (after) => again(cleared(after, recipe, job.number, at), recipe, now));
  if (before.is === "cancelling")
    return forEach(next, users, (after, user) =>
      turnIntake(after, user, now, backAgain(intakeOf(after, user), at, planOf(now, user), sightOf(after, user, now))),
    );
  if (result.is === "held") return judgedFiles(house, recipe, { ...failure, files: result.files }, users, now);
  if (!isFine) {
    // Who joined it while it was under way may have mended it: it is not what that one has asked for.
    const upTo = isUnderWay(before) ? before.upTo : 0;
    const newer = users.filter((user) => hasAskedSince(house, user, recipe, upTo, plan));
    const others = users.filter((user) => !newer.includes(user));
    const failed = forEach(next, others, (after, user) =>
      andThen(told(after, user, failure, now), (last) => fail(last, user, now)),
    );
    return forEach(failed, newer, (after, user) => pursue(after, user, now));
  }
  // In their order: one that is revived is waited for by those that are after it.
  return forEach(next, usersOf(recipe, plan), (after, user) =>
    !users.includes(user)
      ? revived(after, user, now)
      : job.kind !== "build" && isAskedAnew(after, user)
        ? turnIntake(
            after,
            user,
            now,
            backAgain(intakeOf(after, user), at, planOf(now, user), sightOf(after, user, now)),
          )
        : pursue(after, user, now),
  );
}

/** All of it is to be made anew, since the configuration was edited or somebody wants it: what comes next would be made for nothing. */
function isAskedAnew(house: House, service: Service): boolean {
  const { burst, owed } = intakeOf(house, service);
  return burst?.atOnce === true && verdictOf(owed) === "rebuild";
}

/** A check has found files wrong: without them the rest goes on, and at a start nothing does. */
function judgedFiles(house: House, recipe: RecipeId, failure: Failure, users: readonly Service[], now: Now): Step {
  const { failed: unstarted, held, house: next } = holdBack(house, recipe, failure.files ?? [], users, now.plan);
  const reported = forEach(unchanged(next), [...unstarted, ...held], (after, user) => told(after, user, failure, now));
  return forEach(reported, users, (after, user) =>
    unstarted.includes(user) ? fail(after, user, now) : pursue(after, user, now),
  );
}

/** What it could not be started for is made by now, since somebody else who shares it has asked for it. */
function revived(house: House, service: Service, now: Now): Step {
  const intake = intakeOf(house, service);
  const isHeld = intake.isStopped || house.isPaused;
  if (!intake.hasFailed || isHeld || brokenRecipe(house, service, now.plan) !== undefined) return unchanged(house);
  if (intake.stage.is === "due")
    return turnIntake(house, service, now, madeByOthers(intake, sightOf(house, service, now)));
  return intake.stage.is === "resting"
    ? turnIntake(house, service, now, act(intake, now.at, sightOf(house, service, now)))
    : unchanged(house);
}

/** A job that the service needs has failed. */
function fail(house: House, service: Service, now: Now): Step {
  const { plan, at } = now;
  if (plan.once) return quit(house, 1, false, now);
  const servicePlan = planOf(now, service);
  let next = house;
  // What is to happen before a build happens before the next try as well. A hook that has failed itself does so anyway.
  for (const { recipe } of servicePlan.steps)
    if (plan.recipes.get(recipe)?.kind === "hook" && workOf(next, recipe).is !== "failed")
      next = withWork(next, recipe, spoilt(workOf(next, recipe)));
  const back = (after: House): Step =>
    turnIntake(after, service, now, failed(intakeOf(after, service), at, servicePlan, sightOf(after, service, now)));
  if (servicePlan.onFail === "keep") return back(next);
  const vacated = withRuns(next, service, { ...runsOf(next, service), isVacated: false });
  return andThen(stopService(vacated, service), back);
}
