/** The lines for the terminal: one per thing that happened. A fold over moments; pure, so that a session can be told again from its trace. */

import type { Problem } from "../core/problem.ts";
import { isLive, type Slot, type State } from "../core/state.ts";
import type { Turn } from "../core/turn.ts";
import type { Colors } from "./colour.ts";
import type { Moment } from "./moment.ts";
import { cause, duration, ending, plural, printable, several } from "./words.ts";

/** In the order of what `[log] level` lets through. */
export const levels = ["debug", "info", "warn", "error", "silent"] as const;
export type Level = (typeof levels)[number];

export interface Line {
  readonly level: Exclude<Level, "silent">;
  readonly text: string;
}

export interface Telling {
  readonly colors: Colors;
  /** A readiness check exists, so that "ready" is worth waiting for before the line is printed. */
  readonly checked: () => boolean;
  readonly once: boolean;
  /** How a problem is shown: with the line of the file and a caret. */
  readonly problem: (problem: Problem) => string;
}

/** What has to be remembered from one moment to the next to tell it. */
export interface Story {
  /** The phases of the change that is being answered, as they are printed. */
  readonly phases: readonly string[];
  readonly changes: ReadonlySet<string>;
  readonly buildAt: number;
  readonly stopAt: number | undefined;
  readonly startAt: number;
  /** Its run has been ordered: what comes next is another story. */
  readonly isStarted: boolean;
  /** Its line has been printed. */
  readonly isTold: boolean;
}

export const beginning: Story = {
  phases: [],
  changes: new Set(),
  buildAt: 0,
  stopAt: undefined,
  startAt: 0,
  isStarted: false,
  isTold: true,
};

export interface Told {
  readonly story: Story;
  readonly lines: readonly Line[];
}

export function tell(story: Story, moment: Moment, telling: Telling): Told {
  if (moment.type === "turn") return tellTurn(story, moment, telling);
  return tellNote(story, moment, telling);
}

const quiet = (story: Story): Told => ({ story, lines: [] });
const say = (story: Story, level: Line["level"], text: string): Told => ({ story, lines: [{ level, text }] });

// ── turns ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function tellTurn(story: Story, turn: Turn, telling: Telling): Told {
  const first = tellEvent(story, turn, telling);
  return turn.effects.reduce<Told>((told, effect) => {
    const next = tellEffect(told.story, effect, turn, telling);
    return { story: next.story, lines: [...told.lines, ...next.lines] };
  }, first);
}

function tellEvent(story: Story, turn: Turn, telling: Telling): Told {
  const { event, before, after } = turn;
  const { colors } = telling;
  switch (event.type) {
    case "buildEnded": {
      if (before.cycle.is !== "building" || before.cycle.build !== event.build) return quiet(story);
      const took = duration(event.at - story.buildAt);
      const { result } = event;
      if (result.is === "ok") {
        const built: Story = { ...story, phases: [...story.phases, `build ${took}`] };
        const isOver = after.cycle.is !== "swapping" && turn.effects.every(({ type }) => type !== "startRun");
        return isOver ? say({ ...built, isTold: true }, "info", line(colors.green("●"), built)) : quiet(built);
      }
      const what =
        result.is === "timedOut" ? `build timed out after ${duration(result.afterMs)}` : `build failed after ${took}`;
      const why = result.is === "failed" ? ` (${ending(result.exit)})` : "";
      const failed: Story = { ...story, phases: [...story.phases, colors.red(what + why)], isTold: true };
      return say(failed, "error", line(colors.red("✖"), failed, colors.dim(remains(turn))));
    }
    case "runReady": {
      if (!becomes(before, after, event.run, "ready")) return quiet(story);
      const took = duration(event.at - story.startAt);
      if (story.isTold || !telling.checked()) return say(story, "debug", `run ${event.run} ready after ${took}`);
      return say(
        { ...story, isTold: true },
        "info",
        line(colors.green("●"), { ...story, phases: [...story.phases, `ready ${took}`] }, `run ${event.run}`),
      );
    }
    case "runLate": {
      if (slotOf(before, event.run)?.is !== "starting") return quiet(story);
      const isRollback = before.coming.is === "starting" && before.coming.run === event.run;
      const why = event.why === undefined ? "" : ` (${printable(event.why)})`;
      const late = colors.red(`not ready after ${duration(event.at - story.startAt)}${why}`);
      const text = line(
        colors.red("✖"),
        { ...story, phases: [...story.phases, late] },
        colors.dim(telling.once ? `run ${event.run}` : isRollback ? remains(turn) : `run ${event.run} is left running`),
      );
      return say({ ...story, isTold: true }, "error", text);
    }
    case "runExited":
      return tellExit(story, turn, event, telling);
    case "runGone":
      if (story.stopAt === undefined) return quiet(story);
      return quiet({ ...story, stopAt: undefined, phases: [...story.phases, ...stopPhase(event.at - story.stopAt)] });
    case "quitAsked":
      return after.cycle.is === "quitting" &&
        after.cycle.forced &&
        before.cycle.is === "quitting" &&
        !before.cycle.forced
        ? say(story, "info", colors.dim("stopping at once"))
        : quiet(story);
    default:
      return quiet(story);
  }
}

