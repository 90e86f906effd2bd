/** One JSON object per event. `docs/events.md` and `events.schema.json` describe them; the tests hold the two together. */
import type { Effect, Exit } from "../core/types.ts";
import type { Moment, Report } from "./moment.ts";

/** An event as it is written: the fields that all have, and its own. */
export interface JsonEvent {
  readonly event: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly [field: string]: unknown;
}

type Fields = Omit<JsonEvent, "time">;

export function createJson(write: (line: string) => void, timeOf: (at: number) => Date): Report {
  const startedAt = new Map<string, number>();
  return (moment) => {
    for (const { event, ...fields } of eventsOf(moment, startedAt)) {
      const at = moment.type === "turn" ? moment.event.at : moment.at;
      write(`${JSON.stringify({ event, time: timeOf(at).toISOString(), ...fields })}\n`);
    }
  };
}

/** `startedAt` remembers when each build and run was ordered, by `build 3`, `run 2`. */
export function eventsOf(moment: Moment, startedAt: Map<string, number>): Fields[] {
  return moment.type === "turn" ? [...factsOf(moment, startedAt), ...ordersOf(moment, startedAt)] : noteOf(moment);
}

function noteOf(moment: Exclude<Moment, { type: "turn" }>): Fields[] {
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
      return [{ event: "run-started", run: moment.run, pid: moment.pid }];
    case "left":
    case "swept":
      return [{ event: moment.type === "left" ? "left-behind" : "swept", processes: moment.processes }];
    case "stopWaiting":
      return [{ event: "stop-waiting", pid: moment.pid, signal: moment.signal, leftMs: whole(moment.leftMs) }];
    case "forced":
      return [{ event: "killed", pid: moment.pid, signal: moment.signal, afterMs: whole(moment.afterMs) }];
    case "notReady":
      return [{ event: "run-waiting", run: moment.run, reason: moment.reason }];
    case "output":
      return [{ event: "output", from: moment.from, number: moment.number, stream: moment.stream, text: moment.text }];
    case "configured":
      return [
        { event: "config", result: moment.is, version: moment.version, keys: moment.keys, summary: moment.summary },
      ];
    case "said":
      return [{ event: "message", text: moment.text }];
    case "warned": {
      const { severity, message, place, origin, hint } = moment.problem;
      return [
        {
          event: "problem",
          severity,
          message,
          file: place?.file ?? null,
          line: place?.line ?? null,
          column: place?.column ?? null,
          origin: origin ?? null,
          hint: hint ?? null,
        },
      ];
    }
  }
}

function factsOf({ event, before }: Extract<Moment, { type: "turn" }>, startedAt: Map<string, number>): Fields[] {
  const since = (key: string): number => whole(event.at - (startedAt.get(key) ?? event.at));
  switch (event.type) {
    case "changed":
    case "looked":
      return event.demand.changes.size === 0
        ? []
        : [{ event: "changed", paths: [...event.demand.changes], verdict: event.demand.verdict }];
    case "buildEnded": {
      const { result } = event;
      const exit = result.is === "failed" ? exitFields(result.exit) : {};
      return [
        { event: "build-ended", build: event.build, result: result.is, ms: since(`build ${event.build}`), ...exit },
      ];
    }
    case "runReady":
      return [{ event: "run-ready", run: event.run, ms: since(`run ${event.run}`) }];
    case "runLate":
      return [{ event: "run-late", run: event.run, ms: since(`run ${event.run}`), ...optional("reason", event.why) }];
    case "runExited":
      return [
        {
          event: "run-exited",
          run: event.run,
          ms: since(`run ${event.run}`),
          ...exitFields(event.exit),
          ...optional("reason", event.unready),
        },
      ];
    case "runGone":
      return [{ event: "run-gone", run: event.run }];
    case "quitAsked":
      return before.cycle.is === "quitting" ? [] : [{ event: "quit-asked", code: event.code }];
    case "started":
    case "elapsed":
    case "configured":
    case "rewritten":
      return [];
  }
}

function ordersOf({ event, effects }: Extract<Moment, { type: "turn" }>, startedAt: Map<string, number>): Fields[] {
  return effects.flatMap((effect) => orderOf(effect, event.at, startedAt));
}

function orderOf(effect: Effect, at: number, startedAt: Map<string, number>): Fields[] {
  switch (effect.type) {
    case "build":
      startedAt.set(`build ${effect.build}`, at);
      return [{ event: "build-started", build: effect.build, paths: [...effect.demand.changes] }];
    case "cancelBuild":
      return [{ event: "build-cancelled", build: effect.build, force: effect.force }];
    case "startRun":
      startedAt.set(`run ${effect.run}`, at);
      return [{ event: "run-starting", run: effect.run, paths: [...effect.demand.changes] }];
    case "stopRun":
      return [{ event: "run-stopping", run: effect.run, force: effect.force }];
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

const optional = (field: string, value: string | undefined): Record<string, unknown> =>
  value === undefined ? {} : { [field]: value };

function exitFields(exit: Exit): Record<string, unknown> {
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
