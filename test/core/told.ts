/**
 * A session told as a story: what happens goes in by its everyday name, the orders come out as lines (`build 2: a b`,
 * `stop run 1`). It knows facts and orders and nothing of what is inside the machine, so that its stories outlive a
 * change of that. Of the clock's orders only those that a story asks about are told.
 */
import type { Verdict } from "../../src/core/demand.ts";
import type { JobId } from "../../src/core/job.ts";
import type { BuildResult, Exit, Plan, Timer, Verb } from "../../src/core/types.ts";
import type { Settings } from "./plans.ts";
import { newsText, orderText } from "./trace.ts";
import { change, found, type Happening, newWorld, tell } from "./world.ts";

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
  /** The run before has been kept for long enough. */
  kept(): string[];
  asked(verb: Verb): string[];
  paused(): string[];
  resumed(): string[];
}

export function story(settings: Partial<Settings> | Plan = {}): Told {
  const world = newWorld(settings);
  const take = (fact: Happening): string[] => {
    const { orders, news } = tell(world, fact);
    return [...news.map(newsText), ...orders.map(orderText).filter(isTold)];
  };
  const look = (): string[] => take({ type: "looked", changes: new Map(), busy: false });
  const looked = (): string[] => (world.looks > 0 ? [...look(), ...looked()] : []);
  const ended = (result: BuildResult): string[] => {
    const [job] = world.jobs.values();
    if (job === undefined) throw new Error("no build is under way");
    return take({ type: "jobEnded", job: job.job, result });
  };
  const elapsed = (name: Timer): string[] => {
    const timer = world.timers.get(`${name} `);
    if (timer === undefined) throw new Error(`the ${name} timer does not run`);
    world.at = Math.max(world.at, timer.at);
    return take({ type: "elapsed", timer: name, service: "" });
  };
  const split = (paths: string): string[] => paths.split(" ").filter((path) => path !== "");
  const run = (number: number): JobId => ({ service: "", kind: "run", number });
  return {
    started: () => take({ type: "started" }),
    saved: (paths, verdict = "rebuild") => take({ type: "changed", changes: found(change(split(paths), verdict)) }),
    configured: (paths, verdict = "rebuild") =>
      take({ type: "configured", changes: found(change(split(paths), verdict)) }),
    passed: (ms) => {
      world.at += ms;
    },
    settled: () => [...elapsed("quiet"), ...looked()],
    built: () => [...ended({ is: "ok" }), ...looked()],
    buildFailed: () => [...ended({ is: "failed", exit: { is: "code", code: 1 } }), ...looked()],
    buildGivenUp: () => ended({ is: "cancelled" }),
    ready: (number) => take({ type: "runReady", job: run(number) }),
    late: (number) => take({ type: "runLate", job: run(number) }),
    exited: (number, exit) => take({ type: "runExited", job: run(number), exit: exitOf(exit) }),
    gone: (number) => [...take({ type: "runGone", job: run(number) }), ...looked()],
    quit: (code) => take({ type: "quitAsked", code }),
    backedOff: () => elapsed("backoff"),
    kept: () => elapsed("kept"),
    asked: (verb) => take({ type: "asked", verb, services: [""] }),
    paused: () => take({ type: "paused" }),
    resumed: () => take({ type: "resumed" }),
  };
}

const exitOf = (exit: number | "missing"): Exit =>
  exit === "missing" ? { is: "unstartable", missing: true, message: "no such command" } : { is: "code", code: exit };

const isTold = (order: string): boolean => !/^(arm quiet|disarm|look)/.test(order);
