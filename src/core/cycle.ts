/** From a change to the start that it calls for: what each machine asks of the others is carried to them here. */
import { closed } from "./circles.ts";
import { pathsOf } from "./demand.ts";
import { worseOf } from "./exit-codes.ts";
import { takenAgain } from "./guard.ts";
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
  telling,
  unchanged,
  withIntake,
  withJobs,
  withRuns,
  withWork,
  workOf,
} from "./house.ts";
import { answered, made, rest } from "./intake.ts";
import type { JobId } from "./job.ts";
import { quit } from "./life.ts";
import { buildBegan, isSuspect, probeMs } from "./loop.ts";
import { busyWith, containedBy, isAllowedToStart, isAwaited, isMade, nextStep, takenBy, waitingFor } from "./needs.ts";
import { isPatient } from "./pacing.ts";
import { advance, passed, signalled, takenBack } from "./runs.ts";
import { isLive, type Runs } from "./slots.ts";
import type { IntakeTurn, Owed, Sight } from "./stage.ts";
import type { RunsSight, RunsTurn } from "./stops.ts";
import { callersOf, circleNews, makerOf, slowedMs, trailNow } from "./trails.ts";
import type { CycleStep, RecipeId, Service } from "./types.ts";
import { givenUp, isUnderWay, started } from "./work.ts";

// ── what the machines see of each other ────────────────────────────────────────────────────────────────────────────

export function sightOf(house: House, service: Service, now: Now): Sight {
  const { plan } = now;
  const recipe = busyWith(house, service, plan);
  const work = recipe === undefined ? undefined : workOf(house, recipe);
  const recipes = plan.services.get(service)?.steps ?? [];
  return {
    work: work === undefined ? "idle" : work.is === "running" ? "busy" : "ending",
    isPaused: house.isPaused,
    mark: house.mark,
    isLive: isLive(runsOf(house, service).current),
    isVacated: runsOf(house, service).isVacated,
    mayStart: isAllowedToStart(house, service, now),
    isMade: (owed) => isMade(house, service, owed, plan),
    isSuspect: (path) => work !== undefined && isSuspect(work.loops, path),
    trail: trailNow(house, service, plan),
    callers: (owed) => callersOf(house, service, owed, plan),
    slowedMs: (owed) => slowedMs(owed, plan),
    probeMs: (paths) => Math.max(0, ...recipes.map((step) => probeMs(workOf(house, step.recipe).loops, paths))),
  };
}

export function runsSightOf(house: House, service: Service, now: Now): RunsSight {
  const { stage } = intakeOf(house, service);
  const isQuitting = house.life.is !== "living";
  return {
    service,
    plan: planOf(now, service),
    due: stage.is === "due" ? stage.taken : undefined,
    isAllowed: isAllowedToStart(house, service, now),
    upTo: containedBy(house, service),
    isQuitting: isQuitting || !now.plan.services.has(service),
    once: now.plan.once,
    commandGiven: now.plan.commandGiven,
  };
}

// ── what they ask of each other ────────────────────────────────────────────────────────────────────────────────────

export function turnIntake(house: House, service: Service, now: Now, { intake, asks }: IntakeTurn): Step {
  return forEach(unchanged(withIntake(house, service, intake)), asks, (next, ask) => {
    switch (ask.ask) {
      case "arm":
        return ordering(unchanged(next), { type: "arm", timer: "quiet", service, afterMs: ask.afterMs });
      case "look":
        return ordering(unchanged(next), { type: "look" });
      case "make":
        return pursue(takenAgain(next, service), service, now);
      case "giveUp":
        return giveUp(next, service, now);
      case "takeBack":
        return unchanged(withRuns(next, service, takenBack(runsOf(next, service))));
      case "start":
        return turnRuns(next, service, now, (runs, sight) => advance(runs, now.at, sight));
      case "signal":
        return turnRuns(next, service, now, (runs, sight) => signalled(runs, rulesOf(ask.taken), sight));
      case "refresh":
        return ordering(unchanged(next), { type: "refresh", service, paths: [...pathsOf(ask.taken)] });
      case "restless": {
        const { path, pattern } = ask;
        return telling(unchanged(next), {
          type: "restless",
          service,
          path,
          ...(pattern === undefined ? {} : { pattern }),
        });
      }
      case "hooked": {
        const by = makerOf(intakeOf(next, service).trail.at(-1) ?? "", now.plan);
        return telling(unchanged(next), { type: "hooked", service, paths: ask.paths, by });
      }
      case "circular":
        return circled(next, service, ask.dropped, now);
    }
  });
}

/** Once for each path. */
function circled(house: House, service: Service, dropped: Owed, { plan }: Now): Step {
  const intake = intakeOf(house, service);
  const paths = [...dropped.keys()].filter((path) => path !== "" && !intake.circular.has(path));
  if (paths.length === 0) return unchanged(house);
  const rule = dropped.get(paths[0] ?? "")?.rule;
  const told = withIntake(house, service, { ...intake, circular: new Set([...intake.circular, ...paths]) });
  return telling(unchanged(told), circleNews(service, paths, intake.trail, rule, plan));
}

const rulesOf = (taken: Owed): ReadonlyMap<string, string> =>
  new Map(
    [...taken].flatMap(([path, { verdict, rule }]) =>
      verdict === "signal" && rule !== undefined ? [[path, rule] as const] : [],
    ),
  );

