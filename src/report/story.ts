/** The lines for the terminal: one per thing that happened. A fold over moments; pure, so that a session can be told again from its trace. */

import { pathsOf } from "../core/demand.ts";
import { type House, intakeOf, runsOf } from "../core/house.ts";
import { type JobId, jobName } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import { hasFailedWith, heldOnes } from "../core/serving.ts";
import { isLive, type Slot } from "../core/slots.ts";
import type { Turn } from "../core/turn.ts";
import type { HeldFile, News, Order, Service } from "../core/types.ts";
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
  readonly checked: (service: Service) => boolean;
  readonly once: boolean;
  /** What is opened in the browser. */
  readonly address: (service: Service) => string | undefined;
  /** What was said before is gone from the screen with the next change. */
  readonly clears: () => boolean;
  /** Keys of ours can be pressed. */
  readonly hasKeys: () => boolean;
  /** How a problem is shown: with the line of the file and a caret. */
  readonly problem: (problem: Problem) => string;
}

/** What has to be remembered from one moment to the next to tell it. */
export interface Story {
  /** The phases of the change that is being answered, as they are printed. */
  readonly phases: readonly string[];
  readonly changes: ReadonlySet<string>;
  readonly buildAt: number;
  /** Hooks beside the cycle that are under way, by name: when they began. */
  readonly beside: ReadonlyMap<string, number>;
  readonly stopAt: number | undefined;
  readonly startAt: number;
  /** Its run has been ordered: what comes next is another story. */
  readonly isStarted: boolean;
  /** Its line has been printed. */
  readonly isTold: boolean;
  /** The address as it was said last, with a run that answers there. */
  readonly address: string | undefined;
}

export const beginning: Story = {
  phases: [],
  changes: new Set(),
  buildAt: 0,
  beside: new Map(),
  stopAt: undefined,
  startAt: 0,
  isStarted: false,
  isTold: true,
  address: undefined,
};

export interface Told {
  readonly story: Story;
  readonly lines: readonly Line[];
}

/** @param service whose story it is */
export function tell(story: Story, moment: Moment, telling: Telling, service: Service): Told {
  if (moment.type === "turn") return tellTurn(story, moment, telling, service);
  return tellNote(story, moment, telling);
}

const quiet = (story: Story): Told => ({ story, lines: [] });
const say = (story: Story, level: Line["level"], text: string): Told => ({ story, lines: [{ level, text }] });

// ── turns ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function tellTurn(story: Story, turn: Turn, telling: Telling, service: Service): Told {
  const first = tellFact(story, turn, telling, service);
  const news = turn.news.flatMap((its) => tellNews(its, telling.colors));
  return turn.orders.reduce<Told>(
    (told, order) => {
      const next = tellOrder(told.story, order, turn, telling, service);
      return { story: next.story, lines: [...told.lines, ...next.lines] };
    },
    { story: first.story, lines: [...first.lines, ...news] },
  );
}

