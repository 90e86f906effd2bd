/** One build: a command through execa, ended as a whole tree when it is cancelled or takes too long. What a finished build left on purpose lives on. */
import type { Command } from "../command.ts";
import type { BuildResult, Exit } from "../core/types.ts";
import { exitOf, targetOf, whyNotStarted } from "./spawn.ts";
import { endTree } from "./tree.ts";

export interface BuildOrder {
  readonly build: number;
  readonly command: Command;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cookie: string;
  readonly timeoutMs: number | undefined;
  readonly onOutput: ((stream: "stdout" | "stderr", chunk: Buffer) => void) | undefined;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
}

export type BuildFact =
  | { readonly type: "buildStarted"; readonly build: number; readonly pid: number }
  | { readonly type: "buildEnded"; readonly build: number; readonly result: BuildResult }
  | { readonly type: "stopWaiting"; readonly pid: number; readonly signal: string; readonly leftMs: number }
  | { readonly type: "forced"; readonly pid: number; readonly signal: string; readonly afterMs: number }
  | { readonly type: "swept"; readonly processes: readonly { readonly pid: number; readonly command: string }[] };

export interface Building {
  /** Ends the whole tree; asked again with `force`, at once. Answered by `buildEnded`, as is everything. */
  cancel(force: boolean): void;
}

export function startBuild(order: BuildOrder, tell: (fact: BuildFact) => void): Building {
  const { build } = order;
  let forceNow = (): void => {};
  const force = new Promise<void>((resolve) => {
    forceNow = resolve;
  });
  let giveUp: (why: "cancelled" | "timedOut") => void = () => {};
  const givenUp = new Promise<"cancelled" | "timedOut">((resolve) => {
    giveUp = resolve;
  });

  const work = async (): Promise<BuildResult> => {
    // 150 files: only who builds pays for it.
    const { execa } = await import("execa");
    const { file, args } = targetOf(order.command);
    const stdio = order.onOutput === undefined ? "inherit" : "pipe";
    const child = execa(file, args, {
      cwd: order.cwd,
      env: order.env,
      extendEnv: false,
      detached: process.platform !== "win32",
      stdin: "ignore",
      stdout: stdio,
      stderr: stdio,
      buffer: false,
      reject: false,
      cleanup: false,
      windowsHide: true,
    });
    const leader = new Promise<Exit>((resolve) => {
      // execa resolves when the streams close, which a grandchild can delay for as long as it lives.
      child.once("exit", (code, signal) => resolve(exitOf(code, signal)));
      child.once("error", (error) => {
        if (child.pid === undefined) resolve(whyNotStarted(error, file, order.cwd));
      });
      child.catch(() => {});
    });
    const { pid } = child;
    if (pid === undefined) {
      const exit = await Promise.race([
        leader,
        child.then((result) => whyNotStarted(result.cause ?? result, file, order.cwd)),
      ]);
      return { is: "failed", exit };
    }
    tell({ type: "buildStarted", build, pid });
    if (order.onOutput !== undefined) {
      child.stdout?.on("data", (chunk: Buffer) => order.onOutput?.("stdout", chunk));
      child.stderr?.on("data", (chunk: Buffer) => order.onOutput?.("stderr", chunk));
    }
    const timer = order.timeoutMs === undefined ? undefined : setTimeout(() => giveUp("timedOut"), order.timeoutMs);
    const end = await Promise.race([leader, givenUp]);
    clearTimeout(timer);
    if (typeof end !== "string" && end.is === "code" && end.code === 0) return { is: "ok" };
    await endTree({
      pid,
      cookie: order.cookie,
      signal: order.stopSignal,
      timeoutMs: order.stopTimeoutMs,
      leaderEnded: leader.then(() => {}),
      force,
      onWaiting: (leftMs) => tell({ type: "stopWaiting", pid, signal: order.stopSignal, leftMs }),
      onForced: () => tell({ type: "forced", pid, signal: order.stopSignal, afterMs: order.stopTimeoutMs }),
      onSwept: (processes) => tell({ type: "swept", processes }),
    });
    if (typeof end !== "string") return { is: "failed", exit: end };
    return end === "cancelled" ? { is: "cancelled" } : { is: "timedOut", afterMs: order.timeoutMs ?? 0 };
  };

  void work().then((result) => tell({ type: "buildEnded", build, result }));
  return {
    cancel(now) {
      if (now) forceNow();
      giveUp("cancelled");
    },
  };
}
