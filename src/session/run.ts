/** One life of one process of the app: a job that is watched until it is ready. */

import type { Guarded, Others } from "../adapters/port.ts";
import { type EndingFact, type Job, type JobFact, startJob } from "../adapters/process/job.ts";
import { type Launch, launchAtOnce } from "../adapters/process/launch.ts";
import type { JobOrder } from "../adapters/process/order.ts";
import { askUntilReady, type ReadyCheck } from "../adapters/ready/ready.ts";
import type { ProcessName } from "../adapters/system/proc.ts";
import type { JobId } from "../core/job.ts";
import type { Exit } from "../core/types.ts";

export interface RunOrder extends Omit<JobOrder, "launch"> {
  /** Where the process is there already, and is let in. */
  readonly launch?: Launch;
  readonly ready: ReadyCheck | undefined;
  /** Without a check: alive for so long is ready, in milliseconds. */
  readonly aliveMs: number;
  readonly readyTimeoutMs: number;
  /** A port that must be free before the start. */
  readonly port: GuardedPort | undefined;
}

export interface GuardedPort extends Guarded {
  /** Do not wait for it: not ready is the answer. */
  readonly isFinal: boolean;
  /** What was said of those who listen there as well, so that it is said once. */
  readonly told: Set<string>;
}

export type RunFact =
  | Extract<JobFact, { type: "jobStarted" }>
  | { readonly type: "runReady"; readonly job: JobId }
  /** `why`: what the check saw last. */
  | { readonly type: "runLate"; readonly job: JobId; readonly why: string }
  | { readonly type: "notReady"; readonly job: JobId; readonly reason: string }
  /** `unready`: there is a check, it was not met before, and this is what it saw last. */
  | { readonly type: "runExited"; readonly job: JobId; readonly exit: Exit; readonly unready: string | undefined }
  /** What lives on of a run that ended by itself. */
  | { readonly type: "left"; readonly job: JobId; readonly processes: readonly ProcessName[] }
  | Extract<JobFact, { type: "heldUp" }>
  | EndingFact
  | { readonly type: "runGone"; readonly job: JobId };

export type Running = Pick<Job, "pid" | "isStopping" | "stop" | "signal" | "passOn">;

export function startRun(order: RunOrder, tell: (fact: RunFact) => void): Running {
  const { job: id } = order;
  const stopped = new AbortController();
  let job: Job | undefined;
  let isGone = false;
  let unready = (): string | undefined => undefined;

  const hear = (fact: JobFact): void => {
    switch (fact.type) {
      case "jobExited":
        tell({ type: "runExited", job: id, exit: fact.exit, unready: unready() });
        // Whoever serves instead does so before the processes are looked through; what is stopped then is named as swept.
        setImmediate(() => {
          if (!stopped.signal.aborted) tellLeft(id, job, tell);
        });
        return;
      case "jobGone":
        tell({ type: "runGone", job: id });
        return;
      default:
        tell(fact);
    }
  };
  const begin = (others?: Others): void => {
    const begun = startJob({ ...order, launch: order.launch ?? launchAtOnce }, hear);
    job = begun;
    unready = waitUntilReady(order, begun, others, (fact) => {
      begun.announce();
      tell(fact);
    });
  };
  // What it needs is imported by those alone who guard a port; everybody else starts in this very moment.
  const begun =
    order.port === undefined
      ? begin()
      : waitForPort(order, order.port, stopped.signal, tell)
          .catch(() => undefined)
          .then((others) => {
            if (others !== false) begin(others);
          });

  return {
    get pid() {
      return job?.pid;
    },
    get isStopping() {
      return stopped.signal.aborted;
    },
    stop(force) {
      stopped.abort();
      if (begun === undefined) job?.stop(force);
      // Once it is known whether it was begun at all.
      else
        void begun.then(() => {
          if (job !== undefined) job.stop(force);
          else if (!isGone) {
            isGone = true;
            tell({ type: "runGone", job: id });
          }
        });
    },
    signal: (signal) => job?.signal(signal),
    passOn: (signal) => job?.passOn(signal),
  };
}

/** @returns why it is not ready, where there is a check that was not met so far */
function waitUntilReady(
  order: RunOrder,
  { over, streams, pid }: Job,
  others: Others | undefined,
  tell: (fact: RunFact) => void,
): () => string | undefined {
  const { job, ready, cwd, env } = order;
  if (ready === undefined) {
    const timer = setTimeout(() => tell({ type: "runReady", job }), order.aliveMs);
    over.addEventListener("abort", () => clearTimeout(timer));
    return () => undefined;
  }
  const isForeign = (address: string): boolean => others?.isForeign(address) ?? false;
  const { answered, refusal } = askUntilReady(ready, { pid, streams, cwd, env, isForeign }, over);
  const timer = setTimeout(() => tell({ type: "runLate", job, why: refusal() }), order.readyTimeoutMs);
  over.addEventListener("abort", () => clearTimeout(timer));
  let isMet = false;
  void answered.then(() => {
    clearTimeout(timer);
    if (over.aborted) return;
    isMet = true;
    tell({ type: "runReady", job });
  });
  return () => (isMet ? undefined : refusal());
}

/** What a leader that ended by itself leaves is named, and ended before the next start. */
function tellLeft(id: JobId, job: Job | undefined, tell: (fact: RunFact) => void): void {
  const processes = job?.left() ?? [];
  if (processes.length > 0) tell({ type: "left", job: id, processes });
}

/** Waits until nobody is in the way, and says who is, or who else is there; `false` when it was stopped meanwhile. */
async function waitForPort(
  { job }: RunOrder,
  port: GuardedPort,
  stopped: AbortSignal,
  tell: (fact: RunFact) => void,
): Promise<Others | undefined | false> {
  const { number, isFinal, told } = port;
  const { untilFree } = await import("../adapters/port.ts");
  const others = await untilFree(port, stopped, (who) => {
    const reason = `port ${number} is taken by ${who}`;
    tell({ type: "notReady", job, reason: isFinal ? reason : `${reason}; waiting for it to be free, or for a change` });
    if (isFinal) tell({ type: "runLate", job, why: reason });
  });
  if (others !== false && others !== undefined && !told.has(others.who)) {
    told.add(others.who);
    const message = others.isInFront
      ? `port ${number} is taken by ${others.who}: started all the same, as that may be a proxy in front`
      : `${others.who} listens on port ${number} as well, at another address: it is not asked`;
    tell({ type: "warned", problem: { code: "process/port-taken", severity: "warning", message } });
  }
  return others;
}