function tellFact(story: Story, turn: Turn, telling: Telling, service: Service): Told {
  const { fact, before, after } = turn;
  const { colors } = telling;
  switch (fact.type) {
    case "jobEnded": {
      const { result, job } = fact;
      if (!isRunning(before, job)) return quiet(story);
      const besideAt = story.beside.get(jobName(job));
      if (besideAt !== undefined) return tellBeside(story, fact, besideAt, telling);
      const took = duration(fact.at - story.buildAt);
      if (result.is === "ok") {
        const built: Story = { ...story, phases: [...story.phases, `${job.kind} ${took}`] };
        const isOver = !isAtWork(after, service) && turn.orders.every(({ type }) => type !== "startRun");
        return isOver ? say({ ...built, isTold: true }, "info", line(colors.green("●"), built)) : quiet(built);
      }
      if (result.is === "held") return tellHeld(story, turn, { job, files: result.files, took }, telling, service);
      const what =
        result.is === "timedOut"
          ? `${job.kind} timed out after ${duration(result.afterMs)}`
          : `${job.kind} failed after ${took}`;
      const why = result.is === "failed" ? ` (${ending(result.exit)})` : "";
      if (isForgiven(turn, job))
        return say(
          { ...story, phases: [...story.phases, `${job.kind} ${took}`] },
          "warn",
          `${colors.yellow("▲")} ${what}${why}, and the build goes on`,
        );
      const failed: Story = { ...story, phases: [...story.phases, colors.red(what + why)], isTold: true };
      return say(failed, "error", line(colors.red("✖"), failed, colors.dim(remains(turn, service))));
    }
    case "runReady": {
      const { number } = fact.job;
      if (!becomes(before, after, fact.job, "ready")) return quiet(story);
      const took = duration(fact.at - story.startAt);
      if (story.isTold || !telling.checked(fact.job.service))
        return say(story, "debug", `run ${number} ready after ${took}`);
      const address = telling.address(fact.job.service);
      const isNew = address !== undefined && (address !== story.address || telling.clears());
      const ready: Story = { ...story, address, phases: [...story.phases, `ready ${took}`] };
      const end = isNew ? `run ${number} · ${colors.cyan(address)}` : `run ${number}`;
      return say({ ...ready, phases: story.phases, isTold: true }, "info", line(colors.green("●"), ready, end));
    }
    case "runLate": {
      const { service, number } = fact.job;
      if (slotOf(before, fact.job)?.is !== "starting") return quiet(story);
      const isRollback = runsOf(before, service).beside === slotOf(before, fact.job);
      const why = fact.why === undefined ? "" : ` (${printable(fact.why)})`;
      const late = colors.red(`not ready after ${duration(fact.at - story.startAt)}${why}`);
      const text = line(
        colors.red("✖"),
        { ...story, phases: [...story.phases, late] },
        colors.dim(
          telling.once ? `run ${number}` : isRollback ? remains(turn, service) : `run ${number} is left running`,
        ),
      );
      return say({ ...story, isTold: true }, "error", text);
    }
    case "runExited":
      return tellExit(story, turn, fact, telling);
    case "runGone":
      if (story.stopAt === undefined) return quiet(story);
      return quiet({ ...story, stopAt: undefined, phases: [...story.phases, ...stopPhase(fact.at - story.stopAt)] });
    case "quitAsked":
      return after.life.is === "quitting" && after.life.forced && before.life.is === "quitting" && !before.life.forced
        ? say(story, "info", colors.dim("stopping at once"))
        : quiet(story);
    default:
      return quiet(story);
  }
}

/** A check has found files wrong: what is wrong comes first, then what becomes of it. */
function tellHeld(
  story: Story,
  turn: Turn,
  { job, files, took }: { readonly job: JobId; readonly files: readonly HeldFile[]; readonly took: string },
  { colors, problem }: Telling,
  service: Service,
): Told {
  const isFailed = hasFailedWith(turn.before, turn.after, job) || turn.after.life.is !== "living";
  const held = isFailed ? files : heldOnes(turn.after, service, files);
  if (held.length === 0) return quiet(story);
  const wrong = uniqueTexts(held.flatMap(({ problems }) => problems.map(problem)));
  const remaining = colors.dim(remains(turn, service));
  if (isFailed) {
    const failed: Story = {
      ...story,
      phases: [...story.phases, colors.red(`${job.kind} failed after ${took}`)],
      isTold: true,
    };
    return say(failed, "error", [...wrong, line(colors.red("✖"), failed, remaining)].join("\n"));
  }
  const paths = held.map(({ path }) => path);
  const what = colors.red(`${several(paths)} ${paths.length === 1 ? "is" : "are"} held back`);
  const text = `${colors.red("✖")} ${what}${isLive(runsOf(turn.after, service).current) ? ` · ${remaining}` : ""}`;
  const changes = new Set([...story.changes].filter((path) => !paths.includes(path)));
  return say(
    { ...story, changes, isTold: !isAtWork(turn.after, service) && changes.size === 0 },
    "error",
    [...wrong, text].join("\n"),
  );
}

const uniqueTexts = (texts: readonly string[]): string[] => [...new Set(texts)];

/** It failed, and what comes after it happens all the same. */
function isForgiven({ before, after }: Turn, job: JobId): boolean {
  return [...before.works].some(([recipe, work]) => {
    const over = after.works.get(recipe);
    if (work.is !== "running" || jobName(work.job) !== jobName(job) || over?.is !== "clean") return false;
    return after.life.is === "living" && over.good === work.upTo;
  });
}

/** A command before the build is under way, which may end the run (`killall app`). */
const isMeanwhileHooked = ({ beside }: Story, { works }: House, service: Service): boolean =>
  [...works.values()].some(
    (work) =>
      work.is === "running" &&
      work.job.kind === "hook" &&
      work.job.service === service &&
      !beside.has(jobName(work.job)),
  );

/** A stop that nobody had to wait for is not worth a word. */
const stopPhase = (ms: number): string[] => (ms < 10 ? [] : [`stop ${duration(ms)}`]);

