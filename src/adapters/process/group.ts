/** A process group: what every command of ours is the leader of, so that it can be addressed as a whole. */
import { pause } from "../system/pause.ts";
import { isEnded, newestPid, pids, statOf } from "../system/proc.ts";

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

/**
 * The pids of what is alive in a group (Linux; elsewhere none is known). Its members are younger than its leader, so
 * that nobody else is looked at, unless the pids have begun anew since.
 */
export const membersOf = (group: number): number[] => membersAmong(pids(), group);

function membersAmong(all: readonly number[], group: number): number[] {
  const from = (newestPid() ?? 0) < group ? 1 : group;
  return all.filter((pid) => {
    if (pid < from) return false;
    const stat = statOf(pid);
    return stat !== undefined && stat.group === group && !isEnded(stat);
  });
}

function isOfZombies(group: number): boolean {
  const all = pids();
  return all.length > 0 && membersAmong(all, group).length === 0;
}

const longestStepMs = 25;

/**
 * Resolves to `true` when no process of the group is alive, to `false` when `over` has been aborted before. The kernel
 * is asked first, which costs nothing; `/proc` knows besides that a zombie whose new parent has not looked yet is none.
 */
export async function groupEmpty(group: number, over: AbortSignal): Promise<boolean> {
  for (let stepMs = 0.3; ; stepMs = Math.min(longestStepMs, stepMs * 1.5)) {
    if (isGroupEmpty(group) || isOfZombies(group)) return true;
    if (over.aborted) return false;
    // Most trees need less than the shortest timer.
    if (stepMs < 1) await new Promise((resolve) => setImmediate(resolve));
    else await pause(stepMs, over);
  }
}
