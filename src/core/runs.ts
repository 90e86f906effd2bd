/** What becomes of runs: room is made for the one that is due, it is started, it gets ready or does not, it ends. */
import { codeOf, onceCode } from "./exit-codes.ts";
import { empty, isLive, type Live, type Runs, type Slot } from "./slots.ts";
import type { Owed } from "./stage.ts";
import {
  andThenRuns,
  asksOf,
  endRun,
  jobOf,
  type RunsSight,
  type RunsTurn,
  same,
  stopBoth,
  to,
  type Where,
} from "./stops.ts";
import type { Exit, Order } from "./types.ts";

const firstBackoffMs = 500;
const maxBackoffMs = 8_000;

// ── a start ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Make room for the run that is due; start it once there is. */
export function advance(runs: Runs, at: number, sight: RunsSight): RunsTurn {
  const { current, beside } = runs;
  const { due, plan, isAllowed, once } = sight;
  if (due === undefined) return same(runs);
  if (!plan.runs) {
    // There may have been something to run before the configuration was edited.
    const ended = once ? same(runs) : stopBoth(runs, sight);
    return asksOf(ended, once ? { ask: "judged", code: 0 } : { ask: "answered", isStart: false });
  }
  if (!isAllowed) return same(runs);
  // A run that was ready takes over as soon as the old one has gone; it is nothing to be stopped before that.
  const takesOver = beside.is === "ready" || beside.is === "exited";
  if (beside.is !== "empty" && !(takesOver && current.is === "stopping")) return endRun(runs, "beside", sight);
  if (beside.is !== "empty") return same(runs);
  if (plan.swap === "start-first" && current.is === "ready") return start(runs, "beside", due, at, sight);
  if (current.is === "empty" || current.is === "backingOff") return start(runs, "current", due, at, sight);
  // It is waited for the end of one that is meant to end by itself.
  if (plan.onChange === "finish" && isLive(current)) return same(runs);
  return endRun(runs, "current", sight);
}

function start(runs: Runs, where: Where, due: Owed, at: number, sight: RunsSight): RunsTurn {
  const { service, upTo } = sight;
  const run = runs.count + 1;
  const slot: Slot = { is: "starting", run, startedAt: at, upTo };
  const orders: Order[] = [
    ...(runs.current.is === "backingOff" ? [{ type: "disarm", timer: "backoff", service } as const] : []),
    { type: "startRun", job: jobOf(sight, run), demand: due },
    // What changed between the last look and the start is in nobody's hands yet.
    { type: "look" },
  ];
  return to(
    runs,
    { [where]: slot, count: run, isVacated: false, rolledBack: 0, crashes: 0, signals: new Map() },
    orders,
    [{ ask: "answered", isStart: true }],
  );
}

/** The start that was due is taken back for a newer change. */
export const takenBack = (runs: Runs): Runs => ({ ...runs, isVacated: runs.isVacated || !isLive(runs.current) });

/** The one that was kept has done its duty: the next build or start begins. */
export const passed = (runs: Runs, sight: RunsSight): RunsTurn =>
  runs.beside.is === "kept" ? endRun(runs, "beside", sight) : same(runs);

export function signalled(runs: Runs, rules: Runs["signals"], sight: RunsSight): RunsTurn {
  const { current } = runs;
  const all = new Map([...runs.signals, ...rules]);
  if (current.is !== "ready") return to(runs, { signals: all });
  return to(runs, { signals: new Map() }, [
    { type: "signalRun", job: jobOf(sight, current.run), rules: [...new Set(all.values())], paths: [...all.keys()] },
  ]);
}

// ── facts about runs ───────────────────────────────────────────────────────────────────────────────────────────────

export function runReady(runs: Runs, run: number, at: number, sight: RunsSight): RunsTurn {
  const { current, beside } = runs;
  if ((current.is === "starting" || current.is === "late") && current.run === run) {
    const ready: Runs = { ...runs, current: { ...current, is: "ready" } };
    const told = runs.signals.size > 0 ? signalled(ready, new Map(), sight) : same(ready);
    return sight.once ? asksOf(told, { ask: "judged", code: 0 }) : told;
  }
  if (beside.is === "starting" && beside.run === run) {
    const ready: Slot = { ...beside, is: "ready" };
    if (isLive(current) && sight.plan.keepOldMs > 0) return keepOld(runs, current, ready, sight);
    return andThenRuns(to(runs, { beside: ready }), (next) =>
      next.current.is === "empty" || next.current.is === "backingOff"
        ? promote(next, at, sight)
        : endRun(next, "current", sight),
    );
  }
  return same(runs);
}

function keepOld(runs: Runs, old: Live, ready: Slot, { service, plan }: RunsSight): RunsTurn {
  return to(runs, { current: ready, beside: { ...old, is: "kept" } }, [
    { type: "arm", timer: "kept", service, afterMs: plan.keepOldMs },
  ]);
}

