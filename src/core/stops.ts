/** Turns of runs as values, and the ends that are asked for: one run when its place is wanted, both at the end of a service. */

import type { JobId } from "./job.ts";
import { empty, type Runs, type Slot } from "./slots.ts";
import type { Owed } from "./stage.ts";
import type { News, Order, Service, ServicePlan } from "./types.ts";
import type { Mark } from "./work.ts";

/** What it sees of the machines beside it. */
export interface RunsSight {
  readonly service: Service;
  readonly plan: ServicePlan;
  /** What the next run is started for; `undefined` where none is due. */
  readonly due: Owed | undefined;
  /** What it is `after` is satisfied. */
  readonly isAllowed: boolean;
  /** A run that is started now contains every change up to here. */
  readonly upTo: Mark;
  readonly isQuitting: boolean;
  readonly once: boolean;
  readonly commandGiven: boolean;
}

/** What it asks of the others. */
export type RunsAsk =
  /** What was due has been started, or there is nothing to start. */
  | { readonly ask: "answered"; readonly isStart: boolean }
  /** With `--once`: the service has passed (0) or failed. */
  | { readonly ask: "judged"; readonly code: number }
  | { readonly ask: "quit"; readonly code: number };

export interface RunsTurn {
  readonly runs: Runs;
  readonly orders: readonly Order[];
  readonly asks: readonly RunsAsk[];
  readonly news: readonly News[];
}

export type Where = "current" | "beside";

export const same = (runs: Runs): RunsTurn => ({ runs, orders: [], asks: [], news: [] });

export const to = (
  runs: Runs,
  change: Partial<Runs>,
  orders: readonly Order[] = [],
  asks: readonly RunsAsk[] = [],
): RunsTurn => ({
  runs: { ...runs, ...change },
  orders,
  asks,
  news: [],
});

/** One turn after another: the runs of the second, what both want. */
export function andThenRuns(first: RunsTurn, next: (runs: Runs) => RunsTurn): RunsTurn {
  const second = next(first.runs);
  return {
    runs: second.runs,
    orders: [...first.orders, ...second.orders],
    asks: [...first.asks, ...second.asks],
    news: [...first.news, ...second.news],
  };
}

export const asksOf = (turn: RunsTurn, ...asks: readonly RunsAsk[]): RunsTurn => ({
  ...turn,
  asks: [...turn.asks, ...asks],
});

export const jobOf = ({ service }: Pick<RunsSight, "service">, run: number): JobId => ({
  service,
  kind: "run",
  number: run,
});

// ── ends that are asked for ────────────────────────────────────────────────────────────────────────────────────────

export function endRun(
  runs: Runs,
  where: Where,
  sight: Pick<RunsSight, "service">,
  next: "empty" | "backoff" = "empty",
): RunsTurn {
  const { service } = sight;
  const slot = runs[where];
  const told = (run: number, ...before: readonly Order[]): RunsTurn =>
    to(runs, { [where]: { is: "stopping", run, forced: false, next } satisfies Slot }, [
      ...before,
      { type: "stopRun", job: jobOf(sight, run), force: false },
    ]);
  switch (slot.is) {
    case "starting":
    case "ready":
    case "late":
    case "exited":
      return told(slot.run);
    case "kept":
      return told(slot.run, { type: "disarm", timer: "kept", service });
    case "backingOff":
      return to(runs, { [where]: empty }, [{ type: "disarm", timer: "backoff", service }]);
    case "stopping":
      // Asked for by someone who does not want it back.
      return to(runs, { [where]: { ...slot, next } satisfies Slot });
    case "empty":
      return same(runs);
  }
}

export const stopBoth = (runs: Runs, sight: Pick<RunsSight, "service">): RunsTurn =>
  andThenRuns(endRun(runs, "beside", sight), (after) => endRun(after, "current", sight));

/** What is being stopped is ended at once. */
export function force(runs: Runs, sight: Pick<RunsSight, "service">): RunsTurn {
  const end = (slot: Slot): Slot => (slot.is === "stopping" ? { ...slot, forced: true } : slot);
  const orders = [runs.beside, runs.current].flatMap((slot): Order[] =>
    slot.is === "stopping" && !slot.forced ? [{ type: "stopRun", job: jobOf(sight, slot.run), force: true }] : [],
  );
  return to(runs, { beside: end(runs.beside), current: end(runs.current) }, orders);
}
