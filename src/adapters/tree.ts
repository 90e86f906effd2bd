/** The end of a process tree: asked first, waited for, forced, swept. Nothing is reported as gone before it is. */
import { commandOf, environmentOf, hasProc, isEnded, pids, statOf } from "./proc.ts";

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
  /** Resolves when there is no time to be polite any more. */
  readonly force: Promise<void>;
  /** Somebody should know what is waited for; after a second. */
  readonly onWaiting: (leftMs: number) => void;
  readonly onForced: () => void;
  readonly onSwept: (processes: readonly { pid: number; command: string }[]) => void;
}

const waitingAfterMs = 1_000;

/** Resolves when nothing of the tree is left (on Linux also what left the group, unless it cleared its environment). */
export async function endTree(end: TreeEnd): Promise<void> {
  const { pid } = end;
  let isForced = end.timeoutMs <= 0;
  if (!isForced && !isGroupEmpty(pid)) {
    signalGroup(pid, end.signal);
    // A stopped process gets the signal only once it goes on.
    signalGroup(pid, "SIGCONT");
    const gone = (async () => {
      await end.leaderEnded;
      await groupEmpty(pid, () => isForced);
    })();
    const started = performance.now();
    const saying = setTimeout(
      () => end.onWaiting(Math.max(0, end.timeoutMs - (performance.now() - started))),
      waitingAfterMs,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), end.timeoutMs);
    });
    const how = await Promise.race([gone.then(() => "gone" as const), late, end.force.then(() => "forced" as const)]);
    clearTimeout(timer);
    clearTimeout(saying);
    isForced = how !== "gone";
    if (how === "late") end.onForced();
  }
  if (!isGroupEmpty(pid)) signalGroup(pid, "SIGKILL");
  await end.leaderEnded;
  await groupEmpty(pid, () => false);
  if (end.cookie !== undefined) await sweep(end.cookie, pid, end.onSwept);
}

export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

function isGroupEmpty(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "EPERM");
  }
  return false;
}

/** Waits until no process of the group is alive. Zombies keep the group from being empty to `kill`, so `/proc` is asked after a while. */
async function groupEmpty(group: number, giveUp: () => boolean): Promise<void> {
  for (
    let waitedMs = 0, stepMs = 1;
    !isGroupEmpty(group) && !giveUp();
    waitedMs += stepMs, stepMs = Math.min(25, stepMs * 1.5)
  ) {
    if (waitedMs > 20 && hasProc && membersOf(group).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
}

/** The pids of what is alive in a group. */
export function membersOf(group: number): number[] {
  return pids().filter((pid) => {
    const stat = statOf(pid);
    return stat !== undefined && stat.group === group && !isEnded(stat);
  });
}

/** The pids of everything that carries the cookie. */
export function carriersOf(cookie: string): number[] {
  return pids().filter(
    (pid) => pid !== process.pid && environmentOf(pid)?.includes(cookie) === true && !isEnded(statOf(pid)),
  );
}

async function sweep(cookie: string, leader: number, onSwept: TreeEnd["onSwept"]): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    const found = carriersOf(cookie).filter((pid) => pid !== leader);
    if (found.length === 0) return;
    if (round === 0) onSwept(found.map((pid) => ({ pid, command: commandOf(pid) })));
    for (const pid of found) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone already.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1 + round));
  }
}
