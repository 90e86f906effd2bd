/** One life of one process of the app: started, watched until it is ready, ended with all that it started. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Command } from "../../core/command.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Problem } from "../../core/problem.ts";
import type { Exit } from "../../core/types.ts";
import type { Guarded, Others } from "../port.ts";
import { askUntilReady, type ReadyCheck } from "../ready/ready.ts";
import { commandOf, type ProcessName } from "../system/proc.ts";
import { membersOf, signalGroup } from "./group.ts";
import { portsOf, whatHolds } from "./held-up.ts";
import { descentOf, groupOf, type Members, signalListeners, signalOne } from "./members.ts";
import { exitOf, targetOf, whyNotStarted } from "./spawn.ts";
import { carriersOf } from "./sweep.ts";
import { type Output, tap } from "./tap.ts";
import { type Ending, endTree, stuck } from "./tree.ts";

/**
 * Where a program reads from. `empty`: its input has ended before it began. `silent`: a pipe that never delivers and
 * never ends, since watchers (`esbuild --watch`) end with their input. `inherited`: what `reload` has. `terminal`: the
 * same where that is a terminal; the program then stays in the session and the group of `reload`, so that it may open
 * `/dev/tty`, and is ended with what descends from it instead of as a group.
 */
export type Input = "empty" | "silent" | "inherited" | "terminal";

const stdinOf = { empty: "ignore", silent: "pipe", inherited: "inherit", terminal: "inherit" } as const;

export interface RunOrder {
  readonly run: number;
  readonly command: Command;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment, the cookie included. */
  readonly env: NodeJS.ProcessEnv;
  /** What is found in the environment of everything that belongs to this run, and of nothing else. */
  readonly cookie: string;
  readonly stdin: Input;
  /** Present: both streams are read, and handed on here. Absent: the terminal stays the program's. */
  readonly onOutput: Output | undefined;
  readonly ready: ReadyCheck | undefined;
  /** Without a check: alive for so long is ready, in milliseconds. */
  readonly aliveMs: number;
  readonly readyTimeoutMs: number;
  /** A port that must be free before the start. */
  readonly port: GuardedPort | undefined;
  /** Asked for in the moment of the stop: the configuration may have been edited since the start. */
  readonly ending: () => Ending;
  /** The terminal has sent the signal that all of this is ended for: to the runs that share our group as well. */
  readonly wasSignalled: () => boolean;
  /** What it waits for is to be told, if it needs all of its time. */
  readonly tellsWhy: () => boolean;
}

export interface GuardedPort extends Guarded {
  /** Do not wait for it: not ready is the answer. */
  readonly isFinal: boolean;
  /** What was said of those who listen there as well, so that it is said once. */
  readonly told: Set<string>;
}

/** What is said while a tree is being ended. */
export type EndingFact =
  | { readonly type: "stopWaiting"; readonly pid: number; readonly signal: string; readonly leftMs: number }
  | { readonly type: "forced"; readonly pid: number; readonly signal: string; readonly afterMs: number }
  | { readonly type: "swept"; readonly processes: readonly ProcessName[] }
  | { readonly type: "warned"; readonly problem: Problem };

export type RunFact =
  | { readonly type: "runStarted"; readonly run: number; readonly pid: number }
  | { readonly type: "runReady"; readonly run: number }
  /** `why`: what the check saw last. */
  | { readonly type: "runLate"; readonly run: number; readonly why: string }
  | { readonly type: "notReady"; readonly run: number; readonly reason: string }
  /** `unready`: there is a check, it was not met before, and this is what it saw last. */
  | { readonly type: "runExited"; readonly run: number; readonly exit: Exit; readonly unready: string | undefined }
  | { readonly type: "left"; readonly run: number; readonly processes: readonly ProcessName[] }
  | { readonly type: "heldUp"; readonly run: number; readonly afterMs: number; readonly by: string }
  | EndingFact
  | { readonly type: "runGone"; readonly run: number };

/** What the terminal itself sends to everything in our group. */
const fromTerminal: readonly NodeJS.Signals[] = ["SIGSTOP", "SIGCONT", "SIGWINCH"];

