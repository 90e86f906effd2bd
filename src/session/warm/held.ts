/** A standby: the process of the next run, that waits before its first own line. */

import { randomUUID } from "node:crypto";
import { fstatSync } from "node:fs";
import type { Guardian } from "../../adapters/process/guardian.ts";
import { startJob } from "../../adapters/process/job.ts";
import { type Child, type Launch, launchAtOnce } from "../../adapters/process/launch.ts";
import { targetOf } from "../../adapters/process/spawn.ts";
import { type Comparison, compareBeside } from "../../adapters/warm/comparison.ts";
import type { Stamps } from "../../adapters/warm/stamps.ts";
import type { OrderOfGate } from "../../gate/order.ts";
import type { RunOrder } from "../run.ts";
import { makeDoor, openDoor, read, write } from "./gate-files.ts";
import { ofOwn } from "./own.ts";
import { differing, throughDoor } from "./policy.ts";
import { isHeld } from "./records.ts";

/** A comparison that was begun longer ago is made once more, in milliseconds. */
const freshMs = 1_000;

export interface HoldParts {
  readonly session: string;
  readonly guardian: Guardian;
  /** The run that serves: the next one is as it is. */
  readonly order: RunOrder;
  readonly run: number;
  readonly gateOrder: OrderOfGate;
  withGate(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  readonly stamps: Stamps;
  /** Everything that it may have loaded. */
  readonly files: readonly string[];
  readonly over: AbortSignal;
  /** By itself, before it was let in. */
  ended(): void;
}

export interface HeldStandby {
  readonly cookie: string;
  /** The run before it is being stopped: what takes time in `differs` is begun. */
  due(): void;
  /** Why it is not what a cold start would be now; `undefined`: it is. */
  differs(cold: RunOrder): string | undefined;
  /** @param late hears that what it was made of has changed while it was let in */
  letIn(cold: RunOrder, late: () => void): { readonly launch: Launch; readonly savedMs: number | undefined };
  /** It is the process of a run by now, which ends it. */
  readonly isLetIn: boolean;
  /** Resolves when nothing is left of it. */
  discard(): Promise<void>;
}

export async function holdNext(parts: HoldParts): Promise<HeldStandby | undefined> {
  const { session, guardian, order, run, gateOrder, stamps } = parts;
  await makeDoor(gateOrder.door);
  if (parts.over.aborted) return undefined;
  const env = { ...order.env, RELOAD_RUN: String(run) };
  const service = order.job.service === "" ? "" : `@${order.job.service}`;
  const own = ofOwn(session, order, env, `run${run}${service}~${randomUUID().slice(0, 8)}`);
  guardian.begin(own.token);
  const { sockets } = order;
  const shape = JSON.stringify(shapeOf(order));
  const sharing = { ...parts.withGate(own.env), ...sockets?.env };
  const launched = launchAtOnce(
    targetOf(order.command, order.args),
    {
      cwd: order.cwd,
      env: sharing,
      detached: true,
      stdin: order.stdin,
      output: order.onOutput === undefined ? "inherit" : "pipe",
      descriptors: sockets?.descriptors ?? [],
    },
    parts.over,
  );
  const started: Child | undefined = launched instanceof Promise ? await launched : launched;
  if (started === undefined) return undefined;
  const child = remembering(started);
  guardian.group(own.token, child.pid);
  let isLetIn = false;
  let comparison: Comparison | undefined;
  child.onExit(() => {
    if (!isLetIn) parts.ended();
  });
  return {
    cookie: own.cookie,
    due() {
      comparison?.stop();
      comparison = compareBeside(stamps);
    },
    differs(cold) {
      if (child.hasEnded()) return "the next run ended while it waited";
      if (JSON.stringify(shapeOf(cold)) !== shape) return "the command is another one";
      const variable = differing(env, cold.env);
      if (variable !== undefined) return `${variable} has another value`;
      const answer = read(gateOrder.answer);
      const known = new Set(parts.files);
      if (isHeld(answer)) {
        const unknown = answer.files.find((file) => !known.has(file) && !file.startsWith(gateOrder.answer));
        if (unknown !== undefined) return `${unknown} was loaded besides`;
      }
      const begun =
        comparison !== undefined && performance.now() - comparison.begunMs < freshMs ? comparison : undefined;
      comparison?.stop();
      const changed = (begun ?? compareBeside(stamps)).finish();
      return changed === undefined ? undefined : `${changed} has changed`;
    },
    get isLetIn() {
      return isLetIn;
    },
    letIn(cold, late) {
      const answer = read(gateOrder.answer);
      write(gateOrder.letIn, throughDoor(env, cold.env));
      const launch: Launch = () => {
        isLetIn = true;
        const close = openDoor(gateOrder.door);
        child.onExit(close);
        // Once more: between the look and the door something may have been written.
        const after = compareBeside(stamps, late);
        child.onExit(after.stop);
        guardian.end(own.token);
        return child;
      };
      return { launch, savedMs: isHeld(answer) ? answer.tookMs : undefined };
    },
    discard: () =>
      new Promise((resolve) => {
        isLetIn = true;
        const job = startJob(
          {
            ...order,
            launch: () => child,
            cookie: own.cookie,
            onOutput: undefined,
            ending: () => ({ signal: "SIGKILL", timeoutMs: 0, sweep: true }),
            wasSignalled: () => false,
            tellsWhy: () => false,
          },
          (fact) => {
            if (fact.type !== "jobGone") return;
            guardian.end(own.token);
            resolve();
          },
        );
        job.stop(true);
      }),
  };
}

/** Its end is heard also by who asks for it later: what waited may have ended by itself. */
function remembering(child: Child): Child {
  let end: Parameters<Parameters<Child["onExit"]>[0]> | undefined;
  child.onExit((...how) => {
    end = how;
  });
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    hasEnded: () => child.hasEnded(),
    onExit(heard) {
      const ended = end;
      if (ended === undefined) child.onExit(heard);
      else setImmediate(() => heard(...ended));
    },
  };
}

/** All but the environment that makes one start another than the next. */
const shapeOf = ({ command, args, cwd, stdin, onOutput, sockets }: RunOrder): unknown => [
  command,
  args,
  cwd,
  stdin,
  onOutput !== undefined,
  sockets?.env,
  // One that was opened anew for the same address is another one.
  sockets?.descriptors.map((descriptor) => fstatSync(descriptor).ino),
];
