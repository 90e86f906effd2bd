/** What stands in the file of a lock: who holds it, and whether that process still is the one that wrote it. */
import { readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { systemCode } from "../../core/errors.ts";
import { isEnded, statOf } from "../system/proc.ts";

export interface LockEntry {
  readonly pid: number;
  readonly startedTicks: number | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly boot: string;
  /** Its view of the network, where the system has several. */
  readonly network: string;
  readonly session: string;
  readonly config: string;
  /** By whatever paths they are reached: the file, the directory that it lies in, and the root; `null` where that was not known. */
  readonly identities: Identities | null;
  readonly profile: string | null;
  /** What to open in a browser. */
  readonly address: string | null;
  /** The tokens of the builds, rules, hooks and checks that are under way: what a finished one left is left on purpose. */
  readonly work: readonly string[];
}

export interface Identities {
  readonly file: string;
  readonly directory: string;
  readonly root: string;
}

/** A link to the file beside it, a moved or mounted directory: it is the same project, by another path. */
export const isSameProject = (one: LockEntry, other: LockEntry): boolean =>
  one.profile === other.profile &&
  one.identities !== null &&
  one.identities !== undefined &&
  one.identities.root === other.identities?.root &&
  (one.identities.file === other.identities.file ||
    // Whoever saves by rename makes another file of it.
    (one.identities.directory === other.identities.directory && basename(one.config) === basename(other.config)));

export function identitiesOf(config: string, root: string): Identities | null {
  const [file, directory, ofRoot] = [config, dirname(config), root].map(fileIdentity);
  return file == null || directory == null || ofRoot == null ? null : { file, directory, root: ofRoot };
}

/** The number of a file that is gone is given to the next one: hence the time of birth. */
export function fileIdentity(path: string): string | null {
  try {
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    return null;
  }
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

type Process = Pick<LockEntry, "pid" | "startedTicks" | "boot"> & Partial<Pick<LockEntry, "startedAt">>;

/** Whoever has just begun cannot be talked to yet, in milliseconds. */
const beginningMs = 10_000;

/**
 * A pid alone says nothing: it is given again; and in another container it is another process: there the socket tells, at which it can be
 * talked to.
 */
export function isRunning({ pid, startedTicks, boot, startedAt }: Process, socket: string): boolean {
  if (boot !== bootId()) {
    const isBeginning = startedAt !== undefined && Math.abs(Date.now() - Date.parse(startedAt)) < beginningMs;
    return isElsewhere(boot) && (isBeginning || isListenedAt(socket));
  }
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

/** It is of this boot of the machine, and its processes cannot be seen from here by the pids that they know. */
export const isElsewhere = (boot: string): boolean =>
  boot !== "" && boot !== bootId() && boot.split(" ")[0] === bootId().split(" ")[0];

/** Whether it lives cannot be told from here: the sockets of its container are not those that are seen here. */
export const isHidden = ({ boot, network }: Pick<LockEntry, "boot" | "network">): boolean =>
  isElsewhere(boot) && network !== networkId();

/** The kernel names the path of each socket that is open, of this view of the network. */
function isListenedAt(socket: string): boolean {
  try {
    return readFileSync("/proc/net/unix", "latin1").includes(` ${Buffer.from(socket).toString("latin1")}\n`);
  } catch {
    return false;
  }
}

/** This boot, and this view of the processes. */
export function bootId(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

export function networkId(): string {
  try {
    return readlinkSync("/proc/self/ns/net");
  } catch {
    return "";
  }
}
