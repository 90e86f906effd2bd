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
    .map((pipe) => ({ pipe, ends: readEndsOf(pipe) }))
    .filter(({ ends }) => ends.length > 0);
  if (read.length === 0) return () => {};
  const timer = setInterval(() => {
    for (const its of read) {
      if (its.ends.some((end) => linkOf(end) === its.pipe)) continue;
      // It may have been handed on.
      its.ends = readEndsOf(its.pipe);
      if (its.ends.length > 0) continue;
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

/** In our ancestors and their children. */
function readEndsOf(pipe: string): ReadEnd[] {
  const relatives = new Set<number>();
  for (let pid = process.ppid; pid > 0; pid = statOf(pid)?.parent ?? 0) {
    relatives.add(pid);
    for (const child of childrenOf(pid)) relatives.add(child);
  }
  relatives.delete(process.pid);
  return [...relatives].flatMap((pid) =>
    descriptorsOf(pid)
      .filter((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`) === pipe && isReadEnd(pid, descriptor))
      .map((descriptor) => `/proc/${pid}/fd/${descriptor}`),
  );
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
