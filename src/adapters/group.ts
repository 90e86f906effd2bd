/** A process group: what every command of ours is the leader of, so that it can be addressed as a whole. */
import { pause } from "./pause.ts";
import { hasProc, isEnded, pids, statOf } from "./proc.ts";

/** Signals every process of the group; `false` when there is none that may be signalled. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    // Gone already, which is mostly what was wanted, or not ours to signal.
    return false;
  }
}

/** To the kernel a group with nothing but zombies in it is not empty yet. */
export function isGroupEmpty(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "EPERM");
  }
  return false;
}

/** The pids of what is alive in a group (Linux; elsewhere none is known). */
export function membersOf(group: number): number[] {
  return pids().filter((pid) => {
    const stat = statOf(pid);
    return stat !== undefined && stat.group === group && !isEnded(stat);
  });
}

/** For so long the kernel alone is asked, which is cheap; then `/proc`, which knows zombies. In milliseconds. */
const askProcAfterMs = 20;
const longestStepMs = 25;
const longestStepWithProcMs = 100;

/** Resolves to `true` when no process of the group is alive, to `false` when `over` has been aborted before. */
export async function groupEmpty(group: number, over: AbortSignal): Promise<boolean> {
  let waitedMs = 0;
  for (let stepMs = 1; !isGroupEmpty(group); stepMs *= 1.5) {
    const asksProc = hasProc && waitedMs > askProcAfterMs;
    if (asksProc && membersOf(group).length === 0) return true;
    if (over.aborted) return false;
    stepMs = Math.min(stepMs, asksProc ? longestStepWithProcMs : longestStepMs);
    waitedMs += stepMs;
    await pause(stepMs, over);
  }
  return true;
}
