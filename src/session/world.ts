/** Orders become deeds here: which adapter does what, with the settings in force. Facts go back to the engine, the rest to the reporters. */
import type { Lock } from "../adapters/lock/lock.ts";
import type { Guardian } from "../adapters/process/guardian.ts";
import { type Input, launchByExeca } from "../adapters/process/launch.ts";
import type { MadeDirectories } from "../adapters/system/made-directories.ts";
import type { Look } from "../adapters/watch/types.ts";
import { textOfCommand } from "../config/projects/watchers.ts";
import type { Command } from "../core/command.ts";
import { type Demand, isNothing, pathsOf } from "../core/demand.ts";
import { reasonOf } from "../core/errors.ts";
import { type JobId, jobName, jobToken } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { Changes, Fact, Failure, Order, ServiceChanges } from "../core/types.ts";
import type { Note } from "../report/moment.ts";
import { duration, ending } from "../report/words.ts";
import type { ChangedFiles } from "./changed.ts";
import { endlessBuild, lateBuild, watchForEnd } from "./endless.ts";
import type { Io } from "./io.ts";
import { guarded } from "./ports.ts";
import { withPrograms } from "./programs.ts";
import type { Proxied } from "./proxy/proxied.ts";
import { inTurn } from "./recipes.ts";
import type { Reporters } from "./reporters.ts";
import { type RunFact, type Running, startRun } from "./run.ts";
import type { ProcessSettings, Settings } from "./settings.ts";
import type { HeldSockets } from "./sockets.ts";
import { startWork, type WorkFact, type Working } from "./work.ts";

/**
 * How long the news of a build's end may wait for a look at all that it wrote, in milliseconds: what is seen later is taken for somebody's
 * own work. On a machine that is busy, three hundred files take a second.
 */
const longestLookMs = 5_000;

/** What the tree looks like now: asked for by the machine when a quiet time ends, and after each start. */
export interface Looker {
  look(): Look;
}

export interface WorldParts {
  /** The settings in force: asked for at each order, so that a new version counts from the next one on. */
  settings(): Settings;
  take(fact: Fact): void;
  note(note: Note): void;
  exited(code: number): void;
  readonly changedFiles: ChangedFiles;
  readonly madeDirectories: MadeDirectories;
  /** Absent when nothing is watched (`--once`). */
  looker(): Looker | undefined;
  /** Unique to this `reload`: every process that it starts carries it. */
  readonly session: string;
  readonly guardian: Guardian;
  readonly sockets: HeldSockets;
  readonly proxied: Proxied;
  /** Absent where none is taken: `--once`, and without a configuration file. */
  readonly lock: Lock | undefined;
  readonly output: Reporters["output"];
  readonly io: Io;
  /** Everything is being ended. */
  isQuitting(): boolean;
  /** After each run; `undefined`: nothing to wait for. */
  restoreTerminal(): Promise<void> | undefined;
}

export interface World {
  perform(order: Order): void;
  /** To every process that is under way, as the terminal would: those that have a group of their own do not hear it. */
  signal(signal: NodeJS.Signals): void;
  /** Who leads the runs that live. What a build writes is known by other means (`core/loop.ts`). */
  leaders(): number[];
  /** Kills what is being stopped; `false`: nothing is. */
  hurry(): boolean;
  /** The terminal has sent a signal to its foreground group, which a run with `stdin = true` belongs to. */
  interrupted(): void;
  /** To the runs alone, and in them to those who listen to it. */
  passOn(signal: NodeJS.Signals): void;
  close(): void;
}

