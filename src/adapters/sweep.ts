/**
 * What left the group of its leader (`setsid`, a daemon) is known by a text in its environment, the cookie, which is
 * inherited like every variable: an idea of Jenkins' ProcessTreeKiller. Linux only; a process that cleared its
 * environment escapes.
 */
import { existsSync } from "node:fs";
import { commandOf, environmentHolds, hasProc, isEnded, newestPid, type ProcessName, pids, statOf } from "./proc.ts";

/** Processes that fork again and again are chased for so long, in milliseconds. */
const longestMs = 2_000;
/** Within an `exec` a process has no environment for a moment; one that still has none at its third look has none. */
const looksAtEmpty = 3;

/** The newest pid as it was at a time (of `performance.now()`): as long as it stays, nobody forks. */
export interface Newest {
  readonly pid: number;
  readonly atMs: number;
}

export const newestNow = (): Newest => ({ pid: newestPid() ?? 0, atMs: performance.now() });

/**
 * Kills everything that carries the cookie, and resolves to it when nothing of it is alive any more.
 * `since`: only what was started after the process with this pid is looked at, which takes a tenth of the time.
 * `before`: seen earlier, when the end began, it spares the wait for what may be about to be born.
 */
export async function sweep(cookie: string, since = 1, before?: Newest): Promise<readonly ProcessName[]> {
  if (!hasProc) return [];
  const needle = Buffer.from(cookie, "latin1");
  const found = new Map<number, string>();
  const empty = new Map<number, number>();
  let dying = new Set<number>();
  let isUnsure = false;
  let isFresh = false;

  const look = (pid: number): void => {
    if (pid === process.pid) return;
    switch (environmentHolds(pid, needle)) {
      case "no":
        return;
      case "empty": {
        const stat = statOf(pid);
        // Those of the kernel, children of pid 2, never have one.
        if (isEnded(stat) || stat?.parent === 2 || pid === 2) return;
        const looks = (empty.get(pid) ?? 0) + 1;
        empty.set(pid, looks);
        if (looks < looksAtEmpty) isUnsure = true;
        return;
      }
      case "yes":
        if (!found.has(pid)) {
          found.set(pid, commandOf(pid));
          isFresh = true;
        }
        if (kill(pid)) dying.add(pid);
    }
  };

  const began = performance.now();
  for (let round = 0; performance.now() - began < longestMs; round += 1) {
    isUnsure = false;
    isFresh = false;
    const newest = newestNow();
    const listed = candidates(since, newest.pid);
    for (const pid of listed) look(pid);
    const isCalm = before?.pid === newest.pid && newest.atMs - before.atMs > unbornMs;
    if (!isCalm && !chase(listed.at(-1) ?? 0, look)) isUnsure = true;
    dying = new Set([...dying].filter((pid) => !isEnded(statOf(pid))));
    if (dying.size === 0 && !isUnsure && !isFresh) break;
    await new Promise((resolve) => setTimeout(resolve, Math.min(round, 10)));
  }
  return [...found].map(([pid, command]) => ({ pid, command }));
}

/** Looking whether a pid is in use takes 2 µs; listing those that are takes a millisecond where there are 400. */
const mostAsked = 128;

/** The pids that are in use from this one on. They are given in ascending order, until there are no more and they begin anew. */
function candidates(since: number, newest: number): readonly number[] {
  const from = newest < since ? 1 : since;
  if (since === 1 || newest < since || newest - since > mostAsked) return pids().filter((pid) => pid >= from);
  return [...inUse(since, newest)];
}

/** Asked first: to open what is not there makes an error, which takes several times as long. */
function* inUse(from: number, to: number): Generator<number> {
  for (let pid = from; pid <= to; pid += 1) if (existsSync(`/proc/${pid}`)) yield pid;
}

/** A pid is given some time before its process can be seen; no fork takes longer, in milliseconds. */
const unbornMs = 0.5;
const longestChaseMs = 50;
/** Of those that were born while we were not looking only the youngest can be alive. */
const mostAtOnce = 500;

/**
 * One that forks and ends, again and again, is never in a list that is read afterwards: it is followed by asking for
 * the newest pid. `false`: there was no end to it. Where nobody forks at the moment it costs one look.
 */
function chase(from: number, look: (pid: number) => void): boolean {
  const began = performance.now();
  let last = from;
  let movedAt = 0;
  for (let now = began; now - began < longestChaseMs; now = performance.now()) {
    const newest = newestPid() ?? 0;
    if (newest > last) {
      for (const pid of inUse(Math.max(last + 1, newest - mostAtOnce), newest)) look(pid);
      last = newest;
      movedAt = now;
    } else if (now - movedAt > unbornMs) {
      return true;
    } else {
      look(last);
    }
  }
  return false;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** What is alive and carries the cookie; `since`: as far as it was started after the process with this pid. */
export function carriersOf(cookie: string, since = 1): ProcessName[] {
  const needle = Buffer.from(cookie, "latin1");
  return candidates(since, newestPid() ?? 0)
    .filter((pid) => pid !== process.pid && environmentHolds(pid, needle) === "yes")
    .map((pid) => ({ pid, command: commandOf(pid) }));
}
