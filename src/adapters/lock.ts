/**
 * One `reload` per configuration file and profile, and what a next one must know of one that was killed: a file in a
 * private directory, never in the project. A pid alone says nothing (it is given again), so it goes with its start time
 * and the boot; and what is ended is found by the session in its environment, which nobody else carries.
 */
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepSync } from "./process/sweep.ts";
import { isEnded, type ProcessName, statOf } from "./system/proc.ts";

interface Entry {
  readonly pid: number;
  readonly startedTicks: number | null;
  readonly boot: string;
  readonly session: string;
  readonly config: string;
  /** The build that runs: what a finished one left is left on purpose. */
  readonly build: string | null;
}

export interface Lock {
  /** Says which build runs, if any. */
  building(name: string | undefined): void;
  release(): void;
}

export type Locked =
  | {
      readonly is: "held";
      readonly lock: Lock /** What an earlier `reload` left behind, and is ended now. */;
      readonly swept: readonly ProcessName[];
    }
  | { readonly is: "taken"; readonly pid: number }
  | { readonly is: "impossible"; readonly why: string };

/**
 * `$XDG_RUNTIME_DIR/reload`, else a directory of the temp directory. It is this user's own and nobody else can enter
 * it; throws where there is none to be had.
 */
export function stateDirectory(env: NodeJS.ProcessEnv): string {
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && runtime !== "") {
    try {
      return ownDirectory(join(runtime, "reload"));
    } catch {
      // Under `su` and `sudo` the variable is often somebody else's.
    }
  }
  return ownDirectory(join(tmpdir(), `reload-${process.getuid?.() ?? "user"}`));
}

function ownDirectory(directory: string): string {
  try {
    // Not `recursive`: what it lies in exists, and where it does not Node may try for ever (in /proc, for one).
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  // Of the name itself: a link into some other directory of ours would pass else.
  const stats = lstatSync(directory);
  const isOwn = process.platform === "win32" || (stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0);
  if (!stats.isDirectory() || !isOwn) {
    throw new Error(`${directory} belongs to another user, or other users may enter it`);
  }
  return directory;
}

/** Takes the lock of a configuration file (absolute) and profile; ends what a killed `reload` of the same left behind. */
export function lock(config: string, profile: string | undefined, session: string, env: NodeJS.ProcessEnv): Locked {
  let file: string;
  try {
    const name = process
      .getBuiltinModule("node:crypto")
      .createHash("sha256")
      .update(`${config}\0${profile ?? ""}`)
      .digest("hex")
      .slice(0, 24);
    file = join(stateDirectory(env), `${name}.json`);
  } catch (error) {
    return { is: "impossible", why: error instanceof Error ? error.message : String(error) };
  }
  const mine: Entry = {
    pid: process.pid,
    startedTicks: statOf(process.pid)?.startedTicks ?? null,
    boot: bootId(),
    session,
    config,
    build: null,
  };
  try {
    return taken(file, mine);
  } catch (error) {
    return { is: "impossible", why: error instanceof Error ? error.message : String(error) };
  }
}

/** Another one that takes the place of a dead one at this moment needs a few milliseconds. */
const attempts = 200;
const attemptMs = 5;

function taken(file: string, mine: Entry): Locked {
  const breaker = `${file}.break`;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (place(file, mine)) return { is: "held", lock: held(file, mine), swept: [] };
    const other = read(file);
    if (other !== undefined && isRunning(other)) return { is: "taken", pid: other.pid };
    // Of several that find the same dead one, only who holds the breaker may take its place, and looks once more before.
    if (!place(breaker, mine)) {
      const breaking = read(breaker);
      if (breaking === undefined || !isRunning(breaking)) rmSync(breaker, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attemptMs);
      continue;
    }
    try {
      const dead = read(file);
      if (dead === undefined && !existsSync(file)) continue;
      if (dead !== undefined && isRunning(dead)) return { is: "taken", pid: dead.pid };
      const swept = dead !== undefined && dead.boot === mine.boot ? endLeftovers(dead) : [];
      replace(file, mine);
      return { is: "held", lock: held(file, mine), swept };
    } finally {
      rmSync(breaker, { force: true });
    }
  }
  throw new Error(`${file} cannot be taken`);
}

function held(file: string, first: Entry): Lock {
  return {
    building(name) {
      try {
        replace(file, { ...first, build: name ?? null });
      } catch {
        // A full disk must not stop the work; the guardian is still there.
      }
    },
    release() {
      if (read(file)?.session === first.session) rmSync(file, { force: true });
    },
  };
}

/** Made whole under another name first, so that nobody ever reads half of it. */
function place(file: string, entry: Entry): boolean {
  const own = `${file}.${process.pid}`;
  write(own, entry);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** The same in the place of another one. */
function replace(file: string, entry: Entry): void {
  const own = `${file}.${process.pid}`;
  write(own, entry);
  renameSync(own, file);
}

function write(file: string, entry: Entry): void {
  try {
    writeFileSync(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  } catch (error) {
    // A full disk leaves an empty one.
    rmSync(file, { force: true });
    throw error;
  }
}

function read(file: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
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
    "build" in value
  );
}

function isRunning({ pid, startedTicks, boot }: Entry): boolean {
  if (boot !== bootId()) return false;
  if (startedTicks !== null) {
    const stat = statOf(pid);
    return !isEnded(stat) && stat?.startedTicks === startedTicks;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** By its session alone, which nobody else carries: a pid from the file may be somebody else's by now. */
function endLeftovers({ session, build }: Entry): readonly ProcessName[] {
  // A finished build's are left on purpose.
  return [`${session}-run`, ...(build === null ? [] : [`${session}-${build}.`])].flatMap(sweepSync);
}

/** This boot, and this view of the processes: in another container the same pid is another process. */
function bootId(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}
