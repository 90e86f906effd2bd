/** The one line that moves: what is being made, and for how long by now, once that is over a second. */
import { pathsOf } from "../core/demand.ts";
import { jobName } from "../core/job.ts";
import type { Moment } from "./moment.ts";
import { cause, shortDuration } from "./words.ts";

interface Work {
  /** `build`, `api: build` */
  readonly label: string;
  /** `main.go changed`; nothing where no change asked for it. */
  readonly cause: string | undefined;
  /** On the clock of the engine, in milliseconds. */
  readonly since: number;
}

/** What is under way, by the names of the jobs, in the order in which it began. */
export type UnderWay = ReadonlyMap<string, Work>;

export function underWay(before: UnderWay, moment: Moment): UnderWay {
  if (moment.type !== "turn") return before;
  const { fact, orders, after } = moment;
  if (after.life.is !== "living") return before.size === 0 ? before : new Map();
  const next = new Map(before);
  if (fact.type === "jobEnded") next.delete(jobName(fact.job));
  for (const order of orders) {
    if (order.type === "cancelJob") next.delete(jobName(order.job));
    if (order.type !== "startJob") continue;
    const { kind, service } = order.job;
    next.set(jobName(order.job), {
      label: service === "" ? kind : `${service}: ${kind}`,
      cause: order.demand.size === 0 ? undefined : cause(pathsOf(order.demand)),
      since: fact.at,
    });
  }
  return next;
}

/** From then on it is worth a line; a timer may come a little early. */
const longMs = 950;

/** `○ main.go changed → build 3s`, no wider than this; nothing where nothing takes long. */
export function liveText(works: UnderWay, now: number, columns: number): string | undefined {
  const long = [...works.values()].filter(({ since }) => now - since >= longMs);
  const parts = long.map(({ label, since }) => `${label} ${elapsed(now - since)}`);
  const [only] = long;
  if (only === undefined) return undefined;
  const told = `○ ${parts.join(" · ")}`;
  const whole = long.length === 1 && only.cause !== undefined ? `○ ${only.cause} → ${parts[0]}` : told;
  // A line that reaches the last column is two lines to a terminal.
  return cutTo(Math.max(0, columns - 1), widthOf(whole) < columns ? whole : told);
}

/** Characters that take two columns: those of East Asia, and pictures. */
const wide =
  /[\u1100-\u115f\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u26a1\u26bd\u26d4\u2705\u274c\u2753-\u2757\u2795-\u2797\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Marks on the character before, and what joins characters. */
const none = /[\p{Mn}\p{Me}\p{Cf}]/u;

const columnsOf = (character: string): number => (none.test(character) ? 0 : wide.test(character) ? 2 : 1);

/** In columns of a terminal. What moves a cursor otherwise, a tab as well, is shown by `printable` as what it is. */
export const widthOf = (text: string): number => [...text].reduce((sum, character) => sum + columnsOf(character), 0);

function cutTo(columns: number, text: string): string {
  let width = 0;
  let cut = "";
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) break;
    cut += character;
  }
  return cut;
}

const elapsed = (ms: number): string => (ms < 59_500 ? `${Math.round(ms / 1_000)}s` : shortDuration(ms));

export interface LiveLineParts {
  readonly write: (text: string) => void;
  /** Of the terminal, at the moment. */
  readonly columns: () => number;
  /** The terminal is ours: not in the background, and no program has it for itself. */
  readonly mayDraw: () => boolean;
  readonly dim: (text: string) => string;
  readonly now: () => number;
}

export interface LiveLine {
  hear(moment: Moment): void;
  /** Before anything else is written; it is drawn again when it moves next. */
  erase(): void;
  close(): void;
}

const esc = "\u001b";
/**
 * It stands in the row below the cursor, which stays where the programs have left it: what the run before prints meanwhile
 * goes straight to the terminal, and must not be mixed with it. Index (ESC D) makes room at the end of the screen.
 */
const drawn = (text: string): string => `${esc}[J${esc}D${esc}[A${esc}7${esc}D\r${text}${esc}8`;
/** From the cursor to the end of the screen, where nothing but the line is. */
const erased = `${esc}[J`;

export function createLiveLine({ write, columns, mayDraw, dim, now }: LiveLineParts): LiveLine {
  let works: UnderWay = new Map();
  let timer: NodeJS.Timeout | undefined;
  let isShown = false;
  const erase = (): void => {
    if (isShown) write(erased);
    isShown = false;
  };
  const draw = (): void => {
    if (!mayDraw()) return;
    const text = liveText(works, now(), columns());
    if (text === undefined) return;
    write(drawn(dim(text)));
    isShown = true;
  };
  const close = (): void => {
    clearInterval(timer);
    timer = undefined;
    erase();
  };
  return {
    hear(moment) {
      works = underWay(works, moment);
      if (works.size === 0) close();
      else timer ??= setInterval(draw, 1_000).unref();
    },
    erase,
    close,
  };
}

/** Where nothing can move: that something takes long is said once. */
export function createLongLine({ say, now }: Pick<LiveLineParts, "now"> & { say(text: string): void }): LiveLine {
  let works: UnderWay = new Map();
  let timer: NodeJS.Timeout | undefined;
  const told = new Set<string>();
  const look = (): void => {
    for (const [job, work] of works) {
      if (told.has(job) || now() - work.since < longMs) continue;
      told.add(job);
      say(`○ ${work.cause === undefined ? "" : `${work.cause} → `}${work.label} goes on`);
    }
  };
  const close = (): void => {
    clearInterval(timer);
    timer = undefined;
    told.clear();
  };
  return {
    hear(moment) {
      works = underWay(works, moment);
      if (works.size === 0) close();
      else timer ??= setInterval(look, 1_000).unref();
    },
    erase() {},
    close,
  };
}
