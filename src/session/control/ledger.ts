/** What has happened to each service, as far as somebody may ask for it later: the last change, the last failure, the phases of restarts. */
import { pathsOf } from "../../core/demand.ts";
import { type House, runsOf } from "../../core/house.ts";
import { type JobId, jobName } from "../../core/job.ts";
import { usersOf } from "../../core/needs.ts";
import type { Problem } from "../../core/problem.ts";
import { hasFailedWith } from "../../core/serving.ts";
import type { Plan, RecipeId, Service } from "../../core/types.ts";
import type { Moment } from "../../report/moment.ts";
import { createTails } from "../../report/tails.ts";
import { ending, problemLine } from "../../report/words.ts";
import { nameOfWork } from "../../report/work-name.ts";

export type FailedStage = "config" | "check" | "rule" | "hook" | "build" | "ready" | "run";

export interface Failed {
  readonly stage: FailedStage;
  readonly message: string;
  /** The last that it printed, as it came. */
  readonly output: string;
  /** Of a check: what is wrong with the files. */
  readonly problems?: readonly Problem[];
  /** Of a run: it had been started, so that it may have printed something. */
  readonly hadProcess?: boolean;
  /** Clock of the engine, in milliseconds. */
  readonly at: number;
}

/** One start, with what came before it. In milliseconds. */
export interface Phases {
  readonly run: number;
  readonly buildMs: number | undefined;
  /** Of the run before, while this one waited for it. */
  readonly stopMs: number | undefined;
  readonly readyMs: number | undefined;
}

export interface LedgerEntry {
  readonly changes: readonly string[];
  readonly changedAt: number | undefined;
  readonly failed: Failed | undefined;
  readonly run: number | undefined;
  readonly pid: number | undefined;
  readonly startedAt: number | undefined;
  /** The newest last. */
  readonly history: readonly Phases[];
}

export interface ConfigRow {
  readonly version: number;
  readonly is: "first" | "applied" | "refused" | "gone" | "restored";
  readonly at: Date;
  readonly summary: string;
}

const keptPhases = 20;
const none: LedgerEntry = {
  changes: [],
  changedAt: undefined,
  failed: undefined,
  run: undefined,
  pid: undefined,
  startedAt: undefined,
  history: [],
};

