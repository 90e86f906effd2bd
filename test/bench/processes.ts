/** Everything that the bench starts, and the certain end of it: each process leads a group, and all carry one word in their environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { nowMs } from "./stamps.ts";

const cookie = `reload-bench-${randomBytes(6).toString("hex")}`;
const started = new Set<Started>();

export interface Started {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it printed, the end of it, for messages. */
  printed(): string;
  readonly ended: Promise<void>;
  isEnded(): boolean;
}

export interface Launch {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a child of the bench gets: the user's environment without what would change how the tools behave. */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { CI, FORCE_COLOR, NO_COLOR, NODE_OPTIONS, RELOAD_SESSION, RELOAD_RUN, RELOAD_PROFILE, ...env } = process.env;
  return { ...env, ...more, RELOAD_BENCH: cookie };
}

export function start(launch: Launch): Started {
  const [file] = launch.command;
  let child = begin(launch);
  // A machine that is out of processes or memory for a moment is no reason to lose half an hour of figures.
  for (let tries = 0; child.pid === undefined && tries < 10; tries += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    child = begin(launch);
  }
  if (launch.stdin !== undefined) child.stdin?.on("error", () => {}).end(launch.stdin);
  let text = "";
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString("utf8")).slice(-2_000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  if (child.pid === undefined) throw new Error(`could not start ${file}`);
  let isEnded = false;
  const running: Started = {
    pid: child.pid,
    child,
    printed: () => text,
    ended: new Promise((resolve) => {
      child.once("exit", () => {
        isEnded = true;
        resolve();
      });
    }),
    isEnded: () => isEnded,
  };
  started.add(running);
  return running;
}

function begin(launch: Launch): ChildProcess {
  const [file, ...args] = launch.command;
  const child = spawn(file, args, {
    cwd: launch.cwd,
    env: environment(launch.env),
    detached: true,
    stdio: [launch.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.on("error", (error) => void process.stderr.write(`${error.message}\n`));
  return child;
}

/** Asks it to end as a user would (SIGTERM to the tool alone), then ends what is left of its group. */
export async function end(running: Started, patienceMs = 3_000): Promise<void> {
  if (!running.isEnded()) {
    signal(running.pid, "SIGTERM");
    await Promise.race([running.ended, sleep(patienceMs)]);
  }
  signal(-running.pid, "SIGKILL");
  await running.ended;
  started.delete(running);
}

/** Ends all that was started, and whatever else carries our word. Safe to call from an exit handler: nothing in it waits. */
export function endEverything(): number {
  for (const each of started) signal(-each.pid, "SIGKILL");
  let found = 0;
  for (let round = 0; round < 20; round += 1) {
    const left = carriers(cookie);
    if (left.length === 0) break;
    found += left.length;
    for (const pid of left) signal(pid, "SIGKILL");
  }
  return found;
}

/** Pids of what carries this text in its environment and is alive, ourselves aside. */
export function carriers(text: string): readonly number[] {
  return pids().filter((pid) => {
    if (pid === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(text) && isAlive(pid);
    } catch {
      return false;
    }
  });
}

/** Whether it runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

export function pids(): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A neighbourhood of processes that do nothing: a development machine has some hundred. */
export async function neighbours(count: number): Promise<Started> {
  const script = `i=0; while [ $i -lt ${count} ]; do sleep 86400 & i=$((i+1)); done; echo there; wait`;
  const started = start({ command: ["/bin/sh", "-c", script], cwd: "/" });
  const deadline = nowMs() + 30_000;
  while (!started.printed().includes("there") && nowMs() < deadline) await sleep(20);
  return started;
}
