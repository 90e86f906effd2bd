/** The machine: one fact in, the next state and the orders out. Pure: no clock, no I/O; what it does not know it asks for (`look`, `arm`). */
import { type Demand, isNothing, join, nothing } from "./demand.ts";
import { buildBegan, changedAtRest, changedDuringBuild, isSuspect, mute, noLoops, probeMs, provenBy } from "./loop.ts";
import { type Burst, empty, isLive, type Slot, type State } from "./state.ts";
import type { BuildResult, Effect, Event, Exit, Policy } from "./types.ts";

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Quiet time after a lone change, and after one that is likely to be followed by more, in milliseconds (`debounce = "auto"`). */
const loneQuietMs = 5;
const burstQuietMs = 60;
/** A change this soon after a build or a start was ordered is taken for part of the same burst. */
const sameBurstMs = 250;
/** How often, and for how long at most, git is waited for: a commit holds its lock while an editor is open, a rebase can rest for hours. */
const gitQuietMs = 50;
const gitPatienceMs = 10_000;
const maxCancelled = 2;
const firstBackoffMs = 500;
const maxBackoffMs = 8_000;

export function step(state: State, event: Event, policy: Policy): Step {
  if (state.cycle.is === "ended") return { state, effects: [] };
  const { at } = event;
  switch (event.type) {
    case "started":
      return policy.postpone ? unchanged(state) : act(state, at, policy);
    case "changed":
      return accept(state, event.demand, { empty: event.empty, atOnce: false }, at, policy);
    case "configured":
      return accept({ ...state, loops: noLoops }, event.demand, { empty: false, atOnce: true }, at, policy);
    case "looked":
      return looked(state, event, policy);
    case "elapsed":
      if (event.timer === "backoff") return backoffElapsed(state, at);
      return state.cycle.is === "settling"
        ? to(state, { cycle: { is: "looking" } }, [{ type: "look" }])
        : unchanged(state);
    case "buildEnded":
      return buildEnded(state, event.build, event.result, at, policy);
    case "runReady":
      return runReady(state, event.run, at, policy);
    case "runLate":
      return runLate(state, event.run, policy);
    case "runExited":
      return runExited(state, event.run, event.exit, at, policy);
    case "runGone":
      return runGone(state, event.run, at, policy);
    case "quitAsked":
      return quit(state, event.code, true);
  }
}

// ── changes ────────────────────────────────────────────────────────────────────────────────────────────────────────

type Signs = Pick<Burst, "empty" | "atOnce">;

function accept(first: State, all: Demand, signs: Signs, at: number, policy: Policy): Step {
  if (isNothing(all) || first.cycle.is === "quitting") return unchanged(first);
  const { state: before, effects } = suspect(first, all);
  const demand = without(all, before);
  if (isNothing(demand)) return { state: before, effects };
  return then({ state: before, effects }, () => take(before, demand, signs, at, policy));
}

/** What only restarts does not make a build stale, and what it writes itself is no reason to give it up. */
function makesStale({ verdict, changes }: Demand, { loops }: State): boolean {
  if (verdict !== "rebuild") return false;
  return changes.size === 0 || [...changes].some((path) => !isSuspect(loops, path));
}

/** Who changes during builds, and only then? */
function suspect(state: State, { changes }: Demand): Step {
  const { cycle } = state;
  if (cycle.is !== "building" && cycle.is !== "cancelling")
    return to(state, { loops: changedAtRest(state.loops, changes) });
  const loops = changedDuringBuild(state.loops, changes);
  const proven = provenBy(loops, cycle.contains.changes);
  return proven.length === 0
    ? to(state, { loops })
    : to(state, { loops: mute(loops, proven) }, [{ type: "mute", paths: proven }]);
}

function without(demand: Demand, { cycle, loops }: State): Demand {
  if ((cycle.is !== "building" && cycle.is !== "cancelling") || demand.changes.size === 0) return demand;
  const changes = new Set([...demand.changes].filter((path) => !loops.muted.has(path)));
  return changes.size === 0 ? nothing : { ...demand, changes };
}