export function createWorld(parts: WorldParts): World {
  const { io, output } = parts;
  const { now } = io.clock;
  const timers = io.clock.timers((timer, service) => parts.take({ at: now(), type: "elapsed", timer, service }));
  /** By the name of the job: two services have a run 3 each. */
  const runs = new Map<string, Running>();
  const works = new Map<string, { readonly working: Working; readonly token: string }>();
  const toldOfPort = new Set<string>();
  let isInterrupted = false;
  let newestRun = 0;
  let isEndlessTold = false;
  /** How often a run has needed all of its time to end. */
  let fullStops = 0;

  /** @returns whether there is more to look at than fits a moment */
  const look = (): boolean => {
    const seen = parts.looker()?.look();
    if (seen === undefined) return false;
    const { isBehind, busy } = seen;
    parts.take({ at: now(), type: "looked", changes: nameless(seen), busy });
    return isBehind;
  };

  let unwatch = (): void => {};
  const watchBuild = (build: number, pid: number): void => {
    const { build: what, plan } = parts.settings();
    if (what === undefined || plan.once || isEndlessTold) return;
    const command = textOfCommand(what.command);
    const warn = (problem: Problem): void => {
      isEndlessTold = true;
      parts.note({ type: "warned", problem });
    };
    unwatch = watchForEnd(pid, {
      found: (ports) => warn(endlessBuild(build, command, ports)),
      late: (afterMs) => warn(lateBuild(build, command, afterMs)),
    });
  };

  /** For whoever finds the lock of a `reload` that was killed. */
  const sayWork = (): void => parts.lock?.say({ work: [...works.values()].map(({ token }) => token) });

  const hearWork = (fact: WorkFact): void => {
    if (fact.type === "jobStarted") {
      if (fact.job.kind === "build") watchBuild(fact.job.number, fact.pid);
      parts.guardian.group(jobToken(fact.job), fact.pid);
    }
    if (fact.type !== "jobEnded") {
      parts.note(fact);
      return;
    }
    const { job } = fact;
    works.delete(jobName(job));
    unwatch();
    // What it left when it finished is left on purpose.
    parts.guardian.end(jobToken(job));
    // What it wrote is to be seen as written by it: the hints that wait are read first.
    const until = now() + longestLookMs;
    const end = (): void => {
      if (look() && now() < until) {
        setImmediate(end);
        return;
      }
      parts.take({ at: now(), ...fact });
      // Nobody waits for the disk, unless the next one is under way already.
      if (works.size === 0) sayWork();
    };
    setImmediate(end);
  };

  const hearRun = (fact: RunFact): void => {
    switch (fact.type) {
      case "runReady":
      case "runLate":
        parts.take({ at: now(), ...fact });
        return;
      case "runExited":
        parts.take({ at: now(), ...fact });
        // Nobody may start another one for hours.
        if (runs.get(jobName(fact.job))?.isStopping === false) void parts.restoreTerminal();
        return;
      case "jobStarted":
        parts.guardian.group(jobToken(fact.job), fact.pid);
        parts.note(fact);
        parts.proxied.begun(fact.job, fact.pid);
        return;
      case "runGone":
        parts.proxied.gone(fact.job);
        runs.delete(jobName(fact.job));
        parts.guardian.end(jobToken(fact.job));
        if (io.terminal?.isNobodys() === true) parts.note({ type: "warned", problem: terminalIsNobodys });
        afterwards(parts.restoreTerminal(), () => parts.take({ at: now(), ...fact }));
        return;
      case "heldUp":
        parts.note({ type: "warned", problem: heldUp(fact) });
        return;
      case "forced":
        fullStops += 1;
        parts.note(fact);
        return;
      default:
        parts.note(fact);
    }
  };

  const perform = (order: Order): void => {
    switch (order.type) {
      case "arm":
        timers.arm(order.timer, order.service, order.afterMs);
        return;
      case "disarm":
        timers.disarm(order.timer, order.service);
        return;
      case "look":
        if (parts.looker() === undefined) parts.take({ at: now(), type: "looked", changes: new Map(), busy: false });
        else look();
        return;
      case "startJob":
        try {
          carryOut(order);
        } catch (error) {
          hearWork(notBegun(order.job, reasonOf(error)));
        }
        return;
      case "cancelJob":
        works.get(jobName(order.job))?.working.cancel(order.force);
        return;
      case "startRun":
        try {
          start(order.job, order.demand);
        } catch (error) {
          const exit = { is: "unstartable", missing: false, message: reasonOf(error) } as const;
          parts.take({ at: now(), type: "runExited", job: order.job, exit });
        }
        return;
      case "stopRun": {
        const running = runs.get(jobName(order.job));
        // One that could not even be begun has nothing to stop.
        if (running === undefined) parts.take({ at: now(), type: "runGone", job: order.job });
        else if (order.force) running.stop(true);
        else stop(order.job, running);
        return;
      }
      case "signalRun":
        signalRun(order.job, order.rules);
        return;
      case "refresh":
        parts.note({ type: "refreshed", service: order.service, paths: order.paths });
        parts.proxied.refresh(order.paths);
        return;
      case "exit":
        timers.close();
        parts.exited(order.code);
        return;
    }
  };

  /** What is under way through the proxy may end first; nothing new comes to a run that is to end. */
  const stop = (job: JobId, running: Running): void => {
    const { plan, process: program, proxy } = parts.settings();
    const isBeside =
      proxy !== undefined && parts.proxied.planFor(plan).services.get(job.service)?.swap === "start-first";
    const longestMs = isBeside ? proxy.drainMs : (program?.ending.timeoutMs ?? 0);
    const drained = parts.proxied.drain(job, parts.isQuitting() ? 0 : longestMs, isBeside);
    if (drained === undefined) running.stop(false);
    else void drained.then(() => running.stop(false));
  };

  /** Each of these signals once, to those who listen to it; a signal that nobody minds would end the program. */
  const signalRun = (job: JobId, rules: readonly string[]): void => {
    const { signals } = parts.settings().recipes;
    const sent = [...new Set(rules.flatMap((rule) => signals.get(rule) ?? []))];
    for (const its of sent) runs.get(jobName(job))?.passOn(its);
    parts.note({ type: "signalled", job, signals: sent });
    parts.note({ type: "refreshed", service: job.service, paths: [] });
    parts.proxied.refresh([]);
  };

  const carryOut = ({ job, recipe: id, demand, failure }: Extract<Order, { type: "startJob" }>): void => {
    const settings = parts.settings();
    const recipe = settings.recipes.settings.get(id);
    if (recipe === undefined) throw new Error(`${jobName(job)} was ordered, but there is nothing to carry out`);
    const why = recipe.isBuild ? parts.madeDirectories.make(settings.tmpDir) : undefined;
    if (why !== undefined) {
      hearWork(notBegun(job, `${why}; make room for it, or set tmp_dir to another directory`));
      return;
    }
    parts.guardian.begin(jobToken(job));
    const working = startWork(
      {
        job,
        launch: launchByExeca,
        command: io.isOneStream ? joined(inTurn(recipe.commands)) : inTurn(recipe.commands),
        args: [],
        cwd: settings.root,
        env: {
          ...environment(settings, demand, job),
          ...colourFor(io),
          ...(failure === undefined ? {} : failureEnv(failure)),
          ...recipe.env,
        },
        cookie: cookie(job),
        stdin: "empty",
        timeoutMs: recipe.timeoutMs,
        onOutput: (stream, chunk) => output.take(job, stream, chunk),
        ending: () => ({
          signal: "SIGTERM",
          timeoutMs: parts.settings().process?.ending.timeoutMs ?? 5_000,
          sweep: true,
        }),
      },
      hearWork,
    );
    works.set(jobName(job), { working, token: jobToken(job) });
    sayWork();
  };

  const start = (job: JobId, demand: Demand): void => {
    const settings = parts.settings();
    const program = settings.process;
    if (program === undefined) throw new Error(`${jobName(job)} was ordered, but there is nothing to run`);
    const handed = parts.sockets.hand(program.command);
    const command = handed?.command ?? program.command;
    const own = program.env["PORT"] ?? io.env["PORT"] ?? settings.fileEnv["PORT"];
    const place = parts.proxied.place(job, settings, own);
    const ready = place?.ready ?? settings.ready;
    const tap = settings.ready?.by === "log" || output.isRead;
    // Before the start, though it costs the first one a millisecond: a `kill -9` between the two would leave it alone.
    parts.guardian.begin(jobToken(job));
    const running = startRun(
      {
        job,
        command: tap && io.isOneStream ? joined(command) : command,
        args: program.args,
        sockets: handed,
        cwd: program.cwd,
        env: {
          ...environment(settings, demand, job),
          ...(tap ? colourFor(io) : {}),
          ...program.env,
          ...place?.env,
        },
        cookie: cookie(job),
        stdin: inputOf(program, io),
        onOutput: tap ? (stream, chunk) => output.take(job, stream, chunk) : undefined,
        ready,
        aliveMs: settings.aliveMs,
        readyTimeoutMs: settings.readyTimeoutMs,
        port: guarded({ settings, place }, program, job.number, { env: io.env, told: toldOfPort }),
        ending: () => (parts.settings().process ?? program).ending,
        wasSignalled: () => isInterrupted,
        tellsWhy: () => fullStops === 1,
      },
      hearRun,
    );
    runs.set(jobName(job), running);
    newestRun = job.number;
  };

  /** A hook is told of the newest run; what is made is numbered by itself. */
  const numberFor = ({ kind, number }: JobId): number => (kind === "hook" ? newestRun : number);

  /** One token for each process that is spawned: everything that it starts carries it, and nothing else does. */
  const cookie = (job: JobId): string => `${parts.session}-${jobToken(job)}.`;

  const environment = (settings: Settings, demand: Demand, job: JobId): NodeJS.ProcessEnv => {
    const inherited = { ...io.env };
    delete inherited["RELOAD_CHANGED"];
    delete inherited["RELOAD_CHANGED_FILE"];
    // They speak of descriptors that whoever started us gave us: ours are others, and only runs get them.
    if (settings.sockets.length > 0) for (const name of systemds) delete inherited[name];
    const outer = inherited["RELOAD_SESSION"];
    return {
      ...settings.fileEnv,
      ...inherited,
      ...withPrograms(inherited, settings),
      ...parts.changedFiles.env(pathsOf(demand)),
      ...(parts.proxied.url === undefined ? {} : { RELOAD_URL: parts.proxied.url }),
      RELOAD_RUN: String(numberFor(job)),
      RELOAD_SESSION: outer === undefined || outer === "" ? cookie(job) : `${outer}:${cookie(job)}`,
    };
  };

  const signal = (its: NodeJS.Signals): void => {
    for (const { working } of works.values()) working.signal(its);
    for (const run of runs.values()) run.signal(its);
  };
  const hurry = (): boolean => {
    const stopping = [...runs.values()].filter(({ isStopping }) => isStopping);
    for (const run of stopping) run.stop(true);
    return stopping.length > 0;
  };
  const interrupted = (): void => {
    isInterrupted = true;
  };

  const passOn = (its: NodeJS.Signals): void => {
    for (const run of runs.values()) run.passOn(its);
  };

  const leaders = (): number[] => [...runs.values()].map(({ pid }) => pid).filter((pid) => pid !== undefined);

  return { perform, signal, leaders, hurry, interrupted, passOn, close: () => timers.close() };
}

