/** The machine: one fact in, the next house, orders and news out. Pure: no clock, no I/O; what it does not know it asks for (`look`, `arm`). */
import { accept } from "./changes.ts";
import { sightOf, turnIntake, turnRuns } from "./cycle.ts";
import { askedFor, isNothing, nothing } from "./demand.ts";
import { followUp } from "./follow-up.ts";
import { carryOut, isExpected, isMeantToLive, told } from "./hooks.ts";
import {
  andThen,
  forEach,
  type House,
  intakeOf,
  type Now,
  ordering,
  planOf,
  runsOf,
  type Step,
  unchanged,
  withIntake,
  withWork,
  workOf,
} from "./house.ts";
import { act, looked, quiet, rest, stopIntake } from "./intake.ts";
import type { JobId } from "./job.ts";
import { leave, quit, stopService } from "./life.ts";
import { noLoops, rewrittenDuringBuild } from "./loop.ts";
import { isDuringHook } from "./needs.ts";
import { jobEnded } from "./outcome.ts";
import { backoffElapsed, passed, runExited, runGone, runLate, runReady } from "./runs.ts";
import type { Slot } from "./slots.ts";
import { firstIntake } from "./stage.ts";
import type { Changes, Exit, Fact, Plan, Service, Verb } from "./types.ts";
import { givenUp, isUnderWay } from "./work.ts";

export function step(house: House, fact: Fact, plan: Plan): Step {
  if (house.life.is === "ended") return unchanged(house);
  const now: Now = { at: fact.at, plan };
  const first = take(house, fact, now);
  return leave(plan.services.size > 1 ? followUp(house, first, now) : first, now);
}

function take(house: House, fact: Fact, now: Now): Step {
  const { at, plan } = now;
  const isLiving = house.life.is === "living";
  switch (fact.type) {
    case "started":
      return plan.postpone ? unchanged(house) : begin(house, now);
    case "changed":
      return isLiving ? changed(house, fact.changes, false, now, fact.isFirst) : unchanged(house);
    case "configured":
      return isLiving ? configured(house, fact.changes, now) : unchanged(house);
    case "rewritten":
      return unchanged(rewritten(house, fact.paths));
    case "looked":
      return isLiving ? lookedAt(house, fact.changes, fact.busy, now) : unchanged(house);
    case "elapsed":
      return elapsed(house, fact, now);
    case "jobEnded":
      return jobEnded(house, fact.job, fact.result, now);
    case "runReady":
      return ofRun(house, fact.job, (service, run) =>
        andThen(becomesReady(house, service, run, now), (next) =>
          turnRuns(next, service, now, (runs, sight) => runReady(runs, run, at, sight)),
        ),
      );
    case "runLate":
      return ofRun(house, fact.job, (service, run) =>
        andThen(isLate(house, fact.job, now), (next) =>
          turnRuns(next, service, now, (runs, sight) => runLate(runs, run, sight)),
        ),
      );
    case "runExited":
      return ofRun(house, fact.job, (service, run) =>
        andThen(hasCrashed(house, fact.job, fact.exit, now), (next) =>
          turnRuns(next, service, now, (runs, sight) => runExited(runs, run, fact.exit, at, sight)),
        ),
      );
    case "runGone":
      return ofRun(house, fact.job, (service, run) =>
        turnRuns(house, service, now, (runs, sight) => runGone(runs, run, at, sight)),
      );
    case "quitAsked":
      return quit(house, fact.code, true, now);
    case "asked":
      return isLiving
        ? forEach(unchanged(house), fact.services, (next, service) => asked(next, service, fact.verb, now))
        : unchanged(house);
    case "paused":
      return forEach(unchanged({ ...house, isPaused: true }), plan.services.keys(), hold);
    case "resumed":
      return forEach(unchanged({ ...house, isPaused: false }), plan.services.keys(), (next, service) =>
        goOn(next, service, now),
      );
  }
}

const ofRun = (house: House, { service, kind, number }: JobId, next: (service: Service, run: number) => Step): Step =>
  kind === "run" ? next(service, number) : unchanged(house);

// ── hooks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const slotsOf = (house: House, service: Service): Slot[] => {
  const { current, beside } = runsOf(house, service);
  return [current, beside];
};

const becomesReady = (house: House, service: Service, run: number, now: Now): Step =>
  isExpected(slotsOf(house, service), run) ? carryOut(house, planOf(now, service).afterReady, now) : unchanged(house);

function isLate(house: House, job: JobId, now: Now): Step {
  const isStarting = slotsOf(house, job.service).some((slot) => slot.is === "starting" && slot.run === job.number);
  return isStarting ? told(house, job.service, { stage: "ready", job }, now) : unchanged(house);
}

function hasCrashed(house: House, job: JobId, exit: Exit, now: Now): Step {
  const isFine = exit.is === "code" && exit.code === 0;
  const isMeant = isFine || isDuringHook(house, job.service, now.plan);
  if (isMeant || !isMeantToLive(slotsOf(house, job.service), job.number)) return unchanged(house);
  return told(house, job.service, { stage: "run", job, exit }, now);
}