function tellExit(
  story: Story,
  turn: Turn,
  fact: Extract<Turn["fact"], { type: "runExited" }>,
  telling: Telling,
): Told {
  const { before, after } = turn;
  const { colors } = telling;
  const slot = slotOf(before, fact.job);
  if (slot === undefined || !isLive(slot)) return quiet(story);
  const { exit } = fact;
  // Whoever waits for a check asks why it was not met, whatever the code.
  const isAsked = fact.unready !== undefined && exit.is !== "unstartable" && slot.is !== "ready";
  const isFine =
    (exit.is === "code" && exit.code === 0 && !isAsked) || isMeanwhileHooked(story, before, fact.job.service);
  const how =
    exit.is === "unstartable" ? `could not be started: ${printable(exit.message)}` : `ended with ${ending(exit)}`;
  const lived = exit.is === "unstartable" ? "" : ` after ${duration(fact.at - slot.startedAt)}`;
  const broken = exit.is === "signal" && exit.signal === "SIGPIPE" ? " (its output is no longer read)" : "";
  const next = whatNext(turn, fact.job.service);
  const unready =
    isAsked && (telling.once || (exit.is === "code" && exit.code === 0))
      ? `, before it was ready (${printable(fact.unready ?? "")})`
      : "";
  const subject = `run ${fact.job.number} ${how}${lived}${broken}${unready}`;
  const mark = isFine ? colors.dim("○") : colors.red("✖");
  const tail = next === "" ? "" : colors.dim(` · ${next}`);
  if (telling.once && isFine) return say(story, "debug", subject);
  const prefix = story.isTold || after.life.is === "quitting" ? "" : `${line("", story).trim()} → `;
  return say(
    { ...story, isTold: true },
    isFine ? "info" : "error",
    `${mark} ${prefix}${isFine ? subject : colors.red(subject)}${tail}`,
  );
}

function whatNext({ after, orders }: Turn, service: Service): string {
  const { current, beside } = runsOf(after, service);
  if (after.life.is !== "living") return "";
  if (current.is === "stopping" && current.next === "backoff") return "restarting";
  if (isLive(current) && beside.is === "stopping") return `run ${current.run} stays`;
  if (current.is === "exited" && orders.length === 0 && intakeOf(after, service).stage.is === "resting")
    return "waiting for a change";
  return "";
}

/** What still serves after something failed. */
function remains({ after }: Turn, service: Service): string {
  const { current } = runsOf(after, service);
  if (isLive(current)) return `run ${current.run} stays`;
  if (current.is === "stopping") return `run ${current.run} is stopped`;
  return "nothing runs";
}

/** A hook that nothing has waited for is over. */
function tellBeside(
  story: Story,
  { job, result, at }: Extract<Turn["fact"], { type: "jobEnded" }>,
  besideAt: number,
  { colors }: Telling,
): Told {
  const beside = new Map(story.beside);
  beside.delete(jobName(job));
  const next: Story = { ...story, beside };
  const took = duration(at - besideAt);
  if (result.is === "ok" || result.is === "cancelled") return say(next, "debug", colors.dim(`${job.kind} ${took}`));
  const why = result.is === "failed" ? ` (${ending(result.exit)})` : "";
  return say(next, "warn", `${colors.yellow("▲")} ${job.kind} failed after ${took}${why}`);
}

function tellOrder(story: Story, order: Order, turn: Turn, telling: Telling, service: Service): Told {
  const { at } = turn.fact;
  const { colors } = telling;
  switch (order.type) {
    case "startJob": {
      // What nothing waits for is not part of what is being told.
      if (order.demand.size === 0)
        return quiet({ ...story, beside: new Map(story.beside).set(jobName(order.job), at) });
      const isNext = story.phases.length > 0 && !story.isTold && !story.isStarted;
      const changes = isNext ? new Set([...story.changes, ...pathsOf(order.demand)]) : pathsOf(order.demand);
      const own = isNext ? story : another(story);
      return quiet({ ...own, changes, buildAt: at, isTold: false });
    }
    case "cancelJob": {
      const { kind, number } = order.job;
      if (turn.after.life.is !== "living") return quiet(story);
      const why = cause(pathsOf(intakeOf(turn.after, service).owed));
      return say({ ...story, isTold: true }, "debug", colors.dim(`${kind} ${number} given up: ${why}`));
    }
    case "stopRun": {
      const { stage } = intakeOf(turn.after, order.job.service);
      if (stage.is !== "due") return quiet(story);
      const own = begun(story, pathsOf(stage.taken));
      return quiet({ ...own, stopAt: own.stopAt ?? at });
    }
    case "startRun":
      return quiet({ ...begun(story, pathsOf(order.demand)), startAt: at, stopAt: undefined, isStarted: true });
    case "refresh":
      return say(story, "info", line(colors.green("●"), begun(story, new Set(order.paths)), "refreshed"));
    case "arm":
      return order.timer === "backoff"
        ? say(story, "info", colors.dim(`○ restarting in ${duration(order.afterMs)}`))
        : quiet(story);
    default:
      return quiet(story);
  }
}

