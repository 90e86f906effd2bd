/** What reporters see: every turn of the machine, and what happened beside it. Read-only; reporters decide nothing. */

import type { JobId } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { Turn } from "../core/turn.ts";

export interface NamedProcess {
  readonly pid: number;
  readonly command: string;
}

/** Facts that the machine does not decide by, but that a user may want to know. */
export type Note =
  | {
      readonly type: "opened";
      readonly version: string;
      readonly root: string;
      readonly config: string | undefined;
      readonly remarks: readonly string[];
    }
  | {
      readonly type: "watching";
      readonly source: string;
      readonly directories: number;
      readonly files: number;
      readonly elapsedMs: number;
    }
  | { readonly type: "unchanged"; readonly paths: readonly string[] }
  | { readonly type: "jobStarted"; readonly job: JobId; readonly pid: number }
  /** What lives on of a run that ended by itself. */
  | { readonly type: "left"; readonly job: JobId; readonly processes: readonly NamedProcess[] }
  | {
      readonly type: "stopWaiting";
      readonly job: JobId;
      readonly pid: number;
      readonly signal: string;
      readonly leftMs: number;
    }
  /** It is stopped when requests that it still answers through the proxy have ended. `oldest`: of the one that came first. */
  | {
      readonly type: "drainWaiting";
      readonly job: JobId;
      readonly requests: number;
      readonly oldest: string;
      readonly leftMs: number;
    }
  | {
      readonly type: "forced";
      readonly job: JobId;
      readonly pid: number;
      readonly signal: string;
      readonly afterMs: number;
    }
  /** `job` is absent for what an earlier `reload` left. */
  | { readonly type: "swept"; readonly job?: JobId; readonly processes: readonly NamedProcess[] }
  | { readonly type: "notReady"; readonly job: JobId; readonly reason: string }
  | {
      readonly type: "output";
      readonly job: JobId;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  /** A rule has the run read again what it reads, because of these paths. */
  | {
      readonly type: "signalled";
      readonly job: JobId;
      readonly signals: readonly string[];
      readonly paths: readonly string[];
    }
  /** Pages are to load again: what changed, or nothing where the run was told to read it again. */
  | { readonly type: "refreshed"; readonly service: string; readonly paths: readonly string[] }
  /** An edit of the configuration; `version` is the one in force. */
  | {
      readonly type: "configured";
      readonly is: "applied" | "refused" | "gone" | "restored";
      readonly version: number;
      readonly keys: readonly string[];
      readonly summary: string;
    }
  /** Whether a run had been started in advance. `isNews`: this reason has not been told before, and somebody should know. */
  | {
      readonly type: "warmth";
      readonly job: JobId;
      readonly isWarm: boolean;
      /** What its start had taken before it was let in, in milliseconds. */
      readonly savedMs?: number | undefined;
      readonly reason?: string | undefined;
      readonly isNews: boolean;
    }
  | { readonly type: "said"; readonly text: string }
  /** `isServer`: it is about a build that serves. */
  | { readonly type: "warned"; readonly problem: Problem; readonly isServer?: true };

/** `at` is on the clock of the engine, in milliseconds. */
export type Moment = (Turn & { readonly type: "turn" }) | (Note & { readonly at: number });

export type Report = (moment: Moment) => void;
