/** What the system says about a process, from outside: memory, time on a core, inotify watches. The same for every tool. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { pids } from "./processes.ts";

export interface Memory {
  /** Shared pages counted by share, in MB: what the machine really gives. */
  readonly pssMb: number;
  readonly rssMb: number;
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** This process and those below it, without this one (the child that is being restarted) and what is below that. */
export function familyOf(pid: number, without: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const each of pids()) {
    const parent = Number(/^\d+ \(.*\) \S (\d+)/s.exec(text(`/proc/${each}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), each]);
  }
  const found: number[] = [];
  const wait = [pid];
  for (let next = wait.pop(); next !== undefined; next = wait.pop()) {
    if (next === without) continue;
    found.push(next);
    wait.push(...(children.get(next) ?? []));
  }
  return found;
}

export function memoryOf(family: readonly number[]): Memory {
  const sum = { pss: 0, rss: 0 };
  for (const pid of family) {
    const rollup = text(`/proc/${pid}/smaps_rollup`);
    sum.pss += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    sum.rss += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return { pssMb: sum.pss / 1024, rssMb: sum.rss / 1024 };
}

/** Time on a core since the start, all threads, in milliseconds; from the scheduler's own account, since ticks of 10 ms are too coarse for what is idle. */
export function cpuMs(family: readonly number[]): number {
  let ns = 0;
  for (const pid of family) {
    for (const thread of threadsOf(pid)) ns += Number(text(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0] ?? 0);
  }
  return ns / 1e6;
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // Ended.
    return [];
  }
}

/** How many inotify watches its descriptors hold. */
export function watchesOf(family: readonly number[]): number {
  let count = 0;
  for (const pid of family) {
    for (const fd of inotifyDescriptors(pid)) {
      for (const line of text(`/proc/${pid}/fdinfo/${fd}`).split("\n")) if (line.startsWith("inotify wd:")) count += 1;
    }
  }
  return count;
}

function inotifyDescriptors(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).includes("inotify");
      } catch {
        return false;
      }
    });
  } catch {
    return [];
  }
}
