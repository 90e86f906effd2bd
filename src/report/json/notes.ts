/** The events of what happened beside the machine. */
import type { JsonEvent } from "../events.ts";
import type { Moment } from "../moment.ts";
import { jobFields, problemFields, serviceField, whole } from "./fields.ts";

export function noteOf(moment: Exclude<Moment, { type: "turn" }>): JsonEvent[] {
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
    case "drainWaiting": {
      const { job, requests, oldest, leftMs } = moment;
      return [{ event: "drain-waiting", ...jobFields(job), run: job.number, requests, oldest, leftMs: whole(leftMs) }];
    }
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
      return [{ event: "signalled", ...jobFields(moment.job), signals: moment.signals, paths: moment.paths }];
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
