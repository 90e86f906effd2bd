/**
 * The words between the machine and the world: facts in the past tense, orders in the imperative, news for those who
 * only watch. Each is about a job, so that a late fact about an old one changes nothing.
 */
import type { Demand } from "./demand.ts";
import type { JobId } from "./job.ts";
import type { Problem } from "./problem.ts";

/** The name of a service; "" where there is only the nameless one. */
export type Service = string;

/** How a process ended, or why it never was one. */
export type Exit =
  | { readonly is: "code"; readonly code: number }
  | { readonly is: "signal"; readonly signal: string; readonly number: number }
  /** `missing`: the command does not exist (ENOENT, or exit 127 of a shell that says so); else it could not be started (EACCES, E2BIG, no such directory …). */
  | { readonly is: "unstartable"; readonly missing: boolean; readonly message: string };

export type BuildResult =
  | { readonly is: "ok" }
  | { readonly is: "failed"; readonly exit: Exit }
  | { readonly is: "timedOut"; readonly afterMs: number }
  /** Of a check: these files are wrong. */
  | { readonly is: "held"; readonly files: readonly HeldFile[] }
  | { readonly is: "cancelled" };

/** A file that does not satisfy its schema. */
export interface HeldFile {
  /** As the user sees it: relative to the root, `/`-separated. */
  readonly path: string;
  readonly problems: readonly Problem[];
}

/** `quiet`: after changes. `backoff`: before a program that ended is started again. `kept`: how long the run before is kept beside the new one. */
export type Timer = "quiet" | "backoff" | "kept";

/** What has changed for one service. */
export interface ServiceChanges {
  readonly demand: Demand;
  /** One of the files is empty at the moment, as between the truncate and the write of a save. */
  readonly empty: boolean;
}

/** What has changed, for all whom it concerns: who shares a file hears of it in the same fact. */
export type Changes = ReadonlyMap<Service, ServiceChanges>;

/** What somebody can ask for by name. */
export type Verb = "restart" | "rebuild" | "stop" | "start";

/** What happened. `at` is in milliseconds on a clock that never goes back. */
export type Fact = { readonly at: number } & (
  | { readonly type: "started" }
  /** `isFirst`: found before everything had been looked at once, so that it may have been written at any time since the start. */
  | { readonly type: "changed"; readonly changes: Changes; readonly isFirst?: boolean }
  /** Written again with the bytes that they had: no change, but it tells who writes them. */
  | { readonly type: "rewritten"; readonly paths: readonly string[] }
  /** The answer to `look`. `busy`: git is in the middle of something. */
  | { readonly type: "looked"; readonly changes: Changes; readonly busy: boolean }
  | { readonly type: "elapsed"; readonly timer: Timer; readonly service: Service }
  /** A build, rule, hook or check is over. */
  | { readonly type: "jobEnded"; readonly job: JobId; readonly result: BuildResult }
  | { readonly type: "runReady"; readonly job: JobId }
  /** Not ready within `[ready] timeout`; `runReady` may still come. `why`: what the check saw last. */
  | { readonly type: "runLate"; readonly job: JobId; readonly why?: string }
  /** The leader ended by itself or because it was told to. What it started may live on until `runGone`. `unready`: a check was not met before; what it saw last. */
  | { readonly type: "runExited"; readonly job: JobId; readonly exit: Exit; readonly unready?: string | undefined }
  /** Answer to `stopRun`: nothing of the run is left. */
  | { readonly type: "runGone"; readonly job: JobId }
  /** Ctrl-C, a signal, a key: end everything in order and exit with `code`; asked again, at once. */
  | { readonly type: "quitAsked"; readonly code: number }
  /** A new version of the configuration is in force, and it touches what runs of these services. */
  | { readonly type: "configured"; readonly changes: Changes }
  /** Somebody asks for it, with a key or from another process. */
  | { readonly type: "asked"; readonly verb: Verb; readonly services: readonly Service[] }
  /** Changes are collected without acting, or acted upon again. */
  | { readonly type: "paused" | "resumed" }
);

/** What is to be done. */
export type Order =
  | { readonly type: "arm"; readonly timer: Timer; readonly service: Service; readonly afterMs: number }
  | { readonly type: "disarm"; readonly timer: Timer; readonly service: Service }
  | { readonly type: "look" }
  /** Carry out a recipe: a build, a rule, a hook or a check. */
  | {
      readonly type: "startJob";
      readonly job: JobId;
      readonly recipe: RecipeId;
      readonly demand: Demand;
      /** What it is carried out about: for `after_fail`. */
      readonly failure?: Failure;
    }
  | { readonly type: "cancelJob"; readonly job: JobId; readonly force: boolean }
  | { readonly type: "startRun"; readonly job: JobId; readonly demand: Demand }
  | { readonly type: "stopRun"; readonly job: JobId; readonly force: boolean }
  /** The run is to read again what it reads, because of these paths: each signal that these rules name, once. The browser is refreshed after it. */
  | {
      readonly type: "signalRun";
      readonly job: JobId;
      readonly rules: readonly string[];
      readonly paths: readonly string[];
    }
  | { readonly type: "refresh"; readonly service: Service; readonly paths: readonly string[] }
  | { readonly type: "exit"; readonly code: number };

