/** With `--verbose`: where the time of a restart went, phase by phase, from the first change to the new process. */
import type { House } from "../core/house.ts";
import type { Moment } from "./moment.ts";

/** Times in milliseconds on the clock of the engine. */
export interface Budget {
  readonly changedAt: number | undefined;
  readonly beganAt: number | undefined;
  readonly builtMs: number | undefined;
  readonly stopAt: number | undefined;
  readonly stopMs: number | undefined;
  readonly startAt: number | undefined;
}

export const noBudget: Budget = {
  changedAt: undefined,
  beganAt: undefined,
  builtMs: undefined,
  stopAt: undefined,
  stopMs: undefined,
  startAt: undefined,
};

export function spend(budget: Budget, moment: Moment): { readonly budget: Budget; readonly line: string | undefined } {
  if (moment.type === "jobStarted" && moment.job.kind === "run")
    return { budget: noBudget, line: lineOf(budget, moment.job.number, moment.at) };
  if (moment.type !== "turn") return { budget, line: undefined };
  const { fact, before, after, orders } = moment;
  const { at } = fact;
  // What failed is no part of the start that comes of a later change.
  let next = fact.type === "jobEnded" && fact.result.is === "failed" ? noBudget : budget;
  const takenAt = takenSince(before, after);
  if (takenAt !== undefined) {
    if (isCarried(after)) next = { ...next, changedAt: next.changedAt ?? takenAt };
    // What was begun for an older change, and never started (its port was taken), is no part of this one.
    else
      next =
        (next.beganAt ?? takenAt) < takenAt ? { ...noBudget, changedAt: takenAt } : { ...next, changedAt: takenAt };
  }
  if (fact.type === "jobEnded" && fact.job.kind === "build" && fact.result.is === "ok" && next.beganAt !== undefined) {
    next = { ...next, builtMs: at - next.beganAt };
  }
  if (fact.type === "runGone" && next.stopAt !== undefined) next = { ...next, stopMs: at - next.stopAt };
  for (const order of orders) {
    if (order.type === "startJob") next = { ...next, beganAt: at };
    if (order.type === "stopRun") next = { ...next, beganAt: next.beganAt ?? at, stopAt: at };
    if (order.type === "startRun") next = { ...next, beganAt: next.beganAt ?? at, startAt: at };
  }
  return { budget: next, line: undefined };
}

/** When the oldest of the changes came that have just been taken up; those that go on waiting belong to a later start. */
function takenSince(before: House, after: House): number | undefined {
  const times = [...before.intakes].flatMap(([service, { burst }]) =>
    burst !== undefined && after.intakes.get(service)?.burst === undefined ? [burst.oldestAt] : [],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** What was given up for a newer change has waited from its own. */
const isCarried = ({ intakes }: House): boolean => [...intakes.values()].some(({ cancelled }) => cancelled > 0);

function lineOf({ changedAt, beganAt, builtMs, stopMs, startAt }: Budget, run: number, at: number): string | undefined {
  if (changedAt === undefined || beganAt === undefined || startAt === undefined) return undefined;
  const phases: (readonly [string, number | undefined])[] = [
    ["settling", beganAt - changedAt],
    ["build", builtMs],
    ["stop", stopMs],
    ["start", at - startAt],
    ["in all", at - changedAt],
  ];
  const said = phases.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${ms.toFixed(1)}ms`]));
  return `run ${run}: ${said.join(", ")}`;
}