const heldUp = ({ job, afterMs, by }: Extract<RunFact, { type: "heldUp" }>): Problem => ({
  code: "process/held-up",
  severity: "warning",
  message: `run ${job.number} needed all of its ${duration(afterMs)} to end, as one before: ${by}`,
  hint: "how long it may take: stop_timeout under [proc], or --proc.stop_timeout 500ms",
});

const systemds = ["LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"];

const terminalIsNobodys: Problem = {
  code: "process/terminal",
  severity: "warning",
  message: "what was killed had taken the terminal: Ctrl-C and the keys reach nobody now",
  hint: `to end reload, from another terminal: kill ${process.pid}`,
};

/** For `after_fail`. */
const failureEnv = ({ stage, job, exit }: Failure): NodeJS.ProcessEnv => ({
  RELOAD_STAGE: stage,
  RELOAD_ERROR:
    exit === undefined
      ? `${jobName(job)}: ${stage === "ready" ? "not ready in time" : "failed"}`
      : `${jobName(job)}: ${ending(exit)}`,
});

/** At once where there is nothing to wait for. */
function afterwards(first: Promise<void> | undefined, then: () => void): void {
  if (first === undefined) then();
  else void first.then(then);
}

/** Of the nameless service: there is no other yet. */
export const nameless = (seen: ServiceChanges): Changes =>
  isNothing(seen.demand) ? new Map() : new Map([["", { demand: seen.demand, empty: seen.empty }]]);

