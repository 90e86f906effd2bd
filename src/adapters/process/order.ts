/** What is to be executed, and how it comes to be a process. */
import type { Command } from "../../core/command.ts";
import type { JobId } from "../../core/job.ts";
import type { Child, Input, Launch } from "./launch.ts";
import { targetOf } from "./spawn.ts";
import type { TakeOutput } from "./tap.ts";
import type { Ending } from "./tree.ts";

export interface JobOrder {
  readonly job: JobId;
  readonly launch: Launch;
  readonly command: Command;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment, the cookie included. */
  readonly env: NodeJS.ProcessEnv;
  /** What is found in the environment of everything that belongs to this job, and of nothing else. */
  readonly cookie: string;
  readonly stdin: Input;
  /** Sockets that are handed to it from descriptor 3 on, and the variables that say so. */
  readonly sockets?: { readonly descriptors: readonly number[]; readonly env: NodeJS.ProcessEnv } | undefined;
  /** Present: both streams are read, and handed on here. Absent: the terminal stays the program's. */
  readonly onOutput: TakeOutput | undefined;
  /** Asked for in the moment of the end: the configuration may have been edited since the start. */
  readonly ending: () => Ending;
  /** The terminal has sent the signal that all of this is ended for: to those that share our group as well. */
  readonly wasSignalled: () => boolean;
  /** What it waits for is to be told, if it needs all of its time to end. */
  readonly tellsWhy: () => boolean;
}

export const sharesOurGroup = ({ stdin }: JobOrder): boolean => stdin === "terminal";

/** @returns when it is known whether there is a process; nothing where that is known at once */
export function launchOrder(
  order: JobOrder,
  stopped: AbortSignal,
  follow: (child: Child) => void,
  fail: (error: unknown, file: string) => void,
): Promise<void> | undefined {
  const { command, args, cwd, stdin, sockets } = order;
  const target = targetOf(command, args);
  const options = {
    cwd,
    env: sockets === undefined ? order.env : { ...order.env, ...sockets.env },
    descriptors: sockets?.descriptors ?? [],
    detached: process.platform !== "win32" && !sharesOurGroup(order),
    stdin,
    output: order.onOutput === undefined ? "inherit" : "pipe",
  } as const;
  try {
    const launched = order.launch(target, options, stopped);
    if (!(launched instanceof Promise)) {
      follow(launched);
      return undefined;
    }
    return launched.then(
      (child) => {
        if (child !== undefined) follow(child);
      },
      (error: unknown) => fail(error, target.file),
    );
  } catch (error) {
    // E2BIG and the like are thrown; whoever asked is told no sooner than of the others.
    return new Promise((resolve) => setImmediate(() => resolve(fail(error, target.file))));
  }
}