export function createLedger(date: () => Date, plan: () => Plan) {
  const entries = new Map<Service, LedgerEntry>();
  const buildsAt = new Map<Service, number>();
  const stopsAt = new Map<Service, number>();
  /** What a job that is shared carries out, by the name of the job. */
  const shared = new Map<string, RecipeId>();
  /** Those in whose names a job is made: it fails for all of them. */
  const servicesOf = (job: JobId): readonly Service[] => {
    const recipe = shared.get(jobName(job));
    const users = recipe === undefined ? [] : usersOf(recipe, plan());
    return users.length === 0 ? [job.service] : users;
  };
  const rows: ConfigRow[] = [{ version: 1, is: "first", at: date(), summary: "" }];
  let refused: readonly Problem[] = [];
  let endedWith: JobId | undefined;
  /** Told before the line that says what they are of. */
  let lastProblem: Problem | undefined;

  const tails = createTails();
  /** Hooks that nothing waits for: they are about what has happened, and what becomes of them is not a state of a service. */
  const beside = new Set<string>();

  const of = (service: Service): LedgerEntry => entries.get(service) ?? none;
  const put = (service: Service, more: Partial<LedgerEntry>): void =>
    void entries.set(service, { ...of(service), ...more });
  const lastPhases = (service: Service, more: Partial<Phases>): void => {
    const { history } = of(service);
    const last = history.at(-1);
    if (last !== undefined) put(service, { history: [...history.slice(0, -1), { ...last, ...more }] });
  };

  const hear = (moment: Moment): void => {
    if (moment.type === "jobStarted" && moment.job.kind === "run") put(moment.job.service, { pid: moment.pid });
    if (moment.type === "warned") lastProblem = moment.problem;
    if (moment.type === "configured") {
      const { version, is, summary } = moment;
      const isWrong = is === "refused" || is === "gone";
      refused = isWrong && lastProblem !== undefined ? [lastProblem] : [];
      rows.push({ version, is, at: date(), summary: isWrong ? (lastProblem?.message ?? "") : summary });
    }
    tails.hear(moment);
    if (moment.type !== "turn") return;
    const { fact, orders } = moment;
    const isBeside = fact.type === "jobEnded" && beside.delete(jobName(fact.job));
    if (fact.type === "jobEnded" && fact.result.is === "held") {
      // What is held back while the rest goes on stands in the house.
      if (hasFailedWith(moment.before, moment.after, fact.job)) {
        const problems = fact.result.files.flatMap((file) => file.problems);
        const [message = "check failed", ...others] = problems.map(problemLine);
        for (const service of servicesOf(fact.job))
          put(service, { failed: { stage: "check", message, output: others.join("\n"), problems, at: fact.at } });
      }
    } else if (
      fact.type === "jobEnded" &&
      !isBeside &&
      (fact.result.is === "failed" || fact.result.is === "timedOut")
    ) {
      const how =
        fact.result.is === "timedOut"
          ? `timed out after ${fact.result.afterMs}ms`
          : `failed (${ending(fact.result.exit)})`;
      // Whoever shares it fails with it.
      const { kind } = fact.job;
      const stage = kind === "run" ? "run" : kind;
      const name = nameOfWork(moment.before, fact.job, plan());
      for (const service of servicesOf(fact.job))
        put(service, { failed: { stage, message: `${name} ${how}`, output: tails.of(fact.job), at: fact.at } });
    }
    if (fact.type === "jobEnded" && fact.result.is === "ok" && fact.job.kind === "build")
      for (const service of servicesOf(fact.job))
        buildsAt.set(`${service} ms`, fact.at - (buildsAt.get(service) ?? fact.at));
    if (fact.type === "jobEnded") shared.delete(jobName(fact.job));
    if (fact.type === "runReady") {
      const { service } = fact.job;
      lastPhases(service, { readyMs: fact.at - (of(service).startedAt ?? fact.at) });
      // A build that has failed meanwhile is as failed as before: what is ready is the run of the one before.
      const { failed } = of(service);
      if (failed?.stage === "ready" || failed?.stage === "run") put(service, { failed: undefined });
    }
    if (fact.type === "runLate")
      put(fact.job.service, {
        failed: {
          stage: "ready",
          message: `not ready in time${fact.why === undefined ? "" : `: ${fact.why}`}`,
          output: tails.of(fact.job),
          at: fact.at,
        },
      });
    if (fact.type === "runGone") {
      const { service } = fact.job;
      const stopAt = stopsAt.get(service);
      stopsAt.delete(service);
      if (stopAt !== undefined) stopsAt.set(`${service} ms`, fact.at - stopAt);
    }
    if (fact.type === "runExited" && fact.job.number === of(fact.job.service).run) {
      const { exit } = fact;
      if (moment.before.life.is === "living" && moment.after.life.is !== "living") endedWith = fact.job;
      // What was told to stop has not failed, however it ends.
      const isFine = (exit.is === "code" && exit.code === 0) || isStopping(moment.before, fact.job);
      put(fact.job.service, {
        pid: undefined,
        ...(isFine
          ? {}
          : {
              failed: {
                stage: "run",
                message: `run ${fact.job.number} ended (${ending(exit)})`,
                hadProcess: exit.is !== "unstartable",
                output: tails.of(fact.job),
                at: fact.at,
              },
            }),
      });
    }
    for (const order of orders) {
      if (order.type === "stopRun" && !stopsAt.has(order.job.service)) stopsAt.set(order.job.service, fact.at);
      if (order.type === "startJob") {
        if (order.demand.size === 0) beside.add(jobName(order.job));
        const changes = [...pathsOf(order.demand)];
        if (order.job.service === "") shared.set(jobName(order.job), order.recipe);
        for (const service of servicesOf(order.job)) {
          if (order.job.kind === "build") buildsAt.set(service, fact.at);
          if (changes.length > 0) put(service, { changes, changedAt: fact.at });
        }
      }
      if (order.type === "startRun") {
        const { service, number } = order.job;
        const changes = [...pathsOf(order.demand)];
        const buildMs = buildsAt.get(`${service} ms`);
        buildsAt.delete(`${service} ms`);
        const stopMs = stopsAt.get(`${service} ms`);
        stopsAt.delete(`${service} ms`);
        const history = [...of(service).history, { run: number, buildMs, stopMs, readyMs: undefined }].slice(
          -keptPhases,
        );
        put(service, { run: number, startedAt: fact.at, changes, changedAt: fact.at, history, failed: undefined });
      }
    }
  };

  return {
    hear,
    of,
    /** What is wrong with the newest text of the configuration; empty where it is the one in force. */
    get refused(): readonly Problem[] {
      return refused;
    },
    /** The run that took everything with it: `on_exit = "quit"`. */
    get endedWith(): JobId | undefined {
      return endedWith;
    },
    get versions(): readonly ConfigRow[] {
      return rows;
    },
  };
}

function isStopping(house: House, { service, number }: JobId): boolean {
  const { current, beside } = runsOf(house, service);
  return [current, beside].some((slot) => slot.is === "stopping" && slot.run === number);
}

export type Ledger = ReturnType<typeof createLedger>;
