/** One JSON object per event, in the words of the table of events. */
import type { Problem } from "../../core/problem.ts";
import type { JsonEvent } from "../events.ts";
import type { Moment, Report } from "../moment.ts";
import { factsOf } from "./facts.ts";
import { problemFields } from "./fields.ts";
import { newsOf } from "./news.ts";
import { noteOf } from "./notes.ts";
import { ordersOf } from "./orders.ts";

/** An event as it is written: `time` in ISO 8601, UTC. */
export type TimedEvent = JsonEvent & { readonly time: string };

export function createEvents(tell: (event: TimedEvent) => void, timeOf: (at: number) => Date): Report {
  const startedAt = new Map<string, number>();
  return (moment) => {
    const at = moment.type === "turn" ? moment.fact.at : moment.at;
    for (const event of eventsOf(moment, startedAt)) tell({ ...event, time: timeOf(at).toISOString() });
  };
}

export const createJson = (write: (line: string) => void, timeOf: (at: number) => Date): Report =>
  createEvents(({ event, time, ...fields }) => write(`${JSON.stringify({ event, time, ...fields })}\n`), timeOf);

/** What is written where nothing is started: what is wrong, and the exit code. */
export function refusalLines(problems: readonly Problem[], code: number, time: Date): string {
  const events: JsonEvent[] = [...problems.map(problemFields), { event: "exit", code }];
  return events
    .map(({ event, ...fields }) => `${JSON.stringify({ event, time: time.toISOString(), ...fields })}\n`)
    .join("");
}

/** `startedAt` remembers when each build and run was ordered, by `build/3`, `run/2`. */
export function eventsOf(moment: Moment, startedAt: Map<string, number>): JsonEvent[] {
  if (moment.type !== "turn") return noteOf(moment);
  return [...factsOf(moment, startedAt), ...moment.news.flatMap(newsOf), ...ordersOf(moment, startedAt)];
}
