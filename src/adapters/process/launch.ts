/** How a command becomes a process: at once, or by way of execa. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { wholePart } from "../../core/errors.ts";
import { needDescriptors } from "../system/descriptors.ts";
import type { SpawnTarget } from "./spawn.ts";

/**
 * Where a program reads from. `empty`: its input has ended before it began. `silent`: a pipe that never delivers and
 * never ends, since watchers (`esbuild --watch`) end with their input. `inherited`: what `reload` has. `terminal`: the
 * same where that is a terminal; the program then stays in the session and the group of `reload`, so that it may open
 * `/dev/tty`, and is ended with what descends from it instead of as a group.
 */
export type Input = "empty" | "silent" | "inherited" | "terminal";

export const stdinOf = { empty: "ignore", silent: "pipe", inherited: "inherit", terminal: "inherit" } as const;

/** A process, as far as it is told apart by how it was started. */
export interface Child {
  readonly pid: number;
  readonly stdin: Writable | null | undefined;
  readonly stdout: Readable | null | undefined;
  readonly stderr: Readable | null | undefined;
  hasEnded(): boolean;
  /** Not `close`: a grandchild may hold the pipes for as long as it lives. */
  onExit(heard: (code: number | null, signal: NodeJS.Signals | null) => void): void;
}

export interface LaunchOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly detached: boolean;
  readonly stdin: Input;
  readonly output: "inherit" | "pipe";
  /** Handed on from 3 on. */
  readonly descriptors: readonly number[];
}

/** Throws, or rejects, with why there is no process. `stopped`: it is not wanted any more; `undefined` is the answer. */
export type Launch = (
  target: SpawnTarget,
  options: LaunchOptions,
  stopped: AbortSignal,
) => Child | Promise<Child | undefined>;

/** In this very moment: nothing has to be imported before the first start. */
export const launchAtOnce: Launch = (target, { cwd, env, detached, stdin, output, descriptors }) => {
  const options: SpawnOptions = {
    cwd,
    env,
    detached,
    stdio: [stdinOf[stdin], output, output, ...descriptors],
    windowsVerbatimArguments: target.verbatim,
    windowsHide: true,
  };
  const child = spawn(target.file, target.args, options);
  // A signal that could not be sent does not end it.
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  const { pid } = child;
  return pid === undefined ? new Promise((_, reject) => child.once("error", reject)) : childOf(pid, child);
};

/** Two for each of three streams, and two by which the system says how the start went. */
const descriptorsPerLaunch = 8;

/** For what is executed to an end: builds, rules, hooks and checks. 150 files are imported: only who has these pays for it. */
export const launchByExeca: Launch = async (target, { cwd, env, detached, stdin, output }, stopped) => {
  const { execa } = await wholePart(import("execa"), "execa");
  if (stopped.aborted) return undefined;
  // execa throws where its pipes are missing, and then nobody hears the event in which Node says why.
  needDescriptors(descriptorsPerLaunch);
  const child = execa(target.file, target.args, {
    cwd,
    env,
    extendEnv: false,
    detached,
    stdin: stdinOf[stdin],
    stdout: output,
    stderr: output,
    buffer: false,
    reject: false,
    cleanup: false,
    windowsHide: true,
    windowsVerbatimArguments: target.verbatim,
  });
  const { pid } = child;
  if (pid === undefined) throw (await child).cause;
  child.catch(() => {});
  return childOf(pid, child);
};

type Started = Pick<ChildProcess, "exitCode" | "signalCode"> &
  Pick<Child, "stdin" | "stdout" | "stderr"> & {
    once(event: "exit", heard: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  };

const childOf = (pid: number, child: Started): Child => ({
  pid,
  stdin: child.stdin,
  stdout: child.stdout,
  stderr: child.stderr,
  hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  onExit: (heard) => void child.once("exit", heard),
});
