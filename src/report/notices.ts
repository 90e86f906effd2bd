/** What the desktop is told: that something has failed, and that it works again. Not every failure: whoever is mending it looks anyway. */
import { intakeOf } from "../core/house.ts";
import { stateOf } from "../core/serving.ts";
import type { Fact, Plan } from "../core/types.ts";
import type { Moment } from "./moment.ts";
import { ending, printable } from "./words.ts";

/** What does not work at the moment, and why: services, and the configuration. */
export type Failing = ReadonlyMap<string, string>;

const configuration = "[configuration]";

export function failingAfter(before: Failing, moment: Moment, plan: Plan): Failing {
  const next = new Map(before);
  if (moment.type === "configured") {
    if (moment.is === "refused" || moment.is === "gone") next.set(configuration, "the configuration was refused");
    else next.delete(configuration);
    return next;
  }
  if (moment.type !== "turn" || moment.after.life.is !== "living") return before;
  for (const service of plan.services.keys()) {
    const state = stateOf(moment.after, service, plan);
    const prefix = service === "" ? "" : `${service}: `;
    // Also while the run of the one before is still to get ready.
    const { hasFailed } = intakeOf(moment.after, service);
    if ((hasFailed || state === "failed" || state === "late") && !next.has(service))
      next.set(service, `${prefix}${reasonIn(moment.fact)}`);
    // While it is built or started again it is as broken as before.
    if (state === "ready" || state === "ended" || state === "stopped") next.delete(service);
  }
  return next;
}

function reasonIn(fact: Fact): string {
  switch (fact.type) {
    case "jobEnded":
      return fact.result.is === "failed"
        ? `${fact.job.kind} failed (${ending(fact.result.exit)})`
        : `${fact.job.kind} timed out`;
    case "runExited":
      return `run ${fact.job.number} ended (${ending(fact.exit)})`;
    case "runLate":
      return `run ${fact.job.number} is not ready`;
    default:
      return "it does not run";
  }
}

/** What there is to say about the difference. */
export function noticeOf(before: Failing, after: Failing): string | undefined {
  const added = [...after].filter(([name]) => !before.has(name)).map(([, why]) => printable(why));
  if (added.length > 0) return added.join(", ");
  return before.size > 0 && after.size === 0 ? "works again" : undefined;
}
