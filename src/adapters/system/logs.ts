/**
 * Files that what runs writes by opening, writing and closing them at once: no descriptor tells of them later, and from outside it looks
 * like somebody's save. A file that changes again and again just after a start is suspected, and at the next starts it is watched closely
 * who has it open: a writer that is met with it is proof, and nothing else is, but a line that names the process that wrote it. From then on
 * what is appended while it runs calls for nothing; where the file is written anew each time, what is written at a start.
 */
import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { appended, type SeenFile } from "./appended.ts";
import { identityOfFile } from "./opened.ts";
import { bytesWritten } from "./proc.ts";

export interface Logs {
  /** @param was what was seen of it before; @returns whether what runs has written it */
  has(path: string, stats: Stats, was: SeenFile | undefined): boolean;
  /** What runs was met with the file open for writing. */
  caught(path: string): void;
  /** Whether what runs has written so much, in bytes, since that was asked last: of any file. */
  haveWritten(count: number): boolean;
  /** A run is being started. */
  began(): void;
  close(): void;
}

export type HowWritten = "appended" | "rewritten" | "database";

interface Suspect {
  /** So many changes in a row came just after a start. */
  rounds: number;
  /** So many in a row named the process. */
  named: number;
  /** It was met open. */
  isCaught: boolean;
  /** It is known to be written by what runs. */
  how: HowWritten | undefined;
  /** How long after a start it was written, at least and at most, in milliseconds. */
  fromMs: number;
  afterMs: number;
}

/** This soon after a start a change is suspected, in milliseconds. */
const soonMs = 3_000;
/** After so many it is watched closely, and not more often than so many times for one file. */
const enoughRounds = 2;
const mostRounds = 30;
/** That takes a processor, so it is done around the times after a start at which it has been written: so much earlier and later, and a share of them more. */
const aroundMs = 100;
const aroundShare = 0.25;
const longestMs = 2_000;
const mostMet = 1_000;
/** How long others wait while it is looked. */
const sliceMs = 3;
/** So many lines that name the process are enough as well. */
const enoughNamed = 2;
/** Somebody who writes it anew at each start may take that much longer. */
const slackMs = 300;
/** So long what was written may be on its way into the next file that is looked at. */
const leftMs = 200;
/** What is seen so soon after a start may be older than that. */
const changeoverMs = 50;

/**
 * @param family the processes that run
 * @param said what `reload` printed last: who writes that down reads it from the pipe
 * @param found hears once of each
 */