function take(before: State, demand: Demand, signs: Signs, at: number, policy: Policy): Step {
  const state = remember(before, demand, signs, at);
  const { cycle } = state;
  switch (cycle.is) {
    case "resting":
    case "settling":
    case "looking":
      return settle(state, at, policy);
    case "building": {
      if (!makesStale(demand, state) || policy.onChange === "finish" || isPatient(before, at, policy)) {
        return unchanged(state);
      }
      const { build, contains } = cycle;
      return to(state, { cycle: { is: "cancelling", build, contains }, cancelled: state.cancelled + 1 }, [
        { type: "cancelBuild", build, force: false },
      ]);
    }
    case "cancelling":
      return unchanged(state);
    case "swapping": {
      if (isPatient(before, at, policy)) return unchanged(state);
      const given = to(state, {
        owed: join(cycle.due, state.owed),
        cancelled: state.cancelled + 1,
        vacated: state.vacated || !isLive(state.current),
      });
      return settle(given.state, at, policy);
    }
    case "quitting":
    case "ended":
      return unchanged(state);
  }
}

function remember(state: State, demand: Demand, signs: Signs, at: number): State {
  const { burst } = state;
  const fresh =
    burst === undefined ? demand.changes : [...demand.changes].filter((path) => !state.owed.changes.has(path));
  const wide = burst === undefined ? demand.changes.size > 1 : burst.wide || [...fresh].length > 0;
  return {
    ...state,
    owed: join(state.owed, demand),
    burst: { oldestAt: burst?.oldestAt ?? at, latestAt: at, wide, empty: signs.empty, atOnce: signs.atOnce },
    unansweredSince: state.unansweredSince ?? at,
  };
}

/** Once a change has waited for long, or others were given up for it, what is under way is finished: nobody starves. */
function isPatient(state: State, at: number, policy: Policy): boolean {
  const { unansweredSince, cancelled } = state;
  return cancelled >= maxCancelled || (unansweredSince !== undefined && at - unansweredSince >= policy.maxWaitMs);
}

function settle(state: State, at: number, policy: Policy): Step {
  return to(state, { cycle: { is: "settling" } }, [
    { type: "arm", timer: "quiet", afterMs: remainingQuietMs(state, at, policy) },
  ]);
}

function remainingQuietMs(state: State, at: number, policy: Policy): number {
  const { burst } = state;
  if (burst === undefined || burst.atOnce) return 0;
  const quietAt = burst.latestAt + quietMs(burst, state, policy);
  const probeAt = burst.latestAt + probeMs(state.loops, state.owed.changes);
  return Math.max(0, Math.max(probeAt, Math.min(quietAt, burst.oldestAt + policy.maxWaitMs)) - at);
}

function quietMs(burst: Burst, state: State, policy: Policy): number {
  if (policy.debounce !== "auto") return policy.debounce;
  const sameBurst = state.actedAt !== undefined && burst.oldestAt - state.actedAt < sameBurstMs;
  return burst.wide || burst.empty || sameBurst ? burstQuietMs : loneQuietMs;
}

function looked(before: State, event: Extract<Event, { type: "looked" }>, policy: Policy): Step {
  const { at } = event;
  if (before.cycle.is !== "looking")
    return accept(before, event.demand, { empty: event.empty, atOnce: false }, at, policy);
  const found = !isNothing(event.demand);
  const state = found ? remember(before, event.demand, { empty: event.empty, atOnce: false }, at) : before;
  const waitedMs = at - (state.burst?.oldestAt ?? at);
  if (event.busy && policy.debounce === "auto" && waitedMs < gitPatienceMs) {
    return to(state, { cycle: { is: "settling" } }, [{ type: "arm", timer: "quiet", afterMs: gitQuietMs }]);
  }
  if (found && waitedMs < policy.maxWaitMs) return settle(state, at, policy);
  return act(state, at, policy);
}

/** Do what is owed. */
function act(state: State, at: number, policy: Policy): Step {
  const { owed } = state;
  if (owed.verdict !== "rebuild" || !policy.builds) {
    return swap({ ...state, owed: nothing, burst: undefined }, owed, at, policy);
  }
  const build = state.builds + 1;
  return to(
    state,
    {
      cycle: { is: "building", build, contains: owed },
      owed: nothing,
      burst: undefined,
      builds: build,
      actedAt: at,
      loops: buildBegan(state.loops),
    },
    [{ type: "build", build, demand: owed }],
  );
}

