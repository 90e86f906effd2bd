/** The end of a process tree: asked first, waited for, forced, swept. Nothing is reported as gone before it is. */
import type { Problem } from "../../core/problem.ts";
import { commandOf, hasProc, type ProcessName, statOf } from "../system/proc.ts";
import { groupEmpty, isGroupEmpty, membersOf, signalGroup } from "./group.ts";
import { carriersOf, sweep } from "./sweep.ts";

/** How something is ended, as the configuration has it. */
export interface Ending {
  readonly signal: NodeJS.Signals;
  /** What is left after so long is killed, in milliseconds. */
  readonly timeoutMs: number;
  /** End what left the process group as well. */
  readonly sweep: boolean;
}

export interface TreeEnd {
  /** The leader, whose pid is the number of the group. */
  readonly pid: number;
  /** What every process of the tree carries in its environment, or nothing to sweep by. */
  readonly cookie: string | undefined;
  readonly signal: NodeJS.Signals;
  /** From the signal to SIGKILL, in milliseconds; 0 kills at once. */
  readonly timeoutMs: number;
  /** Resolves when the leader has ended; at once if it has already. */
  readonly leaderEnded: Promise<void>;
  /** From then on its pid may be given to somebody else. */
  readonly hasLeaderEnded: () => boolean;
  /** Resolves when there is no time to be polite any more. */
  readonly force: Promise<void>;
  /** Somebody should know what is waited for; after a second. `pid` is the leader, or what is left of its group. */
  readonly onWaiting: (pid: number, leftMs: number) => void;
  readonly onForced: () => void;
  readonly onSwept: (processes: readonly ProcessName[]) => void;
  /** These cannot be ended: they belong to another user (`sudo`), or the kernel does not let go of them. */
  readonly onStuck: (processes: readonly ProcessName[]) => void;
}

const waitingAfterMs = 1_000;
/** SIGKILL needs no time; what is still there after so long will not go. */
const stuckAfterMs = 3_000;
/** The sweep before the next start looks at the young only; a full one follows when that start has its peace. */
const fullSweepAfterMs = 250;

/** Resolves when nothing of the tree is left (on Linux also what left the group, unless it cleared its environment). */
export async function endTree(end: TreeEnd): Promise<void> {
  if (process.platform === "win32") return (await import("./taskkill.ts")).endTreeOnWindows(end);
  // Elsewhere than on Linux there is no telling later who belonged to whom.
  const family = hasProc ? undefined : await (await import("./family.ts")).familyOf(end.pid);
  const { cookie, pid } = end;
  if (!isGone(end)) await endGroup(end);
  if (family !== undefined) end.onSwept(await family.end());
  if (cookie === undefined) return;
  const swept = await sweep(cookie, pid);
  if (swept.length > 0) end.onSwept(swept);
  setTimeout(() => {
    void sweep(cookie).then((late) => late.length > 0 && end.onSwept(late));
  }, fullSweepAfterMs).unref();
}

/**
 * Once the leader has ended, the number of its group is its own only as long as there is a member: then it may become
 * somebody else's, who must not be touched. A process with that very pid is one; so is a group in which nobody carries the cookie.
 */
function isGone({ pid, cookie, hasLeaderEnded }: TreeEnd): boolean {
  if (isGroupEmpty(pid)) return true;
  if (!hasProc || !hasLeaderEnded()) return false;
  if (statOf(pid) !== undefined) return true;
  if (cookie === undefined) return false;
  const members = new Set(membersOf(pid));
  return !carriersOf(cookie, pid).some((carrier) => members.has(carrier.pid));
}

async function endGroup(end: TreeEnd): Promise<void> {
  const { pid, signal, timeoutMs } = end;
  const over = new AbortController();
  const gone = end.leaderEnded.then(() => groupEmpty(pid, over.signal)).then(() => "gone" as const);
  const timers: NodeJS.Timeout[] = [];
  const after = <T>(ms: number, value: T): Promise<T> =>
    new Promise((resolve) => timers.push(setTimeout(() => resolve(value), ms)));
  try {
    if (timeoutMs > 0) {
      signalGroup(pid, signal);
      // A stopped process gets the signal only once it goes on.
      signalGroup(pid, "SIGCONT");
      const began = performance.now();
      const say = (): void => {
        const waitsFor = end.hasLeaderEnded() ? (membersOf(pid)[0] ?? pid) : pid;
        end.onWaiting(waitsFor, Math.max(0, timeoutMs - (performance.now() - began)));
      };
      if (timeoutMs > waitingAfterMs) timers.push(setTimeout(say, waitingAfterMs));
      const how = await Promise.race([
        gone,
        after(timeoutMs, "late" as const),
        end.force.then(() => "forced" as const),
      ]);
      for (const timer of timers) clearTimeout(timer);
      if (how === "gone") return;
      if (how === "late") end.onForced();
    }
    signalGroup(pid, "SIGKILL");
    const how = await Promise.race([gone, after(stuckAfterMs, "stuck" as const)]);
    if (how === "stuck") end.onStuck(membersOf(pid).map((its) => ({ pid: its, command: commandOf(its) })));
  } finally {
    for (const timer of timers) clearTimeout(timer);
    over.abort();
  }
}

/** What to say of processes that cannot be ended. */
export function stuck(processes: readonly ProcessName[]): Problem {
  const names = processes.map(({ pid, command }) => `pid ${pid} (${command})`).join(", ");
  return {
    severity: "warning",
    message: `${names} cannot be ended`,
    hint: "it belongs to another user, as under sudo, or the kernel does not let go of it",
  };
}
