/** Work: a job that is executed to its end, with a limit. It is ended as a whole tree when it is given up, takes too long or fails; what a success left on purpose lives on. */
import { type EndingFact, type JobFact, startJob } from "../adapters/process/job.ts";
import type { JobOrder } from "../adapters/process/order.ts";
import type { Ending } from "../adapters/process/tree.ts";
import type { JobId } from "../core/job.ts";
import type { BuildResult, Exit } from "../core/types.ts";

export interface WorkOrder extends Omit<JobOrder, "wasSignalled" | "tellsWhy"> {
  readonly timeoutMs: number | undefined;
}

export type WorkFact =
  | Extract<JobFact, { type: "jobStarted" }>
  | { readonly type: "jobEnded"; readonly job: JobId; readonly result: BuildResult }
  | EndingFact;

export interface Working {
  /** Ends the whole tree; asked again with `force`, at once. Answered by `jobEnded`, as is everything. */
  cancel(force: boolean): void;
  signal(signal: NodeJS.Signals): void;
}

export function startWork(order: WorkOrder, tell: (fact: WorkFact) => void): Working {
  const { job: id, timeoutMs } = order;
  /** Why it is being ended. */
  let givenUp: "cancelled" | "timedOut" | undefined;
  let failure: Exit | undefined;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  const hear = (fact: JobFact): void => {
    switch (fact.type) {
      case "jobStarted":
        if (timeoutMs !== undefined)
          timer = setTimeout(() => {
            givenUp = "timedOut";
            job.stop(false);
          }, timeoutMs);
        tell(fact);
        return;
      case "jobExited":
        clearTimeout(timer);
        if (givenUp !== undefined) return;
        // What it left, a compiler's server or a browser, was left on purpose.
        if (fact.exit.is === "code" && fact.exit.code === 0) {
          isOver = true;
          tell({ type: "jobEnded", job: id, result: { is: "ok" } });
        } else {
          failure = fact.exit;
          job.stop(false);
        }
        return;
      case "jobGone":
        tell({ type: "jobEnded", job: id, result: resultOf() });
        return;
      case "heldUp":
        return;
      default:
        tell(fact);
    }
  };
  const resultOf = (): BuildResult => {
    if (failure !== undefined) return { is: "failed", exit: failure };
    return givenUp === "timedOut" ? { is: "timedOut", afterMs: timeoutMs ?? 0 } : { is: "cancelled" };
  };
  // The compiler that stays has answered by then, and is there for the next build: a mistake is mended soon.
  const ending = (): Ending =>
    failure?.is === "code" ? { ...order.ending(), spared: "RELOAD_STAYS=" } : order.ending();
  const job = startJob({ ...order, ending, wasSignalled: () => false, tellsWhy: () => false }, hear);
  return {
    cancel(force) {
      if (isOver) return;
      clearTimeout(timer);
      givenUp ??= "cancelled";
      job.stop(force);
    },
    signal: job.signal,
  };
}