export function turnRuns(
  house: House,
  service: Service,
  now: Now,
  next: (runs: Runs, sight: RunsSight) => RunsTurn,
): Step {
  const { runs, orders, asks, news } = next(runsOf(house, service), runsSightOf(house, service, now));
  const turned = telling(ordering(unchanged(withRuns(house, service, runs)), ...orders), ...news);
  return forEach(turned, asks, (after, ask) => {
    switch (ask.ask) {
      case "answered": {
        const intake = answered(intakeOf(after, service), now.at, ask.isStart);
        const rested = rest(intake, now.at, planOf(now, service), sightOf(after, service, now));
        return turnIntake(after, service, now, rested);
      }
      case "judged":
        return judged(after, service, ask.code, now);
      case "quit":
        return quit(after, ask.code, false, now);
    }
  });
}

/** With `--once`: the first failure ends it all, and so does the last that passes. */
function judged(house: House, service: Service, code: number, now: Now): Step {
  const all = new Set([...house.passed, ...(code === 0 ? [service] : [])]);
  const isOver = code !== 0 || [...now.plan.services.keys()].every((name) => all.has(name));
  const next: House = { ...house, passed: all };
  if (isOver) {
    // Who needs the one that has failed can never be ready.
    const isNeeded =
      code !== 0 && [...now.plan.services].some(([name, { after }]) => after.includes(service) && !all.has(name));
    return quit(next, isNeeded ? worseOf(code, 3) : code, false, now);
  }
  // What has passed without a process has nothing more to start.
  const { stage } = intakeOf(next, service);
  return stage.is === "due"
    ? unchanged(withIntake(next, service, { ...intakeOf(next, service), stage: { is: "resting" } }))
    : unchanged(next);
}

// ── jobs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The next job that the service needs is started, or it is waited for; where there is none, its start is due. */
export function pursue(house: House, service: Service, now: Now): Step {
  const { plan, at } = now;
  const intake = intakeOf(house, service);
  if (intake.stage.is !== "working") return unchanged(house);
  const step = nextStep(house, service, plan);
  if (step === undefined)
    return andThen(closed(house, service, now), (next) =>
      turnIntake(
        next,
        service,
        now,
        made(intakeOf(next, service), at, planOf(now, service), sightOf(next, service, now)),
      ),
    );
  if (isUnderWay(workOf(house, step.recipe)) || isAwaited(house, step.recipe, plan)) return unchanged(house);
  return begin(house, step, now);
}

function begin(before: House, { recipe }: CycleStep, now: Now): Step {
  const { plan, at } = now;
  const { kind, service } = plan.recipes.get(recipe) ?? { kind: "build", service: "" };
  // A rule changes something itself: what was made before it does not contain that.
  const house: House = kind === "rule" ? { ...before, mark: before.mark + 1 } : before;
  const counter = `${service}/${kind}`;
  const job: JobId = { service, kind, number: (house.jobs.get(counter) ?? 0) + 1 };
  const users = waitingFor(house, recipe, plan);
  const demand = new Map(users.flatMap((user) => [...takenBy(house, user)]));
  const work = workOf(house, recipe);
  const begun = started({ ...work, loops: buildBegan(work.loops, pathsOf(demand)) }, job, house.mark);
  let next = withJobs(withWork(house, recipe, begun), counter, job.number);
  for (const user of users) next = withIntake(next, user, acted(next, user, recipe, now));
  const room = forEach(unchanged(next), users, (after, user) =>
    turnRuns(after, user, { at, plan }, (runs, sight) => passed(runs, sight)),
  );
  return ordering(room, { type: "startJob", job, recipe, demand });
}

/** Of its intake, when a job has been started for it. */
function acted(house: House, service: Service, recipe: RecipeId, { at, plan }: Now): ReturnType<typeof intakeOf> {
  const intake = intakeOf(house, service);
  const rule = plan.services.get(service)?.steps.find((step) => step.recipe === recipe)?.rule;
  const { stage: before } = intake;
  const stage = before.is === "working" ? { ...before, meanwhile: new Set<string>() } : before;
  // What writes nothing cannot start others without end.
  const isCounted = plan.recipes.get(recipe)?.kind === "rule";
  if (rule === undefined || !isCounted || stage.is !== "working") return { ...intake, actedAt: at, stage };
  const rounds = new Map(stage.rounds).set(rule, (stage.rounds.get(rule) ?? 0) + 1);
  return { ...intake, actedAt: at, stage: { ...stage, rounds } };
}

/** A newer change: the job is given up, unless somebody has waited for it for long. */
function giveUp(house: House, service: Service, now: Now): Step {
  const { plan, at } = now;
  const recipe = busyWith(house, service, plan);
  if (recipe === undefined || plan.recipes.get(recipe)?.onChange === "finish") return unchanged(house);
  const users = waitingFor(house, recipe, plan);
  const others = users.filter((user) => user !== service);
  const isUrgent = (user: Service): boolean =>
    isAllowedToStart(house, user, now) && isPatient(intakeOf(house, user), at, planOf(now, user));
  if (others.some(isUrgent)) return unchanged(house);
  const ending = givenUp(workOf(house, recipe));
  if (ending === undefined || !isUnderWay(ending)) return unchanged(house);
  let next = withWork(house, recipe, ending);
  for (const user of users) {
    const intake = intakeOf(next, user);
    next = withIntake(next, user, { ...intake, cancelled: intake.cancelled + 1 });
  }
  return ordering(unchanged(next), { type: "cancelJob", job: ending.job, force: false });
}