export function runLate(runs: Runs, run: number, sight: RunsSight): RunsTurn {
  const { current, beside } = runs;
  if (current.is === "starting" && current.run === run) {
    const late = to(runs, { current: { ...current, is: "late" } });
    return sight.once ? asksOf(late, { ask: "judged", code: 3 }) : late;
  }
  // The old one stays: a rollback.
  if (beside.is === "starting" && beside.run === run)
    return endRun({ ...runs, rolledBack: beside.upTo }, "beside", sight);
  return same(runs);
}

export function runExited(runs: Runs, run: number, exit: Exit, at: number, sight: RunsSight): RunsTurn {
  const { current, beside } = runs;
  if (isLive(current) && current.run === run) {
    const crashes = at - current.startedAt >= maxBackoffMs ? 0 : runs.crashes;
    const ended: Slot = { is: "exited", run, exit, upTo: current.upTo };
    if (beside.is === "kept") return rollBack({ ...runs, crashes, current: ended }, beside, sight);
    return endedByItself({ ...runs, crashes, current: ended }, exit, at, sight);
  }
  if (isLive(beside) && beside.run === run) {
    const ended: Runs = { ...runs, beside: { is: "exited", run, exit, upTo: beside.upTo } };
    // Ready, and waiting for the old one to go: it has taken over, so its end is judged when that is done.
    if (beside.is === "ready") return same(ended);
    const failed = beside.is === "kept" ? ended : { ...ended, rolledBack: beside.upTo };
    const swept = endRun(failed, "beside", sight);
    const { service } = sight;
    return beside.is === "kept"
      ? { ...swept, orders: [{ type: "disarm", timer: "kept", service }, ...swept.orders] }
      : swept;
  }
  return same(runs);
}

/** The one that was kept serves again, and what the new one was started for has failed. */
function rollBack(runs: Runs, kept: Live, sight: RunsSight): RunsTurn {
  const { service } = sight;
  const rolledBack = runs.current.is === "exited" ? runs.current.upTo : runs.rolledBack;
  const back = endRun(
    { ...runs, rolledBack, current: { ...kept, is: "ready" }, beside: runs.current },
    "beside",
    sight,
  );
  return {
    ...back,
    orders: [{ type: "disarm", timer: "kept", service }, ...back.orders],
    news: [{ type: "rolledBack", service, run: kept.run }],
  };
}

function endedByItself(runs: Runs, exit: Exit, at: number, sight: RunsSight): RunsTurn {
  const { plan, due, once, commandGiven } = sight;
  if (once) return asksOf(same(runs), { ask: "judged", code: onceCode(exit, plan.checked) });
  if (commandGiven && runs.count === 1 && exit.is === "unstartable" && exit.missing)
    return asksOf(same(runs), { ask: "quit", code: 127 });
  if (due !== undefined && sight.isAllowed) return advance(runs, at, sight);
  const isFine = exit.is === "code" && exit.code === 0;
  if (plan.onExit === "quit") return asksOf(same(runs), { ask: "quit", code: codeOf(exit) });
  if (plan.onExit === "restart" || (plan.onExit === "restart-on-failure" && !isFine))
    return endRun(runs, "current", sight, "backoff");
  // A run that takes over must not wait for the remains of the old one.
  return runs.beside.is === "empty" ? same(runs) : endRun(runs, "current", sight);
}

export function runGone(runs: Runs, run: number, at: number, sight: RunsSight): RunsTurn {
  const { current, beside } = runs;
  const { service, due, isQuitting } = sight;
  if (current.is === "stopping" && current.run === run) {
    if (isQuitting) return to(runs, { current: empty });
    if (beside.is !== "empty") return promote({ ...runs, current: empty }, at, sight);
    if (current.next === "backoff" && due === undefined) {
      const afterMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** runs.crashes);
      return to(runs, { current: { is: "backingOff" }, crashes: runs.crashes + 1 }, [
        { type: "arm", timer: "backoff", service, afterMs },
      ]);
    }
    return advance({ ...runs, current: empty }, at, sight);
  }
  if (beside.is === "stopping" && beside.run === run) {
    const gone: Runs = { ...runs, beside: empty };
    return isQuitting ? same(gone) : advance(gone, at, sight);
  }
  return same(runs);
}

/** The run beside takes the place of the one that has gone. */
function promote(before: Runs, at: number, sight: RunsSight): RunsTurn {
  const { service } = sight;
  const disarm: Order[] = before.current.is === "backingOff" ? [{ type: "disarm", timer: "backoff", service }] : [];
  const runs: Runs = { ...before, current: before.beside, beside: empty };
  const { current } = runs;
  return andThenRuns(to(runs, {}, disarm), (next) =>
    current.is === "exited" ? endedByItself(next, current.exit, at, sight) : advance(next, at, sight),
  );
}

export function backoffElapsed(runs: Runs, at: number, sight: RunsSight): RunsTurn {
  if (runs.current.is !== "backingOff") return same(runs);
  // What is due is started as soon as it may be.
  if (sight.due !== undefined) return advance(runs, at, sight);
  const run = runs.count + 1;
  return to(runs, { current: { is: "starting", run, startedAt: at, upTo: sight.upTo }, count: run }, [
    { type: "startRun", job: jobOf(sight, run), demand: new Map() },
  ]);
}
