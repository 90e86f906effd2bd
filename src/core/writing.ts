/** Files that are being written to: a download, a generator, an upload that takes its time. No save is a lone change then. */

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

/** With these as well. */
export function written(before: Writing | undefined, changes: ReadonlySet<string>, at: number): Writing | undefined {
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

/** How long it has to be quiet before whoever writes is at rest: twice what he needs from one write to the next. */
export const restMs = (writing: Writing | undefined): number =>
  writing !== undefined && writing.times >= manyTimes ? 2 * writing.pauseMs : 0;
