/** Loads packages in a process that does nothing else, and ends it with all that it started. */
import { setPriority } from "node:os";
import type { Guardian } from "../../adapters/process/guardian.ts";
import { startJob } from "../../adapters/process/job.ts";
import { launchAtOnce } from "../../adapters/process/launch.ts";
import { jobToken } from "../../core/job.ts";
import { longestTrial } from "../../core/standby.ts";
import type { RunOrder } from "../run.ts";
import { read } from "./gate-files.ts";
import { ofOwn } from "./own.ts";

export interface TrialParts {
  readonly session: string;
  readonly guardian: Guardian;
  readonly order: RunOrder;
  /** With the gate in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly answer: string;
  /** Tells it from others of the same run. */
  readonly name: string;
  readonly over: AbortSignal;
}

/** What nobody waits for yields to what somebody does. */
const niceness = 10;
const longestMs = 60_000;

/** Resolves to what it wrote. */
export async function tryOut({ session, guardian, order, env, answer, name, over }: TrialParts): Promise<unknown> {
  const own = ofOwn(session, order, env, `${jobToken(order.job)}~${name}`);
  guardian.begin(own.token);
  await new Promise<void>((resolve) => {
    const job = startJob(
      {
        job: order.job,
        launch: launchAtOnce,
        command: order.command,
        args: order.args,
        cwd: order.cwd,
        env: own.env,
        cookie: own.cookie,
        stdin: "empty",
        onOutput: () => {},
        ending: () => ({ signal: "SIGKILL", timeoutMs: 0, sweep: true }),
        wasSignalled: () => false,
        tellsWhy: () => false,
      },
      (fact) => {
        if (fact.type === "jobStarted") {
          guardian.group(own.token, fact.pid);
          try {
            setPriority(fact.pid, niceness);
          } catch {
            // It has ended already.
          }
        }
        if (fact.type === "jobExited") job.stop(true);
        if (fact.type === "jobGone") resolve();
      },
    );
    const timer = setTimeout(() => job.stop(true), longestMs);
    timer.unref();
    over.addEventListener("abort", () => job.stop(true), { once: true });
  });
  guardian.end(own.token);
  return read(answer);
}

/**
 * Adds to what is left to the run what was found in this round. Throws where the last one has still found more: the next would, too.
 * @returns whether nothing more was found
 */
export function addLeft(
  left: Map<string, string>,
  found: readonly (readonly [string, string])[],
  round: number,
): boolean {
  const more = found.filter(([unit]) => !left.has(unit));
  for (const [unit, reason] of more) left.set(unit, reason);
  const [first] = more;
  if (first !== undefined && round >= longestTrial)
    throw new Error(`after ${round} trials another package was found to be left to the run: ${first.join(" ")}`);
  return first === undefined;
}
