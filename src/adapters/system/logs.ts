/**
 * Files that what runs writes by opening, writing and closing them at once: no descriptor tells of them later, and from outside it looks
 * like somebody's save. A file that changes again and again just after a start is suspected, and at the next starts it is watched closely
 * who has it open: a writer that is met with it is proof, and nothing else is, but a line that names the process that wrote it. From then on
 * what is appended while it runs calls for nothing; where the file is written anew each time, what is written at a start.
 */
import { type Stats, statSync } from "node:fs";
import { appended, endOf, type SeenEnd, type SeenFile } from "./appended.ts";
import { identityOfFile } from "./opened.ts";
import { openedBy } from "./opened-now.ts";
import { bytesWritten } from "./proc.ts";
import { isSourceName } from "./source-names.ts";

export interface Logs {
  /** @param was what was seen of it before; @returns whether what runs has written it */
  has(path: string, stats: Stats, was: SeenFile | undefined): boolean;
  /** What runs was met with the file open for writing. */
  caught(path: string, stats: Stats): void;
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
  /** As what it was met open, by what `identityOfFile` says: another file in its place is somebody else's. */
  caught: string | undefined;
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
  /** Of those that are known to be written by what runs, as they were seen last. */
  const ends = new Map<string, SeenEnd>();
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
  const isOverMs = ({ afterMs }: Suspect): number => Math.min(afterMs * (1 + aroundShare), longestMs) + aroundMs;
  const isHunted = ({ rounds, how, caught: before }: Suspect): boolean =>
    how === undefined && before === undefined && rounds >= enoughRounds && rounds <= mostRounds;

  const hunt = (): void => {
    hunting = undefined;
    const wanted = new Map<string, string>();
    const sinceMs = performance.now() - startedMs;
    const until = performance.now() + sliceMs;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [path, suspect] of suspects) {
      if (!isHunted(suspect) || sinceMs > isOverMs(suspect)) continue;
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
          suspectAs(path, identity);
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
    const suspect: Suspect = { rounds: 0, named: 0, caught: undefined, how: undefined, fromMs: soonMs, afterMs: 0 };
    suspects.set(path, suspect);
    return suspect;
  };

  const suspectAs = (path: string, identity: string): void => {
    const suspect = suspectAt(path);
    if (suspect.caught === identity) return;
    suspect.caught = identity;
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
    const text = appended(path, was, size, ends.get(path));
    return text !== undefined && lines.some((line) => text.includes(Buffer.from(line).toString("latin1")));
  };

  const isTheirs = (path: string, stats: Stats, was: SeenFile | undefined): boolean => {
    // What is appended is in the same file.
    if (suspects.get(path)?.how === "appended" && ends.get(path)?.identity !== identityOfFile(stats))
      suspects.delete(path);
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
    // Who writes it anew has written all of it; a program that prints meanwhile has not.
    const from = before?.how === "rewritten" ? 0 : (was?.size ?? 0);
    const isWritten = haveWritten(Math.max(1, stats.size - from), pids);
    // The last run may have written it as well.
    if (!isWritten && sinceMs < changeoverMs) return false;
    if (!isWritten || (sinceMs > soonMs && before?.how === undefined)) {
      if (before?.how === undefined) suspects.delete(path);
      return false;
    }
    const text = appended(path, was, stats.size, ends.get(path));
    const suspect = suspectAt(path);
    // Who empties it has yet to write.
    if (suspect.how === "appended") return stats.size === 0 || text !== undefined;
    if (suspect.how === "rewritten") return sinceMs <= suspect.afterMs + slackMs;
    suspect.rounds += 1;
    suspect.named = text !== undefined && names(text, pids) ? suspect.named + 1 : 0;
    suspect.fromMs = Math.min(suspect.fromMs, sinceMs);
    suspect.afterMs = Math.max(suspect.afterMs, sinceMs);
    const isCaught = suspect.caught === identityOfFile(stats) || met.has(identityOfFile(stats));
    // Who was met with it once may have left it to somebody else.
    if (suspect.rounds < enoughRounds || (!isCaught && suspect.named < enoughNamed)) return false;
    suspect.how = text === undefined ? "rewritten" : "appended";
    found(path, suspect.how);
    return true;
  };

  return {
    has(path, stats, was) {
      if (!isTheirs(path, stats, was)) return false;
      const end = endOf(path, stats);
      if (end === undefined) ends.delete(path);
      else ends.set(path, end);
      return true;
    },
    caught: (path, stats) => suspectAs(path, identityOfFile(stats)),
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

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const names = (text: string, pids: readonly number[]): boolean =>
  pids.some((pid) => new RegExp(`(?<![\\w.])${pid}(?![\\w.])`).test(text));
