/** `reload`: watch, build, run, until somebody asks for the end. */
import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { now } from "../adapters/clock.ts";
import { createGuardian } from "../adapters/guardian.ts";
import { type Lock, lock } from "../adapters/lock.ts";
import { listen, rememberModes } from "../adapters/signals.ts";
import { type Watching, watch } from "../adapters/watch.ts";
import { commands, laterCommands } from "../argv.ts";
import { createChangedFiles } from "../changed.ts";
import { durationMs } from "../config/duration.ts";
import { type LoadedConfig, load } from "../config/load.ts";
import { nearest } from "../config/suggest.ts";
import { createEngine } from "../engine.ts";
import type { Given } from "../options.ts";
import type { Problem } from "../problem.ts";
import type { Moment, Note, Report } from "../report/moment.ts";
import { type Settings, settingsOf } from "../settings.ts";
import { type Trees, treesOf } from "../trees.ts";
import { version } from "../version.ts";
import { createWorld } from "../world.ts";
import { openReporters, type Reporters } from "./reporters.ts";
import { invocationOf, refuse } from "./usage.ts";

export async function run(given: Given): Promise<number> {
  const usage = invocationOf(given, given.rest);
  if (!usage.ok) return refuse(given, [usage.problem]);
  const { invocation } = usage;
  const forMs = given.for === undefined ? undefined : durationMs(given.for);
  if (given.for !== undefined && forMs === undefined) {
    return refuse(given, [
      problem("--for", `"${given.for}" is no duration: "500ms", "2s", "1m30s" or whole milliseconds`),
    ]);
  }
  const loaded = await load(invocation);
  if (!loaded.ok) return refuse(given, loaded.problems);
  const settings = settingsOf(loaded, {
    once: given.once,
    forMs,
    postpone: given.postpone,
    commandGiven: invocation.command !== undefined,
  });
  // What is wrong with a pattern is wrong before anything is started.
  let note = (_: Note): void => {};
  const trees = given.once ? undefined : await treesOf(loaded, (its) => note({ type: "warned", problem: its }));
  if (trees?.problems.some(({ severity }) => severity === "error") === true) return refuse(given, trees.problems);
  const opened = openReporters(
    given,
    () => settings,
    (its) => note(its),
  );
  if (!opened.ok) return refuse(given, [opened.problem]);
  const { reporters } = opened;
  note = (its) => tellAll(reporters.reports, { at: now(), ...its });

  const session = randomBytes(12).toString("base64url");
  const taken =
    given.once || loaded.file === undefined ? undefined : lock(loaded.file.path, loaded.profile, session, process.env);
  if (taken?.is === "taken") {
    return refuse(given, [
      problem(
        "reload",
        `pid ${taken.pid} runs for ${loaded.file?.name} already`,
        "end that one first, or give this one another file: -c FILE",
      ),
    ]);
  }
  note({ type: "opened", version: version(), root: loaded.root, config: loaded.file?.name, remarks: loaded.notes });
  for (const warning of loaded.warnings) note({ type: "warned", problem: warning });
  if (taken?.is === "impossible")
    note({ type: "warned", problem: { severity: "warning", message: `no lock: ${taken.why}` } });
  if (taken?.is === "held" && taken.swept.length > 0) note({ type: "swept", processes: taken.swept });
  try {
    const code = await live({
      given,
      loaded,
      settings,
      trees,
      reporters,
      note,
      session,
      lock: taken?.is === "held" ? taken.lock : undefined,
    });
    if (code === 127 && invocation.command !== undefined) hint(invocation.command[0], note);
    return code;
  } finally {
    reporters.close();
  }
}

interface Parts {
  readonly given: Given;
  readonly loaded: LoadedConfig;
  readonly settings: Settings;
  readonly trees: Trees | undefined;
  readonly reporters: Reporters;
  readonly note: (note: Note) => void;
  readonly session: string;
  readonly lock: Lock | undefined;
}

/** From the first order to the exit. */
async function live({ settings, trees, reporters, note, session, lock: held }: Parts): Promise<number> {
  const changedFiles = createChangedFiles();
  const guardian = createGuardian(session);
  const modes = rememberModes();
  const isTmpOurs = !existsSync(settings.tmpDir);
  let watching: Watching | undefined;
  let exited: (code: number) => void = () => {};
  const end = new Promise<number>((resolve) => {
    exited = resolve;
  });
  const world = createWorld({
    settings: () => settings,
    take: (event) => engine.take(event),
    note,
    exited,
    changedFiles,
    looker: () => watching,
    session,
    guardian,
    lock: held,
    onOutput: reporters.onOutput,
  });
  const engine = createEngine({
    policy: () => settings.policy,
    perform: world.perform,
    observe(turn) {
      tellAll(reporters.reports, { type: "turn", ...turn });
      if (turn.event.type === "runReady") watching?.idle();
    },
  });
  const unlisten = listen({
    quit: (code) => engine.take({ at: now(), type: "quitAsked", code }),
    pause: (isPaused) => world.signal(isPaused ? "SIGSTOP" : "SIGCONT"),
    resized: () => world.signal("SIGWINCH"),
  });

  if (process.pid === 1)
    note({
      type: "said",
      text: "reload is PID 1 here: give the container an init (docker run --init), so that orphans are reaped",
    });
  // The first build or run is on its way before anything is looked at: it need not wait for the scan.
  engine.take({ at: now(), type: "started" });
  if (trees !== undefined) {
    watching = watch(trees.options, (fact) => {
      if (fact.type === "changed") engine.take({ at: now(), ...fact });
      else if (fact.type !== "learned") note(fact);
    });
  }
  const code = await end;
  await watching?.close();
  world.close();
  guardian.close();
  held?.release();
  changedFiles.close();
  modes.restore();
  unlisten();
  if (settings.cleanOnExit && isTmpOurs) rmSync(settings.tmpDir, { recursive: true, force: true });
  return code;
}

const tellAll = (reports: readonly Report[], moment: Moment): void => {
  for (const report of reports) report(moment);
};

const problem = (origin: string, message: string, advice?: string): Problem => ({
  severity: "error",
  origin,
  message,
  ...(advice === undefined ? {} : { hint: advice }),
});

/** A COMMAND that does not exist may have been meant for us. */
function hint(word: string, note: (note: Note) => void): void {
  const near = nearest(word, [...commands, ...laterCommands]);
  if (near !== undefined) note({ type: "said", text: `did you mean reload ${near}?` });
}
