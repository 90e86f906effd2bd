/**
 * The words between the machine and the world: events are facts in the past tense, effects are orders in the imperative.
 * Builds and runs are numbered apart, so that a late fact about an old one changes nothing.
 */
import type { Demand } from "./demand.ts";

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
  | { readonly is: "cancelled" };

export type Timer = "quiet" | "backoff";

/** What happened. `at` is in milliseconds on a clock that never goes back. */
export type Event = { readonly at: number } & (
  | { readonly type: "started" }
  /** `empty`: one of the files is empty at the moment, as between the truncate and the write of a save. */
  | { readonly type: "changed"; readonly demand: Demand; readonly empty: boolean }
  /** Written again with the bytes that they had: no change, but it tells who writes them. */
  | { readonly type: "rewritten"; readonly paths: readonly string[] }
  /** The answer to `look`. `busy`: git is in the middle of something. */
  | { readonly type: "looked"; readonly demand: Demand; readonly empty: boolean; readonly busy: boolean }
  | { readonly type: "elapsed"; readonly timer: Timer }
  | { readonly type: "buildEnded"; readonly build: number; readonly result: BuildResult }
  | { readonly type: "runReady"; readonly run: number }
  /** Not ready within `[ready] timeout`; `runReady` may still come. `why`: what the check saw last. */
  | { readonly type: "runLate"; readonly run: number; readonly why?: string }
  /** The leader ended by itself or because it was told to. What it started may live on until `runGone`. `unready`: a check was not met before; what it saw last. */
  | { readonly type: "runExited"; readonly run: number; readonly exit: Exit; readonly unready?: string | undefined }
  /** Answer to `stopRun`: nothing of the run is left. */
  | { readonly type: "runGone"; readonly run: number }
  /** Ctrl-C, a signal, a key: end everything in order and exit with `code`; asked again, at once. */
  | { readonly type: "quitAsked"; readonly code: number }
  /** A new version of the configuration is in force, and it touches what runs. */
  | { readonly type: "configured"; readonly demand: Demand }
);

/** What is to be done. */
export type Effect =
  | { readonly type: "arm"; readonly timer: Timer; readonly afterMs: number }
  | { readonly type: "disarm"; readonly timer: Timer }
  | { readonly type: "look" }
  | { readonly type: "build"; readonly build: number; readonly demand: Demand }
  | { readonly type: "cancelBuild"; readonly build: number; readonly force: boolean }
  | { readonly type: "startRun"; readonly run: number; readonly demand: Demand }
  | { readonly type: "stopRun"; readonly run: number; readonly force: boolean }
  /** These are written by the build itself, each time anew: they call for no build any more. */
  | { readonly type: "mute"; readonly paths: readonly string[] }
  /** It alone has called for many rounds in a row: somebody should know. */
  | { readonly type: "restless"; readonly path: string }
  | { readonly type: "exit"; readonly code: number };

/** The settings that the machine decides by; a new version may come with every step. */
export interface Policy {
  readonly builds: boolean;
  /** Paths, as changes name them, that are written by nobody but the build: what they do while one runs calls for nothing. */
  readonly products: readonly string[];
  readonly runs: boolean;
  readonly debounce: "auto" | number;
  readonly maxWaitMs: number;
  readonly onChange: "restart" | "finish";
  readonly onFail: "keep" | "stop";
  readonly onExit: "wait" | "restart" | "quit";
  readonly swap: "stop-first" | "start-first";
  /** A COMMAND was given on the command line: if it does not exist at its first start, there is nothing to wait for. */
  readonly commandGiven: boolean;
  /** `--postpone`: nothing is built or run before the first change. */
  readonly postpone: boolean;
  /** `--once`; `checked`: a readiness check exists, so its verdict decides and not the exit code. */
  readonly once: { readonly checked: boolean } | undefined;
}
