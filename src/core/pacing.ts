/** When to act: how long it has to be quiet after a change, and when waiting ends. */
import { type Demand, join } from "./demand.ts";
import { delayMs } from "./echo.ts";
import { probeMs } from "./loop.ts";
import type { Burst, State } from "./state.ts";
import { type Step, to } from "./steps.ts";
import type { Policy } from "./types.ts";

/** Quiet time after a lone change, and after one that is likely to be followed by more, in milliseconds (`debounce = "auto"`). */
const loneQuietMs = 5;
const burstQuietMs = 60;
/** A change this soon after a build or a start was ordered is taken for part of the same burst. */
const sameBurstMs = 250;
const maxCancelled = 2;
/** Paths that change so many times, each so soon after the last time, are being written to: no save is a lone change then. */
const soonMs = 250;
const manyTimes = 3;
/** One save may be several writes. */
const sameTimeMs = 20;
/** Who changes more paths than this at once is not writing a file. */
const fewPaths = 16;

/** Paths that change again and again. */
export interface Writing {
  readonly paths: ReadonlySet<string>;
  readonly times: number;
  readonly latestAt: number;
  /** The longest time from one of the last two changes to the next, in milliseconds. */
  readonly pauseMs: number;
}

function written(before: Writing | undefined, changes: ReadonlySet<string>, at: number): Writing | undefined {
  if (changes.size === 0 || changes.size > fewPaths) return undefined;
  const fresh: Writing = { paths: changes, times: 1, latestAt: at, pauseMs: 0 };
  if (before === undefined || at - before.latestAt >= soonMs) return fresh;
  const paths = new Set([...before.paths, ...changes]);
  if (paths.size > fewPaths) return fresh;
  const pauseMs = at - before.latestAt;
  const isAgain = pauseMs >= sameTimeMs && [...changes].some((path) => before.paths.has(path));
  return {
    paths,
    times: before.times + (isAgain ? 1 : 0),
    latestAt: at,
    pauseMs: Math.max(pauseMs, before.pauseMs / 2),
  };
}

export type Signs = Pick<Burst, "empty" | "atOnce">;

export function remember(state: State, demand: Demand, signs: Signs, at: number): State {
  const { burst } = state;
  const fresh =
    burst === undefined ? demand.changes : [...demand.changes].filter((path) => !state.owed.changes.has(path));
  const wide = burst === undefined ? demand.changes.size > 1 : burst.wide || [...fresh].length > 0;
  return {
    ...state,
    owed: join(state.owed, demand),
    burst: { oldestAt: burst?.oldestAt ?? at, latestAt: at, wide, empty: signs.empty, atOnce: signs.atOnce },
    unansweredSince: state.unansweredSince ?? at,
    writing: written(state.writing, demand.changes, at),
  };
}

/** Once a change has waited for long, or others were given up for it, what is under way is finished: nobody starves. */
export function isPatient(state: State, at: number, policy: Policy): boolean {
  const { unansweredSince, cancelled } = state;
  return cancelled >= maxCancelled || (unansweredSince !== undefined && at - unansweredSince >= policy.maxWaitMs);
}

export function settle(state: State, at: number, policy: Policy): Step {
  return to(state, { cycle: { is: "settling" } }, [
    { type: "arm", timer: "quiet", afterMs: remainingQuietMs(state, at, policy) },
  ]);
}

/** To rest, unless changes have come meanwhile. */
export function rest(state: State, at: number, policy: Policy): Step {
  return state.burst === undefined ? to(state, { cycle: { is: "resting" } }) : settle(state, at, policy);
}

function remainingQuietMs(state: State, at: number, policy: Policy): number {
  const { burst } = state;
  if (burst === undefined || burst.atOnce) return 0;
  const quietAt = burst.latestAt + quietMs(burst, state, policy);
  const probeAt = burst.latestAt + probeMs(state.loops, state.owed.changes);
  const echoAt = burst.oldestAt + delayMs(state.echo, state.owed.changes, burst, state.actedAt);
  return Math.max(0, Math.max(probeAt, echoAt, Math.min(quietAt, burst.oldestAt + policy.maxWaitMs)) - at);
}

function quietMs(burst: Burst, state: State, policy: Policy): number {
  if (policy.debounce !== "auto") return policy.debounce;
  const { actedAt, writing } = state;
  const sameBurst = actedAt !== undefined && burst.oldestAt - actedAt < sameBurstMs;
  const quiet = burst.wide || burst.empty || sameBurst ? burstQuietMs : loneQuietMs;
  // Twice what the writer needs from one write to the next: then it is at rest.
  return writing !== undefined && writing.times >= manyTimes ? Math.max(quiet, 2 * writing.pauseMs) : quiet;
}
