/** The runs of programs, as the machine orders them: started where they are to listen, stopped when nothing is under way on them. */
import type { Guardian } from "../adapters/process/guardian.ts";
import type { Input } from "../adapters/process/launch.ts";
import { asBuilt } from "../config/air/program.ts";
import { textOfCommand } from "../config/projects/watchers.ts";
import type { Command } from "../core/command.ts";
import { reasonOf } from "../core/errors.ts";
import { type JobId, jobName, jobToken } from "../core/job.ts";
import type { Fact, Order, Service } from "../core/types.ts";
import type { InFlight } from "../proxy/flights.ts";
import type { Note } from "../report/moment.ts";
import { colourFor, type RunEnvironment } from "./environment.ts";
import type { Io } from "./io.ts";
import { joinedCommand } from "./joined.ts";
import { guarded } from "./ports.ts";
import type { Proxies } from "./proxy/late.ts";
import type { Reporters } from "./reporters.ts";
import { type RunFact, type Running, type RunOrder, startRun } from "./run.ts";
import { heldUp, saidOfService, terminalIsNobodys, wasUnderWay } from "./run-problems.ts";
import type { ProcessSettings, ServiceSettings } from "./service-settings.ts";
import { areSeveral, type Settings } from "./settings.ts";
import type { HeldSockets } from "./sockets.ts";
import type { Warm } from "./warm/warm.ts";

export interface RunsParts {
  settings(): Settings;
  readonly environment: RunEnvironment;
  readonly guardian: Guardian;
  readonly sockets: HeldSockets;
  readonly proxied: Proxies;
  readonly output: Reporters["output"];
  readonly io: Io;
  note(note: Note): void;
  take(fact: Fact): void;
  /** Absent as long as nobody has asked for it. */
  warm(): Warm | undefined;
  /** Everything is being ended. */
  isQuitting(): boolean;
  /** After each run; `undefined`: nothing to wait for. */
  restoreTerminal(when?: "now"): Promise<void> | undefined;
}

export interface RunsUnderWay {
  start(order: Extract<Order, { type: "startRun" }>): void;
  stop(order: Extract<Order, { type: "stopRun" }>): void;
  /** Each of the signals that these rules name, once, to those who listen to it. */
  signalRun(order: Extract<Order, { type: "signalRun" }>): void;
  newest(service: Service): number;
  /** To all, as the terminal would. */
  signal(signal: NodeJS.Signals): void;
  passOn(signal: NodeJS.Signals): void;
  leaders(): number[];
  /** Kills what is being stopped; `false`: nothing is. */
  hurry(): boolean;
  interrupted(): void;
}

