/**
 * A session told as a story: what happens goes in by its everyday name, the orders come out as lines (`build 2: a b`,
 * `stop run 1`). It knows facts and orders and nothing of what is inside the machine, so that its stories outlive a
 * change of that. Of the clock's orders only those that a story asks about are told.
 */
import type { Verdict } from "../../src/core/demand.ts";
import type { BuildResult, Effect, Exit, Policy } from "../../src/core/types.ts";
import { change, type Fact, newWorld, tell } from "./world.ts";

export interface Told {
  started(): string[];
  /** These paths change. */
  saved(paths: string, verdict?: Verdict): string[];
  configured(paths: string, verdict?: Verdict): string[];
  /** So many milliseconds pass, in which nothing happens. */
  passed(ms: number): void;
  /** The quiet time passes, and a last look finds nothing new. */
  settled(): string[];
  /** How the build that runs ends. */
  built(): string[];
  buildFailed(): string[];
  buildGivenUp(): string[];
  ready(run: number): string[];
  late(run: number): string[];
  exited(run: number, exit: number | "missing"): string[];
  gone(run: number): string[];
  quit(code: number): string[];
  /** The back-off is over. */
  backedOff(): string[];
}

export function story(settings: Partial<Policy> = {}): Told {
  const world = newWorld(settings);
  const take = (fact: Fact): string[] => tell(world, fact).flatMap(lineOf);
  const look = (): string[] => take({ type: "looked", demand: change([]), empty: false, busy: false });
  const looked = (): string[] => (world.looks > 0 ? [...look(), ...looked()] : []);
  const ended = (result: BuildResult): string[] => {
    if (world.building === undefined) throw new Error("no build is under way");
    return take({ type: "buildEnded", build: world.building.build, result });
  };
  const elapsed = (timer: "quiet" | "backoff"): string[] => {
    const at = world.timers.get(timer);
    if (at === undefined) throw new Error(`the ${timer} timer does not run`);
    world.at = Math.max(world.at, at);
    return take({ type: "elapsed", timer });
  };
  const split = (paths: string): string[] => paths.split(" ").filter((path) => path !== "");
  return {
    started: () => take({ type: "started" }),
    saved: (paths, verdict = "rebuild") =>
      take({ type: "changed", demand: change(split(paths), verdict), empty: false }),
    configured: (paths, verdict = "rebuild") => take({ type: "configured", demand: change(split(paths), verdict) }),
    passed: (ms) => {
      world.at += ms;
    },
    settled: () => [...elapsed("quiet"), ...looked()],
    built: () => [...ended({ is: "ok" }), ...looked()],
    buildFailed: () => [...ended({ is: "failed", exit: { is: "code", code: 1 } }), ...looked()],
    buildGivenUp: () => ended({ is: "cancelled" }),
    ready: (run) => take({ type: "runReady", run }),
    late: (run) => take({ type: "runLate", run }),
    exited: (run, exit) => take({ type: "runExited", run, exit: exitOf(exit) }),
    gone: (run) => [...take({ type: "runGone", run }), ...looked()],
    quit: (code) => take({ type: "quitAsked", code }),
    backedOff: () => elapsed("backoff"),
  };
}

const exitOf = (exit: number | "missing"): Exit =>
  exit === "missing" ? { is: "unstartable", missing: true, message: "no such command" } : { is: "code", code: exit };

function lineOf(order: Effect): string[] {
  switch (order.type) {
    case "build":
      return [`build ${order.build}:${listed(order.demand.changes)}`];
    case "cancelBuild":
      return [`${order.force ? "kill" : "cancel"} build ${order.build}`];
    case "startRun":
      return [`start run ${order.run}:${listed(order.demand.changes)}`];
    case "stopRun":
      return [`${order.force ? "kill" : "stop"} run ${order.run}`];
    case "mute":
      return [`mute${listed(new Set(order.paths))}`];
    case "restless":
      return [`name ${order.path}`];
    case "exit":
      return [`exit ${order.code}`];
    case "arm":
      return order.timer === "backoff" ? [`back off ${order.afterMs}ms`] : [];
    case "disarm":
    case "look":
      return [];
  }
}

const listed = (paths: ReadonlySet<string>): string => [...paths].map((path) => ` ${path}`).join("");
