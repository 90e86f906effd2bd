/** Hints by the clock: "look at everything", as often as is cheap. For file systems without events and for what the limits leave over. */
import type { Hint, HintSource } from "../hints.ts";

/** When no interval is asked for, in milliseconds. */
const usualIntervalMs = 300;

/** At most this share of one core is spent on looking. */
const share = 0.08;

/**
 * @param intervalMs from one look to the next; `undefined`: 300 ms, or longer where looking is dear
 * @param spentMs how much time has been spent on looking so far
 */
export function createPollSource(intervalMs: number | undefined, spentMs: () => number): HintSource {
  const hints = new Set<Hint>();
  let timer: NodeJS.Timeout | undefined;
  let spentBefore = 0;

  const tick = (): void => {
    const costMs = spentMs() - spentBefore;
    spentBefore = spentMs();
    for (const hint of hints) hint(undefined, false);
    const delayMs = intervalMs ?? Math.max(usualIntervalMs, costMs / share);
    timer = hints.size > 0 ? setTimeout(tick, delayMs) : undefined;
  };

  return {
    name: "poll",
    place(_path, hint) {
      hints.add(hint);
      if (timer === undefined) {
        spentBefore = spentMs();
        timer = setTimeout(tick, intervalMs ?? usualIntervalMs);
      }
      return { close: () => hints.delete(hint) };
    },
    ready: async () => {},
    replacesInPlace: true,
    async close() {
      hints.clear();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
