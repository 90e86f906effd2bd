/** The machine: one fact in, the next state and the orders out. Pure: no clock, no I/O; what it does not know it asks for (`look`, `arm`). */
import { type Demand, isNothing, join, nothing } from "./demand.ts";
import { heard, isNews } from "./echo.ts";
import { leave, quit, stopBoth } from "./ending.ts";
import {
  buildBegan,
  buildOver,
  changedAtRest,
  changedDuringBuild,
  isLeftOut,
  isSuspect,
  mute,
  noLoops,
  provenBy,
  rewrittenDuringBuild,
} from "./loop.ts";
import { isPatient, remember, type Signs, settle } from "./pacing.ts";
import { backoffElapsed, runExited, runGone, runLate, runReady, swap } from "./runs.ts";
import { isLive, type State } from "./state.ts";
import { andThen, type Step, to, unchanged } from "./steps.ts";
import type { BuildResult, Event, Policy } from "./types.ts";

/** How often, and for how long at most, git is waited for: a commit holds its lock while an editor is open, a rebase can rest for hours. */
const gitQuietMs = 50;
const gitPatienceMs = 10_000;

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
    case "rewritten":
      return isAtWork(state) ? to(state, { loops: rewrittenDuringBuild(state.loops, event.paths) }) : unchanged(state);
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

function accept(first: State, all: Demand, signs: Signs, at: number, policy: Policy): Step {
  if (isNothing(all) || first.cycle.is === "quitting") return unchanged(first);
  const { state: before, effects } = suspect(first, all);
  const demand = without(all, before, policy);
  if (isNothing(demand)) return { state: before, effects };
  return andThen({ state: before, effects }, () => take(before, demand, signs, at, policy));
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
  const proven = provenBy(loops);
  return proven.length === 0
    ? to(state, { loops })
    : to(state, { loops: mute(loops, proven) }, [{ type: "mute", paths: proven }]);
}

const isAtWork = ({ cycle }: State): boolean => cycle.is === "building" || cycle.is === "cancelling";

function without(demand: Demand, state: State, { products }: Policy): Demand {
  if (!isAtWork(state) || demand.changes.size === 0) return demand;
  const changes = new Set(
    [...demand.changes].filter((path) => !isLeftOut(state.loops, path) && !products.includes(path)),
  );
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
function act(before: State, at: number, policy: Policy): Step {
  const { owed, burst, actedAt } = before;
  const echo = heard(before.echo, owed.changes, (burst?.oldestAt ?? at) - (actedAt ?? at));
  const state: State = { ...before, owed: nothing, burst: undefined, echo };
  const told = to(state, {}, echo !== undefined && isNews(echo) ? [{ type: "restless", path: echo.path }] : []);
  if (owed.verdict !== "rebuild" || !policy.builds) return andThen(told, (s) => swap(s, owed, at, policy));
  const build = state.builds + 1;
  return andThen(told, (s) =>
    to(
      s,
      {
        cycle: { is: "building", build, contains: owed },
        builds: build,
        actedAt: at,
        loops: buildBegan(s.loops, owed.changes),
      },
      [{ type: "build", build, demand: owed }],
    ),
  );
}

// ── builds ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function buildEnded(before: State, build: number, result: BuildResult, at: number, policy: Policy): Step {
  const { cycle } = before;
  const isThis = "build" in cycle && cycle.build === build;
  const state: State = isThis ? { ...before, loops: buildOver(before.loops, result.is === "ok") } : before;
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
      : andThen(stopped, (s) => settle(s, at, policy));
  }
  if (failed.burst !== undefined) return settle(failed, at, policy);
  if (failed.vacated) return swap(failed, { verdict: "restart", changes: new Set() }, at, policy);
  return to(failed, { cycle: { is: "resting" } });
}
