/**
 * What left the group of its leader (`setsid`, a daemon) is known by a text in its environment, the cookie, which is
 * inherited like every variable: an idea of Jenkins' ProcessTreeKiller. Linux only; a process that cleared its
 * environment escapes.
 */
import { existsSync } from "node:fs";
import {
  commandOf,
  environmentHolds,
  hasProc,
  isEnded,
  newestPid,
  type ProcessName,
  pids,
  processOf,
  statOf,
} from "../system/proc.ts";

/** What cannot be ended, or forks faster than it can be looked at, is given up after so long, in milliseconds. */
const longestMs = 2_000;
/** A first look at all of them is not given up: on a busy machine it takes some time. In milliseconds. */
const longestPartsMs = 10_000;
/** Then others have their turn in the event loop, in milliseconds. */
const longestPassMs = 10;
const longestPauseMs = 10;

/**
 * Kills everything that carries the cookie, and resolves to it when nothing of it is alive any more.
 * `since`: only what was started from the process with this pid on is looked at, which takes a tenth of the time.
 * `spared`: a text in the environment of what is left alone all the same.
 */
export async function sweep(cookie: string, since = 1, spared?: string): Promise<readonly ProcessName[]> {
  const began = performance.now();
  const { found, look } = sweeper(cookie, since, spared);
  for (let pauseMs = 0; ; ) {
    const seen = look(longestPassMs);
    if (seen === "part" && performance.now() - began < longestPartsMs) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    if (seen === "nothing" || performance.now() - began >= longestMs) return found();
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, longestPauseMs)));
    pauseMs += 1;
  }
}

/** The same while everything else waits: for the start, when there is nothing else. */
export function sweepSync(cookie: string): readonly ProcessName[] {
  const began = performance.now();
  const { found, look } = sweeper(cookie, 1);
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let pauseMs = 0; look(longestMs) !== "nothing" && performance.now() - began < longestMs; pauseMs += 1) {
    Atomics.wait(never, 0, 0, Math.min(pauseMs, longestPauseMs));
  }
  return found();
}

interface Sweeper {
  /**
   * For so long at most. `nothing` is left; `part` of the processes have been looked at; or something is left, or not
   * clear, and it has to look again after a moment.
   */
  look(longestMs: number): "nothing" | "part" | "again";
  found(): readonly ProcessName[];
}

/**
 * Each process is looked at in the order of birth, until no pid has been given since the last look. Then none has been
 * missed: one that was not there yet when it was its turn has a parent that was there before, in the middle of its
 * fork; and a process that is killed there does not bring it to an end.
 */
function sweeper(cookie: string, since: number, spared?: string): Sweeper {
  const needle = Buffer.from(cookie, "latin1");
  const sparing = spared === undefined ? undefined : Buffer.from(spared, "latin1");
  const found = new Map<number, string>();
  const dying: number[] = [];
  let after = since - 1;
  let unclear: number | undefined;
  /** Of the pass that is under way: up to where it goes, and who has not been looked at. */
  let newest = after;
  let rest: Iterator<number> | undefined;

  const lookAt = (given: number): void => {
    const holds = environmentHolds(given, needle);
    if (holds === "unclear") unclear ??= given;
    if (holds !== "yes" || (sparing !== undefined && environmentHolds(given, sparing) === "yes")) return;
    const pid = processOf(given);
    if (pid === process.pid) return;
    if (!found.has(pid)) found.set(pid, commandOf(pid));
    if (kill(pid)) dying.push(pid);
  };

  return {
    found: () => [...found].map(([pid, command]) => ({ pid, command })),
    look(forMs) {
      if (!hasProc) return "nothing";
      const began = performance.now();
      for (;;) {
        if (rest === undefined) {
          newest = newestPid() ?? 0;
          if (newest === after) break;
          rest = given(after, newest);
        }
        for (let next = rest.next(); next.done !== true; next = rest.next()) {
          lookAt(next.value);
          // A list of hundreds takes longer than others can wait.
          if (performance.now() - began >= forMs) return "part";
        }
        rest = undefined;
        after = newest;
        if (performance.now() - began >= forMs) break;
      }
      if (unclear !== undefined) {
        // What it has born meanwhile comes after it.
        after = unclear - 1;
        unclear = undefined;
        return "again";
      }
      return newest === after && dying.every((pid) => isEnded(statOf(pid))) ? "nothing" : "again";
    },
  };
}

/** Looking whether a pid is in use takes 2 µs; listing those that are takes a millisecond where there are 400. */
const mostAsked = 128;

/**
 * The pids in use that were given after this one, the oldest first. They are given in ascending order, until there are
 * no more and they begin anew: when they have, all.
 */
function* given(after: number, newest: number): Generator<number> {
  // The youngest are asked for one by one, since they may not have been there yet when the list was made.
  let from = Math.max(1, newest - mostAsked + 1);
  if (after < newest && after >= from) from = after + 1;
  else {
    const listed = pids();
    if (after > newest) yield* listed.filter((pid) => pid > newest);
    yield* listed.filter((pid) => pid < from && (after > newest || pid > after));
  }
  // Asked first: to open what is not there makes an error, which takes several times as long.
  for (let pid = from; pid <= newest; pid += 1) if (existsSync(`/proc/${pid}`)) yield pid;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** What is alive and carries the cookie; `since`: as far as it was started from the process with this pid on. */
export function carriersOf(cookie: string, since = 1): ProcessName[] {
  const needle = Buffer.from(cookie, "latin1");
  const carriers = [...given(since - 1, newestPid() ?? 0)].filter((pid) => environmentHolds(pid, needle) === "yes");
  return [...new Set(carriers.map(processOf))]
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, command: commandOf(pid) }));
}
