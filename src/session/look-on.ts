/** Looks until everything has been looked at. */

/**
 * How long the news of a build's end may wait for that, in milliseconds of our own time of a processor: what is seen later is taken for
 * somebody's own work, while a writer that never rests must not hold it up for ever. Where others take the processors, looking goes on as
 * slowly as everything else.
 */
const longestMs = 5_000;

/**
 * @param look returns whether there is more to look at than fits a moment
 * @param spentMs how much time of a processor we have used so far
 */
export function lookOn(look: () => boolean, spentMs: () => number, done: () => void): void {
  const until = spentMs() + longestMs;
  const on = (): void => {
    if (look() && spentMs() < until) setImmediate(on);
    else done();
  };
  setImmediate(on);
}
