/**
 * What is asked for, per service: changes come in, it is waited until they rest, and what they ask for is handed on.
 * The way of a change, of which other machines see only the name of the stage:
 *
 *   resting ─▶ settling ◀─▶ looking ─▶ working ─▶ due ─▶ (started) ─▶ resting
 *                 ▲                       │        │
 *                 └── given up ◀──────────┴────────┘ a newer change, unless somebody has waited for long
 */
import { remember, type Signs } from "./burst.ts";
import { doubtMs, fed, isLeftOver } from "./circles.ts";
import { type Demand, isNothing, nothing, pathsOf, verdictOf } from "./demand.ts";
import { heard, restless } from "./echo.ts";
import { gitPatienceMs, gitQuietMs, isPatient, quietLeftMs } from "./pacing.ts";
import {
  type Ask,
  asMade,
  type Intake,
  type IntakeTurn,
  joinOwed,
  marked,
  type Owed,
  type Sight,
  turn,
  workOn,
} from "./stage.ts";
import { leftAlone, newPaths } from "./trails.ts";
import type { ServicePlan } from "./types.ts";
import { written } from "./writing.ts";

/** A rule that fails and writes something else each time is left alone after so many. */
const maxTries = 2;

const owedToo = (intake: Intake, owed: Owed): Owed => (owed.size === 0 ? intake.owed : joinOwed(owed, intake.owed));

// ── changes ────────────────────────────────────────────────────────────────────────────────────────────────────────

export function change(
  before: Intake,
  demand: Demand,
  signs: Signs,
  at: number,
  plan: ServicePlan,
  sight: Sight,
): IntakeTurn {
  const intake = collect(before, demand, signs, at, sight);
  if (isHeld(intake, sight) && !signs.atOnce) return turn(intake);
  switch (intake.stage.is) {
    case "resting":
    case "settling":
    case "looking":
      return settle(intake, at, plan, sight);
    case "working": {
      if (sight.work !== "busy" || !makesStale(demand, sight) || isUrgent(before, at, plan, sight)) return turn(intake);
      return turn(intake, { ask: "giveUp" });
    }
    case "due": {
      if (isUrgent(before, at, plan, sight)) return turn(intake);
      const cancelled = intake.cancelled + (sight.mayStart ? 1 : 0);
      const back: Intake = { ...intake, owed: owedToo(intake, intake.stage.taken), cancelled };
      const settled = settle(back, at, plan, sight);
      return turn(settled.intake, { ask: "takeBack" }, ...settled.asks);
    }
  }
}

/** Nobody starves by being taken back. While it waits for others it could not start anyway. */
const isUrgent = (intake: Intake, at: number, plan: ServicePlan, { mayStart }: Sight): boolean =>
  mayStart && isPatient(intake, at, plan);

/** What only restarts does not make a job stale, and what it writes itself is not a reason to give it up. */
function makesStale(demand: Demand, { isSuspect }: Sight): boolean {
  for (const [path, { verdict }] of demand) if (verdict === "rebuild" && (path === "" || !isSuspect(path))) return true;
  return false;
}

const isHeld = (intake: Intake, { isPaused }: Sight): boolean => intake.isStopped || isPaused;

export function collect(intake: Intake, demand: Demand, signs: Signs, at: number, sight: Sight): Intake {
  const paths = pathsOf(demand);
  return {
    ...intake,
    burst: remember(intake.burst, paths, intake.owed, signs, at),
    owed: joinOwed(intake.owed, marked(demand, sight)),
    unansweredSince: intake.unansweredSince ?? at,
    tries: 0,
    writing: written(intake.writing, paths, at),
  };
}

/** What a rule has written joins what it was written for. `rule`: the one that runs. */
export function joined(intake: Intake, demand: Demand, sight: Sight, rule?: string): Intake {
  const { stage } = intake;
  if (stage.is !== "working") return intake;
  const taken = joinOwed(stage.taken, marked(demand, sight));
  const meanwhile = new Set([...stage.meanwhile, ...pathsOf(demand)]);
  const feeds = rule === undefined ? stage.fed : fed(stage, rule, demand);
  return { ...intake, stage: { ...stage, taken, meanwhile, fed: feeds } };
}

function settle(intake: Intake, at: number, plan: ServicePlan, sight: Sight): IntakeTurn {
  const waitMs = Math.max(sight.probeMs(pathsOf(intake.owed)), sight.slowedMs(intake.owed), doubtMs(intake));
  const afterMs = quietLeftMs(intake, at, plan, waitMs);
  return turn({ ...intake, stage: { is: "settling" } }, { ask: "arm", afterMs });
}

/** To rest, unless changes have come meanwhile. */
export function rest(intake: Intake, at: number, plan: ServicePlan, sight: Sight): IntakeTurn {
  return intake.burst === undefined || isHeld(intake, sight)
    ? turn({ ...intake, stage: { is: "resting" } })
    : settle(intake, at, plan, sight);
}

// ── the quiet time and the look after it ───────────────────────────────────────────────────────────────────────────

export function quiet(intake: Intake): IntakeTurn {
  return intake.stage.is === "settling" ? turn({ ...intake, stage: { is: "looking" } }, { ask: "look" }) : turn(intake);
}

export function looked(
  before: Intake,
  demand: Demand,
  signs: Signs,
  isBusy: boolean,
  at: number,
  plan: ServicePlan,
  sight: Sight,
): IntakeTurn {
  const hasFound = !isNothing(demand);
  const intake = hasFound ? collect(before, demand, signs, at, sight) : before;
  const waitedMs = at - (intake.burst?.oldestAt ?? at);
  if (isBusy && plan.debounce === "auto" && waitedMs < gitPatienceMs)
    return turn({ ...intake, stage: { is: "settling" } }, { ask: "arm", afterMs: gitQuietMs });
  return hasFound && waitedMs < plan.maxWaitMs ? settle(intake, at, plan, sight) : act(intake, at, sight);
}