export function createLogs(
  family: () => readonly number[],
  said: () => readonly string[],
  found: (path: string, how: HowWritten) => void,
): Logs {
  const suspects = new Map<string, Suspect>();
  let startedMs = Number.NEGATIVE_INFINITY;
  let hunting: NodeJS.Immediate | undefined;
  let later: NodeJS.Timeout | undefined;
  /** What else they had open meanwhile: one that is written anew under another name, and renamed, is the same file. */
  const met = new Set<string>();
  let written = new Map<number, number>();
  /** What was written, and is not found in a file yet: who writes two files, or while one is looked at, is asked once for both. */
  const unfound = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };

  /** When, after a start, it is worth to look. */
  const begins = ({ fromMs }: Suspect): number => Math.min(fromMs * (1 - aroundShare), longestMs) - aroundMs;
  const ends = ({ afterMs }: Suspect): number => Math.min(afterMs * (1 + aroundShare), longestMs) + aroundMs;
  const isHunted = ({ rounds, how, isCaught }: Suspect): boolean =>
    how === undefined && !isCaught && rounds >= enoughRounds && rounds <= mostRounds;

  const hunt = (): void => {
    hunting = undefined;
    const wanted = new Map<string, string>();
    const sinceMs = performance.now() - startedMs;
    const until = performance.now() + sliceMs;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [path, suspect] of suspects) {
      if (!isHunted(suspect) || sinceMs > ends(suspect)) continue;
      nextMs = Math.min(nextMs, begins(suspect));
      const stats = sinceMs >= begins(suspect) ? statOf(path) : undefined;
      if (stats !== undefined) wanted.set(identityOfFile(stats), path);
    }
    if (nextMs > sinceMs) {
      if (Number.isFinite(nextMs)) later = setTimeout(hunt, nextMs - sinceMs).unref();
      return;
    }
    if (wanted.size === 0) return;
    const pids = family();
    const before = new Map<number, ReadonlySet<string>>();
    while (performance.now() < until) {
      for (const pid of pids) {
        for (const identity of openedBy(pid, before)) {
          const path = wanted.get(identity);
          if (path === undefined) {
            if (met.size >= mostMet) met.clear();
            met.add(identity);
            continue;
          }
          caught(path);
          wanted.delete(identity);
        }
      }
      if (wanted.size === 0) break;
    }
    hunting = setImmediate(hunt);
  };

  const suspectAt = (path: string): Suspect => {
    const known = suspects.get(path);
    if (known !== undefined) return known;
    const suspect: Suspect = { rounds: 0, named: 0, isCaught: false, how: undefined, fromMs: soonMs, afterMs: 0 };
    suspects.set(path, suspect);
    return suspect;
  };

  const caught = (path: string): void => {
    const suspect = suspectAt(path);
    if (suspect.isCaught) return;
    suspect.isCaught = true;
    unfound.bytes = bytes(family());
  };

  /** How much what runs has written since this was asked last, and what was left over a moment ago. */
  const bytes = (pids: readonly number[]): number => {
    const now = performance.now();
    const left = now - unfound.atMs < leftMs ? unfound.bytes : 0;
    unfound.atMs = now;
    const before = written;
    written = new Map(pids.map((pid) => [pid, bytesWritten(pid) ?? 0]));
    return [...written].reduce((sum, [pid, all]) => sum + all - (before.get(pid) ?? 0), left);
  };

  const haveWritten = (count: number, pids: readonly number[] = family()): boolean => {
    const all = bytes(pids);
    unfound.bytes = all >= count ? all - count : all;
    return all >= count;
  };

  const isSaid = (path: string, { size }: Stats, was: SeenFile | undefined): boolean => {
    const lines = said();
    if (lines.length === 0 || isSourceName(path)) return false;
    const text = appended(path, was, size);
    return text !== undefined && lines.some((line) => text.includes(Buffer.from(line).toString("latin1")));
  };

  return {
    has(path, stats, was) {
      const before = suspects.get(path);
      if (isSaid(path, stats, was)) {
        suspectAt(path).how = "appended";
        if (before?.how === undefined) found(path, "appended");
        return true;
      }
      const sinceMs = performance.now() - startedMs;
      if (before === undefined && (sinceMs > soonMs || isSourceName(path))) return false;
      const pids = family();
      if (pids.length === 0) return false;
      const isTheirs = haveWritten(Math.max(1, stats.size - (was?.size ?? 0)), pids);
      // The last run may have written it as well.
      if (!isTheirs && sinceMs < changeoverMs) return false;
      if (!isTheirs || (sinceMs > soonMs && before?.isCaught !== true && before?.how === undefined)) {
        if (before?.how === undefined) suspects.delete(path);
        return false;
      }
      const text = appended(path, was, stats.size);
      const suspect = suspectAt(path);
      // Who empties it has yet to write.
      if (suspect.how === "appended") return stats.size === 0 || text !== undefined;
      if (suspect.how === "rewritten") return sinceMs <= suspect.afterMs + slackMs;
      suspect.rounds += 1;
      suspect.named = text !== undefined && names(text, pids) ? suspect.named + 1 : 0;
      suspect.fromMs = Math.min(suspect.fromMs, sinceMs);
      suspect.afterMs = Math.max(suspect.afterMs, sinceMs);
      suspect.isCaught ||= met.has(identityOfFile(stats));
      if (!suspect.isCaught && suspect.named < enoughNamed) return false;
      suspect.how = text === undefined ? "rewritten" : "appended";
      found(path, suspect.how);
      return true;
    },
    caught,
    haveWritten,
    began() {
      startedMs = performance.now();
      clearTimeout(later);
      if (suspects.size > 0) hunting ??= setImmediate(hunt);
    },
    close() {
      clearTimeout(later);
      if (hunting !== undefined) clearImmediate(hunting);
    },
  };
}

/** No program writes its log or its state into such a file. */
export const isSourceName = (path: string): boolean => sourceName.test(path);

const sourceName =
  /\.(?:[cm]?[jt]sx?|go|mod|sum|work|py|pyi|rb|rs|java|kts?|php|cs|fs|vb|swift|exs?|erl|clj|scala|c|cc|cpp|h|hpp|m|zig|nim|lua|pl|r|jl|dart|vue|svelte|astro|html?|css|s[ac]ss|less|styl|tmpl|tpl|templ|gohtml|ejs|pug|hbs|mustache|liquid|jinja2?|j2|toml|properties|env|sql|proto|sh|bash|zsh|fish|ps1|bat)$/i;

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * By what `identityOfFile` says, what a process has opened for writing since it was looked at last: few descriptors are asked about, since a file that
 * is closed at once is open for some ten microseconds.
 */
function openedBy(pid: number, before: Map<number, ReadonlySet<string>>): string[] {
  const opened: string[] = [];
  try {
    const descriptors = readdirSync(`/proc/${pid}/fd`);
    const known = before.get(pid);
    before.set(pid, new Set(descriptors));
    for (const fd of descriptors) {
      // A shell puts it in the place of its output.
      if (known?.has(fd) === true && fd !== "1") continue;
      const link = `/proc/${pid}/fd/${fd}`;
      const stats = statSync(link, { throwIfNoEntry: false });
      // The link shows the rights of its descriptor.
      if (stats?.isFile() === true && ((lstatSync(link, { throwIfNoEntry: false })?.mode ?? 0) & 0o200) !== 0)
        opened.push(identityOfFile(stats));
    }
  } catch {
    // It has ended, or is somebody else's.
  }
  return opened;
}

const names = (text: string, pids: readonly number[]): boolean =>
  pids.some((pid) => new RegExp(`(?<![\\w.])${pid}(?![\\w.])`).test(text));
