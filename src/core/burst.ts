/** Changes that come together. */
import type { Demand } from "./demand.ts";

/** Changes that belong together in time, as far as they are in no job yet. Times in milliseconds on the clock of the facts. */
export interface Burst {
  readonly oldestAt: number;
  readonly latestAt: number;
  /** More than one path: more are likely to come. */
  readonly wide: boolean;
  /** A file is empty at the moment: its content is likely to come. */
  readonly empty: boolean;
  /** Nothing to wait for (a new configuration). */
  readonly atOnce: boolean;
}

export interface Signs extends Pick<Burst, "empty" | "atOnce"> {
  /** It may have been written at any time since the start: no evidence of who wrote it. */
  readonly isFirst?: boolean;
}

/** With these paths as well. */
export function remember(
  burst: Burst | undefined,
  paths: ReadonlySet<string>,
  owed: Demand,
  signs: Signs,
  at: number,
): Burst {
  const wide = burst === undefined ? paths.size > 1 : burst.wide || [...paths].some((path) => !owed.has(path));
  return { oldestAt: burst?.oldestAt ?? at, latestAt: at, wide, empty: signs.empty, atOnce: signs.atOnce };
}