function tellNews(news: News, colors: Colors): Line[] {
  switch (news.type) {
    case "muted": {
      const verb = news.paths.length === 1 ? "changes" : "change";
      const what = `${news.paths.map(printable).join(", ")} ${verb} with every build; not building for it again`;
      return [
        { level: "warn", text: looping(colors, what, "the build writes", news.paths, "; else save it once more") },
      ];
    }
    case "restless": {
      const what = `${printable(news.path)} has called for many starts in a row, and nothing else has`;
      return [{ level: "warn", text: looping(colors, what, "the program writes", [news.path]) }];
    }
    case "rolledBack":
      return [{ level: "error", text: `${colors.red("✖")} run ${news.run} serves again` }];
    case "waiting":
      return [{ level: "warn", text: `${colors.yellow("▲")} waits for ${news.after.join(", ")}, which failed` }];
  }
}

function looping(colors: Colors, what: string, who: string, paths: readonly string[], more = ""): string {
  const list = paths.map((path) => JSON.stringify(path)).join(", ");
  const advice = `if ${who} ${paths.length === 1 ? "it" : "them"}: exclude_files = [${list}] under [watch]${more}`;
  return `${colors.yellow("▲")} ${what}\n  ${colors.dim(advice)}`;
}

/** The next story: what goes on beside all of them stays. */
const another = ({ beside, address }: Story): Story => ({ ...beginning, beside, address });

/** Without a build, a story begins with the start, or with the stop that makes room for it; more may change meanwhile. */
const begun = (story: Story, changes: ReadonlySet<string>): Story =>
  story.isTold || story.isStarted
    ? { ...another(story), isTold: false, changes }
    : { ...story, changes: changes.size > 0 ? changes : story.changes };

function line(mark: string, story: Story, tail?: string): string {
  const path = [cause(story.changes), ...story.phases].join(" → ");
  return `${mark} ${path}${tail === undefined ? "" : ` · ${tail}`}`;
}

function slotOf(house: House, { service, number }: JobId): Slot | undefined {
  const { current, beside } = runsOf(house, service);
  return [current, beside].find((slot) => "run" in slot && slot.run === number);
}

const becomes = (before: House, after: House, job: JobId, is: Slot["is"]): boolean =>
  slotOf(before, job)?.is !== is && before !== after;

/** It is under way, and nobody has given it up. */
const isRunning = ({ works }: House, job: JobId): boolean =>
  [...works.values()].some((work) => work.is === "running" && jobName(work.job) === jobName(job));

function isAtWork(house: House, service: Service): boolean {
  const { stage } = intakeOf(house, service);
  return stage.is === "working" || stage.is === "due";
}

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
    case "jobStarted": {
      const { kind, number } = note.job;
      if (kind !== "run" || telling.checked(note.job.service) || story.isTold)
        return say(story, "debug", colors.dim(`${kind} ${number} is pid ${note.pid}`));
      const told: Story = { ...story, isTold: true, phases: [...story.phases, "running"] };
      return say(told, "info", line(colors.green("●"), told, `run ${number}`));
    }
    case "left":
      return say(
        story,
        "warn",
        `${colors.yellow("▲")} run ${note.job.number} left behind: ${note.processes.map(named).join(", ")}; ended before the next start`,
      );
    case "stopWaiting":
      return say(
        story,
        "info",
        `waiting for pid ${note.pid} (${note.signal}, ${duration(note.leftMs)} left${telling.hasKeys() ? "; r kills now" : ""})`,
      );
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
      return say(story, "warn", `${colors.yellow("▲")} run ${note.job.number}: ${note.reason}`);
    case "configured":
      return tellConfigured(story, note, colors);
    case "warmth": {
      const saved = note.savedMs === undefined ? "" : `: ${duration(note.savedMs)} of its start were saved`;
      if (note.isWarm) return say(story, "debug", `run ${note.job.number} was let in${saved}`);
      return say(
        story,
        note.isNews ? "info" : "debug",
        colors.dim(`warm: run ${note.job.number} starts cold: ${printable(note.reason ?? "")}`),
      );
    }
    case "said":
      return say(story, "info", note.text);
    case "warned":
      return say(story, note.problem.severity === "error" ? "error" : "warn", telling.problem(note.problem));
    case "signalled":
      return say(story, "info", `${colors.green("●")} ${note.signals.join(", ")} sent to run ${note.job.number}`);
    case "refreshed":
      return note.paths.length === 0
        ? quiet(story)
        : say(story, "info", `${colors.green("●")} ${cause(new Set(note.paths))} → refresh`);
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
