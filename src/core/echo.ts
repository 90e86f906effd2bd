/**
 * A program that writes into what is watched calls for its own next start. From outside it looks like somebody who saves
 * the same file on and on, so nothing is ever left out: it is named, and if it changes nothing but soon after a start,
 * the starts come ever later, as those of a program that crashes.
 */
import type { Burst } from "./state.ts";

export interface Echo {
  readonly path: string;
  /** So many rounds in a row (a build, if there is one, and a start) were called for by this path alone, each before long. */
  readonly rounds: number;
  /** So many of the last of them at once. */
  readonly quick: number;
}

/** Between a start and what it writes, in milliseconds. */
const quickMs = 1_000;
const beforeLongMs = 10_000;
const quickRounds = 5;
const longRounds = 10;
const firstDelayMs = 1_000;
const maxDelayMs = 8_000;

/** A round begins that is called for by these paths; the first of them changed `sinceMs` after the last order. */
export function heard(echo: Echo | undefined, owed: ReadonlySet<string>, sinceMs: number): Echo | undefined {
  const [path] = owed;
  if (path === undefined || owed.size > 1 || sinceMs >= beforeLongMs) return undefined;
  const { rounds, quick } = echo?.path === path ? echo : { rounds: 0, quick: 0 };
  return {
    path,
    rounds: Math.min(rounds, longRounds) + 1,
    quick: sinceMs < quickMs ? Math.min(quick, quickRounds + 3) + 1 : 0,
  };
}

/** It is to be named now; once, as long as it goes on. */
export const isNews = ({ rounds, quick }: Echo): boolean =>
  quick === quickRounds || (rounds === longRounds && quick < quickRounds);

/** How long after the first of these changes the next round has to wait; 0 for whoever changes anything at rest. */
export function delayMs(
  echo: Echo | undefined,
  owed: ReadonlySet<string>,
  { oldestAt, latestAt }: Burst,
  actedAt: number | undefined,
): number {
  if (echo === undefined || echo.quick < quickRounds || owed.size > 1 || !owed.has(echo.path)) return 0;
  if (actedAt === undefined || oldestAt < actedAt || latestAt - actedAt >= quickMs) return 0;
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (echo.quick - quickRounds));
}
