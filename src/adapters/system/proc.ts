/** What Linux says about processes in `/proc`. Elsewhere these know nothing and say so with an empty answer. */
import { existsSync, openSync, readdirSync, readSync } from "node:fs";
import { constants } from "node:os";
import { close, withSpare } from "./descriptors.ts";

export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The foreground group of its terminal; -1 without one. */
  readonly terminalGroup: number;
  /** In clock ticks since boot: together with the pid it names one process for ever. */
  readonly startedTicks: number;
  /** Those that are alive, and a first one that has ended before the others. */
  readonly threads: number;
  /** Not so for the kernel's own, and for one that is ending: neither can fork. */
  readonly hasMemory: boolean;
  /** Of what it was started with. `undefined` in the middle of an `exec`. */
  readonly environmentBytes: number | undefined;
}

/** Flags of the kernel's `include/linux/sched.h`. */
const PF_EXITING = 0x4;
const PF_KTHREAD = 0x20_00_00;

export interface ProcessName {
  readonly pid: number;
  readonly command: string;
}

/** Not in a chroot without it. */
export const hasProc: boolean = process.platform === "linux" && existsSync("/proc/self/stat");

// One buffer for all: hundreds of processes are looked at before each start, and `readFileSync` takes twice as long.
const buffer = Buffer.allocUnsafe(64 * 1024);

/** `undefined` when there is no such file (any more), or when it is somebody else's. */
function read(path: string): string | undefined {
  let fd: number;
  try {
    fd = withSpare(() => openSync(path, "r"));
  } catch {
    return undefined;
  }
  try {
    return buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, null));
  } catch {
    // ESRCH: it ended between the two calls.
    return undefined;
  } finally {
    close(fd);
  }
}

/** `undefined` when there is no such process (any more). */
export function statOf(pid: number): ProcessStat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined || text === "") return undefined;
  // The name in parentheses may hold anything, parentheses and spaces included.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    terminalGroup: Number(fields[5]),
    startedTicks: Number(fields[19]),
    threads: Number(fields[17]),
    hasMemory: (Number(fields[6]) & (PF_EXITING | PF_KTHREAD)) === 0,
    // In the middle of an exec `env_end` is 0 or `env_start` for some time; `start_code` is set after them.
    environmentBytes: fields[23] === "0" ? undefined : Number(fields[48]) - Number(fields[47]),
  };
}

/** A zombie has ended, and only its parent has not asked how; unless it is a first thread that others outlive. */
export const isEnded = (stat: ProcessStat | undefined): boolean =>
  stat === undefined || stat.state === "X" || (stat.state === "Z" && stat.threads <= 1);

/** The process that a thread belongs to: a process can be asked for by the number of each of its threads, though only its own is listed. */
export function processOf(pid: number): number {
  const own = /^Tgid:\t(\d+)$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return own === undefined ? pid : Number(own);
}

/** Whether a process ignores this signal (Linux; elsewhere that is not known). */
export const ignores = (pid: number, signal: NodeJS.Signals): boolean => hasIn("SigIgn", pid, signal);

/** Whether a process listens to this signal (Linux; elsewhere that is not known). */
export const catches = (pid: number, signal: NodeJS.Signals): boolean => hasIn("SigCgt", pid, signal);

function hasIn(set: "SigIgn" | "SigCgt", pid: number, signal: NodeJS.Signals): boolean {
  const mask = new RegExp(`^${set}:\\t([0-9a-f]+)$`, "m").exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

/** How much the first thread of a process has read and written so far, whatever from and to: that of the whole process would count its dead children. */
export function bytesMoved(pid: number): number | undefined {
  const found = /^rchar: (\d+)\nwchar: (\d+)$/m.exec(read(`/proc/${pid}/task/${pid}/io`) ?? "");
  return found === null ? undefined : Number(found[1]) + Number(found[2]);
}

/** How much a process has written so far, whatever to, its dead children included. */
export function bytesWritten(pid: number): number | undefined {
  const found = /^wchar: (\d+)$/m.exec(read(`/proc/${pid}/io`) ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * Whether a process lives and none that it started does: a file for each of its threads, where a list of all processes would be read
 * else. `false` where that cannot be told (a kernel without CONFIG_PROC_CHILDREN).
 */
export function isChildless(pid: number): boolean {
  try {
    const threads = withSpare(() => readdirSync(`/proc/${pid}/task`));
    return threads.every((thread) => read(`/proc/${pid}/task/${thread}/children`) === "");
  } catch {
    return false;
  }
}

/** A process and what descends from it by the shortest way: children of its first thread. @param isWanted is asked for each child */
export function family(pid: number, isWanted: (child: number) => boolean = () => true): number[] {
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter(Boolean).map(Number);
  return [pid, ...children.filter(isWanted).flatMap((child) => family(child))];
}

/** In ascending order; nobody, not even ourselves, where that cannot be told. */
export function pids(): number[] {
  return listing()
    .map(Number)
    .filter((pid) => pid > 0)
    .sort((one, other) => one - other);
}

function listing(): string[] {
  try {
    return hasProc ? withSpare(() => readdirSync("/proc")) : [];
  } catch {
    return [];
  }
}

/** The pid that was given last in this namespace; a smaller one than a living process's means that they have begun anew. */
export function newestPid(): number | undefined {
  const pid = Number(read("/proc/loadavg")?.trim().split(" ")[4]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** A longer command line is cut: it is there to be recognised. In characters. */
const longestCommand = 80;

/** The command line as a person would read it. */
export function commandOf(pid: number): string {
  const line = read(`/proc/${pid}/cmdline`);
  if (line === undefined) return "?";
  const words = Buffer.from(line, "latin1").toString("utf8").replace(/\0+$/, "").replaceAll("\0", " ");
  if (words === "") return `[${read(`/proc/${pid}/comm`)?.trim() ?? "?"}]`;
  return words.length > longestCommand ? `${words.slice(0, longestCommand - 1)}…` : words;
}

/**
 * Whether the environment that a process was started with holds this text. `unclear`: it is in the middle of an `exec`,
 * or was while it was read. What may not be read, of another user or set-uid, is a "no".
 */
export function environmentHolds(pid: number, text: Buffer): "yes" | "no" | "unclear" {
  let fd: number;
  try {
    fd = withSpare(() => openSync(`/proc/${pid}/environ`, "r"));
  } catch {
    return "no";
  }
  try {
    let kept = 0;
    for (let readBytes = 0; ; ) {
      const count = readSync(fd, buffer, kept, buffer.length - kept, null);
      if (count === 0) return isWhole(pid, readBytes) ? "no" : "unclear";
      readBytes += count;
      const length = kept + count;
      if (buffer.subarray(0, length).includes(text)) return "yes";
      if (length < buffer.length) return "no";
      // The text may lie across two reads.
      kept = text.length - 1;
      buffer.copyWithin(0, length - kept, length);
    }
  } catch {
    return "no";
  } finally {
    close(fd);
  }
}

/** An environment that is replaced by an `exec` ends at once for who reads it. */
function isWhole(pid: number, readBytes: number): boolean {
  const stat = statOf(pid);
  return stat === undefined || !stat.hasMemory || stat.environmentBytes === readBytes;
}