/** What the machine has found out and nobody has to do anything about. */
export type News =
  /** These are written by the job itself, each time anew: they call for nothing any more while it is under way. */
  | {
      readonly type: "muted";
      readonly service: Service;
      readonly by: Maker;
      readonly paths: readonly string[];
    }
  /**
   * These call for nothing more for now: jobs start each other in a circle, in this order, the last of them by what it writes. `by`: the
   * one during which they changed. `again`: the rule that they would start.
   */
  | {
      readonly type: "circular";
      readonly service: Service;
      readonly paths: readonly string[];
      readonly circle: readonly Maker[];
      readonly by?: Maker;
      readonly again?: Maker;
    }
  /** These have changed each time a hook was carried out, and called for the next time. */
  | { readonly type: "hooked"; readonly service: Service; readonly paths: readonly string[]; readonly by: Maker }
  /** It alone has called for many rounds in a row: somebody should know. `pattern`: what it has in common with others like it, where the name is another one each time. */
  | { readonly type: "restless"; readonly service: Service; readonly path: string; readonly pattern?: string }
  /** The new run ended while the one before was kept: that one serves again. */
  | { readonly type: "rolledBack"; readonly service: Service; readonly run: number }
  /** A start waits for what it is `after`, which has failed. */
  | { readonly type: "waiting"; readonly service: Service; readonly after: readonly Service[] };

export type RecipeId = string;

/** What has failed: a job, a check on readiness, or a run that ended by itself. */
export interface Failure {
  readonly stage: JobId["kind"] | "ready";
  readonly job: JobId;
  /** As in `Recipe`. */
  readonly label?: string | undefined;
  /** How it ended, where it has. */
  readonly exit?: Exit;
  /** What a check has found wrong. */
  readonly files?: readonly HeldFile[];
}

/** What is executed to an end before a start, in whose name. Equal command, directory and environment are one recipe, whoever uses it. */
export interface Recipe {
  readonly kind: "check" | "rule" | "hook" | "build";
  /** In whose name; "" for what services share. */
  readonly service: Service;
  /** How a rule or a hook is called. */
  readonly label?: string;
  readonly onChange: "restart" | "finish";
  /** Paths, as changes name them, that are written by nobody but this: what they do while it is under way calls for nothing. */
  readonly products: readonly string[];
  /** A failure is told and stops nothing. */
  readonly isOptional: boolean;
  /** It looks at files and writes none that is watched: what changes meanwhile is somebody else's. */
  readonly onlyReads?: true;
}

/** As much of a recipe as is said of it. */
export type Maker = Pick<Recipe, "kind" | "service" | "label">;

/** A step of the cycle between a change and the start that it calls for. */
export interface CycleStep {
  readonly recipe: RecipeId;
  /** Only for changes that this rule spoke on; else for whatever asks for a build. */
  readonly rule?: string;
  /** The rule runs before the first build as well. */
  readonly atStart?: boolean;
}

/** The settings of one service that the machine decides by. */
export interface ServicePlan {
  readonly runs: boolean;
  /** In the order in which they are carried out. */
  readonly steps: readonly CycleStep[];
  readonly after: readonly Service[];
  /** A readiness check exists, so its verdict decides and not the exit code. */
  readonly checked: boolean;
  readonly debounce: "auto" | number;
  readonly maxWaitMs: number;
  readonly onFail: "keep" | "stop";
  readonly onExit: "wait" | "restart" | "restart-on-failure" | "quit";
  /** `finish`: a change waits for the process to end by itself. */
  readonly onChange: "restart" | "finish";
  readonly swap: "stop-first" | "start-first";
  readonly keepOldMs: number;
  /** Carried out when a run is ready, and when something has failed; nothing waits for them. */
  readonly afterReady?: RecipeId;
  readonly afterFail?: RecipeId;
}

/** The settings that the machine decides by; a new version may come with every step. */
export interface Plan {
  readonly services: ReadonlyMap<Service, ServicePlan>;
  readonly recipes: ReadonlyMap<RecipeId, Recipe>;
  /** A COMMAND was given on the command line: if it does not exist at its first start, there is nothing to wait for. */
  readonly commandGiven: boolean;
  /** `--postpone`: nothing is built or run before the first change. */
  readonly postpone: boolean;
  /** `--once`: each service is judged, then all are ended. */
  readonly once: boolean;
  /** Carried out once, when nothing else is left. */
  readonly atEnd?: RecipeId;
  /** It is carried out before what runs is ended. */
  readonly endsFirst?: boolean;
}
