/** What others may ask of a session that runs: over its socket, from any shell of the user. */
import { type Answerer, type FinalAnswer, listenForQuestions, type Question } from "../../adapters/control/channel.ts";
import type { Registration } from "../../adapters/lock/registry.ts";
import { openRing, type Ring } from "../../adapters/ring/ring.ts";
import type { ConfigRequest } from "../../config/layers/load.ts";
import { reasonOf } from "../../core/errors.ts";
import type { House } from "../../core/house.ts";
import { jobName } from "../../core/job.ts";
import type { Problem } from "../../core/problem.ts";
import { resolvable } from "../../core/resolvable.ts";
import { stateOf } from "../../core/serving.ts";
import type { Fact, Plan, Service, Verb } from "../../core/types.ts";
import type { Fresh } from "../../proxy/server.ts";
import type { Moment } from "../../report/moment.ts";
import { shortDuration } from "../../report/words.ts";
import type { Configuration } from "../configuration.ts";
import { type Pausing, usualPauseMs } from "../pausing.ts";
import { end, firstOf, refusedAnswer, type View, waitAnswer } from "./answers.ts";
import { createLedger } from "./ledger.ts";
import { aborted, withinLimit } from "./limit.ts";
import { createMarks } from "./marks.ts";
import { servicesNamed } from "./named.ts";
import { millisecondsOf, numberOf } from "./numbers.ts";
import { type About, statusAnswer } from "./status.ts";
import { addressesAnswer, urlsAnswer } from "./urls.ts";
import { versionsAnswer } from "./versions.ts";

export interface ControlParts {
  readonly configuration: Configuration;
  house(): House;
  plan(): Plan;
  take(fact: Fact): void;
  /** The addresses of the proxies. */
  urls(): ReadonlyMap<Service, string>;
  /** Pages of this service that are open load again. */
  refresh(service: Service): void;
  /** On the clock of the engine, in milliseconds. */
  now(): number;
  date(): Date;
  /** Looks at everything that is watched; what differs has been told when it resolves. */
  lookAtAll(): Promise<void>;
  about(): Omit<About, "upMs" | "configVersion">;
  /** What it was started with, for who wants to know what it would do. */
  readonly request: ConfigRequest;
  quit(code: number): void;
  readonly pausing: Pausing;
  /** Runs print to somebody who reads. */
  isRead(): boolean;
  /** Everything has been ended. */
  readonly over: Promise<unknown>;
}

export interface Control {
  readonly answer: Answerer;
  /** Somebody has been told what became of the start. */
  readonly hasToldOnce: Promise<void>;
  /** What `reload wait` says, for a request that comes by the proxy. */
  fresh(service: Service, limitMs: number, gone: AbortSignal): Promise<Fresh>;
  hear(moment: Moment): void;
  /** From now on it can be talked to. Returns why it cannot be. */
  open(register: () => Promise<Registration>): Promise<Problem | undefined>;
  /** Answers that are on their way are let out. */
  close(): Promise<void>;
}

const ringBytes = 10 * 1024 * 1024;