/** A stop that nobody had to wait for is not worth a word. */
const stopPhase = (ms: number): string[] => (ms < 10 ? [] : [`stop ${duration(ms)}`]);

function tellExit(
  story: Story,
  turn: Turn,
  event: Extract<Turn["event"], { type: "runExited" }>,
  telling: Telling,
): Told {
  const { before, after } = turn;
  const { colors } = telling;
  const slot = slotOf(before, event.run);
  if (slot === undefined || !isLive(slot)) return quiet(story);
  const { exit } = event;
  // Whoever waits for a check asks why it was not met, whatever the code.
  const isAsked = event.unready !== undefined && exit.is !== "unstartable" && slot.is !== "ready";
  const isFine = exit.is === "code" && exit.code === 0 && !isAsked;
  const how =
    exit.is === "unstartable" ? `could not be started: ${printable(exit.message)}` : `ended with ${ending(exit)}`;
  const lived = exit.is === "unstartable" ? "" : ` after ${duration(event.at - slot.startedAt)}`;
  const broken = exit.is === "signal" && exit.signal === "SIGPIPE" ? " (its output is no longer read)" : "";
  const next = whatNext(turn);
  const unready =
    isAsked && (telling.once || (exit.is === "code" && exit.code === 0))
      ? `, before it was ready (${printable(event.unready ?? "")})`
      : "";
  const subject = `run ${event.run} ${how}${lived}${broken}${unready}`;
  const mark = isFine ? colors.dim("○") : colors.red("✖");
  const tail = next === "" ? "" : colors.dim(` · ${next}`);
  if (telling.once && isFine) return say(story, "debug", subject);
  const prefix = story.isTold || after.cycle.is === "quitting" ? "" : `${line("", story).trim()} → `;
  return say(
    { ...story, isTold: true },
    isFine ? "info" : "error",
    `${mark} ${prefix}${isFine ? subject : colors.red(subject)}${tail}`,
  );
}

function whatNext({ after, effects }: Turn): string {
  if (after.cycle.is === "quitting" || after.cycle.is === "ended") return "";
  if (after.current.is === "stopping" && after.current.next === "backoff") return "restarting";
  if (isLive(after.current) && after.coming.is === "stopping") return `run ${after.current.run} stays`;
  if (after.current.is === "exited" && effects.length === 0 && after.cycle.is === "resting")
    return "waiting for a change";
  return "";
}

/** What still serves after something failed. */
function remains({ after }: Turn): string {
  const { current } = after;
  if (isLive(current)) return `run ${current.run} stays`;
  if (current.is === "stopping") return `run ${current.run} is stopped`;
  return "nothing runs";
}

function tellEffect(story: Story, effect: Turn["effects"][number], turn: Turn, telling: Telling): Told {
  const { at } = turn.event;
  const { colors } = telling;
  switch (effect.type) {
    case "build":
      return quiet({ ...beginning, changes: effect.demand.changes, buildAt: at, isTold: false });
    case "cancelBuild":
      if (turn.after.cycle.is !== "cancelling") return quiet(story);
      return say(
        { ...story, isTold: true },
        "debug",
        colors.dim(`build ${effect.build} given up: ${cause(turn.after.owed.changes)}`),
      );
    case "stopRun": {
      const { cycle } = turn.after;
      if (cycle.is !== "swapping") return quiet(story);
      const own = begun(story, cycle.due.changes);
      return quiet({ ...own, stopAt: own.stopAt ?? at });
    }
    case "startRun":
      return quiet({ ...begun(story, effect.demand.changes), startAt: at, stopAt: undefined, isStarted: true });
    case "mute": {
      const verb = effect.paths.length === 1 ? "changes" : "change";
      const what = `${effect.paths.map(printable).join(", ")} ${verb} with every build; not building for it again`;
      return say(story, "warn", looping(colors, what, "the build writes", effect.paths, "; else save it once more"));
    }
    case "restless": {
      const what = `${printable(effect.path)} has called for many starts in a row, and nothing else has`;
      return say(story, "warn", looping(colors, what, "the program writes", [effect.path]));
    }
    case "arm":
      return effect.timer === "backoff"
        ? say(story, "info", colors.dim(`○ restarting in ${duration(effect.afterMs)}`))
        : quiet(story);
    default:
      return quiet(story);
  }
}

