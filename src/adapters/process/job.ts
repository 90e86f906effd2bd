/**
 * One job: a command that is executed as the leader of its group (or shares ours), is known by its cookie, is read if
 * somebody wants to read it, and is ended with all that it started. Builds, runs, rules, hooks and checks differ in what
 * they make of these facts, and in nothing else.
 */
import { reasonOf } from "../../core/errors.ts";
import { type JobId, jobName } from "../../core/job.ts";
import type { Problem } from "../../core/problem.ts";
import { resolvable } from "../../core/resolvable.ts";
import type { Exit } from "../../core/types.ts";
import { commandOf, type ProcessName } from "../system/proc.ts";
import { membersOf, signalGroup } from "./group.ts";
import { portsOf, whatHolds } from "./held-up.ts";
import type { Child } from "./launch.ts";
import { descentOf, groupOf, type Members, signalListeners, signalOne } from "./members.ts";
import { type JobOrder, launchOrder, sharesOurGroup } from "./order.ts";
import { exitOf, whyNotStarted } from "./spawn.ts";
import { carriersOf } from "./sweep.ts";
import { tap } from "./tap.ts";
import { endTree, stuck } from "./tree.ts";

/** What is said while a tree is being ended. */
export type EndingFact =
  | {
      readonly type: "stopWaiting";
      readonly job: JobId;
      readonly pid: number;
      readonly signal: string;
      readonly leftMs: number;
    }
  | {
      readonly type: "forced";
      readonly job: JobId;
      readonly pid: number;
      readonly signal: string;
      readonly afterMs: number;
    }
  | { readonly type: "swept"; readonly job: JobId; readonly processes: readonly ProcessName[] }
  | { readonly type: "warned"; readonly problem: Problem };

export type JobFact =
  | { readonly type: "jobStarted"; readonly job: JobId; readonly pid: number }
  /** The leader has ended, or never was; all that it printed was handed on. What it started may live on. */
  | { readonly type: "jobExited"; readonly job: JobId; readonly exit: Exit }
  /** What it waited for when its time was over. */
  | { readonly type: "heldUp"; readonly job: JobId; readonly afterMs: number; readonly by: string }
  | EndingFact
  /** Answer to `stop`: nothing of it is left. */
  | { readonly type: "jobGone"; readonly job: JobId };

export interface Job {
  /** The leader of the group, as long as it lives: afterwards its number may be somebody else's. */
  readonly pid: number | undefined;
  /** Aborted when the leader has ended, or is asked to. */
  readonly over: AbortSignal;
  readonly isStopping: boolean;
  /** The streams that are read; nothing before it was launched, and where nobody reads. */
  readonly streams: Pick<Child, "stdout" | "stderr">;
  /** Tells that it has started, if that was not told yet: something is to be told that comes after it. */
  announce(): void;
  /** Ends it and all that it started; asked again with `force`, at once. Answered once, by `jobGone`. */
  stop(force: boolean): void;
  /** What lives on of it. */
  left(): readonly ProcessName[];
  /** To all of its group; to its leader where it shares ours, unless the terminal does it. */
  signal(signal: NodeJS.Signals): void;
  /** A signal that has no meaning for us, to those of the job that listen to it. */
  passOn(signal: NodeJS.Signals): void;
}

/** What the terminal itself sends to everything in our group. */
const fromTerminal: readonly NodeJS.Signals[] = ["SIGSTOP", "SIGCONT", "SIGWINCH"];

