/** Who runs: one file for each `reload`, beside the sockets that they can be talked to at. */
import { readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { statOf } from "../system/proc.ts";
import { bootId, fileIdentity, isRunning } from "./entry.ts";
import { stateDirectory } from "./state-directory.ts";

export interface Registered {
  readonly pid: number;
  /** With the boot: a pid alone says nothing, it is given again. */
  readonly startedTicks: number | null;
  readonly boot: string;
  /** Real path of the directory that it works for: that of its configuration, else its root. */
  readonly directory: string;
  /** Real path of its configuration file. */
  readonly config: string | null;
  readonly profile: string | null;
  readonly socket: string;
  /** What the directory and the file are, by whatever path they are reached now. An earlier version does not say. */
  readonly identities?: { readonly directory: string | null; readonly config: string | null };
}

export interface Registration {
  readonly socket: string;
  /** Of files beside it, without an ending. */
  readonly ring: string;
  /** From now on it can be found. */
  announce(): void;
  close(): void;
}

export type Registering = Pick<Registered, "directory" | "config" | "profile">;

const suffix = ".running.json";

export const socketIn = (directory: string, name: string): string => join(directory, `${name}.sock`);

/** `name` is that of the session. Throws where there is no directory to be had. */
export function register(name: string, what: Registering): Registration {
  const directory = stateDirectory();
  const file = join(directory, `${name}${suffix}`);
  const socket = socketIn(directory, name);
  const entry: Registered = {
    pid: process.pid,
    startedTicks: statOf(process.pid)?.startedTicks ?? null,
    boot: bootId(),
    directory: realOrSame(what.directory),
    config: what.config === null ? null : realOrSame(what.config),
    profile: what.profile,
    socket,
    identities: {
      directory: fileIdentity(what.directory),
      config: what.config === null ? null : fileIdentity(what.config),
    },
  };
  return {
    socket,
    ring: join(directory, name),
    // Whole at once: who looks in the moment between would take an empty file for what somebody left behind, and remove it.
    announce() {
      writeFileSync(`${file}.new`, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    close() {
      rmSync(file, { force: true });
      rmSync(socket, { force: true });
    },
  };
}

export function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** All that run on this machine for this user. What others left behind is removed. */
export function registered(): readonly Registered[] {
  let directory: string;
  try {
    directory = stateDirectory();
  } catch {
    return [];
  }
  return readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .flatMap((name) => {
      const file = join(directory, name);
      const entry = read(file);
      if (entry !== undefined && isRunning(entry, entry.socket)) return [entry];
      // Of another boot or another container it is nobody's business here.
      if (entry !== undefined && entry.boot !== bootId()) return [];
      rmSync(file, { force: true });
      const session = name.slice(0, -suffix.length);
      for (const ending of [".sock", ".log", ".old.log"])
        rmSync(join(directory, `${session}${ending}`), { force: true });
      return [];
    });
}

function read(file: string): Registered | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

const isEntry = (value: unknown): value is Registered =>
  typeof value === "object" &&
  value !== null &&
  "pid" in value &&
  typeof value.pid === "number" &&
  "directory" in value &&
  typeof value.directory === "string" &&
  "socket" in value &&
  typeof value.socket === "string" &&
  "boot" in value &&
  "startedTicks" in value &&
  "config" in value &&
  "profile" in value;

export interface Wanted {
  /** Absolute. */
  readonly cwd: string;
  /** The top of the repository that `cwd` is in: nothing above it is looked at. */
  readonly top: string | undefined;
  readonly config: string | undefined;
  readonly profile: string | undefined;
}

/** Those that are meant: by file, or those that work for this directory or the nearest above it. */
export function matching(all: readonly Registered[], { cwd, top, config, profile }: Wanted): readonly Registered[] {
  const ofProfile = profile === undefined ? all : all.filter((one) => one.profile === profile);
  if (config !== undefined) {
    const identity = fileIdentity(config);
    return ofProfile.filter(
      (one) => one.config === realOrSame(config) || (identity !== null && one.identities?.config === identity),
    );
  }
  const from = realOrSame(cwd);
  const limit = top === undefined ? undefined : realOrSame(top);
  for (let at = from; ; at = dirname(at)) {
    const identity = fileIdentity(at);
    const here = ofProfile.filter(
      (one) => one.directory === at || (identity !== null && one.identities?.directory === identity),
    );
    if (here.length > 0) return here;
    if (at === limit || dirname(at) === at) break;
  }
  return [];
}