const notBegun = (job: JobId, message: string): WorkFact => ({
  type: "jobEnded",
  job,
  result: { is: "failed", exit: { is: "unstartable", missing: false, message } },
});

/** A terminal is for the keys of `reload`; a pipe is for the program. */
function inputOf({ stdin }: ProcessSettings, { streams, terminal, stdin: input }: Io): Input {
  if (stdin === false) return "empty";
  if (streams === "kept") return "silent";
  const isTerminal = input.isTTY === true;
  if (stdin === true) return isTerminal ? "terminal" : "inherited";
  return isTerminal || terminal?.isInputEmpty() === true ? "silent" : "inherited";
}

/** A program whose output is read sees no terminal any more; where there is one it may colour all the same. */
function colourFor({ stdout, env }: Io): NodeJS.ProcessEnv {
  if (stdout.isTTY !== true || env["NO_COLOR"] !== undefined) return {};
  return {
    FORCE_COLOR: "1",
    CLICOLOR_FORCE: "1",
    ...(stdout.columns === undefined ? {} : { COLUMNS: String(stdout.columns) }),
  };
}

/** Both streams into one pipe, so that what is written to one file keeps its order. Only a shell can do that. */
const joined = (command: Command): Command =>
  typeof command === "string" && process.platform !== "win32" ? `exec 2>&1; ${command}` : command;
