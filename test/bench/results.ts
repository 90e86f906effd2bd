/** What a run of the bench brings: plain data, written as JSON, from which the page and its pictures are made. */
import type { Summary } from "./statistics.ts";

export interface Machine {
  readonly system: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly go: string | undefined;
}

/** One tool in one setting. Times in ms. */
export interface Restarts {
  readonly tool: string;
  readonly setting: string;
  readonly how: string;
  readonly time: Summary | undefined;
  /** Saves that no restart followed. */
  readonly missed: number;
  /** Restarts beyond one for each save. */
  readonly extra: number;
  /** Why there are no figures. */
  readonly absent?: string;
}

export interface Burst extends Restarts {
  /** The longest time in ms that the tool's event loop was blocked; Node tools only. */
  readonly blockedMs?: Summary | undefined;
}

export interface Start {
  readonly what: string;
  readonly time: Summary | undefined;
  /** Over an empty Node start, of medians. */
  readonly ratio: number;
}

export interface Rest {
  readonly tool: string;
  readonly setting: string;
  readonly pssMb: number;
  readonly rssMb: number;
  readonly watches: number;
  /** Per cent of one core. */
  readonly idleCpu: number;
  readonly processes: number;
}

export interface Scale extends Rest {
  readonly files: number;
  readonly directories: number;
  /** From the start to the last watch in place; undefined where none were seen. */
  readonly readyMs: number | undefined;
  /** The watcher alone, without the start of its program, as itself says; for those that tell. */
  readonly ownMs: number | undefined;
  readonly note?: string;
}

export interface Stop {
  readonly shape: string;
  readonly method: string;
  readonly time: Summary | undefined;
  /** Rounds in which something survived, of all. */
  readonly leaks: number;
  readonly rounds: number;
}

export interface Leak {
  readonly tool: string;
  readonly shape: string;
  /** Processes of the old run alive after the new one has started, and of any run after the tool was ended by SIGTERM. */
  readonly afterRestart: number;
  readonly afterEnd: number;
  readonly rounds: number;
}

/** Who follows the configuration of a program. Times in ms. */
export interface Follower {
  readonly tool: string;
  readonly setting: string;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
  readonly saves: number;
  readonly missed: number;
  readonly callsPerSave: number;
  /** Callbacks for a save that cannot be read. */
  readonly callsPerBroken: number;
}

/** Requests over restarts. Times in ms. */
export interface ProxyRow {
  readonly tool: string;
  readonly how: string;
  readonly version: string;
  readonly restarts: number;
  readonly requests: number;
  readonly failed: number;
  readonly failedPosts: number;
  readonly refused: number;
  /** Answered with 200, and never carried out. */
  readonly lost: number;
  /** Carried out more than once. */
  readonly twice: number;
  /** From the save to the first answer of the new version: the median, and the longest. */
  readonly restartMs: number;
  readonly mostMs: number;
  /** Of the requests that were under way at some moment of a restart. */
  readonly p99Ms: number;
  /** The same, of how much longer each took than the restart that it met; below zero where all were faster. */
  readonly beyondMs: number;
  /** Versions that never answered; after two it is given up. */
  readonly missed: number;
}

/** While nothing is restarted. */
export interface RestRow {
  readonly tool: string;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

export interface ProxyResults {
  readonly made: string;
  readonly load: number;
  readonly rows: readonly ProxyRow[];
  readonly rest: readonly RestRow[];
}

/** From a save to the first answer of the new version. */
export interface WarmRow {
  readonly app: string;
  readonly tool: string;
  readonly time: Summary | undefined;
  readonly missed: number;
  /** Of the runs, one for each save and one to warm up. */
  readonly letIn: number | undefined;
}

export interface Results {
  readonly made: string;
  readonly rounds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly refused: readonly string[];
  saves?: { readonly neighbours: number; readonly any: readonly Restarts[]; readonly node: readonly Restarts[] };
  gin?: {
    readonly build: Summary | undefined;
    readonly start: Summary | undefined;
    readonly tools: readonly Restarts[];
  };
  cold?: { readonly ours: readonly Start[]; readonly peers: readonly Start[] };
  burst?: { readonly files: number; readonly writeMs: number; readonly tools: readonly Burst[] };
  rest?: { readonly files: number; readonly tools: readonly Rest[] };
  stops?: { readonly neighbours: number; readonly rows: readonly Stop[]; readonly leaks: readonly Leak[] };
  scale?: readonly Scale[];
  proxy?: ProxyResults;
  warm?: readonly WarmRow[];
  live?: { readonly made: string; readonly load: number; readonly followers: readonly Follower[] };
}