export function createRuns(parts: RunsParts): RunsUnderWay {
  const { environment, guardian, io, note, output, proxied, sockets } = parts;
  const { now } = io.clock;
  /** By the name of the job: two services have a run 3 each. */
  const runs = new Map<string, Running>();
  const newest = new Map<Service, number>();
  /** To be stopped once what is under way on them has ended. */
  const draining = new Set<Running>();
  const toldOfPort = new Set<string>();
  let isInterrupted = false;
  /** How often a run has needed all of its time to end. */
  let fullStops = 0;

  const hear = (fact: RunFact, service: Service): void => {
    switch (fact.type) {
      case "runReady":
      case "runLate":
        parts.take({ at: now(), ...fact });
        return;
      case "runExited":
        // Nobody may start another one for hours, and what is said of this one would vanish with the screen that it left.
        if (runs.get(jobName(fact.job))?.isStopping === false) void parts.restoreTerminal("now");
        parts.take({ at: now(), ...fact });
        return;
      case "jobStarted":
        guardian.group(jobToken(fact.job), fact.pid);
        note(fact);
        proxied.begun(fact.job, fact.pid);
        return;
      case "runGone":
        proxied.gone(fact.job);
        runs.delete(jobName(fact.job));
        guardian.end(jobToken(fact.job));
        if (io.terminal?.isNobodys() === true) note({ type: "warned", problem: terminalIsNobodys });
        afterwards(parts.restoreTerminal(), () => parts.take({ at: now(), ...fact }));
        return;
      case "heldUp":
        note({ type: "warned", problem: heldUp(fact) });
        return;
      case "forced":
        fullStops += 1;
        note(fact);
        return;
      default:
        note(fact.type === "warned" ? { ...fact, problem: saidOfService(fact.problem, service) } : fact);
    }
  };

  const tellLate = (job: JobId, afterMs: number, { oldest }: InFlight): void => {
    fullStops += 1;
    // Once: whoever lets it be so does not want to hear of it each time.
    if (fullStops === 2) note({ type: "warned", problem: heldUp({ job, afterMs, by: wasUnderWay(oldest) }) });
  };

  const begin = ({ job, demand }: Extract<Order, { type: "startRun" }>): void => {
    const all = parts.settings();
    const settings = all.services.get(job.service);
    const program = settings?.process;
    if (settings === undefined || program === undefined)
      throw new Error(`${jobName(job)} was ordered, but there is nothing to run`);
    const written = writtenCommand(settings, program);
    const handed = sockets.hand(job.service, written);
    const command = handed?.command ?? written;
    const own = program.env["PORT"] ?? io.env["PORT"] ?? settings.fileEnv["PORT"];
    const place = proxied.place(job, settings, own);
    const ready = place?.ready ?? settings.ready;
    const tap = settings.ready?.by === "log" || output.isRead;
    // Before the start, though it costs the first one a millisecond: a `kill -9` between the two would leave it alone.
    guardian.begin(jobToken(job));
    const env = {
      ...environment.of(settings, demand, job),
      ...(tap ? colourFor(io) : {}),
      ...program.env,
      ...place?.env,
    };
    const { PYTHONPATH: modules } = env;
    const cold: RunOrder = {
      job,
      command: tap && io.isOneStream ? joinedCommand(command) : command,
      args: program.args,
      sockets: handed,
      cwd: program.cwd,
      env:
        handed?.pythonPath === undefined
          ? env
          : { ...env, PYTHONPATH: [handed.pythonPath, modules].filter(Boolean).join(":") },
      cookie: environment.cookie(job),
      stdin: inputOf(program, io, areSeveral(all)),
      onOutput: tap ? (stream, chunk) => output.take(job, stream, chunk) : undefined,
      ready,
      aliveMs: settings.aliveMs,
      readyTimeoutMs: settings.readyTimeoutMs,
      port: guarded({ settings, plan: all.plan, place }, program, job.number, { env: io.env, told: toldOfPort }),
      ending: () => (parts.settings().services.get(job.service)?.process ?? program).ending,
      wasSignalled: () => isInterrupted,
      tellsWhy: () => fullStops === 1,
    };
    const swap = proxied.planFor(all.plan).services.get(job.service)?.swap ?? "stop-first";
    const run = program.isWarm ? (parts.warm()?.begin(cold, { command: written, swap }) ?? cold) : cold;
    const running = startRun(run, (fact) => hear(fact, job.service));
    runs.set(jobName(job), running);
    newest.set(job.service, job.number);
  };

  return {
    start(order) {
      try {
        begin(order);
      } catch (error) {
        const exit = { is: "unstartable", missing: false, message: reasonOf(error) } as const;
        parts.take({ at: now(), type: "runExited", job: order.job, exit });
      }
    },
    stop({ job, force }) {
      const running = runs.get(jobName(job));
      // One that could not even be begun has nothing to stop.
      if (running === undefined) {
        parts.take({ at: now(), type: "runGone", job });
        return;
      }
      if (force) {
        running.stop(true);
        return;
      }
      // What is under way through the proxy may end first; nothing new comes to a run that is to end.
      const { plan, services } = parts.settings();
      const service = services.get(job.service);
      const isBeside =
        service?.proxy !== undefined && proxied.planFor(plan).services.get(job.service)?.swap === "start-first";
      const longestMs = isBeside ? (service?.proxy?.drainMs ?? 0) : (service?.process?.ending.timeoutMs ?? 0);
      const limitMs = parts.isQuitting() ? 0 : longestMs;
      const drained = proxied.drain(job, { limitMs, isBeside });
      if (drained === undefined) running.stop(false);
      else {
        // A restart waits for one that makes room, and for no other.
        if (!isBeside) draining.add(running);
        void drained.then((late) => {
          draining.delete(running);
          if (late !== undefined && !isBeside) tellLate(job, limitMs, late);
          running.stop(false);
        });
      }
    },
    signalRun({ job, rules, paths }) {
      const { signals } = parts.settings();
      const sent = [...new Set(rules.flatMap((rule) => signals.get(rule) ?? []))];
      // A signal that nobody minds would end the program.
      for (const signal of sent) runs.get(jobName(job))?.passOn(signal);
      // The rule may be gone by now.
      if (sent.length > 0) note({ type: "signalled", job, signals: sent, paths });
      note({ type: "refreshed", service: job.service, paths: [] });
      proxied.refresh(job.service, []);
    },
    newest: (service) => newest.get(service) ?? 0,
    signal(signals) {
      for (const run of runs.values()) run.signal(signals);
    },
    passOn(signals) {
      for (const run of runs.values()) run.passOn(signals);
    },
    leaders: () => [...runs.values()].map(({ pid }) => pid).filter((pid) => pid !== undefined),
    hurry() {
      const stopping = [...runs.values()].filter((run) => run.isStopping || draining.has(run));
      for (const run of stopping) run.stop(true);
      return stopping.length > 0;
    },
    interrupted() {
      isInterrupted = true;
    },
  };
}

/** After the build, which may have made what it names. */
function writtenCommand({ build, root }: ServiceSettings, { command, isBin }: ProcessSettings): Command {
  if (!isBin || typeof command !== "string") return command;
  return asBuilt(command, build === undefined ? "" : textOfCommand(build.command), root);
}

/** At once where there is nothing to wait for. */
function afterwards(first: Promise<void> | undefined, then: () => void): void {
  if (first === undefined) then();
  else void first.then(then);
}

/** A terminal is for the keys of `reload`; a pipe is for the program, if there is only one. */
function inputOf({ stdin }: ProcessSettings, { streams, terminal, stdin: input }: Io, isOneOfMany: boolean): Input {
  if (stdin === false) return "empty";
  if (streams === "kept") return "silent";
  const isTerminal = input.isTTY === true;
  if (stdin === true) return isTerminal ? "terminal" : "inherited";
  return isTerminal || isOneOfMany || terminal?.isInputEmpty() === true ? "silent" : "inherited";
}
