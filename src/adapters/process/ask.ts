/** How a tree is asked to end. */
import { pause } from "../system/pause.ts";
import { hasProc, ignores, statOf } from "../system/proc.ts";
import { type Members, signalOne } from "./members.ts";
import { readersAmong } from "./pipeline.ts";

const firstStepMs = 2;
const longestStepMs = 25;
/** So long a reader has for what its writers have left in the pipe, in milliseconds. */
const readingMs = 500;

/**
 * Everybody gets the signal at once, but for those at the end of a pipe: they end by the end of their input, and get the
 * signal only if that does not move them.
 */
export async function ask(
  members: Members,
  signal: NodeJS.Signals,
  timeoutMs: number,
  over: AbortSignal,
): Promise<void> {
  const readers = new Set(hasProc ? readersAmong(members.alive()) : []);
  if (readers.size === 0) {
    members.signal(signal);
    // A stopped process gets the signal only once it goes on.
    members.signal("SIGCONT");
    return;
  }
  await askWriters(members, readers, signal, over);
  await pause(Math.min(readingMs, timeoutMs / 2), over);
  if (!over.aborted) members.signal(signal);
}

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
