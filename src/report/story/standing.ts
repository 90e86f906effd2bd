/** How a service stands, for those who tell of it. */
import { type House, intakeOf, runsOf } from "../../core/house.ts";
import type { JobId } from "../../core/job.ts";
import { isLive, type Slot } from "../../core/slots.ts";
import type { Turn } from "../../core/turn.ts";
import type { Service } from "../../core/types.ts";

/** What still serves after something failed. */
export function remains({ after }: Turn, service: Service): string {
  const { current } = runsOf(after, service);
  if (isLive(current)) return `run ${current.run} stays`;
  if (current.is === "stopping") return `run ${current.run} is stopped`;
  return "nothing runs";
}

export function slotOf(house: House, { service, number }: JobId): Slot | undefined {
  const { current, beside } = runsOf(house, service);
  return [current, beside].find((slot) => "run" in slot && slot.run === number);
}

export function isAtWork(house: House, service: Service): boolean {
  const { stage } = intakeOf(house, service);
  return stage.is === "working" || stage.is === "due";
}
