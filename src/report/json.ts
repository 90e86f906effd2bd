/** One JSON object per event, in the words of the table of events. */
import { jobName } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { Effect, Exit } from "../core/types.ts";
import type { JsonEvent } from "./events.ts";
import type { Moment, Report } from "./moment.ts";

export function createJson(write: (line: string) => void, timeOf: (at: number) => Date): Report {
  const startedAt = new Map<string, number>();
  return (moment) => {
    for (const { event, ...fields } of eventsOf(moment, startedAt)) {
      const at = moment.type === "turn" ? moment.event.at : moment.at;
      write(`${JSON.stringify({ event, time: timeOf(at).toISOString(), ...fields })}\n`);
    }
  };
}

/** What is written where nothing is started: what is wrong, and the exit code. */
export function refusalLines(problems: readonly Problem[], code: number, time: Date): string {
  const events: JsonEvent[] = [...problems.map(problemFields), { event: "exit", code }];
  return events
    .map(({ event, ...fields }) => `${JSON.stringify({ event, time: time.toISOString(), ...fields })}\n`)
    .join("");
}

/** `startedAt` remembers when each build and run was ordered, by `build 3`, `run 2`. */
export function eventsOf(moment: Moment, startedAt: Map<string, number>): JsonEvent[] {
  return moment.type === "turn" ? [...factsOf(moment, startedAt), ...ordersOf(moment, startedAt)] : noteOf(moment);
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
    case "buildStarted":
      return [];
    case "runStarted":
      return [{ event: "run-started", job: named("run", moment.run), run: moment.run, pid: moment.pid }];
    case "left":
      return [{ event: "left-behind", job: named("run", moment.run), processes: moment.processes }];
    case "swept":
      return [{ event: "swept", processes: moment.processes }];
    case "stopWaiting":
      return [{ event: "stop-waiting", pid: moment.pid, signal: moment.signal, leftMs: whole(moment.leftMs) }];
    case "forced":
      return [{ event: "killed", pid: moment.pid, signal: moment.signal, afterMs: whole(moment.afterMs) }];
    case "notReady":
      return [{ event: "run-waiting", job: named("run", moment.run), run: moment.run, reason: moment.reason }];
    case "output": {
      const { from, number, stream, text } = moment;
      return [{ event: "output", job: named(from, number), from, number, stream, text }];
    }
    case "configured":
      return [
        { event: "config", result: moment.is, version: moment.version, keys: moment.keys, summary: moment.summary },
      ];
    case "said":
      return [{ event: "message", text: moment.text }];
    case "warned":
      return [problemFields(moment.problem)];
  }
}

const problemFields = ({ severity, message, place, origin, hint }: Problem): JsonEvent => ({
  event: "problem",
  severity,
  message,
  file: place?.file ?? null,
  line: place?.line ?? null,
  column: place?.column ?? null,
  origin: origin ?? null,
  hint: hint ?? null,
});

function factsOf({ event, before }: Extract<Moment, { type: "turn" }>, startedAt: Map<string, number>): JsonEvent[] {
  const since = (key: string): number => whole(event.at - (startedAt.get(key) ?? event.at));
  switch (event.type) {
    case "changed":
    case "looked": {
      const { verdict, changes } = event.demand;
      return verdict === "ignore" || changes.size === 0 ? [] : [{ event: "changed", paths: [...changes], verdict }];
    }
    case "buildEnded": {
      const { result } = event;
      const exit = result.is === "failed" ? exitFields(result.exit) : {};
      return [
        {
          event: "build-ended",
          job: named("build", event.build),
          build: event.build,
          result: result.is,
          ms: since(`build ${event.build}`),
          ...exit,
        },
      ];
    }
    case "runReady":
      return [{ event: "run-ready", job: named("run", event.run), run: event.run, ms: since(`run ${event.run}`) }];
    case "runLate":
      return [
        {
          event: "run-late",
          job: named("run", event.run),
          run: event.run,
          ms: since(`run ${event.run}`),
          ...reasonFields(event.why),
        },
      ];
    case "runExited":
      return [
        {
          event: "run-exited",
          job: named("run", event.run),
          run: event.run,
          ms: since(`run ${event.run}`),
          ...exitFields(event.exit),
          ...reasonFields(event.unready),
        },
      ];
    case "runGone":
      return [{ event: "run-gone", job: named("run", event.run), run: event.run }];
    case "quitAsked":
      return before.cycle.is === "quitting" ? [] : [{ event: "quit-asked", code: event.code }];
    case "started":
    case "elapsed":
    case "configured":
    case "rewritten":
      return [];
  }
}

function ordersOf({ event, effects }: Extract<Moment, { type: "turn" }>, startedAt: Map<string, number>): JsonEvent[] {
  return effects.flatMap((effect) => orderOf(effect, event.at, startedAt));
}

function orderOf(effect: Effect, at: number, startedAt: Map<string, number>): JsonEvent[] {
  switch (effect.type) {
    case "build":
      startedAt.set(`build ${effect.build}`, at);
      return [
        {
          event: "build-started",
          job: named("build", effect.build),
          build: effect.build,
          paths: [...effect.demand.changes],
        },
      ];
    case "cancelBuild":
      return [
        { event: "build-cancelled", job: named("build", effect.build), build: effect.build, force: effect.force },
      ];
    case "startRun":
      startedAt.set(`run ${effect.run}`, at);
      return [
        { event: "run-starting", job: named("run", effect.run), run: effect.run, paths: [...effect.demand.changes] },
      ];
    case "stopRun":
      return [{ event: "run-stopping", job: named("run", effect.run), run: effect.run, force: effect.force }];
    case "exit":
      return [{ event: "exit", code: effect.code }];
    case "arm":
    case "disarm":
    case "look":
      return [];
    case "mute":
      return [{ event: "loop", paths: effect.paths, ignored: true }];
    case "restless":
      return [{ event: "loop", paths: [effect.path], ignored: false }];
  }
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

const named = (kind: "build" | "run", number: number): string => jobName({ service: "", kind, number });

const whole = (ms: number): number => Math.round(ms * 10) / 10;
