/** One JSON object per event, in the words of the table of events. */
import { type Asked, type Demand, greaterOf, pathsOf, verdictOf } from "../core/demand.ts";
import { type JobId, jobName } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { Changes, Exit, HeldFile, News, Order, Service } from "../core/types.ts";
import type { JsonEvent } from "./events.ts";
import type { Moment, Report } from "./moment.ts";

/** An event as it is written: `time` in ISO 8601, UTC. */
export type TimedEvent = JsonEvent & { readonly time: string };

export function createEvents(tell: (event: TimedEvent) => void, timeOf: (at: number) => Date): Report {
  const startedAt = new Map<string, number>();
  return (moment) => {
    const at = moment.type === "turn" ? moment.fact.at : moment.at;
    for (const event of eventsOf(moment, startedAt)) tell({ ...event, time: timeOf(at).toISOString() });
  };
}

export const createJson = (write: (line: string) => void, timeOf: (at: number) => Date): Report =>
  createEvents(({ event, time, ...fields }) => write(`${JSON.stringify({ event, time, ...fields })}\n`), timeOf);

/** What is written where nothing is started: what is wrong, and the exit code. */
export function refusalLines(problems: readonly Problem[], code: number, time: Date): string {
  const events: JsonEvent[] = [...problems.map(problemFields), { event: "exit", code }];
  return events
    .map(({ event, ...fields }) => `${JSON.stringify({ event, time: time.toISOString(), ...fields })}\n`)
    .join("");
}

/** `startedAt` remembers when each build and run was ordered, by `build/3`, `run/2`. */
export function eventsOf(moment: Moment, startedAt: Map<string, number>): JsonEvent[] {
  if (moment.type !== "turn") return noteOf(moment);
  return [...factsOf(moment, startedAt), ...moment.news.flatMap(newsOf), ...ordersOf(moment, startedAt)];
}

function noteOf(moment: Exclude<Moment, { type: "turn" }>): JsonEvent[] {
  switch (moment.type) {
    case "opened":
      return [
        {
          event: "opened",
          version: moment.version,
          root: moment.root,
          config: moment.config ?? null,
          remarks: moment.remarks,
        },
      ];
    case "watching":
      return [
        {
          event: "watching",
          source: moment.source,
          directories: moment.directories,
          files: moment.files,
          ms: whole(moment.elapsedMs),
        },
      ];
    case "unchanged":
      return [{ event: "unchanged", paths: moment.paths }];
    case "jobStarted": {
      const { job, pid } = moment;
      return job.kind === "run" ? [{ event: "run-started", ...jobFields(job), run: job.number, pid }] : [];
    }
    case "left":
      return [{ event: "left-behind", ...jobFields(moment.job), processes: moment.processes }];
    case "swept": {
      const { job, processes } = moment;
      return [{ event: "swept", ...(job === undefined ? {} : { ...jobFields(job) }), processes }];
    }
    case "stopWaiting":
      return [
        {
          event: "stop-waiting",
          ...jobFields(moment.job),
          pid: moment.pid,
          signal: moment.signal,
          leftMs: whole(moment.leftMs),
        },
      ];
    case "forced":
      return [
        {
          event: "killed",
          ...jobFields(moment.job),
          pid: moment.pid,
          signal: moment.signal,
          afterMs: whole(moment.afterMs),
        },
      ];
    case "notReady":
      return [{ event: "run-waiting", ...jobFields(moment.job), run: moment.job.number, reason: moment.reason }];
    case "output": {
      const { job, stream, text } = moment;
      return [{ event: "output", ...jobFields(job), from: job.kind, number: job.number, stream, text }];
    }
    case "signalled":
      return [{ event: "signalled", ...jobFields(moment.job), signals: moment.signals }];
    case "refreshed":
      return [{ event: "refresh", paths: moment.paths, ...serviceField(moment.service) }];
    case "configured":
      return [
        { event: "config", result: moment.is, version: moment.version, keys: moment.keys, summary: moment.summary },
      ];
    case "warmth": {
      const { job, isWarm, savedMs, reason } = moment;
      return [
        {
          event: "run-warmth",
          ...jobFields(job),
          run: job.number,
          warm: isWarm,
          ...(savedMs === undefined ? {} : { savedMs: whole(savedMs) }),
          ...(reason === undefined ? {} : { reason }),
        },
      ];
    }
    case "said":
      return [{ event: "message", text: moment.text }];
    case "warned":
      return [problemFields(moment.problem)];
  }
}

const problemFields = ({ code, severity, message, place, origin, hint }: Problem): JsonEvent => ({
  event: "problem",
  code,
  severity,
  message,
  file: place?.file ?? null,
  line: place?.line ?? null,
  column: place?.column ?? null,
  origin: origin ?? null,
  hint: hint ?? null,
});

