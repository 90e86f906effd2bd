/** Several services: what others have waited for may have come with a step. */
import { pursue, turnRuns } from "./cycle.ts";
import { forEach, type House, intakeOf, type Now, type Step, telling } from "./house.ts";
import { failedBefore, isAllowedToStart } from "./needs.ts";
import { advance } from "./runs.ts";
import type { Service } from "./types.ts";

/** What others have waited for may have come: recipe, its services, what is after them. */
export function followUp(before: House, first: Step, now: Now): Step {
  const services = [...now.plan.services.keys()];
  if (first.house.life.is !== "living") return first;
  const made = forEach(first, services, (next, service) => pursue(next, service, now));
  const started = forEach(made, services, (next, service) =>
    turnRuns(next, service, now, (runs, sight) => advance(runs, now.at, sight)),
  );
  const held = services.filter(
    (service) => isHeldBack(started.house, service, now) && !isHeldBack(before, service, now),
  );
  return telling(
    started,
    ...held.map((service) => ({ type: "waiting", service, after: failedBefore(started.house, service, now) }) as const),
  );
}

/** Its start is due, and what it is `after` has failed. */
const isHeldBack = (house: House, service: Service, now: Now): boolean =>
  intakeOf(house, service).stage.is === "due" &&
  !isAllowedToStart(house, service, now) &&
  failedBefore(house, service, now).length > 0;