export interface Running {
  /** The leader of the group, as long as it lives: afterwards its number may be somebody else's. */
  readonly pid: number | undefined;
  /** Ends it and all that it started; asked again with `force`, at once. Answered once, by `runGone`. */
  stop(force: boolean): void;
  readonly isStopping: boolean;
  /** To all of its group; to its leader where it shares ours, unless the terminal does it. */
  signal(signal: NodeJS.Signals): void;
  /** A signal that has no meaning for us, to those of the run that listen to it. */
  passOn(signal: NodeJS.Signals): void;
}

export function startRun(order: RunOrder, tell: (fact: RunFact) => void): Running {
  const { run } = order;
  const stopped = new AbortController();
  let process: Process | undefined;
  let forceNow = (): void => {};
  const force = new Promise<void>((resolve) => {
    forceNow = resolve;
  });

  const begin = (others?: Others): void => {
    process = launch(order, others, stopped.signal, tell);
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

  const end = async (now: boolean): Promise<void> => {
    try {
      await endAll(now);
    } catch (error) {
      // Whatever it was: the program does not stay, and whoever waits for its end is answered.
      if (process?.pid !== undefined) signalGroup(process.pid, "SIGKILL");
      tell({
        type: "warned",
        problem: { code: "process/unended", severity: "warning", message: `run ${run} was killed: ${reasonOf(error)}` },
      });
    }
    tell({ type: "runGone", run });
  };

  const endAll = async (now: boolean): Promise<void> => {
    await begun;
    if (process?.pid !== undefined) {
      const { pid, ended, hasEnded, told } = process;
      const { signal, timeoutMs, sweep } = order.ending();
      const listened = order.tellsWhy() ? portsOf(membersIn(order, process).alive()) : undefined;
      await endTree({
        pid,
        cookie: sweep ? order.cookie : undefined,
        signal,
        timeoutMs: now ? 0 : timeoutMs,
        leaderEnded: ended,
        hasLeaderEnded: hasEnded,
        sharesOurGroup: sharesOurGroup(order),
        wasSignalled: sharesOurGroup(order) && order.wasSignalled(),
        force,
        onWaiting: (its, leftMs) => tell({ type: "stopWaiting", pid: its, signal, leftMs }),
        onForced(alive) {
          tell({ type: "forced", pid, signal, afterMs: timeoutMs });
          if (listened !== undefined && alive.length > 0)
            tell({ type: "heldUp", run, afterMs: timeoutMs, by: whatHolds(alive, listened, signal) });
        },
        onSwept: (processes) => tell({ type: "swept", processes }),
        onStuck: (processes) => tell({ type: "warned", problem: stuck(processes) }),
      });
      if (hasEnded()) await told;
    }
  };

  return {
    get pid() {
      return process?.hasEnded() === false ? process.pid : undefined;
    },
    get isStopping() {
      return stopped.signal.aborted;
    },
    stop(now) {
      if (now) forceNow();
      if (stopped.signal.aborted) return;
      stopped.abort();
      void end(now);
    },
    signal(signal) {
      if (process?.pid === undefined || process.hasEnded()) return;
      if (!sharesOurGroup(order)) signalGroup(process.pid, signal);
      else if (!fromTerminal.includes(signal)) signalOne(process.pid, signal);
    },
    passOn(signal) {
      if (process?.pid === undefined || process.hasEnded()) return;
      signalListeners(membersIn(order, process), signal);
    },
  };
}

const sharesOurGroup = ({ stdin }: RunOrder): boolean => stdin === "terminal";

/** All of a run that has been started. */
function membersIn(order: RunOrder, { pid, hasEnded }: Process): Members {
  const leader = pid ?? 0;
  return sharesOurGroup(order)
    ? descentOf({ leader, hasLeaderEnded: hasEnded, cookie: order.cookie, family: undefined })
    : groupOf(leader);
}

interface Process {
  readonly pid: number | undefined;
  /** Resolves when the leader has ended. */
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
  /** Resolves when that has been told, after all that it printed. */
  readonly told: Promise<void>;
}

function launch(
  order: RunOrder,
  others: Others | undefined,
  stopped: AbortSignal,
  tell: (fact: RunFact) => void,
): Process {
  const { run, onOutput } = order;
  const { file, args, verbatim } = targetOf(order.command, order.args);
  const stream = onOutput === undefined ? "inherit" : "pipe";
  const over = new AbortController();
  stopped.addEventListener("abort", () => over.abort());
  const unstartable = (error: Promise<unknown>): Process => {
    const told = error.then((its) => {
      over.abort();
      tell({ type: "runExited", run, exit: whyNotStarted(its, file, order.cwd), unready: undefined });
    });
    return { pid: undefined, ended: Promise.resolve(), hasEnded: () => true, told };
  };
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      cwd: order.cwd,
      env: order.env,
      detached: process.platform !== "win32" && !sharesOurGroup(order),
      stdio: [stdinOf[order.stdin], stream, stream],
      windowsVerbatimArguments: verbatim,
      windowsHide: true,
    });
  } catch (error) {
    // E2BIG and the like are thrown; whoever asked is told no sooner than of the others.
    return unstartable(new Promise((resolve) => setImmediate(resolve, error)));
  }
  const { pid } = child;
  if (pid === undefined) return unstartable(new Promise((resolve) => child.once("error", resolve)));
  const drained = onOutput === undefined ? undefined : tap(child, onOutput);
  const ended = new Promise<Exit>((resolve) => {
    // `exit`, not `close`: a grandchild may hold the pipes for as long as it lives.
    child.once("exit", (code, signal) => {
      over.abort();
      resolve(exitOf(code, signal));
    });
  });
  // A signal that could not be sent is no end of it.
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  let isStartTold = false;
  const tellStart = (): void => {
    if (!isStartTold && !stopped.aborted) tell({ type: "runStarted", run, pid });
    isStartTold = true;
  };
  const told = ended.then(async (exit) => {
    await drained?.();
    tellStart();
    tell({ type: "runExited", run, exit, unready: unready() });
    if (!stopped.aborted) tellLeft(order, pid, tell);
  });
  // Whoever asked for the start has what it returns by then.
  setImmediate(tellStart);
  const unready = waitUntilReady(order, child, others, over.signal, (fact) => {
    tellStart();
    tell(fact);
  });
  return {
    pid,
    ended: ended.then(() => {}),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    told,
  };
}

