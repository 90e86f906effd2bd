/** What programs see of `reload-dev`, beside the events and the configuration (`generated.ts`). */
import type { Writable } from "node:stream";
import type { ReloadConfig, ReloadEvent } from "./generated.ts";

export interface StartOptions {
  /** The project; the working directory unless given. */
  readonly cwd?: string;
  /** Lays `.reload.NAME.toml` over the file. */
  readonly profile?: string;
  /** In place of `[proc] cmd` and `args`: the program and its arguments. */
  readonly command?: readonly [string, ...string[]];
  /** Of builds and programs; `process.env` unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Aborted, it ends as `stop` does. Before the start, `start` rejects with the reason. */
  readonly signal?: AbortSignal;
  /** What builds and programs print goes here, and into `output` events anyway. Nowhere unless given. */
  readonly stdout?: Writable;
  /** What `reload` would say on a terminal goes here, and the error output of programs. Nowhere unless given. */
  readonly stderr?: Writable;
}

export interface WaitOptions {
  /** Names of services; all unless given. */
  readonly services?: readonly string[];
  /** In milliseconds; 60,000 unless given, 0: without end. */
  readonly timeoutMs?: number;
}

/** How it went: what `reload wait --json` prints, and more. */
export interface Outcome {
  /** Everything that was written before the call runs, and is ready. */
  readonly ok: boolean;
  readonly state: "building" | "starting" | "ready" | "failed" | "ended" | "paused" | "stopping" | "stopped";
  /** Where it failed, or what it waits for. */
  readonly stage: "config" | "check" | "rule" | "hook" | "build" | "ready" | "run" | null;
  readonly run: number | null;
  readonly url: string | null;
  /** Paths that the newest run contains. */
  readonly changes: readonly string[];
  readonly errors: readonly {
    readonly file: string | null;
    readonly line: number | null;
    readonly column: number | null;
    readonly message: string;
  }[];
  /** The end of what the build that failed printed. */
  readonly output: string;
  /** Where services are declared: each that was asked about. */
  readonly services?: readonly {
    readonly name: string;
    readonly state: "building" | "starting" | "ready" | "late" | "failed" | "ended" | "paused" | "stopping" | "stopped";
    readonly run: number | null;
    readonly url: string | null;
    readonly changes: readonly string[];
  }[];
  /** The same in a sentence: `ready: run 7 · build 412ms, ready 38ms · 3 changes`. */
  readonly text: string;
}

/** One `reload`, in this process. */
export interface App extends AsyncDisposable {
  /**
   * Everything that happens, from the start on; ends after `exit`. Loops that follow each other go on where the one before stopped, loops
   * beside each other get every event each. For one that does not read, 10,000 events are kept.
   */
  readonly events: AsyncIterable<ReloadEvent>;
  /** The exit code that `reload` would have had; resolves when nothing is left of what was started. */
  readonly ended: Promise<number>;
  /** Until everything that was written before the call runs, or has failed. A failure is an `Outcome`; rejects only when it has ended, and for a service that does not exist. */
  wait(options?: WaitOptions): Promise<Outcome>;
  /** Starts again now, without a change (it builds first where that had failed), and waits as `wait` does. */
  restart(options?: WaitOptions): Promise<Outcome>;
  /** Ends everything in order; resolves when nothing is left. May be called again. */
  stop(): Promise<void>;
}

/** One mistake: what, where, and what to do. */
export interface StartProblem {
  readonly code: string;
  readonly message: string;
  /** The file, the key of `config`, or the option that it is about. */
  readonly origin: string | null;
  /** 1-based; of a file. */
  readonly line: number | null;
  /** 1-based, in UTF-16 code units. */
  readonly column: number | null;
  readonly hint: string | null;
}

/** Why nothing was started; `message` has all of it. */
export interface StartError extends Error {
  readonly name: "StartError";
  readonly problems: readonly StartProblem[];
}

/**
 * Starts `reload` in this process. Rejects with a `StartError` where the configuration is wrong, or another `reload` runs for the same file.
 * @param config the configuration, with keys as in `.reload.toml`; or the path of a file; without it, the file that is found from `cwd` upwards
 */
export type Start = (config?: ReloadConfig | string, options?: StartOptions) => Promise<App>;
