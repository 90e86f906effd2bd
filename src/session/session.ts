/** One life of `reload`, from the first order to the exit: engine, world, watcher and configuration, tied together. */
import { now } from "../adapters/clock.ts";
import type { Lock } from "../adapters/lock.ts";
import { createGuardian } from "../adapters/process/guardian.ts";
import { listen } from "../adapters/signals.ts";
import { reasonOf } from "../adapters/system/errors.ts";
import { createMadeDirectories } from "../adapters/system/made-directories.ts";
import { keepYoungSmall } from "../adapters/system/memory.ts";
import { isForeground, rememberModes, shellModes } from "../adapters/terminal-modes.ts";
import type { WatchFact, Watching } from "../adapters/watch/watch.ts";
import type { Touch } from "../config/keys/keys.ts";
import type { Invocation, LoadedConfig } from "../config/layers/load.ts";
import type { ConfigNews, LiveConfig, Remarks } from "../config/store/live.ts";
import type { Prepared } from "../config/store/store.ts";
import type { Verdict } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { faultCode, stopOnFault } from "../faults.ts";
import type { Note } from "../report/moment.ts";
import { createChangedFiles } from "./changed.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { Reporters } from "./reporters.ts";
import type { Settings } from "./settings.ts";
import type { Trees } from "./trees.ts";
import { createWorld } from "./world.ts";

export interface SessionParts {
  readonly invocation: Invocation;
  readonly loaded: LoadedConfig;
  /** Those in force. */
  settings(): Settings;
  /** Puts another version in force. */
  change(loaded: LoadedConfig): void;
  /** What is watched; absent with `--once`, which neither watches nor reads its configuration again. */
  readonly trees: (() => Promise<Trees>) | undefined;
  readonly reporters: Reporters;
  note(note: Note): void;
  readonly session: string;
  readonly lock: Lock | undefined;
}

/** Resolves with the exit code, when nothing is left of what was started. */
export async function live(parts: SessionParts): Promise<number> {
  const { reporters, note } = parts;
  const warn = (message: string, hint?: string): void =>
    note({ type: "warned", problem: { severity: "warning", message, ...(hint === undefined ? {} : { hint }) } });
  const changedFiles = createChangedFiles(warn);
  const guardian = createGuardian(parts.session, warn);
  const madeDirectories = createMadeDirectories();
  let watching: Watching | undefined;
  let exited: (code: number) => void = () => {};
  const end = new Promise<number>((resolve) => {
    exited = resolve;
  });
  const world = createWorld({
    settings: parts.settings,
    take: (event) => engine.take(event),
    note,
    exited,
    changedFiles,
    madeDirectories,
    looker: () => watching,
    session: parts.session,
    guardian,
    lock: parts.lock,
    onOutput: reporters.onOutput,
  });
  const engine = createEngine({
    policy: () => parts.settings().policy,
    perform: world.perform,
    observe(turn) {
      reporters.report({ type: "turn", ...turn });
      if (turn.event.type === "runReady") watching?.idle();
    },
  });
  const quit = (code: number): void => engine.take({ at: now(), type: "quitAsked", code });
  const unlistenFaults = stopOnFault(stopping(parts, engine, quit, exited));
  const unlisten = listen({
    quit,
    pause: (isPaused) => world.signal(isPaused ? "SIGSTOP" : "SIGCONT"),
    resized: () => world.signal("SIGWINCH"),
  });
  if (process.pid === 1) note({ type: "said", text: initAdvice });

  if (isForeground()) guardian.modes(shellModes);
  // The first build or run is on its way before anything is looked at, and before what looks is loaded.
  const sinceMs = Date.now();
  engine.take({ at: now(), type: "started" });
  const modes = rememberModes();
  void modes.text.then((text) => text !== undefined && guardian.modes(text));
  let config: LiveConfig | undefined;
  try {
    if (parts.trees !== undefined) {
      const { options } = await parts.trees();
      const { watch } = await import("../adapters/watch/watch.ts");
      keepYoungSmall();
      const hear = (fact: WatchFact): void => {
        if (fact.type === "unchanged") engine.take({ at: now(), type: "rewritten", paths: fact.paths });
        if (fact.type === "changed") engine.take({ at: now(), ...fact });
        else if (fact.type !== "learned") note(fact);
      };
      watching = watch(options, hear, sinceMs);
      config = await keepConfig(parts, watching, engine);
    }
  } catch (error) {
    // What runs by now goes on running.
    const what = watching === undefined ? "nothing is watched" : "the configuration is not watched";
    warn(`${what}: ${reasonOf(error)}`, "end this reload and start it again");
  }

  const code = await end;
  await inOrder(warn, [
    () => config?.close(),
    () => watching?.close(),
    () => world.close(),
    () => guardian.close(),
    () => parts.lock?.release(),
    () => changedFiles.close(),
    // The only end that is a signal's: at all others Node itself restores what it found when it began.
    () => (code === 129 ? modes.restore() : undefined),
    () => {
      if (!parts.settings().cleanOnExit) return;
      for (const left of madeDirectories.remove()) warn(`clean_on_exit: ${left}`);
    },
  ]);
  unlisten();
  unlistenFaults();
  return code;
}

