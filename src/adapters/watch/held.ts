/**
 * Files that are likely to be in the middle of a save are given a little time before they are told as a change, so that a save is one
 * change, and a save of the same bytes is none: those that are missing or empty at the moment (truncate and write, rename away and
 * create), and those that are new in a directory that is known (a temporary, about to be renamed over the file that is meant).
 */
import type { Stats } from "node:fs";
import type { Branch } from "./branch.ts";
import type { Directory } from "./directory.ts";

/** How long a save may leave a file missing or empty, in milliseconds. */
const saveMs = 20;
/** The same while something is being made: what it writes is complete when it ends, and everything is looked at then. */
const makingMs = 2_000;
/** The same for what is an output of something that is started again: a shell opens it, and empties it, before it is the output. */
const openingMs = 500;
/** How long a temporary may stay before it is renamed, in milliseconds. */
const temporaryMs = 50;
/** A new file that grows is waited for, as long as this at most, in milliseconds. */
const growingMs = 2_000;
/** More new files than this at once are not a save. */
const fewFiles = 8;

export interface HeldNames {
  readonly size: number;
  /** Whether to wait (still) for this file, which is missing or empty. */
  waitsFor(branch: Branch, directory: Directory, name: string, why: Cause): boolean;
  /** Whether to wait (still) for this file, of which nothing was known. */
  waitsForNew(branch: Branch, directory: Directory, name: string, stats: Stats): boolean;
  /** Looks at all of them and waits for none. */
  release(): void;
  close(): void;
}

/** What may be going on: a save, a build that writes it, or a start that opens it as output. */
export type Cause = "saving" | "making" | "opening";

const causeMs: Record<Cause, number> = { saving: saveMs, making: makingMs, opening: openingMs };

interface Waiting {
  readonly branch: Branch;
  readonly directory: Directory;
  readonly name: string;
  readonly sinceMs: number;
  untilMs: number;
  /** Of a new file: its size when it was looked at last. */
  size: number | undefined;
}

/** @param look is called for each file when its time is over; `waitsFor` does not hold it then */
export function createHeld(
  look: (branch: Branch, directory: Directory, name: string) => void,
  released: () => void,
): HeldNames {
  const held = new Map<Directory, Map<string, Waiting>>();
  let size = 0;
  let newcomers = 0;
  /** So many came at once that none of them was waited for; until then. */
  let crowdedUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let isReleasing = false;

  const find = (directory: Directory, name: string): Waiting | undefined => held.get(directory)?.get(name);

  const hold = (waiting: Waiting): void => {
    const names = held.get(waiting.directory) ?? new Map<string, Waiting>();
    held.set(waiting.directory, names.set(waiting.name, waiting));
    size += 1;
    if (waiting.size !== undefined) newcomers += 1;
    wakeAt(waiting.untilMs);
  };

  const wakeAt = (untilMs: number): void => {
    if (untilMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = untilMs;
    timer = setTimeout(ripen, Math.max(1, untilMs - performance.now() + 1));
  };

  const drop = ({ directory, name, size: ofNew }: Waiting): void => {
    const names = held.get(directory);
    if (names?.delete(name) !== true) return;
    if (names.size === 0) held.delete(directory);
    size -= 1;
    if (ofNew !== undefined) newcomers -= 1;
  };

  const everything = (): Waiting[] => [...held.values()].flatMap((names) => [...names.values()]);

  const ripen = (): void => {
    dueMs = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (const waiting of everything()) {
      if (now >= waiting.untilMs) {
        look(waiting.branch, waiting.directory, waiting.name);
        // A new file that has grown is waited for once more.
        if (waiting.untilMs <= now) drop(waiting);
      }
    }
    wakeAt(Math.min(...everything().map(({ untilMs }) => untilMs)));
    released();
  };

  const release = (): void => {
    isReleasing = true;
    for (const waiting of everything()) {
      look(waiting.branch, waiting.directory, waiting.name);
      drop(waiting);
    }
    isReleasing = false;
  };

  return {
    get size() {
      return size;
    },
    waitsFor(branch, directory, name, why) {
      if (isReleasing) return false;
      const now = performance.now();
      const known = find(directory, name);
      if (known !== undefined) return now < known.untilMs;
      hold({ branch, directory, name, sinceMs: now, untilMs: now + causeMs[why], size: undefined });
      return true;
    },
    waitsForNew(branch, directory, name, stats) {
      const now = performance.now();
      if (isReleasing || now < crowdedUntilMs) return false;
      const known = find(directory, name);
      if (known === undefined) {
        if (newcomers >= fewFiles) {
          crowdedUntilMs = now + temporaryMs;
          return false;
        }
        hold({ branch, directory, name, sinceMs: now, untilMs: now + temporaryMs, size: stats.size });
        return true;
      }
      if (now < known.untilMs) return true;
      if (known.size === undefined || known.size === stats.size || now - known.sinceMs >= growingMs) return false;
      known.size = stats.size;
      known.untilMs = now + temporaryMs;
      return true;
    },
    release,
    close: () => clearTimeout(timer),
  };
}
