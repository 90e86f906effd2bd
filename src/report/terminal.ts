/** Lines for people, on stderr; and the one line that moves while something takes long. */

import { type Budget, noBudget, spend } from "./budget.ts";
import type { Moment, Report } from "./moment.ts";
import { beginning, type Level, type Line, levels, type Story, type Telling, tell } from "./story.ts";

export interface TerminalSettings extends Telling {
  readonly write: (text: string) => void;
  readonly level: () => Level;
  /** `[log] time`: each line begins with the time of day. */
  readonly time: () => boolean;
  /** `[ui] clear`: the screen is cleared before each build or start that answers a change. */
  readonly clear: () => boolean;
  readonly isTerminal: boolean;
  readonly clock: { now(): number; date(): Date };
}

const clearScreen = "\u001b[2J\u001b[3J\u001b[H";
const eraseLine = "\r\u001b[2K";
const liveAfterMs = 1_000;

export interface TerminalReport {
  readonly report: Report;
  /** What was printed of the last thing that went wrong. */
  lastError(): string | undefined;
  close(): void;
}

export function createTerminal(settings: TerminalSettings): TerminalReport {
  let story: Story = beginning;
  let budget: Budget = noBudget;
  let live: { readonly timer: NodeJS.Timeout; isShown: boolean } | undefined;

  const endLive = (): void => {
    if (live === undefined) return;
    clearInterval(live.timer);
    if (live.isShown) settings.write(eraseLine);
    live = undefined;
  };

  /** The line is drawn with the cursor back at its begin, so that what the build prints takes its place. */
  const beginLive = (text: string, since: number): void => {
    if (!settings.isTerminal || !isLoud(settings.level(), "info")) return;
    const timer = setInterval(() => {
      if (live === undefined) return;
      live.isShown = true;
      const seconds = Math.round((settings.clock.now() - since) / 1_000);
      settings.write(`${eraseLine}${settings.colors.dim(`${text} ${seconds}s`)}\r`);
    }, liveAfterMs);
    timer.unref();
    live = { timer, isShown: false };
  };

  let lastError: string | undefined;
  const print = (line: Line): void => {
    if (line.level === "error") lastError = line.text;
    if (!isLoud(settings.level(), line.level)) return;
    const time = settings.time() ? settings.colors.dim(`${settings.clock.date().toTimeString().slice(0, 8)} `) : "";
    settings.write(`${time}${line.text}\n`);
  };

  const report = (moment: Moment): void => {
    const told = tell(story, moment, settings);
    story = told.story;
    if (told.lines.length > 0 || isEndOfBuild(moment)) endLive();
    if (settings.clear() && settings.isTerminal && isAnswer(moment)) settings.write(clearScreen);
    for (const line of told.lines) print(line);
    const spent = spend(budget, moment);
    budget = spent.budget;
    if (spent.line !== undefined) print({ level: "debug", text: settings.colors.dim(spent.line) });
    if (moment.type === "turn" && moment.orders.some(({ type }) => type === "startJob")) {
      endLive();
      beginLive("building", moment.fact.at);
    }
  };
  return { report, lastError: () => lastError, close: endLive };
}

const isLoud = (level: Level, line: Line["level"]): boolean => levels.indexOf(line) >= levels.indexOf(level);

const isEndOfBuild = (moment: Moment): boolean => moment.type === "turn" && moment.fact.type === "jobEnded";

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
