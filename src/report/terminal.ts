/** Lines for people, on stderr; and the one line that moves while something takes long. */

import type { JobId } from "../core/job.ts";
import { type Budget, noBudget, spend } from "./budget.ts";
import { type Chorus, type Parts, silence, sing } from "./chorus.ts";
import { createLiveLine, createLongLine } from "./live-line.ts";
import type { Moment, Report } from "./moment.ts";
import { type Level, type Line, levels } from "./story/story.ts";
import { createTails } from "./tails.ts";

export interface TerminalSettings extends Parts {
  readonly write: (text: string) => void;
  readonly level: () => Level;
  /** `[log] time`: each line begins with the time of day. */
  readonly time: () => boolean;
  /** `[ui] clear`: the screen is cleared before each build or start that answers a change. */
  readonly clear: () => boolean;
  /** It obeys escape sequences, and somebody looks at it. */
  readonly isTerminal: boolean;
  /** Somebody reads along, row by row: a screen reader, a terminal without escape sequences. */
  readonly isRead: boolean;
  /** A line of ours as it is shown there. */
  readonly shaped: (text: string) => string;
  readonly columns: () => number;
  /** The terminal is ours at the moment. */
  readonly mayDraw: () => boolean;
  readonly clock: { now(): number; date(): Date };
}

const clearScreen = "\u001b[2J\u001b[3J\u001b[H";

export interface TerminalReport {
  readonly report: Report;
  /** What was printed of the last thing that went wrong, with the last lines of the build or run that it was about. */
  lastError(): string | undefined;
  /** The last that a job printed, as far as it was read. */
  printed(job: JobId): string;
  /** Somebody else is about to print. */
  beforeOutput(): void;
  close(): void;
}

export function createTerminalReport(settings: TerminalSettings): TerminalReport {
  let chorus: Chorus = silence;
  let budget: Budget = noBudget;
  const live = settings.isTerminal
    ? createLiveLine({
        write: settings.write,
        columns: settings.columns,
        mayDraw: () => isLoud(settings.level(), "info") && settings.mayDraw(),
        dim: settings.colors.dim,
        now: () => settings.clock.now(),
      })
    : settings.isRead
      ? createLongLine({ say: (text) => print({ level: "info", text }), now: () => settings.clock.now() })
      : undefined;

  let lastError: string | undefined;
  const tails = createTails();
  const print = (line: Line, job?: JobId): void => {
    if (line.level === "error")
      lastError = [...lastLines(job === undefined ? "" : tails.of(job)), line.text].join("\n");
    if (!isLoud(settings.level(), line.level)) return;
    const time = settings.time() ? settings.colors.dim(`${settings.clock.date().toTimeString().slice(0, 8)} `) : "";
    settings.write(`${settings.shaped(`${time}${line.text}`)}\n`);
  };

  const report = (moment: Moment): void => {
    const told = sing(chorus, moment, settings);
    chorus = told.chorus;
    if (settings.clear() && settings.isTerminal && isAnswer(moment)) settings.write(clearScreen);
    if (told.lines.length > 0) live?.erase();
    tails.hear(moment);
    for (const line of told.lines) print(line, jobOf(moment));
    const spent = spend(budget, moment);
    budget = spent.budget;
    if (spent.line !== undefined) print({ level: "debug", text: settings.colors.dim(spent.line) });
    live?.hear(moment);
  };
  return {
    report,
    lastError: () => lastError,
    printed: tails.of,
    beforeOutput: () => live?.erase(),
    close: () => live?.close(),
  };
}

const mostLines = 40;

function lastLines(output: string): string[] {
  const text = output.trimEnd();
  if (text === "") return [];
  const lines = text.split("\n");
  const shown = lines.slice(-mostLines);
  return lines.length > shown.length ? ["… reload logs --build has all of it", ...shown] : shown;
}

function jobOf(moment: Moment): JobId | undefined {
  if (moment.type !== "turn") return undefined;
  const { fact } = moment;
  return fact.type === "jobEnded" || fact.type === "runExited" || fact.type === "runLate" ? fact.job : undefined;
}

const isLoud = (level: Level, line: Line["level"]): boolean => levels.indexOf(line) >= levels.indexOf(level);

/** Something begins that answers a change: the first order of a cycle. */
function isAnswer(moment: Moment): boolean {
  if (moment.type !== "turn") return false;
  const { orders, before } = moment;
  const intakes = [...before.intakes.values()];
  return (
    intakes.some(({ actedAt }) => actedAt !== undefined) &&
    (intakes.some(({ stage }) => stage.is === "looking") ||
      [...before.works.values()].some(({ is }) => is === "cancelling")) &&
    orders.some(({ type }) => type === "startJob" || type === "startRun" || type === "stopRun")
  );
}
