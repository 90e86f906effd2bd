/** A session that belongs to the program that started it: it has no terminal, hears no signals, and never ends its host. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { Writable } from "node:stream";
import { systemClock } from "../adapters/clock.ts";
import type { FinalAnswer } from "../adapters/control/channel.ts";
import type { ConfigRequest } from "../config/layers/load.ts";
import type { Problem } from "../core/problem.ts";
import { palette } from "../report/colour.ts";
import type { TimedEvent } from "../report/json/json.ts";
import { problemsText } from "../report/problem.ts";
import type { Io } from "../session/io.ts";
import { type Session, startSession } from "../session/start.ts";
import { type Document, documentName, documentOf } from "./document.ts";
import { createFeed } from "./feed.ts";
import type { ReloadConfig } from "./generated.ts";
import type { App, Outcome, StartError, StartOptions, StartProblem, WaitOptions } from "./types.ts";

/** What the process has to say of itself. */
export interface ProcessSurroundings {
  readonly env: NodeJS.ProcessEnv;
  cwd(): string;
  version(): string;
}

export async function openApp(
  config: ReloadConfig | string | undefined,
  options: StartOptions,
  surroundings: ProcessSurroundings,
): Promise<App> {
  const { signal } = options;
  signal?.throwIfAborted();
  const { document, request } = requestOf(config, options, surroundings);
  const feed = createFeed<TimedEvent>();
  const started = await startSession(
    {
      config: request,
      once: undefined,
      postpone: false,
      reports: { color: "auto", json: undefined, trace: undefined, hear: feed.give },
      advice: () => undefined,
    },
    ioOf(options, request, surroundings),
  );
  if (!started.ok) throw startError(started.problems.map((problem) => atKey(problem, document)));
  const { session } = started;
  const stop = (): void => session.quit(0);
  signal?.addEventListener("abort", stop, { once: true });
  // It may have been aborted while the configuration was read.
  if (signal?.aborted === true) stop();
  const ended = session.ended.finally(() => {
    signal?.removeEventListener("abort", stop);
    feed.end();
  });
  // A host that does not ask how it ended need not answer for it.
  ended.catch(() => {});
  return appOf(session, feed.events, ended);
}

function appOf(session: Session, events: App["events"], ended: Promise<number>): App {
  let isStopping = false;
  const asked = async (verb: "wait" | "restart", { services = [], timeoutMs }: WaitOptions = {}): Promise<Outcome> => {
    const options: Record<string, number> = timeoutMs === undefined ? {} : { timeoutMs };
    const ending = await session.ask({ verb, names: services, options }, new AbortController().signal);
    if (ending === undefined) throw new Error("this reload has ended");
    return outcomeOf(ending);
  };
  const stop = async (): Promise<void> => {
    // Asked twice it would not wait any more.
    if (!isStopping) session.quit(0);
    isStopping = true;
    await ended;
  };
  return {
    events,
    ended,
    wait: (options) => asked("wait", options),
    restart: (options) => asked("restart", options),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function outcomeOf({ code, text, value }: FinalAnswer): Outcome {
  if (!isOutcome(value)) throw new Error(text);
  return { ...value, ok: code === 0, text };
}

const isOutcome = (value: unknown): value is Omit<Outcome, "ok" | "text"> =>
  typeof value === "object" && value !== null && "state" in value && "errors" in value && "output" in value;

function requestOf(
  config: ReloadConfig | string | undefined,
  { cwd, profile, command, env }: StartOptions,
  surroundings: ProcessSurroundings,
): { readonly request: ConfigRequest; readonly document: Document | undefined } {
  const directory = resolve(surroundings.cwd(), cwd ?? ".");
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw startError([
      { code: "usage/bad-argument", severity: "error", origin: "cwd", message: `${directory} is not a directory` },
    ]);
  const document = config === undefined || typeof config === "string" ? undefined : documentOf(config);
  if (document !== undefined && "problems" in document) throw startError(document.problems);
  return {
    document,
    request: {
      cwd: directory,
      env: env === undefined ? surroundings.env : { ...env },
      flags: [],
      ...(typeof config === "string" ? { configFile: config } : {}),
      ...(profile === undefined ? {} : { profile }),
      ...(command === undefined ? {} : { command }),
      ...(document === undefined
        ? {}
        : { document: { path: resolve(directory, documentName), name: documentName, text: document.text } }),
    },
  };
}

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

const ioOf = (
  { stdout = nowhere(), stderr = nowhere() }: StartOptions,
  { env, cwd }: ConfigRequest,
  { version }: ProcessSurroundings,
): Io => ({
  cwd: () => cwd,
  env,
  stdin: {},
  stdout,
  stderr,
  streams: "kept",
  isOneStream: stdout === stderr,
  clock: systemClock,
  // What comes to the process is for the host to hear.
  listen: () => () => {},
  faults: { code: faultCode, stopOnFault: () => () => {} },
  terminal: undefined,
  isInit: false,
  isBackground: false,
  program: [],
  words: [],
  version,
});

/** As that of the program. */
const faultCode = 70;

/** What is wrong with a line of the text that an object became is wrong with the key that it has. */
function atKey(problem: Problem, document: Document | undefined): Problem {
  const { place, ...rest } = problem;
  const key = place?.file === documentName ? document?.keyAt(place.line) : undefined;
  return key === undefined ? problem : { ...rest, origin: key };
}

function startError(problems: readonly Problem[]): StartError {
  const told = problems.map(
    ({ code, message, place, origin, hint }): StartProblem => ({
      code,
      message,
      origin: place?.file ?? origin ?? null,
      line: place?.line ?? null,
      column: place?.column ?? null,
      hint: hint ?? null,
    }),
  );
  return Object.assign(new Error(problemsText(problems, palette(false))), {
    name: "StartError" as const,
    problems: told,
  });
}