export function createControl(parts: ControlParts): Control {
  const { configuration, house, plan, take, now, urls, isRead } = parts;
  const openedAt = now();
  const ledger = createLedger(parts.date, plan);
  const marks = createMarks({
    house,
    plan,
    async look() {
      await configuration.check();
      await parts.lookAtAll();
    },
  });
  let channel: { close(): Promise<void> } | undefined;
  let registered: Registration | undefined;
  let ring: Ring | undefined;

  const { promise: hasToldOnce, resolve: toldOnce } = resolvable<void>();

  const view = (): View => ({ house: house(), plan: plan(), ledger, now: now(), urls: urls(), isRead: isRead() });

  /** A run has taken everything with it: whoever waits for it is told. */
  const failIfOver = (): void => {
    const ended = ledger.endedWith;
    if (ended !== undefined && ledger.of(ended.service).failed?.stage === "run")
      marks.fail(ended.service, ended.number);
  };

  const waitFor = async (question: Question, services: readonly Service[], gone: AbortSignal): Promise<FinalAnswer> => {
    if (house().isPaused)
      return end(3, "paused: reload resume goes on", {
        state: "paused",
        stage: null,
        run: null,
        url: firstOf(urls()),
        changes: [],
        errors: [],
        output: "",
      });
    return withinLimit(question, gone, async (over) => {
      const mark = await Promise.race([marks.take(), aborted(over)]);
      if (mark === undefined) return waitAnswer([], view(), true);
      if (ledger.refused.length > 0) return refusedAnswer(ledger.refused, view());
      const waiting = marks.until(mark, services, over);
      failIfOver();
      const answers = await waiting;
      return waitAnswer(answers, view(), over.aborted);
    });
  };

  /** What was asked for by hand is waited for also while changes are collected, which is what `wait` alone would tell. */
  const waitForOrder = (question: Question, services: readonly Service[], gone: AbortSignal): Promise<FinalAnswer> => {
    if (!house().isPaused) return waitFor(question, services, gone);
    return withinLimit(question, gone, async (over) =>
      waitAnswer(await marks.until(house().mark, services, over, true), view(), over.aborted),
    );
  };

  /** What runs, or is about to, has been started. */
  const isAtRest = (service: Service): boolean =>
    ["stopped", "stopping", "ended", "failed"].includes(stateOf({ ...house(), isPaused: false }, service, plan()));

  const ask = (verb: Verb, services: readonly Service[]): void => take({ at: now(), type: "asked", verb, services });

  const answer: Answerer = async (question, part, gone) => {
    const services = servicesNamed(question, plan().services);
    if (!Array.isArray(services)) return services as FinalAnswer;
    switch (question.verb) {
      case "status": {
        const about: About = { ...parts.about(), upMs: now() - openedAt, configVersion: configuration.version() };
        return statusAnswer(services, view(), about, question.options["verbose"] === true);
      }
      case "wait":
        return waitFor(question, services, gone).finally(toldOnce);
      case "restart":
        ask("restart", services);
        return waitForOrder(question, services, gone);
      case "start":
        ask("start", services.filter(isAtRest));
        return waitForOrder(question, services, gone);
      case "stop":
        return stop(question, services);
      case "pause":
        return pause(millisecondsOf(question, "forMs") ?? usualPauseMs);
      case "resume":
        await parts.pausing.resume();
        return end(0, "goes on", { paused: false });
      case "logs": {
        const { logs } = await import("./logs.ts");
        return logs(question, services, { ring, view: view() }, part, gone);
      }
      case "url":
      case "refresh":
        return urlsAnswer(question, services, urls(), parts.refresh);
      case "versions":
        return versionsAnswer(ledger.versions, configuration.version());
      case "request":
        return end(0, "", parts.request);
      case "addresses":
        return addressesAnswer(services, urls());
      case "rollback":
        return rollback(question, services, gone);
      default:
        return end(2, `this reload does not know ${question.verb}: it may be older than the one that asks`);
    }
  };

  const stop = async (question: Question, services: readonly Service[]): Promise<FinalAnswer> => {
    if (question.names.length === 0) {
      parts.quit(0);
      await parts.over;
      return end(0, "stopped", { stopped: true });
    }
    ask("stop", services);
    const answers = await marks.until(house().mark, services, new AbortController().signal);
    return end(0, answers.map(({ service }) => `${service} stopped`).join("\n"), { stopped: services });
  };

  const pause = (forMs: number): FinalAnswer => {
    parts.pausing.pause(forMs, "command");
    return end(0, `paused for ${shortDuration(forMs)} at most; reload resume goes on`, { paused: true, forMs });
  };

  const rollback = async (
    question: Question,
    services: readonly Service[],
    gone: AbortSignal,
  ): Promise<FinalAnswer> => {
    const number = numberOf(question, "number");
    if (number === undefined || !(await configuration.rollback(number)))
      return end(2, `there is no version ${number ?? ""} to go back to: reload versions lists them`);
    return waitForOrder(question, services, gone);
  };

  return {
    answer,
    hasToldOnce,
    async fresh(service, limitMs, gone) {
      const question: Question = { verb: "wait", names: [], options: { timeoutMs: Math.max(1, limitMs) } };
      const { code, text, value } = await waitFor(question, withThoseBefore(service, plan()), gone);
      const members = typeof value === "object" && value !== null ? { ...value } : {};
      return code === 0 ? { is: "ready" } : { is: "failed", detail: text, members };
    },
    hear(moment) {
      ledger.hear(moment);
      if (moment.type === "output") ring?.take(jobName(moment.job), moment.stream, moment.text);
      if (moment.type !== "turn") return;
      const { fact } = moment;
      if (fact.type === "jobEnded" || fact.type === "runExited") ring?.finish(jobName(fact.job));
      marks.review();
      failIfOver();
    },
    async open(register) {
      let registration: Registration | undefined;
      try {
        registration = await register();
        ring = openRing(registration.ring, ringBytes, () => parts.date().getTime());
        channel = await listenForQuestions(registration.socket, answer);
        registration.announce();
        registered = registration;
        return undefined;
      } catch (error) {
        registration?.close();
        return {
          severity: "warning",
          code: "session/no-control",
          message: `it cannot be talked to: ${reasonOf(error)}`,
        };
      }
    },
    async close() {
      await channel?.close();
      ring?.close();
      registered?.close();
    },
  };
}

/** A service and all that it is `after`, and what those are. */
function withThoseBefore(service: Service, { services }: Plan): Service[] {
  const all = new Set([service]);
  for (const one of all) for (const before of services.get(one)?.after ?? []) all.add(before);
  return [...all];
}