/** At the start everything is owed, to all of them at once: what they share waits for each of them. */
function begin(house: House, now: Now): Step {
  const turns = [...now.plan.services.keys()].map(
    (service) => [service, act(intakeOf(house, service), now.at, sightOf(house, service, now))] as const,
  );
  let working = house;
  for (const [service, { intake }] of turns) working = withIntake(working, service, intake);
  return forEach(unchanged(working), turns, (next, [service, { asks }]) =>
    turnIntake(next, service, now, { intake: intakeOf(next, service), asks }),
  );
}

// ── changes ────────────────────────────────────────────────────────────────────────────────────────────────────────

const hasChanges = (found: Changes): boolean => [...found.values()].some(({ demand }) => !isNothing(demand));

/** All that was found at once has one mark. */
const remarked = (house: House, found: Changes): House =>
  hasChanges(found) ? { ...house, mark: house.mark + 1 } : house;

function changed(house: House, found: Changes, atOnce: boolean, now: Now, isFirst = false): Step {
  return forEach(unchanged(remarked(house, found)), found, (next, [service, { demand, empty }]) =>
    accept(next, service, demand, { empty, atOnce, isFirst }, now),
  );
}

function configured(house: House, found: Changes, now: Now): Step {
  let next = house;
  for (const service of found.keys()) {
    next = withIntake(next, service, { ...intakeOf(next, service), circular: new Set(), trail: [] });
    for (const { recipe } of planOf(now, service).steps)
      next = withWork(next, recipe, { ...workOf(next, recipe), loops: noLoops });
  }
  return andThen(dropped(next, now), (after) => changed(after, found, true, now));
}

/** What is in force no more is ended. */
function dropped(house: House, { plan }: Now): Step {
  const known = new Set([...house.runs.keys(), ...house.intakes.keys()]);
  const gone = [...known].filter((service) => !plan.services.has(service));
  // Should it come back, it is a new one.
  const stopped = forEach(unchanged(house), gone, (next, service) =>
    stopService(withIntake(next, service, firstIntake), service),
  );
  const over = [...house.works].filter(([recipe]) => !plan.recipes.has(recipe));
  return forEach(stopped, over, (next, [recipe, work]) => {
    const ending = givenUp(work);
    if (ending === undefined || !isUnderWay(ending)) return unchanged(next);
    return ordering(unchanged(withWork(next, recipe, ending)), { type: "cancelJob", job: ending.job, force: false });
  });
}

function rewritten(house: House, paths: readonly string[]): House {
  let next = house;
  for (const [recipe, work] of house.works)
    if (isUnderWay(work)) next = withWork(next, recipe, { ...work, loops: rewrittenDuringBuild(work.loops, paths) });
  return next;
}

function lookedAt(house: House, found: Changes, isBusy: boolean, now: Now): Step {
  const services = new Set([...now.plan.services.keys(), ...found.keys()]);
  return forEach(unchanged(remarked(house, found)), services, (next, service) => {
    const { demand, empty } = found.get(service) ?? { demand: nothing, empty: false };
    const intake = intakeOf(next, service);
    if (intake.stage.is !== "looking") return accept(next, service, demand, { empty, atOnce: false }, now);
    const signs = { empty, atOnce: false };
    const turned = looked(intake, demand, signs, isBusy, now.at, planOf(now, service), sightOf(next, service, now));
    return turnIntake(next, service, now, turned);
  });
}

function elapsed(house: House, { timer, service }: Extract<Fact, { type: "elapsed" }>, now: Now): Step {
  switch (timer) {
    case "quiet":
      return turnIntake(house, service, now, quiet(intakeOf(house, service)));
    case "backoff":
      return turnRuns(house, service, now, (runs, sight) => backoffElapsed(runs, now.at, sight));
    case "kept":
      return turnRuns(house, service, now, (runs, sight) => passed(runs, sight));
  }
}

// ── what somebody asks for ─────────────────────────────────────────────────────────────────────────────────────────

function asked(house: House, service: Service, verb: Verb, now: Now): Step {
  if (!now.plan.services.has(service)) return unchanged(house);
  const intake = intakeOf(house, service);
  if (verb !== "stop") {
    const open = withIntake({ ...house, mark: house.mark + 1 }, service, { ...intake, isStopped: false });
    return accept(
      open,
      service,
      askedFor(verb === "rebuild" ? "rebuild" : "restart"),
      { empty: false, atOnce: true },
      now,
    );
  }
  const stopped = withIntake(house, service, stopIntake(intake));
  return andThen(ordering(unchanged(stopped), { type: "disarm", timer: "quiet", service }), (next) =>
    stopService(next, service),
  );
}

/** Nothing new is begun. */
function hold(house: House, service: Service): Step {
  const intake = intakeOf(house, service);
  if (intake.stage.is !== "settling") return unchanged(house);
  const resting = withIntake(house, service, { ...intake, stage: { is: "resting" } });
  return ordering(unchanged(resting), { type: "disarm", timer: "quiet", service });
}

/** What was collected meanwhile is acted upon. */
function goOn(house: House, service: Service, now: Now): Step {
  const intake = intakeOf(house, service);
  if (intake.stage.is !== "resting") return unchanged(house);
  return turnIntake(house, service, now, rest(intake, now.at, planOf(now, service), sightOf(house, service, now)));
}