/** What is owed is handed on. */
export function act(before: Intake, at: number, sight: Sight): IntakeTurn {
  const callers = sight.callers(before.owed);
  const { trail } = callers;
  if (callers.is === "circle") return leftAlone(before, trail, sight.isVacated);
  const { owed, burst, actedAt } = before;
  // What a hook calls for is told of that one.
  const isHeard = trail.length === 0;
  const echo = isHeard ? heard(before.echo, owed, (burst?.oldestAt ?? at) - (actedAt ?? at)) : undefined;
  const leftOvers = isLeftOver(before) ? before.leftOvers + 1 : 0;
  const stage = workOn(owed, leftOvers);
  const leftOver = new Set<string>();
  const intake: Intake = {
    ...before,
    owed: nothing,
    burst: undefined,
    echo,
    stage,
    hasFailed: false,
    leftOver,
    leftOvers,
    trail,
    doubt: callers.hook === undefined ? undefined : { hook: callers.hook, at: burst?.latestAt ?? at },
  };
  if (callers.is === "hook") return turn(intake, { ask: "hooked", paths: newPaths(owed) }, { ask: "make" });
  const found = echo === undefined ? undefined : restless(echo, owed);
  return found === undefined
    ? turn(intake, { ask: "make" })
    : turn(intake, { ask: "restless", ...found }, { ask: "make" });
}

// ── what became of it ──────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that it needs is made, so that it comes to what it asked for. */
export function made(intake: Intake, at: number, plan: ServicePlan, sight: Sight): IntakeTurn {
  const { stage } = intake;
  if (stage.is !== "working") return turn(intake);
  const verdict = verdictOf(stage.taken);
  if (verdict === "restart" || verdict === "rebuild" || (verdict === "signal" && !sight.isLive)) {
    return startWith(intake, asMade(stage.taken), sight);
  }
  const rested = rest(answered(intake, at, false), at, plan, sight);
  if (verdict === "ignore") return rested;
  const ask: Ask =
    verdict === "signal" ? { ask: "signal", taken: stage.taken } : { ask: "refresh", taken: stage.taken };
  return turn(rested.intake, ask, ...rested.asks);
}

/** It waits to be started as it was, and what had failed for it is made by now: that start has it in it. */
export const madeByOthers = (intake: Intake, sight: Sight): IntakeTurn =>
  intake.stage.is === "due" ? startWith(intake, intake.stage.taken, sight) : turn(intake);

/** What is owed and asks for nothing to be made any more is answered by the start that is due anyway. */
function startWith(intake: Intake, taken: Owed, sight: Sight): IntakeTurn {
  const { owed } = intake;
  if (owed.size === 0 || !sight.isMade(owed)) return turn(due(intake, taken), { ask: "start" });
  const all = joinOwed(taken, asMade(owed));
  return turn(due({ ...intake, owed: nothing, burst: undefined, hasFailed: false }, all), { ask: "start" });
}

const due = (intake: Intake, taken: Owed): Intake => ({ ...intake, stage: { is: "due", taken } });

/** Its job was given up, so that a newer change is in the next one. */
export function backAgain(intake: Intake, at: number, plan: ServicePlan, sight: Sight): IntakeTurn {
  const { stage } = intake;
  if (stage.is !== "working") return turn(intake);
  const back: Intake = { ...intake, owed: owedToo(intake, stage.taken) };
  return isHeld(back, sight) ? turn({ ...back, stage: { is: "resting" } }) : settle(back, at, plan, sight);
}

/**
 * A job that it needs has failed: what it was for is asked for again with the next change. What changed while a rule failed
 * may be what mends it: it is tried again at once, but not for ever, since the rule may have written it.
 */
export function failed(intake: Intake, at: number, plan: ServicePlan, sight: Sight): IntakeTurn {
  const { stage } = intake;
  if (stage.is !== "working") return turn(intake);
  const isAgain = intake.burst === undefined && stage.meanwhile.size > 0 && intake.tries < maxTries;
  const signs: Signs = { empty: false, atOnce: false };
  const burst = isAgain ? remember(undefined, stage.meanwhile, intake.owed, signs, at) : intake.burst;
  const back: Intake = {
    ...intake,
    owed: owedToo(intake, new Map([...stage.taken].map(([path, asked]) => [path, { ...asked, isOld: true }]))),
    burst,
    tries: isAgain ? intake.tries + 1 : intake.tries,
    unansweredSince: burst?.oldestAt,
    cancelled: 0,
    hasFailed: true,
  };
  if (burst !== undefined || !sight.isVacated) return rest(back, at, plan, sight);
  // The last good one is started again, for something must serve.
  return turn({ ...back, stage: { is: "due", taken: nothing } }, { ask: "start" });
}

/** The start that was due has been ordered, or there is nothing to start. */
export function answered(intake: Intake, at: number, isStart: boolean): Intake {
  return {
    ...intake,
    actedAt: isStart ? at : intake.actedAt,
    cancelled: 0,
    tries: 0,
    unansweredSince: intake.burst?.oldestAt,
  };
}

export const stopIntake = (intake: Intake): Intake => ({
  ...intake,
  isStopped: true,
  stage: { is: "resting" },
  owed: intake.stage.is === "due" || intake.stage.is === "working" ? owedToo(intake, intake.stage.taken) : intake.owed,
});
