/** The stages of an intake, what it sees of the machines beside it, and what it asks of them. */
import type { Burst } from "./burst.ts";
import { type Demand, greaterOf, joinDemands, type PathDemand } from "./demand.ts";
import type { Echo, Restless } from "./echo.ts";
import type { RecipeId } from "./types.ts";
import { firstMark, type Mark } from "./work.ts";
import type { Writing } from "./writing.ts";

/** `mark`: of its newest change, which has to be made. `since`: of its oldest one that nobody has answered; whoever asked after that still waits. */
type AskedSince = PathDemand & {
  readonly mark: Mark;
  readonly since: Mark;
  /** It changed while nothing else could be seen to have written it than the last of these. */
  readonly trail?: Trail;
  /** It was taken before, and failed. */
  readonly isOld?: true;
};
export type Owed = ReadonlyMap<string, AskedSince>;

/** Jobs and hooks each of which has called for the cycle of the next. */
export type Trail = readonly RecipeId[];

/** Who has called for a cycle. `circle`: jobs of services that start each other; `hook`: one that has done so several times now. */
export interface Callers {
  readonly trail: Trail;
  readonly is: "nobody" | "hook" | "circle";
  /** The hook is under way still: whether it has called for this is known when it is over. */
  readonly hook?: number;
}

export const marked = (demand: Demand, { mark, trail }: Pick<Sight, "mark" | "trail">): Owed =>
  new Map(
    [...demand].map(([path, asked]) => [
      path,
      { ...asked, mark, since: mark, ...(trail === undefined ? {} : { trail }) },
    ]),
  );

/** The later one is `b`. */
export const joinOwed = (a: Owed, b: Owed): Owed =>
  joinDemands(a, b, (before, asked) => {
    if (before === undefined) return asked;
    const { trail, ...both } = greaterOf(before, asked);
    const isTrailed = trail !== undefined && (before.trail !== undefined || before.isOld === true);
    return { ...both, since: Math.min(before.since, asked.since), ...(isTrailed ? { trail } : {}) };
  });

/** What is made and taken back has to be started only. */
export const asMade = (taken: Owed): Owed =>
  new Map([...taken].map(([path, asked]) => [path, { ...asked, verdict: "restart" }]));

/** A path that changed while a rule ran, and in how many jobs of this cycle it did. */
export interface Feeding {
  readonly by: string;
  readonly times: number;
}

export type Stage =
  | { readonly is: "resting" }
  /** Changes are `owed`; the quiet timer runs. */
  | { readonly is: "settling" }
  /** The quiet time is over, the tree is looked at once more. */
  | { readonly is: "looking" }
  /**
   * `taken` is being made. `rounds`: how often each rule has run for it. `meanwhile`: what changed while the rule runs
   * that was begun last, written by it or saved by somebody. `fed`: what changed while rules ran, in all of the cycle.
   * `leftOvers`: so many cycles in a row were for nothing but what the one before had left over.
   */
  | {
      readonly is: "working";
      readonly taken: Owed;
      readonly rounds: ReadonlyMap<string, number>;
      readonly meanwhile: ReadonlySet<string>;
      readonly fed: ReadonlyMap<string, Feeding>;
      readonly leftOvers: number;
    }
  /** `taken` is made; its start comes as soon as there is room for it. */
  | { readonly is: "due"; readonly taken: Owed };

export const workOn = (taken: Owed, leftOvers: number): Stage => ({
  is: "working",
  taken,
  rounds: new Map(),
  meanwhile: new Set(),
  fed: new Map(),
  leftOvers,
});

export interface Intake {
  readonly stage: Stage;
  /** Asked for, and in nobody's hands yet. What a failed or given up job was for comes back to it. */
  readonly owed: Owed;
  readonly burst: Burst | undefined;
  /** When the oldest change was seen that no run and no failed job contains: what patience is measured by. */
  readonly unansweredSince: number | undefined;
  /** What has changed again and again of late. */
  readonly writing: Writing | undefined;
  /** Jobs and starts in a row that were given up for a newer change. */
  readonly cancelled: number;
  /** When the last build or run was ordered. */
  readonly actedAt: number | undefined;
  readonly echo: Echo | undefined;
  /** So often in a row it was tried again, since something had changed while a rule failed. */
  readonly tries: number;
  /** What is owed has been tried, and failed: it waits for the next change, or for somebody else to make it. */
  readonly hasFailed: boolean;
  /** Of what is owed: for which a rule would have had to run once more than a cycle allows, or that changed while its rule ran. */
  readonly leftOver: ReadonlySet<string>;
  readonly leftOvers: number;
  /** Of which it has been told that they go in a circle. */
  readonly circular: ReadonlySet<string>;
  /** Who has called for what was taken last, and since when that hook has to be over soon. */
  readonly trail: Trail;
  readonly doubt: { readonly hook: number; readonly at: number } | undefined;
  /** Somebody has stopped the service: changes are collected, and nothing is done about them. */
  readonly isStopped: boolean;
}

/** What it sees of the machines beside it. */
export interface Sight {
  /** Of the job that is made for it now. */
  readonly work: "idle" | "busy" | "ending";
  /** Changes are collected only. */
  readonly isPaused: boolean;
  readonly mark: Mark;
  /** A process of it is meant to be alive. */
  readonly isLive: boolean;
  /** Its run was told to stop for a start that was given up. */
  readonly isVacated: boolean;
  /** Those that it is `after` serve. */
  readonly mayStart: boolean;
  /** Nothing has to be made for these. */
  isMade(owed: Owed): boolean;
  /** What a job writes itself is not a reason to give it up. */
  isSuspect(path: string): boolean;
  /** How long to wait without a job, to see who writes these. */
  probeMs(paths: ReadonlySet<string>): number;
  /** On which a change of this moment is. */
  readonly trail: Trail | undefined;
  callers(owed: Owed): Callers;
  /** How long what is called for again and again has to wait. */
  slowedMs(owed: Owed): number;
}

/** What it asks of the others. */
export type Ask =
  | { readonly ask: "arm"; readonly afterMs: number }
  | { readonly ask: "look" }
  /** Make what was taken. */
  | { readonly ask: "make" }
  | { readonly ask: "giveUp" }
  /** What was due is taken back. */
  | { readonly ask: "takeBack" }
  /** Its start is due. */
  | { readonly ask: "start" }
  | { readonly ask: "signal" | "refresh"; readonly taken: Owed }
  | (Restless & { readonly ask: "restless" })
  | { readonly ask: "hooked"; readonly paths: readonly string[] }
  | { readonly ask: "circular"; readonly dropped: Owed };

export interface IntakeTurn {
  readonly intake: Intake;
  readonly asks: readonly Ask[];
}

export const turn = (intake: Intake, ...asks: readonly Ask[]): IntakeTurn => ({ intake, asks });

/** At first everything is owed, but nobody has asked for it to be done yet. */
export const firstIntake: Intake = {
  stage: { is: "resting" },
  owed: new Map([["", { verdict: "rebuild", mark: firstMark, since: firstMark }]]),
  burst: undefined,
  unansweredSince: undefined,
  writing: undefined,
  cancelled: 0,
  actedAt: undefined,
  echo: undefined,
  tries: 0,
  hasFailed: false,
  leftOver: new Set(),
  leftOvers: 0,
  circular: new Set(),
  trail: [],
  doubt: undefined,
  isStopped: false,
};
