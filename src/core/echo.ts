/**
 * A program that writes into what is watched calls for its own next start. From outside it looks like somebody who saves
 * the same file on and on, a script that waits for each start perhaps, so nothing is ever left out: the file is named,
 * and if it changes in the very moment of each start, the next one waits a second. What tells the two apart a little is
 * time: nobody is as fast as that so often, and nobody's saves keep the same distance from the start for long.
 */
import type { Burst } from "./burst.ts";

export interface Echo {
  /** Those that have called for every round so far, alone or beside others. */
  readonly paths: ReadonlySet<string>;
  /** From the last order to the change that called for the round, in milliseconds. */
  readonly sinceMs: number;
  /** So many rounds in a row (a build, if there is one, and a start) were called for by these, each as long after the order as the one before. */
  readonly steady: number;
  /** So many in a row soon, though on a busy machine not at the same distance. */
  readonly soon: number;
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
const soonMs = 1_000;
const manySoon = 60;
/** More at once are a checkout, or a tree that is made anew. */
const mostPaths = 20;
const delayedMs = 1_000;

/** A round begins that is called for by these paths; the first of them changed `sinceMs` after the last order. */
export function heard(echo: Echo | undefined, owed: ReadonlySet<string>, sinceMs: number): Echo | undefined {
  if (owed.size === 0 || owed.size > mostPaths || sinceMs >= beforeLongMs) return undefined;
  const common = new Set([...(echo?.paths ?? [])].filter((path) => owed.has(path)));
  const last = common.size > 0 ? echo : undefined;
  const isAlike = last !== undefined && Math.abs(sinceMs - last.sinceMs) <= unevenMs + unevenShare * sinceMs;
  return {
    paths: last === undefined ? owed : common,
    sinceMs,
    steady: isAlike ? Math.min(last.steady, manySteady) + 1 : 1,
    soon: sinceMs < soonMs ? Math.min(last?.soon ?? 0, manySoon) + 1 : 0,
    quick: sinceMs < quickMs ? Math.min(last?.quick ?? 0, manyQuick) + 1 : 0,
  };
}

/** One of them is to be named now; once, as long as it goes on. */
export function restlessPath({ paths, steady, soon, quick }: Echo): string | undefined {
  const isNews =
    quick === manyQuick || (quick < manyQuick && (steady === manySteady || (steady < manySteady && soon === manySoon)));
  return isNews ? [...paths][0] : undefined;
}

/** How long after the first of these changes the next round has to wait; 0 for whoever changes anything later. */
export function delayMs(
  echo: Echo | undefined,
  owed: ReadonlySet<string>,
  { latestAt }: Burst,
  actedAt: number | undefined,
): number {
  if (echo === undefined || echo.quick < manyQuick || owed.size === 0) return 0;
  if ([...owed].some((path) => !echo.paths.has(path))) return 0;
  return actedAt === undefined || latestAt - actedAt >= quickMs ? 0 : delayedMs;
}
