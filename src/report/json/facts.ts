/** The events of a fact. */
import { type Demand, greaterOf, type PathDemand, pathsOf, verdictOf } from "../../core/demand.ts";
import { type JobId, jobName } from "../../core/job.ts";
import type { Changes, HeldFile } from "../../core/types.ts";
import type { JsonEvent } from "../events.ts";
import type { Moment } from "../moment.ts";
import { exitFields, jobFields, problemFields, reasonFields, whole } from "./fields.ts";

export function factsOf(
  { fact, before }: Extract<Moment, { type: "turn" }>,
  startedAt: Map<string, number>,
): JsonEvent[] {
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

/** Those that have a name. */
function servicesField(changes: Changes): { services?: readonly string[] } {
  const services = [...changes.keys()].filter((service) => service !== "");
  return services.length === 0 ? {} : { services };
}

/** What changed for all services, each path once. */
function togetherOf(changes: Changes): Demand {
  const all = new Map<string, PathDemand>();
  for (const { demand } of changes.values())
    for (const [path, asked] of demand) all.set(path, greaterOf(all.get(path), asked));
  return all;
}
