/**
 * A program that writes into what is watched calls for its own next start. From outside it looks like somebody who saves
 * the same file on and on, a script that waits for each start perhaps, so nothing is ever left out: the file is named,
 * and if it changes in the very moment of each start, the next one waits a second. What tells the two apart a little is
 * time: nobody is as fast as that so often, and nobody's saves keep the same distance from the start for long. The same
 * holds for files that are called otherwise each time (caches, sessions, uploads): what they have in common is named.
 */
import type { Burst } from "./burst.ts";
import { type Demand, pathsOf } from "./demand.ts";
import { inCommon, placesOf } from "./places.ts";

export interface Echo {
  /** Those that have called for every round so far, alone or beside others. */
  readonly paths: ReadonlySet<string>;
  /** In every round so far something was new; undefined where it was not so. */
  readonly fresh: Fresh | undefined;
  /** From the last order to the change that called for the round, in milliseconds. */
  readonly sinceMs: number;
  /** So many rounds in a row (a build, if there is one, and a start) were called for by these, each as long after the order as the one before. */
  readonly steady: number;
  /** So many in a row soon, though on a busy machine not at the same distance. */
  readonly soon: number;
  /** So many in a row at once. */
  readonly quick: number;
}

interface Fresh {
  /** Patterns for something new of each round. */
  readonly places: readonly string[];
  /** All that has called for one of the rounds: names that come again (a ring of files) are as good as new ones. */
  readonly called: ReadonlySet<string>;
}

/** What is to be named, and where it changes its name, the pattern for it. */
export interface Restless {
  readonly path: string;
  readonly pattern?: string;
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
const mostPaths = 1_000;
/** So many names are remembered, and a round more. */
const mostCalled = 1_000;
const delayedMs = 1_000;

/** A round begins that is called for by these paths; the first of them changed `sinceMs` after the last order. */
export function heard(echo: Echo | undefined, owed: Demand, sinceMs: number): Echo | undefined {
  const paths = pathsOf(owed);
  if (paths.size === 0 || paths.size > mostPaths || sinceMs >= beforeLongMs) return undefined;
  const common = new Set([...(echo?.paths ?? [])].filter((path) => paths.has(path)));
  const again = echo?.fresh === undefined ? undefined : freshOf(owed, echo.fresh);
  const last = common.size > 0 || again !== undefined ? echo : undefined;
  const isAlike = last !== undefined && Math.abs(sinceMs - last.sinceMs) <= unevenMs + unevenShare * sinceMs;
  return {
    paths: last === undefined ? paths : common,
    fresh: last === undefined ? freshOf(owed) : again,
    sinceMs,
    steady: isAlike ? Math.min(last.steady, manySteady) + 1 : 1,
    soon: sinceMs < soonMs ? Math.min(last?.soon ?? 0, manySoon) + 1 : 0,
    quick: quickOf(last, sinceMs),
  };
}

/** What is known goes on, though a round took longer on a busy machine. */
function quickOf(last: Echo | undefined, sinceMs: number): number {
  const before = last?.quick ?? 0;
  if (sinceMs < quickMs) return Math.min(before, manyQuick) + 1;
  return before >= manyQuick && sinceMs < soonMs ? manyQuick + 1 : 0;
}

function freshOf(owed: Demand, before?: Fresh): Fresh | undefined {
  const fresh = [...owed].filter(([path, asked]) => isFresh(path, asked, before)).map(([path]) => path);
  if (fresh.length === 0) return undefined;
  const places = fresh.map(placesOf);
  return {
    places: inCommon(before?.places, places),
    called:
      before !== undefined && before.called.size > mostCalled
        ? before.called
        : new Set([...(before?.called ?? []), ...fresh]),
  };
}

const isFresh = (path: string, { isNew }: { readonly isNew?: true }, fresh: Fresh | undefined): boolean =>
  path !== "" && (isNew === true || fresh?.called.has(path) === true);

/** What is to be named now; once, as long as it goes on. */
export function restless({ paths, fresh, steady, soon, quick }: Echo, owed: Demand): Restless | undefined {
  const isNews =
    quick === manyQuick || (quick < manyQuick && (steady === manySteady || (steady < manySteady && soon === manySoon)));
  if (!isNews) return undefined;
  const [path] = paths;
  if (path !== undefined) return { path };
  const other = [...owed].find(([one, asked]) => isFresh(one, asked, fresh))?.[0];
  if (other === undefined) return undefined;
  return { path: other, pattern: fresh?.places[0] ?? other };
}

/** How long after the first of these changes the next round has to wait; 0 for whoever changes anything later. */
export function delayMs(
  echo: Echo | undefined,
  owed: Demand,
  { latestAt }: Burst,
  actedAt: number | undefined,
): number {
  if (echo === undefined || echo.quick < manyQuick || owed.size === 0) return 0;
  if (
    [...owed].some(
      ([path, asked]) => !echo.paths.has(path) && (echo.fresh === undefined || !isFresh(path, asked, echo.fresh)),
    )
  )
    return 0;
  return actedAt === undefined || latestAt - actedAt >= quickMs ? 0 : delayedMs;
}