/** @returns why it is not ready, where there is a check that was not met so far */
function waitUntilReady(
  order: RunOrder,
  child: ChildProcess,
  others: Others | undefined,
  over: AbortSignal,
  tell: (fact: RunFact) => void,
): () => string | undefined {
  const { run, ready, cwd, env } = order;
  if (ready === undefined) {
    const timer = setTimeout(() => tell({ type: "runReady", run }), order.aliveMs);
    over.addEventListener("abort", () => clearTimeout(timer));
    return () => undefined;
  }
  const isForeign = (address: string): boolean => others?.isForeign(address) ?? false;
  const { answered, refusal } = askUntilReady(ready, { child, cwd, env, isForeign }, over);
  const timer = setTimeout(() => tell({ type: "runLate", run, why: refusal() }), order.readyTimeoutMs);
  over.addEventListener("abort", () => clearTimeout(timer));
  let isMet = false;
  void answered.then(() => {
    clearTimeout(timer);
    if (over.aborted) return;
    isMet = true;
    tell({ type: "runReady", run });
  });
  return () => (isMet ? undefined : refusal());
}

/** What a leader that ended by itself leaves is named, and ended before the next start. */
function tellLeft(order: RunOrder, leader: number, tell: (fact: RunFact) => void): void {
  const left = new Map(carriersOf(order.cookie).map(({ pid, command }) => [pid, command]));
  for (const pid of membersOf(leader)) left.set(pid, left.get(pid) ?? commandOf(pid));
  left.delete(leader);
  if (left.size === 0) return;
  tell({ type: "left", run: order.run, processes: [...left].map(([pid, command]) => ({ pid, command })) });
}

/** Waits until nobody is in the way, and says who is, or who else is there; `false` when it was stopped meanwhile. */
async function waitForPort(
  { run }: RunOrder,
  port: GuardedPort,
  stopped: AbortSignal,
  tell: (fact: RunFact) => void,
): Promise<Others | undefined | false> {
  const { number, isFinal, told } = port;
  const { untilFree } = await import("../port.ts");
  const others = await untilFree(port, stopped, (who) => {
    const reason = `port ${number} is taken by ${who}`;
    tell({ type: "notReady", run, reason: isFinal ? reason : `${reason}; waiting for it to be free, or for a change` });
    if (isFinal) tell({ type: "runLate", run, why: reason });
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
