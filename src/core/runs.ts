/** What becomes of runs: room is made for the one that is due, it is started, it gets ready or does not, it ends. */
import type { Demand } from "./demand.ts";
import { codeOf, leave, onceCode, quit, stop, stopBoth } from "./ending.ts";
import { rest } from "./pacing.ts";
import { empty, isLive, type Slot, type State } from "./state.ts";
import { andThen, type Step, to, unchanged } from "./steps.ts";
import type { Effect, Exit, Policy } from "./types.ts";

const firstBackoffMs = 500;
const maxBackoffMs = 8_000;

export function swap(state: State, due: Demand, at: number, policy: Policy): Step {
  if (!policy.runs) {
    if (policy.once !== undefined) return quit({ ...state, cycle: { is: "resting" } }, 0, false);
    // There may have been something to run before the configuration was edited.
    return andThen(stopBoth({ ...state, cancelled: 0, unansweredSince: state.burst?.oldestAt }), (s) =>
      rest(s, at, policy),
    );
  }
  return advance({ ...state, cycle: { is: "swapping", due } }, at, policy);
}

/** Make room for the run that is due; start it once there is. */
function advance(state: State, at: number, policy: Policy): Step {
  const { cycle, current, coming } = state;
  if (cycle.is !== "swapping") return unchanged(state);
  // A run that was ready takes over as soon as the old one has gone; it is nothing to be stopped before that.
  const takesOver = coming.is === "ready" || coming.is === "exited";
  if (coming.is !== "empty" && !(takesOver && current.is === "stopping")) return stop(state, "coming");
  if (coming.is !== "empty") return unchanged(state);
  if (policy.swap === "start-first" && current.is === "ready") return start(state, "coming", cycle.due, at, policy);
  if (current.is === "empty" || current.is === "backingOff") return start(state, "current", cycle.due, at, policy);
  return stop(state, "current");
}

function start(state: State, where: "current" | "coming", due: Demand, at: number, policy: Policy): Step {
  const run = state.runs + 1;
  const slot: Slot = { is: "starting", run, startedAt: at, changes: due.changes };
  const started: State = {
    ...state,
    [where]: slot,
    runs: run,
    actedAt: at,
    vacated: false,
    cancelled: 0,
    crashes: 0,
    unansweredSince: state.burst?.oldestAt,
  };
  const orders: Effect[] = [
    ...(state.current.is === "backingOff" ? [{ type: "disarm", timer: "backoff" } as const] : []),
    { type: "startRun", run, demand: due },
    // What changed between the last look and the start is in nobody's hands yet.
    { type: "look" },
  ];
  return andThen({ state: started, effects: orders }, (s) => rest(s, at, policy));
}

export function runReady(state: State, run: number, at: number, policy: Policy): Step {
  const { current, coming } = state;
  if (isLive(current) && current.run === run && current.is !== "ready") {
    const ready = to(state, { current: { ...current, is: "ready" } satisfies Slot });
    return policy.once === undefined ? ready : andThen(ready, (s) => quit(s, 0, false));
  }
  if (isLive(coming) && coming.run === run && coming.is !== "ready") {
    return andThen(to(state, { coming: { ...coming, is: "ready" } satisfies Slot }), (s) =>
      s.current.is === "empty" || s.current.is === "backingOff" ? promote(s, at, policy) : stop(s, "current"),
    );
  }
  return unchanged(state);
}

export function runLate(state: State, run: number, policy: Policy): Step {
  const { current, coming } = state;
  if (current.is === "starting" && current.run === run) {
    const late = to(state, { current: { ...current, is: "late" } satisfies Slot });
    return policy.once === undefined ? late : andThen(late, (s) => quit(s, 3, false));
  }
  // The old one stays: a rollback.
  if (coming.is === "starting" && coming.run === run) return stop(state, "coming");
  return unchanged(state);
}

export function runExited(state: State, run: number, exit: Exit, at: number, policy: Policy): Step {
  const { current, coming } = state;
  if (isLive(current) && current.run === run) {
    const livedMs = at - current.startedAt;
    const crashes = livedMs >= maxBackoffMs ? 0 : state.crashes;
    return endedByItself({ ...state, crashes, current: { is: "exited", run, exit } }, exit, at, policy);
  }
  if (isLive(coming) && coming.run === run) {
    const exited: State = { ...state, coming: { is: "exited", run, exit } };
    // Ready, and waiting for the old one to go: it has taken over, so its end is judged when that is done.
    return coming.is === "ready" ? unchanged(exited) : stop(exited, "coming");
  }
  return unchanged(state);
}

function endedByItself(state: State, exit: Exit, at: number, policy: Policy): Step {
  if (policy.once !== undefined) return quit(state, onceCode(exit, policy.once.checked), false);
  if (policy.commandGiven && state.runs === 1 && exit.is === "unstartable" && exit.missing)
    return quit(state, 127, false);
  if (state.cycle.is === "swapping") return advance(state, at, policy);
  switch (policy.onExit) {
    case "wait":
      // A run that takes over must not wait for the remains of the old one.
      return state.coming.is === "empty" ? unchanged(state) : stop(state, "current");
    case "restart":
      return stop(state, "current", "backoff");
    case "quit":
      return quit(state, codeOf(exit), false);
  }
}

export function runGone(state: State, run: number, at: number, policy: Policy): Step {
  const { current, coming } = state;
  if (current.is === "stopping" && current.run === run) {
    if (state.cycle.is === "quitting") return leave(to(state, { current: empty }));
    if (coming.is !== "empty") return promote({ ...state, current: empty }, at, policy);
    if (current.next === "backoff" && state.cycle.is !== "swapping") {
      const afterMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** state.crashes);
      return to(state, { current: { is: "backingOff" }, crashes: state.crashes + 1 }, [
        { type: "arm", timer: "backoff", afterMs },
      ]);
    }
    return advance({ ...state, current: empty }, at, policy);
  }
  if (coming.is === "stopping" && coming.run === run) {
    const gone: State = { ...state, coming: empty };
    return state.cycle.is === "quitting" ? leave(unchanged(gone)) : advance(gone, at, policy);
  }
  return unchanged(state);
}

/** The coming run takes the place of the one that has gone. */
function promote(before: State, at: number, policy: Policy): Step {
  const disarm: Effect[] = before.current.is === "backingOff" ? [{ type: "disarm", timer: "backoff" }] : [];
  const state: State = { ...before, current: before.coming, coming: empty };
  const { current } = state;
  return andThen({ state, effects: disarm }, (s) =>
    current.is === "exited" ? endedByItself(s, current.exit, at, policy) : advance(s, at, policy),
  );
}

export function backoffElapsed(state: State, at: number): Step {
  if (state.current.is !== "backingOff") return unchanged(state);
  const run = state.runs + 1;
  const changes: ReadonlySet<string> = new Set();
  return to(state, { current: { is: "starting", run, startedAt: at, changes }, runs: run }, [
    { type: "startRun", run, demand: { verdict: "restart", changes } },
  ]);
}
