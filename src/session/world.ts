/** Orders become deeds here: which adapter does what, with the settings in force. Facts go back to the engine, the rest to the reporters. */
import type { Lock } from "../adapters/lock/lock.ts";
import type { Guardian } from "../adapters/process/guardian.ts";
import type { MadeDirectories } from "../adapters/system/made-directories.ts";
import type { Look } from "../adapters/watch/types.ts";
import type { Fact, Order } from "../core/types.ts";
import type { Note } from "../report/moment.ts";
import type { SchemaChecks } from "./checks.ts";
import { createEnvironment, type EnvironmentParts } from "./environment.ts";
import { lookOn } from "./look-on.ts";
import type { Reporters } from "./reporters.ts";
import { createRuns } from "./runs.ts";
import type { HeldSockets } from "./sockets.ts";
import type { Warm } from "./warm/warm.ts";
import type { WorkFact } from "./work.ts";
import { createWorks, type WorksParts } from "./works.ts";

/** What the tree looks like now: asked for by the machine when a quiet time ends, and after each start. */
export interface Looker {
  look(): Look;
}

/** The settings in force are asked for at each order, so that a new version counts from the next one on. */
export interface WorldParts extends EnvironmentParts {
  take(fact: Fact): void;
  note(note: Note): void;
  exited(code: number): void;
  readonly madeDirectories: MadeDirectories;
  /** Absent when nothing is watched (`--once`). */
  looker(): Looker | undefined;
  readonly guardian: Guardian;
  readonly sockets: HeldSockets;
  /** Absent where none is taken: `--once`, and without a configuration file. */
  readonly lock: Lock | undefined;
  readonly checks: Pick<SchemaChecks, "start" | "cancel">;
  readonly output: Reporters["output"];
  readonly printed: WorksParts["printed"];
  /** Absent as long as nobody has asked for it. */
  warm(): Warm | undefined;
  /** Everything is being ended. */
  isQuitting(): boolean;
  /** After each run; `undefined`: nothing to wait for. */
  restoreTerminal(when?: "now"): Promise<void> | undefined;
}

export interface World {
  perform(order: Order): void;
  /** To every process that is under way, as the terminal would: those that have a group of their own do not hear it. */
  signal(signal: NodeJS.Signals): void;
  /** Who leads the runs that live. What a build writes is known by other means (`core/loop.ts`). */
  leaders(): number[];
  /** Kills what is being stopped; `false`: nothing is. */
  hurry(): boolean;
  /** The terminal has sent a signal to its foreground group, which a run with `stdin = true` belongs to. */
  interrupted(): void;
  /** To the runs alone, and in them to those who listen to it. */
  passOn(signal: NodeJS.Signals): void;
  close(): void;
}

export function createWorld(parts: WorldParts): World {
  const { now } = parts.io.clock;
  const timers = parts.io.clock.timers((timer, service) => parts.take({ at: now(), type: "elapsed", timer, service }));
  const environment = createEnvironment(parts, (service) => runs.newest(service));
  const works = createWorks({ ...parts, environment, ended });
  const runs = createRuns({ ...parts, environment });

  /** @returns whether there is more to look at than fits a moment */
  function look(): boolean {
    const seen = parts.looker()?.look();
    if (seen === undefined) return false;
    const { changes, isBehind, busy } = seen;
    parts.take({ at: now(), type: "looked", changes, busy });
    return isBehind;
  }

  /** What it wrote is to be seen as written by it: the hints that wait are read first. */
  function ended(fact: Extract<WorkFact, { type: "jobEnded" }>): void {
    lookOn(look, parts.io.clock.spentMs, () => {
      parts.take({ at: now(), ...fact });
      works.say();
    });
  }

  return {
    perform(order) {
      switch (order.type) {
        case "arm":
          timers.arm(order.timer, order.service, order.afterMs);
          return;
        case "disarm":
          timers.disarm(order.timer, order.service);
          return;
        case "look":
          if (parts.looker() === undefined) parts.take({ at: now(), type: "looked", changes: new Map(), busy: false });
          else look();
          return;
        case "startJob":
          works.carryOut(order);
          return;
        case "cancelJob":
          works.cancel(order.job, order.force);
          return;
        case "startRun":
          runs.start(order);
          return;
        case "stopRun":
          runs.stop(order);
          return;
        case "signalRun":
          runs.signalRun(order);
          return;
        case "refresh":
          parts.note({ type: "refreshed", service: order.service, paths: order.paths });
          parts.proxied.refresh(order.service, order.paths);
          return;
        case "exit":
          timers.close();
          parts.exited(order.code);
          return;
      }
    },
    signal(signals) {
      works.signal(signals);
      runs.signal(signals);
    },
    leaders: runs.leaders,
    hurry: runs.hurry,
    interrupted: runs.interrupted,
    passOn: runs.passOn,
    close: () => timers.close(),
  };
}
