/** The one way to start `reload`: what was asked for is checked and made ready, and everything is built from the parts that are handed in. */
import { basename, dirname } from "node:path";
import type { FinalAnswer, Question } from "../adapters/control/channel.ts";
import { isInContainer } from "../adapters/system/container.ts";
import type { Effective } from "../config/layers/layers.ts";
import { type ConfigRequest, type LoadedConfig, load } from "../config/layers/load.ts";
import { wholePart } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Note } from "../report/moment.ts";
import { createConfiguration } from "./configuration.ts";
import type { Io } from "./io.ts";
import { mayRun, runsAlready, runsBeside } from "./neighbours.ts";
import { createNotices } from "./notices.ts";
import { lateProxies } from "./proxy/late.ts";
import { openReporters, type Reports } from "./reporters.ts";
import { live } from "./session.ts";
import type { Circumstances } from "./settings.ts";
import { holdSockets } from "./sockets.ts";

/** What is asked for. */
export interface Invocation {
  readonly config: ConfigRequest;
  /** `--once`: build, start, wait until ready, stop; without a check, alive for `forMs` is ready. */
  readonly once: { readonly forMs: number | undefined } | undefined;
  /** Do nothing before the first change. */
  readonly postpone: boolean;
  readonly reports: Reports;
  /** What to say where COMMAND does not exist. */
  readonly advice: () => string | undefined;
  /** What to say of COMMAND before it is started. */
  readonly remark?: string | undefined;
}

export interface Session {
  /** The exit code, when nothing is left of what was started. */
  readonly ended: Promise<number>;
  /** Ends everything in order, with this exit code; asked again, at once. */
  quit(code: number): void;
  /** What the commands ask over the socket; `undefined` when it has ended. */
  ask(question: Question, gone: AbortSignal): Promise<FinalAnswer | undefined>;
}

export type Started =
  | { readonly ok: true; readonly session: Session }
  /** Nothing was started. */
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** Another one runs on this configuration. */
      readonly isTaken: boolean;
    };