/** Each of them is done, whatever becomes of those before it. */
async function inOrder(warn: (message: string) => void, steps: readonly (() => unknown)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      warn(`not everything could be cleared away: ${reasonOf(error)}`);
    }
  }
}

/** How long after `stop_timeout` a session that is broken may take to end, in milliseconds. */
const longestEndMs = 10_000;

/** What is done about a fault of our own. */
function stopping(
  { note, settings }: SessionParts,
  engine: Engine,
  quit: (code: number) => void,
  exited: (code: number) => void,
): (problem: Problem) => void {
  let isStopping = false;
  return (problem) => {
    note({ type: "warned", problem });
    // One that comes while everything is being stopped anyway is no reason to be less patient.
    if (isStopping || engine.state.cycle.is !== "quitting") quit(faultCode);
    if (isStopping) return;
    isStopping = true;
    // What is broken may be what brings it to its end.
    setTimeout(() => exited(faultCode), (settings().process?.ending.timeoutMs ?? 0) + longestEndMs).unref();
  };
}

const initAdvice = "reload is PID 1 here: give the container an init (docker run --init), so that orphans are reaped";

/** A valid edit of the configuration is taken as one step: patterns, settings, and what they touch. */
async function keepConfig(parts: SessionParts, watching: Watching, engine: Engine): Promise<LiveConfig | undefined> {
  const { invocation, loaded, note } = parts;
  if (loaded.file === undefined && loaded.envFiles.length === 0) return undefined;
  // It is not needed before somebody edits it.
  const live = await import("../config/store/live.ts");
  return live.keepConfig({
    invocation,
    loaded,
    prepare: [
      async ({ after }): Promise<Prepared<Problem>> => {
        const { treesOf } = await import("./trees.ts");
        const trees = await treesOf(after.value, (problem) => note({ type: "warned", problem }));
        const faults = trees.problems.filter(({ severity }) => severity === "error");
        if (faults.length > 0) return { ok: false, faults };
        return {
          ok: true,
          commit() {
            parts.change(after.value);
            watching.aim(trees.options);
          },
          abandon() {},
        };
      },
    ],
    tell: (news) => tellNews(news, parts, engine),
  });
}

function tellNews(news: ConfigNews, { note }: SessionParts, engine: Engine): void {
  const { version } = news;
  switch (news.is) {
    case "applied": {
      note({ type: "configured", is: "applied", version, keys: news.edit.changed, summary: news.edit.summary });
      say(news, note);
      const verdict = verdictOf(news.edit.touches);
      const changes = new Set(news.sources);
      if (verdict !== "ignore") engine.take({ at: now(), type: "configured", demand: { verdict, changes } });
      return;
    }
    case "noted":
      say(news, note);
      return;
    case "refused":
    case "gone":
      for (const problem of news.problems) note({ type: "warned", problem });
      note({ type: "configured", is: news.is, version, keys: [], summary: "" });
      return;
    case "restored":
      note({ type: "configured", is: "restored", version, keys: [], summary: "" });
  }
}

function say({ warnings, notes }: Remarks, note: (note: Note) => void): void {
  for (const problem of warnings) note({ type: "warned", problem });
  for (const text of notes) note({ type: "said", text });
}

function verdictOf(touches: ReadonlySet<Touch>): Verdict {
  if (touches.has("rebuild")) return "rebuild";
  return touches.has("restart") ? "restart" : "ignore";
}
