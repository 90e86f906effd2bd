/**
 * Whether somebody still reads what is printed into a pipe (`reload | head -1`). We may not write anything for hours, what a program
 * writes there is not told to us, and Node cannot ask the kernel without writing. So on Linux those who read at the start are looked up
 * (the others of the pipeline, and those who wait for it) and looked after; elsewhere it shows with the next line of ours.
 */
import { fstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hasProc, statOf } from "../system/proc.ts";

const lookEveryMs = 1_000;

/** An end of a pipe, as `/proc/PID/fd/N`. */
type ReadEnd = string;

/** Calls `gone` once, when one of our two streams is a pipe that had readers and has none any more. Returns how to end that. */
export function watchReaders(gone: () => void): () => void {
  const pipes = hasProc ? [1, 2].filter(isPipe).map((descriptor) => linkOf(`/proc/self/fd/${descriptor}`)) : [];
  // Whoever reads from outside of a container is not seen, and not missed.
  const read = [...new Set(pipes)]
    .map((pipe) => ({ pipe, end: readEndOf(pipe) }))
    .filter(({ end }) => end !== undefined);
  if (read.length === 0) return () => {};
  const timer = setInterval(() => {
    for (const each of read) {
      if (each.end !== undefined && linkOf(each.end) === each.pipe) continue;
      // There may be another, or it has been handed on.
      each.end = readEndOf(each.pipe);
      if (each.end !== undefined) continue;
      clearInterval(timer);
      gone();
      return;
    }
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

function isPipe(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFIFO();
  } catch {
    return false;
  }
}

/** One of those in our ancestors and their children. The nearest are asked first: all of them take 5 ms of the start. */
function readEndOf(pipe: string): ReadEnd | undefined {
  const asked = new Set([process.pid]);
  for (let pid = process.ppid; pid > 0; pid = statOf(pid)?.parent ?? 0) {
    for (const relative of [pid, ...childrenOf(pid)]) {
      if (asked.has(relative)) continue;
      asked.add(relative);
      const descriptor = descriptorsOf(relative).find(
        (each) => linkOf(`/proc/${relative}/fd/${each}`) === pipe && isReadEnd(relative, each),
      );
      if (descriptor !== undefined) return `/proc/${relative}/fd/${descriptor}`;
    }
  }
  return undefined;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Ended meanwhile, or somebody else's.
    return [];
  }
}

/** The last digit of its flags is 0 for reading, 1 for writing, 2 for both. */
function isReadEnd(pid: number, descriptor: string): boolean {
  try {
    return /^flags:\s*\d*[02]$/m.test(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "latin1"));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