/** Expected failures are values. */
export async function startSession(invocation: Invocation, io: Io): Promise<Started> {
  const { config: request, once, advice } = invocation;
  const { now } = io.clock;
  const loaded = await load(request);
  if (!loaded.ok) return { ok: false, problems: loaded.problems, isTaken: false };
  const circumstances: Circumstances = {
    once,
    postpone: invocation.postpone,
    commandGiven: request.command !== undefined,
  };
  let note = (_: Note): void => {};
  const sockets = holdSockets();
  const proxied = lateProxies(async () => {
    // Only who has a proxy pays for it.
    const [{ createProxied }, { createRunPorts }] = await Promise.all([
      wholePart(import("./proxy/proxied.ts"), "createProxied"),
      wholePart(import("./proxy/places.ts"), "createRunPorts"),
    ]);
    const nextPort = createRunPorts();
    return (service) =>
      createProxied({
        service,
        settings: () => configuration.settings(),
        nextPort,
        note: (item) => note(item),
        date: () => io.clock.date(),
        env: io.env,
        isContainer: isInContainer(io.env),
      });
  });
  const configuration = createConfiguration({
    request,
    loaded,
    circumstances,
    sockets,
    proxied,
    note: (item) => note(item),
  });
  // With `--once` nothing is watched, unless it waits for the first change.
  const watches = once === undefined || invocation.postpone;
  if (watches && hasPatterns(loaded)) {
    // What is wrong with a pattern is wrong before anything is started.
    const { problems } = await configuration.trees();
    if (problems.some(({ severity }) => severity === "error")) return { ok: false, problems, isTaken: false };
  }
  // And so is what is wrong with a schema.
  const unguarded = await configuration.guards.problems(loaded);
  if (unguarded.length > 0) return { ok: false, problems: unguarded, isTaken: false };
  const { settings } = configuration;
  const name = uniqueName();
  const taken =
    once !== undefined || loaded.file === undefined
      ? undefined
      : (await import("../adapters/lock/lock.ts")).lock({
          config: loaded.file.path,
          root: loaded.root,
          profile: loaded.profile,
          session: name,
        });
  if (taken?.is === "taken")
    return { ok: false, problems: [runsAlready(taken.by, loaded.file?.name ?? "")], isTaken: true };
  const giveUp = (problems: readonly Problem[]): Started => {
    if (taken?.is === "held") taken.lock.release();
    sockets.close();
    void proxied.close();
    return { ok: false, problems, isTaken: false };
  };
  // Nothing is started that could not be reached.
  const opening = await sockets.aim(loaded, settings());
  if (!opening.ok) return giveUp(opening.faults);
  opening.commit();
  const front = await proxied.aim(loaded, settings());
  if (!front.ok) return giveUp(front.faults);
  // Only who has the lock writes over a file of events: it may be in use.
  const opened = await openReporters({
    reports: invocation.reports,
    once: once !== undefined,
    io,
    settings,
    address: (service) => proxied.urls.get(service),
    note: (item) => note(item),
  });
  if (!opened.ok) return giveUp([opened.problem]);
  const { reporters } = opened;
  note = (note) => reporters.report({ at: now(), ...note });
  reporters.watch(proxied.hear);
  reporters.watch(configuration.hear);
  reporters.watch(
    createNotices({
      isWanted: () => settings().notifies,
      plan: () => settings().plan,
      root: loaded.root,
      env: io.env,
      note: (item) => note(item),
    }),
  );

  note({ type: "opened", version: io.version(), root: loaded.root, config: loaded.file?.name, remarks: loaded.notes });
  if (invocation.remark !== undefined) note({ type: "said", text: invocation.remark });
  for (const { remark } of settings().services.values()) if (remark !== undefined) note({ type: "said", text: remark });
  for (const warning of loaded.warnings) note({ type: "warned", problem: warning });
  if (taken?.is === "impossible")
    note({
      type: "warned",
      problem: { code: "session/no-lock", severity: "warning", message: `no lock: ${taken.why}` },
    });
  if (taken?.is === "held") {
    if (taken.swept.length > 0) note({ type: "swept", processes: taken.swept });
    for (const other of taken.beside) note({ type: "said", text: runsBeside(other, loaded.file?.name ?? "") });
    if (taken.doubtful !== undefined)
      note({ type: "warned", problem: mayRun(taken.doubtful, loaded.file?.name ?? "") });
  }
  front.commit();
  const isWarm = [...settings().services.values()].some((settings) => settings.process?.isWarm === true);
  const session = live({
    configuration,
    sockets,
    proxied,
    watches,
    createWarm: isWarm ? (await import("./warm/warm.ts")).createWarm : undefined,
    reporters,
    note,
    name,
    lock: taken?.is === "held" ? taken.lock : undefined,
    registration:
      once === undefined
        ? async () =>
            (await import("../adapters/lock/registry.ts")).register(name, {
              directory: loaded.file === undefined ? loaded.root : directoryOf(loaded.file),
              config: loaded.file?.path ?? null,
              profile: loaded.profile ?? null,
            })
        : undefined,
    request: { ...request, env: ownVariables(request.env) },
    about: { root: loaded.root, config: loaded.file?.name, isBackground: io.isBackground },
    io,
  });
  const ended = session.ended
    .then((code) => {
      const text = code === 127 ? advice() : undefined;
      if (text !== undefined) note({ type: "said", text });
      return code;
    })
    .finally(() => reporters.close());
  return { ok: true, session: { ...session, ended } };
}

const ownVariables = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("RELOAD_")));

/** `.config/reload.toml` is the configuration of the directory above. */
function directoryOf({ path }: { readonly path: string }): string {
  const directory = dirname(path);
  return basename(directory) === ".config" ? dirname(directory) : directory;
}

/** Whether somebody has written what is to be watched: the defaults need no check, and are put together once the program is on its way. */
function hasPatterns({ services }: LoadedConfig): boolean {
  const isWritten = ({ key, origins }: Effective): boolean =>
    key.name.startsWith("watch.") && origins.some(({ from }) => from !== "default");
  return [...services.values()].some(
    ({ effectives, restartPatterns }) => restartPatterns.length > 0 || [...effectives.values()].some(isWritten),
  );
}

/** Unlike that of any other session, of this machine or another. It is not a secret: no `node:crypto`, which takes 2 ms of the start. */
const uniqueName = (): string =>
  [process.pid, process.hrtime.bigint(), Math.floor(Math.random() * 2 ** 52)].map((part) => part.toString(36)).join("");