export function startJob(order: JobOrder, tell: (fact: JobFact) => void): Job {
  const { job } = order;
  const stopped = new AbortController();
  const over = new AbortController();
  stopped.signal.addEventListener("abort", () => over.abort());
  let child: Child | undefined;
  /** When the end of the leader has been told, after all that it printed. */
  let told: Promise<void> = Promise.resolve();
  let isStartTold = false;
  const announce = (): void => {
    if (child === undefined || isStartTold) return;
    isStartTold = true;
    if (!stopped.signal.aborted) tell({ type: "jobStarted", job, pid: child.pid });
  };

  const follow = (launched: Child): void => {
    child = launched;
    const drained = order.onOutput === undefined ? undefined : tap(launched, order.onOutput);
    const ended = new Promise<Exit>((resolve) => {
      launched.onExit((code, signal) => {
        over.abort();
        resolve(exitOf(code, signal));
      });
    });
    told = ended.then(async (exit) => {
      await drained?.();
      announce();
      tell({ type: "jobExited", job, exit });
    });
    leaderEnded = ended.then(() => {});
    // Whoever asked for the start has what it returns by then.
    setImmediate(announce);
  };
  const fail = (error: unknown, file: string): void => {
    over.abort();
    if (!stopped.signal.aborted) tell({ type: "jobExited", job, exit: whyNotStarted(error, file, order.cwd) });
  };
  let leaderEnded: Promise<void> = Promise.resolve();
  const begun = launchOrder(order, stopped.signal, follow, fail);

  const { promise: force, resolve: forceNow } = resolvable<void>();

  const endAll = async (now: boolean): Promise<void> => {
    await begun;
    if (child === undefined) return;
    const { pid, hasEnded } = child;
    const { signal, timeoutMs, sweep, spared } = order.ending();
    const listened = order.tellsWhy() ? portsOf(membersIn(order, child).alive()) : undefined;
    await endTree({
      pid,
      cookie: sweep ? order.cookie : undefined,
      spared,
      signal,
      timeoutMs: now ? 0 : timeoutMs,
      leaderEnded,
      hasLeaderEnded: hasEnded,
      sharesOurGroup: sharesOurGroup(order),
      wasSignalled: sharesOurGroup(order) && order.wasSignalled(),
      force,
      onWaiting: (pid, leftMs) => tell({ type: "stopWaiting", job, pid, signal, leftMs }),
      onForced(alive) {
        // A shell in front of it has ended, as it was asked to.
        tell({ type: "forced", job, pid: hasEnded() ? (alive[0] ?? pid) : pid, signal, afterMs: timeoutMs });
        if (listened !== undefined && alive.length > 0)
          tell({ type: "heldUp", job, afterMs: timeoutMs, by: whatHolds(alive, listened, signal) });
      },
      onSwept: (processes) => tell({ type: "swept", job, processes }),
      onStuck: (processes) => tell({ type: "warned", problem: stuck(processes) }),
    });
    if (hasEnded()) await told;
  };

  const end = async (now: boolean): Promise<void> => {
    try {
      await endAll(now);
    } catch (error) {
      // Whatever it was: the program does not stay, and whoever waits for its end is answered.
      if (child !== undefined) signalGroup(child.pid, "SIGKILL");
      const message = `${jobName(job)} was killed: ${reasonOf(error)}`;
      tell({ type: "warned", problem: { code: "process/unended", severity: "warning", message } });
    }
    tell({ type: "jobGone", job });
  };

  const alive = (): Child | undefined => (child?.hasEnded() === false ? child : undefined);
  return {
    get pid() {
      return alive()?.pid;
    },
    over: over.signal,
    get isStopping() {
      return stopped.signal.aborted;
    },
    get streams() {
      return { stdout: child?.stdout, stderr: child?.stderr };
    },
    announce,
    stop(now) {
      if (now) forceNow();
      if (stopped.signal.aborted) return;
      stopped.abort();
      void end(now);
    },
    left: () => (child === undefined ? [] : leftOf(order, child.pid)),
    signal(signal) {
      const leader = alive()?.pid;
      if (leader === undefined) return;
      if (!sharesOurGroup(order)) signalGroup(leader, signal);
      else if (!fromTerminal.includes(signal)) signalOne(leader, signal);
    },
    passOn(signal) {
      const leader = alive();
      if (leader !== undefined) signalListeners(membersIn(order, leader), signal);
    },
  };
}

/** All of it that can be found by its leader. */
function membersIn(order: JobOrder, { pid, hasEnded }: Child): Members {
  return sharesOurGroup(order)
    ? descentOf({ leader: pid, hasLeaderEnded: hasEnded, cookie: order.cookie, family: undefined })
    : groupOf(pid);
}

function leftOf({ cookie }: JobOrder, leader: number): ProcessName[] {
  const left = new Map(carriersOf(cookie, leader).map(({ pid, command }) => [pid, command]));
  for (const pid of membersOf(leader)) left.set(pid, left.get(pid) ?? commandOf(pid));
  left.delete(leader);
  return [...left].map(([pid, command]) => ({ pid, command }));
}
