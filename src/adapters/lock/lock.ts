/**
 * One `reload` per configuration file and profile, and what a next one must know of one that was killed: a file in a
 * private directory, never in the project. A pid alone says nothing (it is given again), so it goes with its start time
 * and the boot; and what is ended is found by the session in its environment, which nobody else carries.
 */
import { existsSync, linkSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf, systemCode } from "../../core/errors.ts";
import { sweepSync } from "../process/sweep.ts";
import { type ProcessName, statOf } from "../system/proc.ts";
import {
  bootId,
  identitiesOf,
  isElsewhere,
  isHidden,
  isRunning,
  isSameProject,
  type LockEntry,
  networkId,
  readEntry,
  writeEntry,
} from "./entry.ts";
import { socketIn } from "./registry.ts";
import { stateDirectory } from "./state-directory.ts";

export interface Lock {
  /** For whoever finds it: the work that is under way, the address that is served. */
  say(what: Partial<Pick<LockEntry, "work" | "address">>): void;
  release(): void;
}

/** Who has it. */
export interface Holder {
  readonly pid: number;
  /** In another container: it has another pid here, or none. */
  readonly isElsewhere: boolean;
  readonly profile: string | undefined;
  readonly address: string | undefined;
  readonly upMs: number;
}

export type Locked =
  | {
      readonly is: "held";
      readonly lock: Lock;
      /** What an earlier `reload` left behind, and is ended now. */
      readonly swept: readonly ProcessName[];
      readonly beside: readonly Holder[];
      /** Had it before, in another container, and nothing here tells whether it lives. */
      readonly doubtful: Holder | undefined;
    }
  | { readonly is: "taken"; readonly by: Holder }
  | { readonly is: "impossible"; readonly why: string };

/** What the lock hangs on. */
export interface LockOf {
  /** Absolute; however it is spelled, and through whatever links it is reached. */
  readonly config: string;
  readonly root: string;
  readonly profile: string | undefined;
  readonly session: string;
}

/** Takes the lock of a configuration file and profile; ends what a killed `reload` of the same left behind. */
export function lock({ config, root, profile, session }: LockOf, directories?: Iterable<string>): Locked {
  try {
    const path = realPath(config);
    const directory = stateDirectory(directories);
    const name = `${digest(path)}-${digest(profile ?? "")}.json`;
    const mine: LockEntry = {
      pid: process.pid,
      startedTicks: statOf(process.pid)?.startedTicks ?? null,
      startedAt: new Date().toISOString(),
      boot: bootId(),
      network: networkId(),
      session,
      config: path,
      identities: identitiesOf(path, root),
      profile: profile ?? null,
      address: null,
      work: [],
    };
    const locked = taken(join(directory, name), mine);
    if (locked.is !== "held") return locked;
    const others = othersIn(directory, name);
    const same = others.find((other) => isSameProject(other, mine));
    if (same !== undefined) {
      locked.lock.release();
      return { is: "taken", by: holderOf(same) };
    }
    const beside = others.filter((other) => other.config === path).map(holderOf);
    return { ...locked, beside };
  } catch (error) {
    return { is: "impossible", why: reasonOf(error) };
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const digest = (text: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex").slice(0, 16);

/** All others that run. */
function othersIn(directory: string, own: string): readonly LockEntry[] {
  return readdirSync(directory)
    .filter((name) => lockName.test(name) && name !== own)
    .map((name) => readEntry(join(directory, name)))
    .filter((entry) => entry !== undefined)
    .filter((entry) => isRunning(entry, socketIn(directory, entry.session)));
}

const lockName = /^[0-9a-f]{16}-[0-9a-f]{16}\.json$/;

const holderOf = ({ pid, boot, profile, address, startedAt }: LockEntry): Holder => ({
  pid,
  isElsewhere: isElsewhere(boot),
  profile: profile ?? undefined,
  address: address ?? undefined,
  upMs: Math.max(0, Date.now() - Date.parse(startedAt)),
});

/** Another one that takes the place of a dead one at this moment needs a few milliseconds. */
const attempts = 200;
const attemptMs = 5;

type Taken = Omit<Extract<Locked, { is: "held" }>, "beside"> | Extract<Locked, { is: "taken" }>;

function taken(file: string, mine: LockEntry): Taken {
  const breaker = `${file}.break`;
  const runs = (entry: LockEntry): boolean => isRunning(entry, socketIn(dirname(file), entry.session));
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (place(file, mine)) return { is: "held", lock: held(file, mine), swept: [], doubtful: undefined };
    const other = readEntry(file);
    if (other !== undefined && runs(other)) return { is: "taken", by: holderOf(other) };
    // Of several that find the same dead one, only who holds the breaker may take its place, and looks once more before.
    if (!place(breaker, mine)) {
      const breaking = readEntry(breaker);
      if (breaking === undefined || !runs(breaking)) rmSync(breaker, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attemptMs);
      continue;
    }
    try {
      const dead = readEntry(file);
      if (dead === undefined && !existsSync(file)) continue;
      if (dead !== undefined && runs(dead)) return { is: "taken", by: holderOf(dead) };
      const swept = dead !== undefined && dead.boot === mine.boot ? endLeftovers(dead) : [];
      replace(file, mine);
      const doubtful = dead !== undefined && isHidden(dead) ? holderOf(dead) : undefined;
      return { is: "held", lock: held(file, mine), swept, doubtful };
    } finally {
      rmSync(breaker, { force: true });
    }
  }
  throw new Error(`${file} cannot be taken`);
}

/** Whoever clears a temp directory goes by age: the youngest limit in use is a day (macOS: three). */
const renewMs = 6 * 60 * 60 * 1_000;

function held(file: string, first: LockEntry): Lock {
  let entry = first;
  const put = (): void => {
    try {
      const there = readEntry(file);
      // Somebody removed it, and another one came: it is theirs now.
      if (there === undefined || there.session === first.session) replace(file, entry);
    } catch {
      // A full disk must not stop the work; the guardian is still there.
    }
  };
  const renewal = setInterval(put, renewMs).unref();
  return {
    say(what) {
      entry = { ...entry, ...what };
      put();
    },
    release() {
      clearInterval(renewal);
      if (readEntry(file)?.session === first.session) rmSync(file, { force: true });
    },
  };
}

/** Made whole under another name first, so that nobody ever reads half of it. */
function place(file: string, entry: LockEntry): boolean {
  const own = `${file}.${process.pid}`;
  writeEntry(own, entry);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** The same in the place of another one. */
function replace(file: string, entry: LockEntry): void {
  const own = `${file}.${process.pid}`;
  writeEntry(own, entry);
  renameSync(own, file);
}

/** By its session alone, which nobody else carries: a pid from the file may be somebody else's by now. */
function endLeftovers({ session, work }: LockEntry): readonly ProcessName[] {
  // What finished work left is left on purpose.
  return [`${session}-run`, ...work.map((token) => `${session}-${token}.`)].flatMap(sweepSync);
}
