/** Descriptors of processes and the pipes behind them, as Linux shows them in `/proc`; elsewhere there are none. */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { pids, statOf } from "./proc.ts";

export function descriptors(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number);
  } catch {
    return [];
  }
}

/** Those that are open for writing. */
export function writable(pid: number): number[] {
  return descriptors(pid).filter((fd) => isWritable(pid, fd));
}

export function isWritable(pid: number, fd: number): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(textIn(`/proc/${pid}/fdinfo/${fd}`))?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) !== 0;
}

/** Where in its file a descriptor stands, in bytes. */
export const positionOf = (pid: number, fd: number): number =>
  Number(/^pos:\s*(\d+)$/m.exec(textIn(`/proc/${pid}/fdinfo/${fd}`))?.[1] ?? -1);

/** `pipe:[4711]`, and by device and inode those that have a name (`mkfifo`). */
export function pipesOf(pid: number, fds: readonly number[]): string[] {
  return fds.flatMap((fd) => {
    const path = `/proc/${pid}/fd/${fd}`;
    const to = link(path);
    if (!to.startsWith("/")) return to.startsWith("pipe:") ? [to] : [];
    try {
      const stats = statSync(path);
      return stats.isFIFO() ? [`${stats.dev}:${stats.ino}`] : [];
    } catch {
      // It has ended, or is somebody else's.
      return [];
    }
  });
}

/**
 * Who reads these pipes, and the pipes that those write, wherever they were started: a shell that gives way to us leaves us its
 * `>(tee log.txt)` as a child. An ancestor that reads them is an editor or a runner of tasks, which writes the user's files.
 */
export function readersOf(first: readonly string[]): number[] {
  if (first.length === 0) return [];
  const left = new Set(pids());
  for (const pid of [process.pid, ...ancestorsOf(process.pid)]) left.delete(pid);
  const readers = new Set<number>();
  const pipes = new Set(first);
  for (const pipe of pipes) {
    for (const pid of left) {
      // One that has a name may be opened in any place.
      const fds = pipe.startsWith("pipe:") ? [0] : descriptors(pid);
      if (!fds.some((fd) => pipesOf(pid, [fd])[0] === pipe && !isWritable(pid, fd))) continue;
      readers.add(pid);
      left.delete(pid);
      for (const next of pipesOf(pid, writable(pid))) pipes.add(next);
    }
  }
  return [...readers];
}

/** From the parent on, without the first process of all. */
export function ancestorsOf(pid: number): number[] {
  const ancestors: number[] = [];
  for (let at = statOf(pid)?.parent ?? 0; at > 1; at = statOf(at)?.parent ?? 0) ancestors.push(at);
  return ancestors;
}

export function textIn(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Where a descriptor leads; empty where that cannot be told. */
export const linkOf = (pid: number, fd: number): string => link(`/proc/${pid}/fd/${fd}`);

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
