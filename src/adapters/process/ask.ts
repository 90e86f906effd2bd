/** How a tree is asked to end. */
import { pause } from "../system/pause.ts";
import { bytesMoved, hasProc, ignores, statOf } from "../system/proc.ts";
import { type Members, signalOne } from "./members.ts";
import { readersAmong } from "./pipeline.ts";

const firstStepMs = 2;
const longestStepMs = 25;
/** A reader that has neither read nor written for so long is not about to end, in milliseconds. */
const restMs = 500;

/**
 * Everybody gets the signal at once, but for those at the end of a pipe: they end by the end of their input, and get the
 * signal only if that does not move them.
 */
export async function askProgram(
  members: Members,
  signal: NodeJS.Signals,
  timeoutMs: number,
  over: AbortSignal,
): Promise<void> {
  const readers = new Set(hasProc && !members.isOne() ? readersAmong(members.alive()) : []);
  if (readers.size === 0) {
    members.signal(signal);
    // A stopped process gets the signal only once it goes on.
    members.signal("SIGCONT");
    return;
  }
  await askWriters(members, readers, signal, over);
  await atRest(members.alive(), Math.min(restMs, timeoutMs / 2), over);
  if (!over.aborted) members.signal(signal);
}

/** Resolves when these have neither read nor written for so long: what their writers have left in the pipe takes time. */
async function atRest(pids: readonly number[], ms: number, over: AbortSignal): Promise<void> {
  let before: string | undefined;
  for (let now = bytesOf(pids); now !== before && !over.aborted; now = bytesOf(pids)) {
    before = now;
    await pause(ms, over);
  }
}

const bytesOf = (pids: readonly number[]): string => pids.map((pid) => bytesMoved(pid) ?? "").join(" ");

/** Resolves when nobody but readers is alive. */
async function askWriters(
  members: Members,
  readers: Set<number>,
  signal: NodeJS.Signals,
  over: AbortSignal,
): Promise<void> {
  const asked = new Set<number>();
  for (let stepMs = firstStepMs; !over.aborted; stepMs = Math.min(longestStepMs, stepMs * 1.5)) {
    // Parents before children: who is started by a reader reads for it.
    const alive = members.alive();
    for (const pid of alive) if (!asked.has(pid) && readers.has(statOf(pid)?.parent ?? 0)) readers.add(pid);
    const writers = alive.filter((pid) => !readers.has(pid));
    if (writers.length === 0) return;
    for (const pid of writers) {
      if (asked.has(pid)) continue;
      asked.add(pid);
      signalOne(pid, signal);
    }
    if (asked.size === writers.length) members.signal("SIGCONT");
    await pause(stepMs, over);
  }
}

/** A shell that is used by hand ignores SIGTERM, and ends by SIGHUP, which gives the terminal back. */
export function hangUpOn(members: Members, ignored: NodeJS.Signals): void {
  for (const pid of members.alive()) if (ignores(pid, ignored)) signalOne(pid, "SIGHUP");
}
