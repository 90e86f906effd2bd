/**
 * Histories as text, one fact a line with the orders that came of it, in words of their own: they were written by the
 * machine of one day and are read by that of another. Times are milliseconds since the fact before.
 *
 *     policy {"builds":false}
 *     +0 started > start run 1:, look
 *     +40 changed rebuild empty a b > arm quiet 60
 */
import type { Demand, Verdict } from "../../src/core/demand.ts";
import type { BuildResult, Effect, Exit } from "../../src/core/types.ts";
import { change, type Fact } from "./world.ts";

export interface Line {
  readonly afterMs: number;
  readonly fact: Fact;
  readonly orders: string;
}

const demandText = ({ verdict, changes }: Demand): string => [verdict, ...changes].join(" ");

function exitText(exit: Exit): string {
  switch (exit.is) {
    case "code":
      return `code ${exit.code}`;
    case "signal":
      return `signal ${exit.signal} ${exit.number}`;
    case "unstartable":
      return exit.missing ? "missing" : "unstartable";
  }
}

const listed = (paths: Iterable<string>): string => [...paths].map((path) => ` ${path}`).join("");

export function factText(fact: Fact): string {
  switch (fact.type) {
    case "started":
      return "started";
    case "changed":
      return `changed ${fact.empty ? "empty" : "full"} ${demandText(fact.demand)}`;
    case "looked":
      return `looked ${fact.empty ? "empty" : "full"} ${fact.busy ? "busy" : "free"} ${demandText(fact.demand)}`;
    case "configured":
      return `configured ${demandText(fact.demand)}`;
    case "rewritten":
      return `rewritten${listed(fact.paths)}`;
    case "elapsed":
      return `elapsed ${fact.timer}`;
    case "buildEnded": {
      const { result } = fact;
      return `ended build ${fact.build} ${result.is}${result.is === "failed" ? ` ${exitText(result.exit)}` : ""}`;
    }
    case "runReady":
      return `ready run ${fact.run}`;
    case "runLate":
      return `late run ${fact.run}`;
    case "runExited":
      return `exited run ${fact.run} ${exitText(fact.exit)}`;
    case "runGone":
      return `gone run ${fact.run}`;
    case "quitAsked":
      return `quit ${fact.code}`;
  }
}

export function orderText(order: Effect): string {
  switch (order.type) {
    case "arm":
      return `arm ${order.timer} ${Math.round(order.afterMs)}`;
    case "disarm":
      return `disarm ${order.timer}`;
    case "look":
      return "look";
    case "build":
      return `build ${order.build}:${listed(order.demand.changes)}`;
    case "cancelBuild":
      return `${order.force ? "kill" : "cancel"} build ${order.build}`;
    case "startRun":
      return `start run ${order.run}:${listed(order.demand.changes)}`;
    case "stopRun":
      return `${order.force ? "kill" : "stop"} run ${order.run}`;
    case "mute":
      return `mute${listed(order.paths)}`;
    case "restless":
      return `name ${order.path}`;
    case "exit":
      return `exit ${order.code}`;
  }
}

export const ordersText = (orders: readonly Effect[]): string => orders.map(orderText).join(", ");

export function lineOf(text: string): Line {
  const [head = "", orders = ""] = text.split(" > ");
  const [after = "", ...words] = head.split(" ");
  return { afterMs: Number(after.slice(1)), fact: factOf(words), orders };
}

function factOf([type, ...words]: readonly string[]): Fact {
  const [first = "", second = "", third = "", ...rest] = words;
  const demand = (verdict: string, paths: readonly string[]): Demand => change(paths, verdictOf(verdict));
  switch (type) {
    case "started":
      return { type: "started" };
    case "changed":
      return { type, empty: first === "empty", demand: demand(second, words.slice(2)) };
    case "looked":
      return { type, empty: first === "empty", busy: second === "busy", demand: demand(third, rest) };
    case "configured":
      return { type, demand: demand(first, words.slice(1)) };
    case "elapsed":
      return { type, timer: first === "backoff" ? "backoff" : "quiet" };
    case "rewritten":
      return { type, paths: words };
    case "ended":
      return { type: "buildEnded", build: Number(second), result: resultOf(third, rest) };
    case "ready":
      return { type: "runReady", run: Number(second) };
    case "late":
      return { type: "runLate", run: Number(second) };
    case "exited":
      return { type: "runExited", run: Number(second), exit: exitOf(words.slice(2)) };
    case "gone":
      return { type: "runGone", run: Number(second) };
    case "quit":
      return { type: "quitAsked", code: Number(first) };
    default:
      throw new Error(`no fact: ${type}`);
  }
}

function verdictOf(word: string): Verdict {
  if (word === "restart" || word === "rebuild" || word === "ignore") return word;
  throw new Error(`no verdict: ${word}`);
}

function resultOf(word: string, rest: readonly string[]): BuildResult {
  if (word === "ok" || word === "cancelled") return { is: word };
  return word === "failed" ? { is: "failed", exit: exitOf(rest) } : { is: "timedOut", afterMs: 10 };
}

function exitOf([is, first = "", second = ""]: readonly string[]): Exit {
  if (is === "code") return { is, code: Number(first) };
  if (is === "signal") return { is, signal: first, number: Number(second) };
  return { is: "unstartable", missing: is === "missing", message: "not there" };
}
