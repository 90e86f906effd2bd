/**
 * A program that writes into what is watched calls for its own next start. From outside it looks like somebody who saves
 * the same file on and on, a script that waits for each start perhaps, so nothing is ever left out: the file is named,
 * and if it changes in the very moment of each start, the next one waits a second. What tells the two apart a little is
 * time: nobody is as fast as that so often, and nobody's saves keep the same distance from the start for long.
 */
import type { Burst } from "./burst.ts";

export interface Echo {
  readonly path: string;
  /** From the last order to the change that called for the round, in milliseconds. */
  readonly sinceMs: number;
  /** So many rounds in a row (a build, if there is one, and a start) were called for by this path alone, each as long after the order as the one before. */
  readonly steady: number;
  /** So many in a row at once. */
  readonly quick: number;
}

/** From a start to what it calls for, in milliseconds. */
const quickMs = 100;
const beforeLongMs = 10_000;
/** How much the distance of two rounds may differ: a little, and a part of it. */
const unevenMs = 20;
const unevenShare = 0.05;
const manyQuick = 20;
const manySteady = 30;
const delayedMs = 1_000;

/** A round begins that is called for by these paths; the first of them changed `sinceMs` after the last order. */
export function heard(echo: Echo | undefined, owed: ReadonlySet<string>, sinceMs: number): Echo | undefined {
  const [path] = owed;
  if (path === undefined || owed.size > 1 || sinceMs >= beforeLongMs) return undefined;
  const last = echo?.path === path ? echo : undefined;
  const isAlike = last !== undefined && Math.abs(sinceMs - last.sinceMs) <= unevenMs + unevenShare * sinceMs;
  return {
    path,
    sinceMs,
    steady: isAlike ? Math.min(last.steady, manySteady) + 1 : 1,
    quick: sinceMs < quickMs ? Math.min(last?.quick ?? 0, manyQuick) + 1 : 0,
  };
}

/** It is to be named now; once, as long as it goes on. */
export const isNews = ({ steady, quick }: Echo): boolean =>
  quick === manyQuick || (steady === manySteady && quick < manyQuick);

/** How long after the first of these changes the next round has to wait; 0 for whoever changes anything later. */
export function delayMs(
  echo: Echo | undefined,
  owed: ReadonlySet<string>,
  { latestAt }: Burst,
  actedAt: number | undefined,
): number {
  if (echo === undefined || echo.quick < manyQuick || owed.size > 1 || !owed.has(echo.path)) return 0;
  return actedAt === undefined || latestAt - actedAt >= quickMs ? 0 : delayedMs;
}
