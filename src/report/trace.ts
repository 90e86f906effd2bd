/** `--trace FILE`: every fact as the machine got it, with the settings it decided by. Since `step` is pure, this is a failing test to be. */
import type { Plan } from "../core/types.ts";
import type { Report } from "./moment.ts";

export function createTrace(write: (line: string) => void, plan: () => Plan): Report {
  let last = "";
  return (moment) => {
    if (moment.type !== "turn") return;
    const settings = JSON.stringify(plan(), listed);
    if (settings !== last) write(`{"plan":${settings}}\n`);
    last = settings;
    write(`${JSON.stringify({ ...moment.fact, orders: moment.orders, news: moment.news }, listed)}\n`);
  };
}

const listed = (_: string, value: unknown): unknown => (value instanceof Map ? Object.fromEntries(value) : value);
