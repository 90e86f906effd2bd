/** Room for runs: the one that serves, and one beside it, which is coming, kept for a while, or ending. One field for it, so that three cannot be written. */
import type { Exit } from "./types.ts";
import type { Mark } from "./work.ts";

export type Slot =
  | { readonly is: "empty" }
  /** `upTo`: it contains every change up to this mark. `kept`: without traffic, until the one that took its place has passed. */
  | {
      readonly is: "starting" | "ready" | "late" | "kept";
      readonly run: number;
      readonly startedAt: number;
      readonly upTo: Mark;
    }
  /** Ended by itself; what it started may live on until it is stopped before the next start. */
  | { readonly is: "exited"; readonly run: number; readonly exit: Exit; readonly upTo: Mark }
  | { readonly is: "stopping"; readonly run: number; readonly forced: boolean; readonly next: "empty" | "backoff" }
  /** `on_exit = "restart"`: waits for the timer, or for a change. */
  | { readonly is: "backingOff" };

export type Live = Extract<Slot, { startedAt: number }>;

export const empty: Slot = { is: "empty" };

/** A process of this slot is meant to be alive. */
export const isLive = (slot: Slot): slot is Live =>
  slot.is === "starting" || slot.is === "ready" || slot.is === "late" || slot.is === "kept";

export interface Runs {
  /** The run that serves. */
  readonly current: Slot;
  readonly beside: Slot;
  /** So many were started. */
  readonly count: number;
  /** So many in a row ended by themselves within the first seconds. */
  readonly crashes: number;
  /** A start was given up after the old run had been told to stop: if the build that follows fails, the last good one is started again. */
  readonly isVacated: boolean;
  /** A run that contained every change up to this mark failed beside the one that serves on. */
  readonly rolledBack: Mark;
  /** By path: the rule whose signal the run gets for it, once it is ready. */
  readonly signals: ReadonlyMap<string, string>;
}

export const noRuns: Runs = {
  current: empty,
  beside: empty,
  count: 0,
  crashes: 0,
  isVacated: false,
  rolledBack: 0,
  signals: new Map(),
};

/** What others see of it: `room` is nothing at all, `failed` one that ended otherwise than with 0 or is not ready in time. */
export type RunsFace = "room" | "starting" | "ready" | "ended" | "failed";

export function runsFace({ current }: Runs): RunsFace {
  switch (current.is) {
    case "empty":
    case "stopping":
      return "room";
    case "starting":
      return "starting";
    case "ready":
    case "kept":
      return "ready";
    case "late":
    case "backingOff":
      return "failed";
    case "exited":
      return current.exit.is === "code" && current.exit.code === 0 ? "ended" : "failed";
  }
}
