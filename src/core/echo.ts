/**
 * A program that writes into what is watched calls for its own next start. From outside it looks like somebody who saves
 * the same file on and on, a script that waits for each start perhaps, so nothing is ever left out: the file is named,
 * and if it changes in the very moment of each start, the next one waits a second.
 */
import type { Burst } from "./state.ts";

export interface Echo {
  readonly path: string;
  /** So many rounds in a row (a build, if there is one, and a start) were called for by this path alone, each before long. */
  readonly rounds: number;
  /** So many of the last of them at once. */
  readonly quick: number;
}

/** From a start to what it calls for, in milliseconds. */
const quickMs = 100;
const beforeLongMs = 10_000;
const manyRounds = 10;
const delayedMs = 1_000;

/** A round begins that is called for by these paths; the first of them changed `sinceMs` after the last order. */
export function heard(echo: Echo | undefined, owed: ReadonlySet<string>, sinceMs: number): Echo | undefined {
  const [path] = owed;
  if (path === undefined || owed.size > 1 || sinceMs >= beforeLongMs) return undefined;
  const { rounds, quick } = echo?.path === path ? echo : { rounds: 0, quick: 0 };
  return {
    path,
    rounds: Math.min(rounds, manyRounds) + 1,
    quick: sinceMs < quickMs ? Math.min(quick, manyRounds) + 1 : 0,
  };
}

/** It is to be named now; once, as long as it goes on. */
export const isNews = ({ rounds }: Echo): boolean => rounds === manyRounds;

/** How long after the first of these changes the next round has to wait; 0 for whoever changes anything later. */
export function delayMs(
  echo: Echo | undefined,
  owed: ReadonlySet<string>,
  { latestAt }: Burst,
  actedAt: number | undefined,
): number {
  if (echo === undefined || echo.quick < manyRounds || owed.size > 1 || !owed.has(echo.path)) return 0;
  return actedAt === undefined || latestAt - actedAt >= quickMs ? 0 : delayedMs;
}
