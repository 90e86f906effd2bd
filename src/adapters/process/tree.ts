/** The end of a process tree: asked first, waited for, forced, swept. Nothing is reported as gone before it is. */
import type { Problem } from "../../core/problem.ts";
import { commandOf, hasProc, type ProcessName, statOf } from "../system/proc.ts";
import { askProgram, hangUpOn } from "./ask.ts";
import { isGroupEmpty, membersOf } from "./group.ts";
import { descentOf, groupOf, type Members } from "./members.ts";
import { carriersOf, sweep } from "./sweep.ts";

/** How something is ended, as the configuration has it. */
export interface Ending {
  readonly signal: NodeJS.Signals;
  /** What is left after so long is killed, in milliseconds. */
  readonly timeoutMs: number;
  /** End what left the process group as well. */
  readonly sweep: boolean;
  /** A text in the environment of what is left alone by that. */
  readonly spared?: string;
}

export interface TreeEnd {
  /** The leader, whose pid is the number of the group. */
  readonly pid: number;
  /** It shares the group of `reload`, which must never be signalled as a whole: it is ended with all that descend from it. */
  readonly sharesOurGroup?: boolean;
  /** The terminal has sent the signal to all of them already: it is not sent again. */
  readonly wasSignalled?: boolean;
  /** What every process of the tree carries in its environment, or nothing to sweep by. */
  readonly cookie: string | undefined;
  readonly spared?: string | undefined;
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
  /** The time is over; what is still alive is killed as soon as this returns. */
  readonly onForced: (alive: readonly number[]) => void;
  readonly onSwept: (processes: readonly ProcessName[]) => void;
  /** These cannot be ended: they belong to another user (`sudo`), or the kernel does not let go of them. */
  readonly onStuck: (processes: readonly ProcessName[]) => void;
}

const waitingAfterMs = 1_000;
/** How long before SIGKILL those that share our group are told that the terminal is gone, in milliseconds. */
const hangUpMs = 500;
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
  if (end.sharesOurGroup === true) {
    const members = descentOf({ leader: pid, hasLeaderEnded: end.hasLeaderEnded, cookie, family });
    if (!members.isEmpty()) await endMembers(end, members);
  } else if (!isGone(end)) await endMembers(end, groupOf(pid));
  const escaped = (await family?.end()) ?? [];
  if (escaped.length > 0) end.onSwept(escaped);
  if (cookie === undefined) return;
  const swept = await sweep(cookie, pid, end.spared);
  if (swept.length > 0) end.onSwept(swept);
  setTimeout(() => {
    void sweep(cookie, 1, end.spared).then((late) => late.length > 0 && end.onSwept(late));
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

async function endMembers(end: TreeEnd, members: Members): Promise<void> {
  const { pid, signal, timeoutMs } = end;
  const over = new AbortController();
  const gone = end.leaderEnded.then(() => members.empty(over.signal)).then(() => "gone" as const);
  const timers: NodeJS.Timeout[] = [];
  const at = (ms: number, act: () => void): void => void timers.push(setTimeout(act, ms));
  const after = <T>(ms: number, value: T): Promise<T> => new Promise((resolve) => at(ms, () => resolve(value)));
  try {
    if (timeoutMs > 0) {
      const asking = new AbortController();
      // Whatever hinders the order of it: everybody is asked.
      if (end.wasSignalled !== true)
        askProgram(members, signal, timeoutMs, asking.signal).catch(() => members.signal(signal));
      if (end.sharesOurGroup === true) {
        hangUpOn(members, signal);
        at(timeoutMs - Math.min(hangUpMs, timeoutMs / 2), () => members.signal("SIGHUP"));
      }
      const began = performance.now();
      const say = (): void => {
        const waitsFor = end.hasLeaderEnded() ? (members.alive()[0] ?? pid) : pid;
        end.onWaiting(waitsFor, Math.max(0, timeoutMs - (performance.now() - began)));
      };
      if (timeoutMs > waitingAfterMs) at(waitingAfterMs, say);
      const how = await Promise.race([
        gone,
        after(timeoutMs, "late" as const),
        end.force.then(() => "forced" as const),
      ]);
      for (const timer of timers) clearTimeout(timer);
      asking.abort();
      if (how === "gone") return;
      if (how === "late") end.onForced(members.alive());
    }
    members.signal("SIGKILL");
    const how = await Promise.race([gone, after(stuckAfterMs, "stuck" as const)]);
    if (how === "stuck") end.onStuck(members.alive().map((pid) => ({ pid, command: commandOf(pid) })));
  } finally {
    for (const timer of timers) clearTimeout(timer);
    over.abort();
  }
}

/** What to say of processes that cannot be ended. */
export function stuck(processes: readonly ProcessName[]): Problem {
  const names = processes.map(({ pid, command }) => `pid ${pid} (${command})`).join(", ");
  return {
    code: "process/unended",
    severity: "warning",
    message: `${names} cannot be ended`,
    hint: "it belongs to another user, as under sudo, or the kernel does not let go of it",
  };
}
