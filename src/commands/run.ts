/** `reload`: what was asked for, checked and made ready; then the session. */
import { now } from "../adapters/clock.ts";
import { type Holder, lock } from "../adapters/lock.ts";
import { nearest } from "../config/check/suggest.ts";
import { duration } from "../config/keys/kinds.ts";
import type { Effective } from "../config/layers/layers.ts";
import { type LoadedConfig, load } from "../config/layers/load.ts";
import type { Problem } from "../core/problem.ts";
import { commands, laterCommands } from "../line/argv.ts";
import type { Given } from "../line/options.ts";
import type { Note } from "../report/moment.ts";
import { openReporters } from "../session/reporters.ts";
import { live } from "../session/session.ts";
import { type Circumstances, type Settings, settingsOf } from "../session/settings.ts";
import type { Trees } from "../session/trees.ts";
import { version } from "../version.ts";
import { invocationOf, refuse } from "./usage.ts";

/** Resolves with the exit code. */
export async function run(given: Given): Promise<number> {
  const usage = invocationOf(given, given.rest);
  if (!usage.ok) return refuse(given, [usage.problem]);
  const { invocation } = usage;
  const length =
    given.for === undefined ? undefined : duration.decode(/^\d+$/.test(given.for) ? +given.for : given.for);
  if (length?.ok === false) {
    return refuse(
      given,
      length.faults.map(({ message }) => problem("--for", message)),
    );
  }
  const loaded = await load(invocation);
  if (!loaded.ok) return refuse(given, loaded.problems);
  const circumstances: Circumstances = {
    once: given.once,
    forMs: length?.value,
    postpone: given.postpone,
    commandGiven: invocation.command !== undefined,
  };
  let settings: Settings = settingsOf(loaded, circumstances);
  let note = (_: Note): void => {};
  const trees = async (): Promise<Trees> => {
    const { treesOf } = await import("../session/trees.ts");
    return treesOf(loaded, (its) => note({ type: "warned", problem: its }));
  };
  let written: Trees | undefined;
  if (!given.once && hasPatterns(loaded)) {
    // What is wrong with a pattern is wrong before anything is started.
    written = await trees();
    if (written.problems.some(({ severity }) => severity === "error")) return refuse(given, written.problems);
  }
  const opened = openReporters(
    given,
    () => settings,
    (its) => note(its),
  );
  if (!opened.ok) return refuse(given, [opened.problem]);
  const { reporters } = opened;
  note = (its) => reporters.report({ at: now(), ...its });

  const session = uniqueName();
  const taken =
    given.once || loaded.file === undefined
      ? undefined
      : lock({ config: loaded.file.path, profile: loaded.profile, session });
  if (taken?.is === "taken") return refuse(given, [runsAlready(taken.by, loaded.file?.name ?? "")]);
  note({ type: "opened", version: version(), root: loaded.root, config: loaded.file?.name, remarks: loaded.notes });
  for (const warning of loaded.warnings) note({ type: "warned", problem: warning });
  if (taken?.is === "impossible")
    note({ type: "warned", problem: { severity: "warning", message: `no lock: ${taken.why}` } });
  if (taken?.is === "held") {
    if (taken.swept.length > 0) note({ type: "swept", processes: taken.swept });
    for (const other of taken.beside) note({ type: "said", text: runsBeside(other, loaded.file?.name ?? "") });
  }
  try {
    const code = await live({
      invocation,
      loaded,
      settings: () => settings,
      change(next) {
        settings = settingsOf(next, circumstances);
      },
      trees: given.once ? undefined : async () => written ?? trees(),
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

/** Whether somebody has written what is to be watched: the defaults need no check, and are put together once the program is on its way. */
function hasPatterns({ effectives, restartPatterns }: LoadedConfig): boolean {
  const isWritten = ({ key, origins }: Effective): boolean =>
    key.name.startsWith("watch.") && origins.some(({ from }) => from !== "default");
  return restartPatterns.length > 0 || [...effectives.values()].some(isWritten);
}

/** Unlike that of any other `reload`, of this machine or another. It is no secret: no `node:crypto`, which takes 2 ms of the start. */
const uniqueName = (): string =>
  [process.pid, process.hrtime.bigint(), Math.floor(Math.random() * 2 ** 52)].map((part) => part.toString(36)).join("");

const problem = (origin: string, message: string, hint?: string): Problem => ({
  severity: "error",
  origin,
  message,
  ...(hint === undefined ? {} : { hint }),
});

const runsAlready = ({ pid, address, upMs }: Holder, file: string): Problem =>
  problem(
    "reload",
    `already running for ${file} (pid ${pid})`,
    [
      `up for ${age(upMs)}${address === undefined ? "" : `, at ${address}`}`,
      `end it with Ctrl-C in its terminal, or: kill ${pid}`,
      "or give this one another file: -c FILE",
    ].join("; "),
  );

const runsBeside = ({ pid, profile }: Holder, file: string): string =>
  `also running for ${file}: pid ${pid}, ${profile === undefined ? "without a profile" : `with --profile ${profile}`}`;

/** As far as it matters: 40s, 12m, 3h 5m, 2d 4h. */
function age(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A COMMAND that does not exist may have been meant for us. */
function adviseCommand(word: string, note: (note: Note) => void): void {
  const near = nearest(word, [...commands, ...laterCommands]);
  if (near !== undefined) note({ type: "said", text: `did you mean reload ${near}?` });
}
