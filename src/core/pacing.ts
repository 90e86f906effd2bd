/** When to act: how long it has to be quiet after a change, and when waiting ends. */
import type { Burst } from "./burst.ts";
import type { Demand } from "./demand.ts";
import { delayMs, type Echo } from "./echo.ts";
import type { ServicePlan } from "./types.ts";
import { restMs, type Writing } from "./writing.ts";

/** Quiet time after a lone change, and after one that is likely to be followed by more, in milliseconds (`debounce = "auto"`). */
const loneQuietMs = 5;
const burstQuietMs = 60;
/** A change this soon after a build or a start was ordered is taken for part of the same burst. */
const sameBurstMs = 250;
const maxCancelled = 2;
/** How often, and for how long at most, git is waited for: a commit holds its lock while an editor is open, a rebase can rest for hours. */
export const gitQuietMs = 50;
export const gitPatienceMs = 10_000;

/** What pacing reads of an intake. */
interface Paced {
  readonly owed: Demand;
  readonly burst: Burst | undefined;
  readonly unansweredSince: number | undefined;
  readonly writing: Writing | undefined;
  readonly cancelled: number;
  readonly actedAt: number | undefined;
  readonly echo: Echo | undefined;
}

type Pace = Pick<ServicePlan, "debounce" | "maxWaitMs">;

/** Once a change has waited for long, or others were given up for it, what is under way is finished: nobody starves. */
export function isPatient({ unansweredSince, cancelled }: Paced, at: number, { maxWaitMs }: Pace): boolean {
  return cancelled >= maxCancelled || (unansweredSince !== undefined && at - unansweredSince >= maxWaitMs);
}

/** How long it has to stay quiet from now on. `probeMs`: how long it takes to see who writes what is owed. */
export function quietLeftMs(paced: Paced, at: number, pace: Pace, probeMs: number): number {
  const { burst } = paced;
  if (burst === undefined || burst.atOnce) return 0;
  const quietAt = burst.latestAt + quietMs(burst, paced, pace);
  const probeAt = burst.latestAt + probeMs;
  const echoAt = burst.oldestAt + delayMs(paced.echo, paced.owed, burst, paced.actedAt);
  return Math.max(0, Math.max(probeAt, echoAt, Math.min(quietAt, burst.oldestAt + pace.maxWaitMs)) - at);
}

function quietMs(burst: Burst, { actedAt, writing }: Paced, { debounce }: Pace): number {
  if (debounce !== "auto") return debounce;
  const sameBurst = actedAt !== undefined && burst.oldestAt - actedAt < sameBurstMs;
  return Math.max(burst.wide || burst.empty || sameBurst ? burstQuietMs : loneQuietMs, restMs(writing));
}