// ── builds ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function buildEnded(state: State, build: number, result: BuildResult, at: number, policy: Policy): Step {
  const { cycle } = state;
  switch (cycle.is) {
    case "quitting":
      return cycle.build === build ? leave(to(state, { cycle: { ...cycle, build: undefined } })) : unchanged(state);
    case "cancelling":
      return cycle.build === build
        ? settle({ ...state, owed: join(cycle.contains, state.owed) }, at, policy)
        : unchanged(state);
    case "building":
      if (cycle.build !== build) return unchanged(state);
      return result.is === "ok"
        ? built(state, cycle.contains, at, policy)
        : buildFailed(state, cycle.contains, at, policy);
    default:
      return unchanged(state);
  }
}

function built(state: State, contains: Demand, at: number, policy: Policy): Step {
  const due: Demand = { verdict: "restart", changes: contains.changes };
  // What only restarts is answered by the start that is due anyway.
  if (state.owed.verdict !== "restart") return swap(state, due, at, policy);
  return swap({ ...state, owed: nothing, burst: undefined }, join(due, state.owed), at, policy);
}

function buildFailed(state: State, contains: Demand, at: number, policy: Policy): Step {
  if (policy.once !== undefined) return quit({ ...state, cycle: { is: "resting" } }, 1, false);
  const failed: State = {
    ...state,
    owed: join(contains, state.owed),
    unansweredSince: state.burst?.oldestAt,
    cancelled: 0,
  };
  if (policy.onFail === "stop") {
    const stopped = stopBoth({ ...failed, vacated: false });
    return failed.burst === undefined
      ? to(stopped.state, { cycle: { is: "resting" } }, stopped.effects)
      : then(stopped, (s) => settle(s, at, policy));
  }
  if (failed.burst !== undefined) return settle(failed, at, policy);
  if (failed.vacated) return swap(failed, { verdict: "restart", changes: new Set() }, at, policy);
  return to(failed, { cycle: { is: "resting" } });
}

// ── runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function swap(state: State, due: Demand, at: number, policy: Policy): Step {
  if (!policy.runs) {
    if (policy.once !== undefined) return quit({ ...state, cycle: { is: "resting" } }, 0, false);
    // There may have been something to run before the configuration was edited.
    return then(stopBoth({ ...state, cancelled: 0, unansweredSince: state.burst?.oldestAt }), (s) =>
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
  return then({ state: started, effects: orders }, (s) => rest(s, at, policy));
}

/** To rest, unless changes have come meanwhile. */
function rest(state: State, at: number, policy: Policy): Step {
  return state.burst === undefined ? to(state, { cycle: { is: "resting" } }) : settle(state, at, policy);
}

function stop(state: State, where: "current" | "coming", next: "empty" | "backoff" = "empty"): Step {
  const slot = state[where];
  switch (slot.is) {
    case "starting":
    case "ready":
    case "late":
    case "exited":
      return to(state, { [where]: { is: "stopping", run: slot.run, forced: false, next } satisfies Slot }, [
        { type: "stopRun", run: slot.run, force: false },
      ]);
    case "backingOff":
      return to(state, { [where]: empty }, [{ type: "disarm", timer: "backoff" }]);
    case "stopping":
      // Asked for by someone who does not want it back.
      return to(state, { [where]: { ...slot, next } satisfies Slot });
    case "empty":
      return unchanged(state);
  }
}

const stopBoth = (state: State): Step => then(stop(state, "coming"), (s) => stop(s, "current"));

function runReady(state: State, run: number, at: number, policy: Policy): Step {
  const { current, coming } = state;
  if (isLive(current) && current.run === run && current.is !== "ready") {
    const ready = to(state, { current: { ...current, is: "ready" } satisfies Slot });
    return policy.once === undefined ? ready : then(ready, (s) => quit(s, 0, false));
  }
  if (isLive(coming) && coming.run === run && coming.is !== "ready") {
    return then(to(state, { coming: { ...coming, is: "ready" } satisfies Slot }), (s) =>
      s.current.is === "empty" || s.current.is === "backingOff" ? promote(s, at, policy) : stop(s, "current"),
    );
  }
  return unchanged(state);
}

function runLate(state: State, run: number, policy: Policy): Step {
  const { current, coming } = state;
  if (current.is === "starting" && current.run === run) {
    const late = to(state, { current: { ...current, is: "late" } satisfies Slot });
    return policy.once === undefined ? late : then(late, (s) => quit(s, 3, false));
  }
  // The old one stays: a rollback.
  if (coming.is === "starting" && coming.run === run) return stop(state, "coming");
  return unchanged(state);
}

function runExited(state: State, run: number, exit: Exit, at: number, policy: Policy): Step {
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

function runGone(state: State, run: number, at: number, policy: Policy): Step {
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
  return then({ state, effects: disarm }, (s) =>
    current.is === "exited" ? endedByItself(s, current.exit, at, policy) : advance(s, at, policy),
  );
}

function backoffElapsed(state: State, at: number): Step {
  if (state.current.is !== "backingOff") return unchanged(state);
  const run = state.runs + 1;
  const changes: ReadonlySet<string> = new Set();
  return to(state, { current: { is: "starting", run, startedAt: at, changes }, runs: run }, [
    { type: "startRun", run, demand: { verdict: "restart", changes } },
  ]);
}

// ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** End everything in order, then exit. Asked a second time: at once. The first code stays, but a question comes before a code of our own. */
function quit(state: State, code: number, asked: boolean): Step {
  const { cycle } = state;
  if (cycle.is === "quitting") {
    if (!asked) return unchanged(state);
    return cycle.asked ? force(state) : to(state, { cycle: { ...cycle, code, asked } });
  }
  const build = cycle.is === "building" || cycle.is === "cancelling" ? cycle.build : undefined;
  const orders: Effect[] = [{ type: "disarm", timer: "quiet" }];
  if (cycle.is === "building") orders.push({ type: "cancelBuild", build: cycle.build, force: false });
  const quitting: State = { ...state, cycle: { is: "quitting", code, asked, forced: false, build } };
  return leave(then({ state: quitting, effects: orders }, stopBoth));
}

function force(state: State): Step {
  const { cycle } = state;
  if (cycle.is !== "quitting" || cycle.forced) return unchanged(state);
  const orders: Effect[] = [];
  if (cycle.build !== undefined) orders.push({ type: "cancelBuild", build: cycle.build, force: true });
  for (const slot of [state.coming, state.current]) {
    if (slot.is === "stopping") orders.push({ type: "stopRun", run: slot.run, force: true });
  }
  return to(state, { cycle: { ...cycle, forced: true } }, orders);
}

function leave(last: Step): Step {
  const { cycle, current, coming } = last.state;
  if (cycle.is !== "quitting" || cycle.build !== undefined || current.is !== "empty" || coming.is !== "empty")
    return last;
  return to(last.state, { cycle: { is: "ended", code: cycle.code } }, [
    ...last.effects,
    { type: "exit", code: cycle.code },
  ]);
}

/** The exit code that stands for how a process ended: its own, 128+n for signal n, 127 when it does not exist, 126 when it could not be started. */
export function codeOf(exit: Exit): number {
  switch (exit.is) {
    case "code":
      return exit.code;
    case "signal":
      return 128 + exit.number;
    case "unstartable":
      return exit.missing ? 127 : 126;
  }
}

function onceCode(exit: Exit, checked: boolean): number {
  return checked && exit.is !== "unstartable" ? 3 : codeOf(exit);
}

// ── steps as values ────────────────────────────────────────────────────────────────────────────────────────────────

const unchanged = (state: State): Step => ({ state, effects: [] });

const to = (state: State, change: Partial<State>, effects: readonly Effect[] = []): Step => ({
  state: { ...state, ...change },
  effects,
});

function then(first: Step, next: (state: State) => Step): Step {
  const second = next(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}
