/** What is ended together: a process group, or, where a run shares the group of `reload`, a process and all that descend from it. */
import { pause } from "../system/pause.ts";
import { catches, hasProc, isChildless, isEnded, newestPid, pids, statOf } from "../system/proc.ts";
import type { Family } from "./family.ts";
import { groupEmpty, isGroupEmpty, membersOf, signalGroup } from "./group.ts";
import { carriersOf } from "./sweep.ts";

export interface Members {
  /** Those that are alive, as far as that is known: on macOS nobody of a group is. */
  alive(): readonly number[];
  /** Whether one process is all there is, as far as its children tell; asked of many trees, and cheaper than who is alive. */
  isOne(): boolean;
  signal(signal: NodeJS.Signals): void;
  isEmpty(): boolean;
  /** Resolves to `true` when none is alive, to `false` when `over` has been aborted before. */
  empty(over: AbortSignal): Promise<boolean>;
}

export const groupOf = (leader: number): Members => ({
  alive: () => membersOf(leader),
  isOne: () => isChildless(leader),
  signal: (signal) => void signalGroup(leader, signal),
  isEmpty: () => isGroupEmpty(leader),
  empty: (over) => groupEmpty(leader, over),
});

const longestStepMs = 25;

export interface Descent {
  readonly leader: number;
  /** Then its pid may be somebody else's. */
  readonly hasLeaderEnded: () => boolean;
  /** What everybody that descends from it carries in its environment, or nothing to look for. */
  readonly cookie: string | undefined;
  /** Where there is no `/proc`: those that descended from it when they were looked for. */
  readonly family: Family | undefined;
}

/** A process, whoever descends from it, and whoever carries its cookie. */
export function descentOf({ leader, hasLeaderEnded, cookie, family }: Descent): Members {
  /** When each of them was started: with its pid that names it for ever, also once its parent has ended. */
  const known = new Map<number, number>();
  if (!hasLeaderEnded()) remember(known, leader);
  const look = (): readonly number[] => {
    if (!hasProc) return [...(hasLeaderEnded() ? [] : [leader]), ...(family?.alive() ?? [])];
    for (const { pid } of cookie === undefined ? [] : carriersOf(cookie, leader)) remember(known, pid);
    const from = (newestPid() ?? 0) < leader ? 1 : leader;
    // Children are younger than their parents, so that one pass finds them all, unless the pids have begun anew.
    for (const pid of pids()) {
      if (pid < from || known.has(pid)) continue;
      const stat = statOf(pid);
      if (stat !== undefined && known.has(stat.parent)) known.set(pid, stat.startedTicks);
    }
    return [...known].flatMap(([pid, startedTicks]) => {
      const stat = statOf(pid);
      return stat?.startedTicks === startedTicks && !isEnded(stat) ? [pid] : [];
    });
  };
  return {
    alive: look,
    isOne: () => false,
    signal(signal) {
      for (const pid of look()) signalOne(pid, signal);
    },
    isEmpty: () => look().length === 0,
    async empty(over) {
      for (let stepMs = 1; ; stepMs = Math.min(longestStepMs, stepMs * 1.5)) {
        if (look().length === 0) return true;
        if (over.aborted) return false;
        await pause(stepMs, over);
      }
    },
  };
}

function remember(known: Map<number, number>, pid: number): void {
  if (known.has(pid)) return;
  const stat = statOf(pid);
  if (stat !== undefined) known.set(pid, stat.startedTicks);
}

/**
 * Those that listen to this signal get it: it would end a shell or another wrapper in front of the program. Where nobody listens, or that
 * cannot be told (macOS), everybody gets it, as they would without us.
 */
export function signalListeners(members: Members, signal: NodeJS.Signals): void {
  const listeners = members.alive().filter((pid) => catches(pid, signal));
  if (listeners.length === 0) members.signal(signal);
  for (const pid of listeners) signalOne(pid, signal);
}

export function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, which is mostly what was wanted, or not ours to signal.
  }
}
