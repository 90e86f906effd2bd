/** How everything ends: one run when its place is wanted, all of them at the exit, with which code. */
import { empty, type Slot, type State } from "./state.ts";
import { andThen, type Step, to, unchanged } from "./steps.ts";
import type { Effect, Exit } from "./types.ts";

export function stop(state: State, where: "current" | "coming", next: "empty" | "backoff" = "empty"): Step {
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

export const stopBoth = (state: State): Step => andThen(stop(state, "coming"), (s) => stop(s, "current"));

/** End everything in order, then exit. Asked a second time: at once. The first code stays, but a question comes before a code of our own. */
export function quit(state: State, code: number, asked: boolean): Step {
  const { cycle } = state;
  if (cycle.is === "quitting") {
    if (!asked) return unchanged(state);
    return cycle.asked ? force(state) : to(state, { cycle: { ...cycle, code, asked } });
  }
  const build = cycle.is === "building" || cycle.is === "cancelling" ? cycle.build : undefined;
  const orders: Effect[] = [{ type: "disarm", timer: "quiet" }];
  if (cycle.is === "building") orders.push({ type: "cancelBuild", build: cycle.build, force: false });
  const quitting: State = { ...state, cycle: { is: "quitting", code, asked, forced: false, build } };
  return leave(andThen({ state: quitting, effects: orders }, stopBoth));
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

export function leave(last: Step): Step {
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

export function onceCode(exit: Exit, checked: boolean): number {
  return checked && exit.is !== "unstartable" ? 3 : codeOf(exit);
}