function factsOf({ fact, before }: Extract<Moment, { type: "turn" }>, startedAt: Map<string, number>): JsonEvent[] {
  const since = (key: string): number => whole(fact.at - (startedAt.get(key) ?? fact.at));
  const ofJob = (job: JobId) => ({ ...jobFields(job), run: job.number, ms: since(jobName(job)) });
  switch (fact.type) {
    case "changed":
    case "looked": {
      const demand = togetherOf(fact.changes);
      const verdict = verdictOf(demand);
      return verdict === "ignore"
        ? []
        : [{ event: "changed", paths: [...pathsOf(demand)], verdict, ...servicesField(fact.changes) }];
    }
    case "jobEnded": {
      const { result, job } = fact;
      const exit = result.is === "failed" ? exitFields(result.exit) : {};
      if (result.is === "held") return heldBack(job, result.files, since(jobName(job)));
      if (job.kind !== "build") {
        const ms = since(jobName(job));
        return [{ event: "job-ended", ...jobFields(job), kind: job.kind, result: result.is, ms, ...exit }];
      }
      return [
        {
          event: "build-ended",
          ...jobFields(job),
          build: job.number,
          result: result.is,
          ms: since(jobName(job)),
          ...exit,
        },
      ];
    }
    case "runReady":
      return [{ event: "run-ready", ...ofJob(fact.job) }];
    case "runLate":
      return [
        {
          event: "run-late",
          ...ofJob(fact.job),
          ...reasonFields(fact.why),
        },
      ];
    case "runExited":
      return [
        {
          event: "run-exited",
          ...ofJob(fact.job),
          ...exitFields(fact.exit),
          ...reasonFields(fact.unready),
        },
      ];
    case "runGone":
      return [{ event: "run-gone", ...jobFields(fact.job), run: fact.job.number }];
    case "quitAsked":
      return before.life.is === "quitting" ? [] : [{ event: "quit-asked", code: fact.code }];
    case "started":
    case "elapsed":
    case "configured":
    case "rewritten":
    case "asked":
    case "paused":
    case "resumed":
      return [];
  }
}

const heldBack = (job: JobId, files: readonly HeldFile[], ms: number): JsonEvent[] => [
  ...files.flatMap(({ problems }) => problems.map(problemFields)),
  {
    event: "job-ended",
    ...jobFields(job),
    kind: job.kind,
    result: "held",
    paths: files.map(({ path }) => path),
    ms,
  },
];

function ordersOf({ fact, orders }: Extract<Moment, { type: "turn" }>, startedAt: Map<string, number>): JsonEvent[] {
  return orders.flatMap((order) => orderOf(order, fact.at, startedAt));
}

function orderOf(order: Order, at: number, startedAt: Map<string, number>): JsonEvent[] {
  switch (order.type) {
    case "startJob": {
      const job = jobFields(order.job);
      startedAt.set(job.job, at);
      const { kind } = order.job;
      if (kind !== "build") return [{ event: "job-started", ...job, kind, paths: [...pathsOf(order.demand)] }];
      return [{ event: "build-started", ...job, build: order.job.number, paths: [...pathsOf(order.demand)] }];
    }
    case "cancelJob": {
      const job = jobFields(order.job);
      const { kind } = order.job;
      if (kind !== "build") return [{ event: "job-cancelled", ...job, kind, force: order.force }];
      return [{ event: "build-cancelled", ...job, build: order.job.number, force: order.force }];
    }
    case "startRun": {
      const job = jobFields(order.job);
      startedAt.set(job.job, at);
      return [{ event: "run-starting", ...job, run: order.job.number, paths: [...pathsOf(order.demand)] }];
    }
    case "stopRun":
      return [{ event: "run-stopping", ...jobFields(order.job), run: order.job.number, force: order.force }];
    case "exit":
      return [{ event: "exit", code: order.code }];
    case "arm":
    case "disarm":
    case "look":
      return [];
    case "signalRun":
    case "refresh":
      return [];
  }
}

function newsOf(news: News): JsonEvent[] {
  switch (news.type) {
    case "muted":
      return [{ event: "loop", paths: news.paths, ignored: true, ...serviceField(news.service) }];
    case "restless":
      return [{ event: "loop", paths: [news.path], ignored: false, ...serviceField(news.service) }];
    case "waiting":
      return [{ event: "service-waiting", service: news.service, after: news.after }];
    case "rolledBack":
      return [];
  }
}

const serviceField = (service: Service): { service?: string } => (service === "" ? {} : { service });

/** Those that have a name. */
function servicesField(changes: Changes): { services?: readonly string[] } {
  const services = [...changes.keys()].filter((service) => service !== "");
  return services.length === 0 ? {} : { services };
}

const jobFields = (job: JobId): { job: string; service?: string } => ({
  job: jobName(job),
  ...serviceField(job.service),
});

/** What changed for all services, each path once. */
function togetherOf(changes: Changes): Demand {
  const all = new Map<string, Asked>();
  for (const { demand } of changes.values())
    for (const [path, asked] of demand) all.set(path, greaterOf(all.get(path), asked));
  return all;
}

const reasonFields = (reason: string | undefined): { reason?: string } => (reason === undefined ? {} : { reason });

function exitFields(exit: Exit): { code?: number; signal?: string; error?: string } {
  switch (exit.is) {
    case "code":
      return { code: exit.code };
    case "signal":
      return { signal: exit.signal };
    case "unstartable":
      return { error: exit.message };
  }
}

const whole = (ms: number): number => Math.round(ms * 10) / 10;
