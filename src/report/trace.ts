/** `--trace FILE`: every fact as the machine got it, with the settings it decided by. Since `step` is pure, this is a failing test to be. */
import type { Policy } from "../core/types.ts";
import type { Report } from "./moment.ts";

export function createTrace(write: (line: string) => void, policy: () => Policy): Report {
  let last = "";
  return (moment) => {
    if (moment.type !== "turn") return;
    const settings = JSON.stringify(policy());
    if (settings !== last) write(`{"policy":${settings}}\n`);
    last = settings;
    write(`${JSON.stringify({ ...moment.event, orders: moment.effects }, listed)}\n`);
  };
}

const listed = (_: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
