/** `reload`: what was asked for, checked and made ready; then the session. */
import { randomBytes } from "node:crypto";
import { now } from "../adapters/clock.ts";
import { type Locked, lock } from "../adapters/lock.ts";
import { commands, laterCommands } from "../argv.ts";
import { durationMs } from "../config/duration.ts";
import { load } from "../config/load.ts";
import { nearest } from "../config/suggest.ts";
import type { Given } from "../options.ts";
import type { Problem } from "../problem.ts";
import type { Note } from "../report/moment.ts";
import { live } from "../session.ts";
import { type Circumstances, type Settings, settingsOf } from "../settings.ts";
import { treesOf } from "../trees.ts";
import { version } from "../version.ts";
import { openReporters } from "./reporters.ts";
import { invocationOf, refuse } from "./usage.ts";

/** Resolves with the exit code. */
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
  const circumstances: Circumstances = {
    once: given.once,
    forMs,
    postpone: given.postpone,
    commandGiven: invocation.command !== undefined,
  };
  let settings: Settings = settingsOf(loaded, circumstances);
  let note = (_: Note): void => {};
  // What is wrong with a pattern is wrong before anything is started.
  const trees = given.once ? undefined : await treesOf(loaded, (its) => note({ type: "warned", problem: its }));
  if (trees?.problems.some(({ severity }) => severity === "error") === true) return refuse(given, trees.problems);
  const opened = openReporters(
    given,
    () => settings,
    (its) => note(its),
  );
  if (!opened.ok) return refuse(given, [opened.problem]);
  const { reporters } = opened;
  note = (its) => reporters.report({ at: now(), ...its });

  const session = randomBytes(12).toString("base64url");
  const taken =
    given.once || loaded.file === undefined ? undefined : lock(loaded.file.path, loaded.profile, session, process.env);
  if (taken?.is === "taken") return refuse(given, [runsAlready(taken, loaded.file?.name ?? "")]);
  note({ type: "opened", version: version(), root: loaded.root, config: loaded.file?.name, remarks: loaded.notes });
  for (const warning of loaded.warnings) note({ type: "warned", problem: warning });
  if (taken?.is === "impossible")
    note({ type: "warned", problem: { severity: "warning", message: `no lock: ${taken.why}` } });
  if (taken?.is === "held" && taken.swept.length > 0) note({ type: "swept", processes: taken.swept });
  try {
    const code = await live({
      invocation,
      loaded,
      settings: () => settings,
      change(next) {
        settings = settingsOf(next, circumstances);
      },
      trees,
      reporters,
      note,
      session,
      lock: taken?.is === "held" ? taken.lock : undefined,
    });
    if (code === 127 && invocation.command !== undefined) adviseCommand(invocation.command[0], note);
    return code;
  } finally {
    reporters.close();
  }
}

const problem = (origin: string, message: string, hint?: string): Problem => ({
  severity: "error",
  origin,
  message,
  ...(hint === undefined ? {} : { hint }),
});

const runsAlready = ({ pid }: Extract<Locked, { is: "taken" }>, file: string): Problem =>
  problem(
    "reload",
    `pid ${pid} runs for ${file} already`,
    "end that one first, or give this one another file: -c FILE",
  );

/** A COMMAND that does not exist may have been meant for us. */
function adviseCommand(word: string, note: (note: Note) => void): void {
  const near = nearest(word, [...commands, ...laterCommands]);
  if (near !== undefined) note({ type: "said", text: `did you mean reload ${near}?` });
}