function looping(colors: Colors, what: string, who: string, paths: readonly string[], more = ""): string {
  const list = paths.map((path) => JSON.stringify(path)).join(", ");
  const advice = `if ${who} ${paths.length === 1 ? "it" : "them"}: exclude_files = [${list}] under [watch]${more}`;
  return `${colors.yellow("▲")} ${what}\n  ${colors.dim(advice)}`;
}

/** Without a build, a story begins with the start, or with the stop that makes room for it; more may change meanwhile. */
const begun = (story: Story, changes: ReadonlySet<string>): Story =>
  story.isTold || story.isStarted
    ? { ...beginning, isTold: false, changes }
    : { ...story, changes: changes.size > 0 ? changes : story.changes };

function line(mark: string, story: Story, tail?: string): string {
  const path = [cause(story.changes), ...story.phases].join(" → ");
  return `${mark} ${path}${tail === undefined ? "" : ` · ${tail}`}`;
}

function slotOf(state: State, run: number): Slot | undefined {
  return [state.current, state.coming].find((slot) => "run" in slot && slot.run === run);
}

const becomes = (before: State, after: State, run: number, is: Slot["is"]): boolean =>
  slotOf(before, run)?.is !== is && before !== after;

// ── notes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function tellNote(story: Story, note: Exclude<Moment, { type: "turn" }>, telling: Telling): Told {
  const { colors } = telling;
  switch (note.type) {
    case "opened":
      return { story, lines: note.remarks.map((text) => ({ level: "info", text: colors.dim(text) })) };
    case "watching":
      return say(
        story,
        "debug",
        colors.dim(
          `watching ${plural(note.directories, "directory")}, ${plural(note.files, "file")} (${note.source}, ${duration(note.elapsedMs)})`,
        ),
      );
    case "unchanged":
      return say(story, "debug", colors.dim(`${several(note.paths)} saved unchanged; ignored`));
    case "runStarted": {
      if (telling.checked() || story.isTold)
        return say(story, "debug", colors.dim(`run ${note.run} is pid ${note.pid}`));
      const told: Story = { ...story, isTold: true, phases: [...story.phases, "running"] };
      return say(told, "info", line(colors.green("●"), told, `run ${note.run}`));
    }
    case "buildStarted":
      return say(story, "debug", colors.dim(`build ${note.build} is pid ${note.pid}`));
    case "left":
      return say(
        story,
        "warn",
        `${colors.yellow("▲")} run ${note.run} left behind: ${note.processes.map(named).join(", ")}; ended before the next start`,
      );
    case "stopWaiting":
      return say(story, "info", `waiting for pid ${note.pid} (${note.signal}, ${duration(note.leftMs)} left)`);
    case "forced":
      return say(
        story,
        "warn",
        `${colors.yellow("▲")} pid ${note.pid} did not end within ${duration(note.afterMs)} of ${note.signal}: killed`,
      );
    case "swept":
      return say(
        story,
        "info",
        colors.dim(`ended processes that had left the group: ${note.processes.map(named).join(", ")}`),
      );
    case "notReady":
      return say(story, "warn", `${colors.yellow("▲")} run ${note.run}: ${note.reason}`);
    case "configured":
      return tellConfigured(story, note, colors);
    case "said":
      return say(story, "info", note.text);
    case "warned":
      return say(story, note.problem.severity === "error" ? "error" : "warn", telling.problem(note.problem));
    case "output":
      return quiet(story);
  }
}

function tellConfigured(story: Story, note: Extract<Moment, { type: "configured" }>, colors: Colors): Told {
  const { version, summary } = note;
  switch (note.is) {
    case "applied":
      return say(story, "info", `${colors.cyan("●")} configuration ${version}: ${printable(summary)}`);
    case "refused":
      return say(story, "error", `${colors.red("✖")} configuration not changed · version ${version} stays`);
    case "gone":
      return say(story, "warn", `${colors.yellow("▲")} the configuration is gone · version ${version} stays`);
    case "restored":
      return say(story, "info", `${colors.cyan("●")} configuration ${version} again, as it is in force`);
  }
}

const named = ({ pid, command }: { pid: number; command: string }): string => `${pid} (${printable(command)})`;
