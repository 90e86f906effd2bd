/** What stands in the file of a lock: who holds it, and whether that process still is the one that wrote it. */
import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { systemCode } from "../../core/errors.ts";
import { isEnded, statOf } from "../system/proc.ts";

export interface LockEntry {
  readonly pid: number;
  readonly startedTicks: number | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly boot: string;
  readonly session: string;
  readonly config: string;
  readonly profile: string | null;
  /** What to open in a browser. */
  readonly address: string | null;
  /** The tokens of the builds, rules, hooks and checks that are under way: what a finished one left is left on purpose. */
  readonly work: readonly string[];
}

export function writeEntry(file: string, entry: LockEntry): void {
  try {
    writeFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  } catch (error) {
    // A full disk leaves an empty one.
    rmSync(file, { force: true });
    throw error;
  }
}

export function readEntry(file: string): LockEntry | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is LockEntry {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "session" in value &&
    typeof value.session === "string" &&
    // A short text could be in anybody's environment.
    value.session.length >= 12 &&
    "boot" in value &&
    "startedTicks" in value &&
    "startedAt" in value &&
    typeof value.startedAt === "string" &&
    "profile" in value &&
    "address" in value &&
    "work" in value &&
    Array.isArray(value.work)
  );
}

/** A pid alone says nothing: it is given again. */
export function isRunning({ pid, startedTicks, boot }: Pick<LockEntry, "pid" | "startedTicks" | "boot">): boolean {
  if (boot !== bootId()) return false;
  if (startedTicks !== null) {
    const stat = statOf(pid);
    return !isEnded(stat) && stat?.startedTicks === startedTicks;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** This boot, and this view of the processes: in another container the same pid is another process. */
export function bootId(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}
