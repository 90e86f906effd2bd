/** What Linux says about processes in `/proc`. Elsewhere these know nothing and say so with an empty answer. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** In clock ticks since boot: together with the pid it names one process for ever. */
  readonly startedTicks: number;
}

export const hasProc: boolean = process.platform === "linux";

/** `undefined` when there is no such process (any more). */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything, parentheses and spaces included.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      pid,
      state: fields[0] ?? "",
      parent: Number(fields[1]),
      group: Number(fields[2]),
      startedTicks: Number(fields[19]),
    };
  } catch {
    return undefined;
  }
}

/** A zombie has ended; only its parent has not asked how. */
export const isEnded = (stat: ProcessStat | undefined): boolean =>
  stat === undefined || stat.state === "Z" || stat.state === "X";

export function pids(): number[] {
  if (!hasProc) return [];
  return readdirSync("/proc")
    .filter((name) => name >= "1" && name <= "9999999999")
    .map(Number)
    .filter(Number.isInteger);
}

/** The command line as a person would read it. */
export function commandOf(pid: number): string {
  try {
    return (
      readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0+$/, "").replaceAll("\0", " ") ||
      `[${readFileSync(`/proc/${pid}/comm`, "utf8").trim()}]`
    );
  } catch {
    return "?";
  }
}

/** The value of a variable in the environment that a process was started with; `undefined` also when it may not be read. */
export function environmentOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return undefined;
  }
}
