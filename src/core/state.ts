/**
 * What is the case. A product of small tagged unions: what happens to changes (`cycle`), and what runs (`current`, `coming`).
 *
 *                    ┌────────────── a change ◀──────────────────────────────┐
 *                    ▼                                                       │
 *   resting ─▶ settling ◀─▶ looking ─▶ building ─▶ swapping ─▶ (run started) ┴─▶ resting
 *                  ▲   found more │        │ ▲         │
 *                  │              │        │ └ finish  └ a change: the outdated run is never started
 *                  │              └ no build needed ─▶ swapping
 *                  └─── cancelling ◀──────┘ a change during the build
 *
 *   any ─▶ quitting ─▶ ended
 */
import type { Demand } from "./demand.ts";
import type { Echo } from "./echo.ts";
import { type Loops, noLoops } from "./loop.ts";
import type { Writing } from "./pacing.ts";
import type { Exit } from "./types.ts";

export type Cycle =
  | { readonly is: "resting" }
  /** Changes are `owed`; the quiet timer runs. */
  | { readonly is: "settling" }
  /** The quiet time is over, the tree is looked at once more. */
  | { readonly is: "looking" }
  | { readonly is: "building"; readonly build: number; readonly contains: Demand }
  | { readonly is: "cancelling"; readonly build: number; readonly contains: Demand }
  /** Built; `due` is started as soon as there is room for it. */
  | { readonly is: "swapping"; readonly due: Demand }
  | {
      readonly is: "quitting";
      readonly code: number;
      readonly asked: boolean;
      readonly forced: boolean;
      readonly build: number | undefined;
    }
  | { readonly is: "ended"; readonly code: number };

/** Room for one run. */
export type Slot =
  | { readonly is: "empty" }
  | {
      readonly is: "starting" | "ready" | "late";
      readonly run: number;
      readonly startedAt: number;
      readonly changes: ReadonlySet<string>;
    }
  /** Ended by itself; what it started may live on until it is stopped before the next start. */
  | { readonly is: "exited"; readonly run: number; readonly exit: Exit }
  | { readonly is: "stopping"; readonly run: number; readonly forced: boolean; readonly next: "empty" | "backoff" }
  /** `on_exit = "restart"`: waits for the timer, or for a change. */
  | { readonly is: "backingOff" };

/** Changes that belong together in time, as far as they are in no build yet. Times in milliseconds on the clock of the events. */
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

export interface State {
  readonly cycle: Cycle;
  /** The run that serves. */
  readonly current: Slot;
  /** `swap = "start-first"`: the run that is to take over. Else always empty. */
  readonly coming: Slot;
  /** Asked for, and in no build and no run yet. What a failed or cancelled build contained comes back to it. */
  readonly owed: Demand;
  readonly burst: Burst | undefined;
  /** When the oldest change was seen that no run and no failed build contains: what patience is measured by. */
  readonly unansweredSince: number | undefined;
  /** What has changed again and again of late. */
  readonly writing: Writing | undefined;
  /** Builds in a row (and swaps) that were given up for a newer change. */
  readonly cancelled: number;
  /** A swap was given up after the old run had been told to stop: if the build that follows fails, the last good one is started again. */
  readonly vacated: boolean;
  /** When the last build or run was ordered. */
  readonly actedAt: number | undefined;
  /** Runs in a row that ended by themselves within the first seconds. */
  readonly crashes: number;
  readonly loops: Loops;
  readonly echo: Echo | undefined;
  readonly builds: number;
  readonly runs: number;
}

export const empty: Slot = { is: "empty" };

export const initial: State = {
  cycle: { is: "resting" },
  current: empty,
  coming: empty,
  owed: { verdict: "rebuild", changes: new Set() },
  burst: undefined,
  unansweredSince: undefined,
  writing: undefined,
  cancelled: 0,
  vacated: false,
  actedAt: undefined,
  crashes: 0,
  loops: noLoops,
  echo: undefined,
  builds: 0,
  runs: 0,
};

export type Live = Extract<Slot, { startedAt: number }>;

/** A process of this slot is meant to be alive. */
export const isLive = (slot: Slot): slot is Live => slot.is === "starting" || slot.is === "ready" || slot.is === "late";
