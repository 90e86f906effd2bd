/** One life of one process of the app: started, watched until it is ready, ended with all that it started. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Command } from "../command.ts";
import type { Exit } from "../core/types.ts";
import { commandOf } from "./proc.ts";
import { askUntilReady, type ReadyCheck } from "./ready.ts";
import { exitOf, targetOf, whyNotStarted } from "./spawn.ts";
import { carriersOf, endTree, membersOf } from "./tree.ts";

export interface RunOrder {
  readonly run: number;
  readonly command: Command;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment, the cookie (`RELOAD_SESSION` and `RELOAD_RUN`) included. */
  readonly env: NodeJS.ProcessEnv;
  /** What is found in the environment of everything that belongs to this run. */
  readonly cookie: string;
  readonly stdin: "none" | "inherit";
  /** Present: both streams are read, and handed on here. Absent: the terminal stays the program's. */
  readonly onOutput: ((stream: "stdout" | "stderr", chunk: Buffer) => void) | undefined;
  readonly ready: ReadyCheck | undefined;
  /** Without a check: alive for so long is ready. */
  readonly aliveMs: number;
  readonly readyTimeoutMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly sweep: boolean;
}

export interface ProcessName {
  readonly pid: number;
  readonly command: string;
}

export type RunFact =
  | { readonly type: "runStarted"; readonly run: number; readonly pid: number }
  | { readonly type: "runReady"; readonly run: number }
  | { readonly type: "runLate"; readonly run: number }
  | { readonly type: "runExited"; readonly run: number; readonly exit: Exit }
  | { readonly type: "left"; readonly run: number; readonly processes: readonly ProcessName[] }
  | { readonly type: "stopWaiting"; readonly pid: number; readonly signal: string; readonly leftMs: number }
  | { readonly type: "forced"; readonly pid: number; readonly signal: string; readonly afterMs: number }
  | { readonly type: "swept"; readonly processes: readonly ProcessName[] }
  | { readonly type: "runGone"; readonly run: number };

export interface Running {
  /** Ends it and all that it started; asked again with `force`, at once. Answered once, by `runGone`. */
  stop(force: boolean): void;
}

export function startRun(order: RunOrder, tell: (fact: RunFact) => void): Running {
  const { run } = order;
  const { file, args, verbatim } = targetOf(order.command, order.args);
  const readyAsked = new AbortController();
  let forceNow = (): void => {};
  const force = new Promise<void>((resolve) => {
    forceNow = resolve;
  });
  let child: ChildProcess;
  let isOver = false;
  let isStopping = false;
  const stdio = order.onOutput === undefined ? "inherit" : "pipe";
  try {
    child = spawn(file, [...args], {
      cwd: order.cwd,
      env: order.env,
      detached: process.platform !== "win32",
      stdio: [order.stdin === "inherit" ? "inherit" : "ignore", stdio, stdio],
      windowsVerbatimArguments: verbatim,
      windowsHide: true,
    });
  } catch (error) {
    const exit = whyNotStarted(error, file, order.cwd);
    setImmediate(() => tell({ type: "runExited", run, exit }));
    return { stop: () => setImmediate(() => tell({ type: "runGone", run })) };
  }
  const { pid } = child;
  const leaderEnded = new Promise<void>((resolve) => {
    const end = (exit: Exit): void => {
      if (isOver) return;
      isOver = true;
      readyAsked.abort();
      tell({ type: "runExited", run, exit });
      if (pid !== undefined && !isStopping) tellLeft(pid);
      resolve();
    };
    // `exit`, not `close`: a grandchild may hold the pipes for as long as it lives.
    child.once("exit", (code, signal) => end(exitOf(code, signal)));
    child.once("error", (error) => {
      if (pid === undefined) end(whyNotStarted(error, file, order.cwd));
    });
  });
  const tellLeft = (leader: number): void => {
    const left = new Set([...membersOf(leader), ...carriersOf(order.cookie)]);
    left.delete(leader);
    if (left.size > 0)
      tell({ type: "left", run, processes: [...left].map((its) => ({ pid: its, command: commandOf(its) })) });
  };

  if (pid !== undefined) {
    setImmediate(() => tell({ type: "runStarted", run, pid }));
    if (order.onOutput !== undefined) {
      readOutput(child, order.onOutput);
    }
    void untilReady(order, child, readyAsked.signal, tell);
  }

  return {
    stop(now) {
      if (now) forceNow();
      if (isStopping) return;
      isStopping = true;
      readyAsked.abort();
      if (pid === undefined) {
        void leaderEnded.then(() => tell({ type: "runGone", run }));
        return;
      }
      void endTree({
        pid,
        cookie: order.sweep ? order.cookie : undefined,
        signal: order.stopSignal,
        timeoutMs: now ? 0 : order.stopTimeoutMs,
        leaderEnded,
        force,
        onWaiting: (leftMs) => tell({ type: "stopWaiting", pid, signal: order.stopSignal, leftMs }),
        onForced: () => tell({ type: "forced", pid, signal: order.stopSignal, afterMs: order.stopTimeoutMs }),
        onSwept: (processes) => tell({ type: "swept", processes }),
      }).then(() => tell({ type: "runGone", run }));
    },
  };
}

function readOutput(child: ChildProcess, onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => void): void {
  child.stdout?.on("data", (chunk: Buffer) => onOutput("stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => onOutput("stderr", chunk));
}

async function untilReady(
  order: RunOrder,
  child: ChildProcess,
  signal: AbortSignal,
  tell: (fact: RunFact) => void,
): Promise<void> {
  const { run, ready } = order;
  if (ready === undefined) {
    const timer = setTimeout(() => tell({ type: "runReady", run }), order.aliveMs);
    signal.addEventListener("abort", () => clearTimeout(timer));
    return;
  }
  const timer = setTimeout(() => tell({ type: "runLate", run }), order.readyTimeoutMs);
  signal.addEventListener("abort", () => clearTimeout(timer));
  if (ready.by === "log") await lineMatches(child, ready.pattern);
  else await askUntilReady(ready, order, signal);
  clearTimeout(timer);
  if (!signal.aborted) tell({ type: "runReady", run });
}

/** A line that never ends is matched as far as this, in characters. */
const longestLine = 64 * 1024;

function lineMatches(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      const read = (chunk: Buffer): void => {
        const lines = (rest + chunk.toString("utf8")).split("\n");
        rest = (lines.pop() ?? "").slice(-longestLine);
        // A prompt without a newline counts as well.
        if (![...lines, rest].some((line) => pattern.test(line))) return;
        stream?.off("data", read);
        resolve();
      };
      stream?.on("data", read);
    }
  });
}
