/** What is told of a service: what has to be remembered from one moment to the next, and what is printed of it. */
import type { Problem } from "../../core/problem.ts";
import type { Plan, Service } from "../../core/types.ts";
import type { Colors } from "../colour.ts";
import { cause } from "../words.ts";

/** In the order of what `[log] level` lets through. */
export const levels = ["debug", "info", "warn", "error", "silent"] as const;
export type Level = (typeof levels)[number];

export interface Line {
  readonly level: Exclude<Level, "silent">;
  readonly text: string;
}

export interface Telling {
  readonly colors: Colors;
  readonly plan: () => Plan;
  /** A readiness check exists, so that "ready" is worth waiting for before the line is printed. */
  readonly checked: (service: Service) => boolean;
  readonly once: boolean;
  /** What is opened in the browser. */
  readonly address: (service: Service) => string | undefined;
  /** What was said before is gone from the screen with the next change. */
  readonly clears: () => boolean;
  /** Keys of ours can be pressed. */
  readonly hasKeys: () => boolean;
  /** How a problem is shown: with the line of the file and a caret. */
  readonly problem: (problem: Problem) => string;
}

/** What has to be remembered from one moment to the next to tell it. */
export interface Story {
  /** The phases of the change that is being answered, as they are printed. */
  readonly phases: readonly string[];
  readonly changes: ReadonlySet<string>;
  readonly buildAt: number;
  /** Hooks beside the cycle that are under way, by name: when they began. */
  readonly beside: ReadonlyMap<string, number>;
  readonly stopAt: number | undefined;
  readonly startAt: number;
  /** Its run has been ordered: what comes next is another story. */
  readonly isStarted: boolean;
  /** Its line has been printed. */
  readonly isTold: boolean;
  /** The address as it was said last, with a run that answers there. */
  readonly address: string | undefined;
}

export const beginning: Story = {
  phases: [],
  changes: new Set(),
  buildAt: 0,
  beside: new Map(),
  stopAt: undefined,
  startAt: 0,
  isStarted: false,
  isTold: true,
  address: undefined,
};

export interface Told {
  readonly story: Story;
  readonly lines: readonly Line[];
}

export const untold = (story: Story): Told => ({ story, lines: [] });
export const saying = (story: Story, level: Line["level"], text: string): Told => ({ story, lines: [{ level, text }] });

export function storyLine(mark: string, story: Story, tail?: string): string {
  const path = [cause(story.changes), ...story.phases].join(" → ");
  return `${mark} ${path}${tail === undefined ? "" : ` · ${tail}`}`;
}
