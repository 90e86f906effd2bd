/**
 * Histories as text, one fact a line with the orders that came of it, in words of their own: they were written by the
 * machine of one day and are read by that of another. Times are milliseconds since the fact before.
 *
 *     policy {"builds":false}
 *     +0 started > start run 1:, look
 *     +40 changed rebuild empty a b > arm quiet 60
 */
import { type Demand, nothing, pathsOf, type Verdict, verdictOf, verdicts } from "../../src/core/demand.ts";
import type { JobId } from "../../src/core/job.ts";
import type { BuildResult, Changes, Exit, News, Order } from "../../src/core/types.ts";
import { change, found, type Happening } from "./world.ts";

export interface Line {
  readonly afterMs: number;
  readonly fact: Happening;
  readonly orders: string;
}

const demandText = (demand: Demand): string => [verdictOf(demand), ...pathsOf(demand)].join(" ");

/** Of the nameless service: the histories are older than all others. */
function findingText(all: Changes, middle = ""): string {
  const { demand, empty } = all.get("") ?? { demand: nothing, empty: false };
  return `${empty ? "empty" : "full"} ${middle}${demandText(demand)}`;
}

const job = (kind: JobId["kind"], number: number): JobId => ({ service: "", kind, number });

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

export function factText(fact: Happening): string {
  switch (fact.type) {
    case "started":
    case "paused":
    case "resumed":
      return fact.type;
    case "changed":
      return `changed ${findingText(fact.changes)}`;
    case "looked":
      return `looked ${findingText(fact.changes, fact.busy ? "busy " : "free ")}`;
    case "configured":
      return `configured ${demandText(fact.changes.get("")?.demand ?? nothing)}`;
    case "rewritten":
      return `rewritten${listed(fact.paths)}`;
    case "elapsed":
      return `elapsed ${fact.timer}`;
    case "jobEnded": {
      const { result } = fact;
      return `ended build ${fact.job.number} ${result.is}${result.is === "failed" ? ` ${exitText(result.exit)}` : ""}`;
    }
    case "runReady":
      return `ready run ${fact.job.number}`;
    case "runLate":
      return `late run ${fact.job.number}`;
    case "runExited":
      return `exited run ${fact.job.number} ${exitText(fact.exit)}`;
    case "runGone":
      return `gone run ${fact.job.number}`;
    case "quitAsked":
      return `quit ${fact.code}`;
    case "asked":
      return `asked ${fact.verb}`;
  }
}

export function orderText(order: Order): string {
  switch (order.type) {
    case "arm":
      return `arm ${order.timer} ${Math.round(order.afterMs)}`;
    case "disarm":
      return `disarm ${order.timer}`;
    case "look":
      return "look";
    case "startJob":
      return `${order.job.kind} ${order.job.number}:${listed(pathsOf(order.demand))}`;
    case "cancelJob":
      return `${order.force ? "kill" : "cancel"} ${order.job.kind} ${order.job.number}`;
    case "startRun":
      return `start run ${order.job.number}:${listed(pathsOf(order.demand))}`;
    case "stopRun":
      return `${order.force ? "kill" : "stop"} run ${order.job.number}`;
    case "signalRun":
      return `signal run ${order.job.number}:${listed(order.rules)}`;
    case "refresh":
      return `refresh:${listed(order.paths)}`;
    case "exit":
      return `exit ${order.code}`;
  }
}

export function newsText(news: News): string {
  switch (news.type) {
    case "muted":
      return `mute${listed(news.paths)}`;
    case "restless":
      return `name ${news.path}`;
    case "rolledBack":
      return `back to run ${news.run}`;
    case "waiting":
      return `${news.service} waits for${listed(news.after)}`;
    case "circular":
      return `circle of${listed(news.circle.map(({ label }) => label ?? ""))}:${listed(news.paths)}`;
    case "hooked":
      return `hook:${listed(news.paths)}`;
  }
}

/** News first: whoever wrote the histories had them among the orders. */
export const toldText = (news: readonly News[], orders: readonly Order[]): string =>
  [...news.map(newsText), ...orders.map(orderText)].join(", ");

export function lineOf(text: string): Line {
  const [head = "", orders = ""] = text.split(" > ");
  const [after = "", ...words] = head.split(" ");
  return { afterMs: Number(after.slice(1)), fact: factOf(words), orders };
}

function factOf([type, ...words]: readonly string[]): Happening {
  const [first = "", second = "", third = "", ...rest] = words;
  const demand = (verdict: string, paths: readonly string[]): Demand => change(paths, verdictNamed(verdict));
  switch (type) {
    case "started":
      return { type: "started" };
    case "changed":
      return { type, changes: found(demand(second, words.slice(2)), first === "empty") };
    case "looked":
      return { type, busy: second === "busy", changes: found(demand(third, rest), first === "empty") };
    case "configured":
      return { type, changes: found(demand(first, words.slice(1))) };
    case "elapsed":
      return { type, timer: first === "backoff" ? "backoff" : "quiet", service: "" };
    case "rewritten":
      return { type, paths: words };
    case "ended":
      return { type: "jobEnded", job: job("build", Number(second)), result: resultOf(third, rest) };
    case "ready":
      return { type: "runReady", job: job("run", Number(second)) };
    case "late":
      return { type: "runLate", job: job("run", Number(second)) };
    case "exited":
      return { type: "runExited", job: job("run", Number(second)), exit: exitOf(words.slice(2)) };
    case "gone":
      return { type: "runGone", job: job("run", Number(second)) };
    case "quit":
      return { type: "quitAsked", code: Number(first) };
    default:
      throw new Error(`no fact: ${type}`);
  }
}

function verdictNamed(word: string): Verdict {
  const verdict = verdicts.find((each) => each === word);
  if (verdict !== undefined) return verdict;
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
