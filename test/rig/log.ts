/** What the driven program wrote into its log. */
import { fileURLToPath } from "node:url";
import type { Project } from "./project.ts";
import { until } from "./until.ts";

/** The program that writes it: `node app.mjs`, with `LOG` and more in its environment. */
export const app = fileURLToPath(new URL("app.mjs", import.meta.url));

export interface Entry {
  readonly at: number;
  readonly is: "start" | "asked" | "end";
  readonly pid: number;
  readonly run: number;
  readonly name: string;
  readonly args?: readonly string[];
  readonly changed?: string;
  readonly changedFile?: string;
  readonly content?: string;
  readonly signal?: string;
}

export function entries(project: Project, log = "app.log"): Entry[] {
  const lines = project.read(log).split("\n");
  // The last line may be on its way.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
}

export const starts = (project: Project, log?: string): Entry[] =>
  entries(project, log).filter(({ is }) => is === "start");

/** The start with this number, from 1. */
export async function startNumber(project: Project, count: number, seen?: () => string, log?: string): Promise<Entry> {
  return until(
    `start ${count} of the program`,
    () => starts(project, log)[count - 1],
    () => `${seen?.() ?? ""}\n── log\n${project.read(log ?? "app.log")}`,
  );
}
