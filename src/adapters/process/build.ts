/** One build: a command through execa, ended as a whole tree when it is cancelled or takes too long. What a finished build left on purpose lives on. */
import type { Command } from "../../core/command.ts";
import type { BuildResult, Exit } from "../../core/types.ts";
import { needDescriptors } from "../system/descriptors.ts";
import type { EndingFact } from "./run.ts";
import { exitOf, targetOf, whyNotStarted } from "./spawn.ts";
import { type Output, tap } from "./tap.ts";
import { type Ending, endTree, stuck } from "./tree.ts";

export interface BuildOrder {
  readonly build: number;
  readonly command: Command;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cookie: string;
  readonly timeoutMs: number | undefined;
  readonly onOutput: Output | undefined;
  /** Asked for in the moment of the end. */
  readonly ending: () => Omit<Ending, "sweep">;
}

export type BuildFact =
  | { readonly type: "buildStarted"; readonly build: number; readonly pid: number }
  | { readonly type: "buildEnded"; readonly build: number; readonly result: BuildResult }
  | EndingFact;

export interface Building {
  /** Ends the whole tree; asked again with `force`, at once. Answered by `buildEnded`, as is everything. */
  cancel(force: boolean): void;
}

/** Two for each of three streams, and two by which the system says how the start went. */
const descriptorsPerBuild = 8;

export function startBuild(order: BuildOrder, tell: (fact: BuildFact) => void): Building {
  const { build } = order;
  let isGivenUp = false;
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
    if (isGivenUp) return { is: "cancelled" };
    const { file, args } = targetOf(order.command);
    const stdio = order.onOutput === undefined ? "inherit" : "pipe";
    // execa throws where its pipes are missing, and then nobody hears the event in which Node says why.
    needDescriptors(descriptorsPerBuild);
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
    const { pid } = child;
    if (pid === undefined) {
      const { cause } = await child;
      return { is: "failed", exit: whyNotStarted(cause, file, order.cwd) };
    }
    child.catch(() => {});
    // execa resolves when the streams close, which a grandchild can delay for as long as it lives.
    const leader = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve(exitOf(code, signal)));
    });
    const drained = order.onOutput === undefined ? undefined : tap(child, order.onOutput);
    tell({ type: "buildStarted", build, pid });
    const timer = order.timeoutMs === undefined ? undefined : setTimeout(() => giveUp("timedOut"), order.timeoutMs);
    const end = await Promise.race([leader, givenUp]);
    clearTimeout(timer);
    if (typeof end !== "string") await drained?.();
    // What a finished build left, a compiler's server or a browser, was left on purpose.
    if (typeof end !== "string" && end.is === "code" && end.code === 0) return { is: "ok" };
    const { signal, timeoutMs } = order.ending();
    await endTree({
      pid,
      cookie: order.cookie,
      signal,
      timeoutMs,
      leaderEnded: leader.then(() => {}),
      hasLeaderEnded: () => child.exitCode !== null || child.signalCode !== null,
      force,
      onWaiting: (its, leftMs) => tell({ type: "stopWaiting", pid: its, signal, leftMs }),
      onForced: () => tell({ type: "forced", pid, signal, afterMs: timeoutMs }),
      onSwept: (processes) => tell({ type: "swept", processes }),
      onStuck: (processes) => tell({ type: "warned", problem: stuck(processes) }),
    });
    if (typeof end !== "string") return { is: "failed", exit: end };
    return end === "cancelled" ? { is: "cancelled" } : { is: "timedOut", afterMs: order.timeoutMs ?? 0 };
  };

  void work()
    .catch((error): BuildResult => ({ is: "failed", exit: whyNotStarted(error, String(order.command), order.cwd) }))
    .then((result) => tell({ type: "buildEnded", build, result }));
  return {
    cancel(now) {
      isGivenUp = true;
      if (now) forceNow();
      giveUp("cancelled");
    },
  };
}
