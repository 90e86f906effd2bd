/** What is open for writing in processes, as Linux shows it in `/proc`; elsewhere nothing is. */
import { type Stats, statSync } from "node:fs";
import { createPatience, isAfterLook } from "./patience.ts";
import { positionOf, writable } from "./pipes.ts";

export interface Opened {
  /** Where in it the one stands that is farthest on, in bytes; `undefined` where nobody had it open at a look after it changed. */
  position(stats: Stats, now: number): number | undefined;
  /** By what `identityOfFile` says. */
  now(): ReadonlyMap<string, number>;
}

export function createOpened(pids: () => readonly number[]): Opened {
  const mayLook = createPatience();
  let atMs = Number.NEGATIVE_INFINITY;
  let files: ReadonlyMap<string, number> = new Map();
  return {
    position(stats, now) {
      if (isAfterLook(stats, atMs, now) && mayLook(now)) {
        atMs = now;
        files = openIn(pids());
      }
      return files.get(identityOfFile(stats));
    },
    now: () => openIn(pids()),
  };
}

/** The number of a file that is gone is given to the next one: hence the time of birth. */
export const identityOfFile = ({ dev, ino, birthtimeMs }: Stats): string => `${dev}:${ino}:${birthtimeMs}`;

/** Of a file; of anything else there is none. */
export function statOfDescriptor(pid: number, fd: number): Stats | undefined {
  try {
    const stats = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch {
    return undefined; // It has ended, or is somebody else's.
  }
}

function openIn(pids: readonly number[]): Map<string, number> {
  const files = new Map<string, number>();
  for (const pid of pids) {
    for (const fd of writable(pid)) {
      const stats = statOfDescriptor(pid, fd);
      if (stats === undefined) continue;
      const identity = identityOfFile(stats);
      files.set(identity, Math.max(files.get(identity) ?? 0, positionOf(pid, fd)));
    }
  }
  return files;
}
