/** `npm run generate` writes what is made from the code; the tests fail when any of it is stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { type EventsSchema, eventsPage } from "./events.ts";
import { statesDiagram } from "./states.ts";

const at = (name: string): URL => new URL(`../../${name}`, import.meta.url);
const read = (name: string): string => readFileSync(at(name), "utf8");

/** A text with what stands between two marks replaced. */
function between(text: string, mark: string, inner: string): string {
  const begin = `<!-- generated: ${mark} -->`;
  const end = `<!-- end: ${mark} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${inner}\n${text.slice(to)}`;
}

/** Every generated file: its name and how its whole text is made. */
export const documents: Readonly<Record<string, () => string>> = {
  "docs/events.md": () => eventsPage(JSON.parse(read("docs/events.schema.json")) as EventsSchema),
  "docs/architecture.md": () => between(read("docs/architecture.md"), "states", statesDiagram()),
};

export function writeAll(): void {
  for (const [name, make] of Object.entries(documents)) writeFileSync(at(name), make());
}
