/** The built program, driven from outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deadlineMs, until } from "./until.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Reload extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Everything so far, for messages. */
  seen(): string;
  /** Waits for a line on stderr; `after`: only in what came since that many characters. */
  says(pattern: RegExp, after?: number): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
  /** Ends it in order (SIGTERM) and waits for it. */
  stop(): Promise<Ended>;
}

export interface Options {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: "ignore" | "pipe" | { readonly text: string };
  /** The words that start the built program, where it is not to be started as usual. */
  readonly program?: readonly [string, ...string[]];
}

/** The built program as it is usually started. */
export const builtProgram: readonly [string, ...string[]] = [process.execPath, cli];

/** The environment of a user who has set nothing that matters here. */
export function cleanEnv(more: Options["env"] = {}): NodeJS.ProcessEnv {
  const { FORCE_COLOR, NO_COLOR, CI, RELOAD_SESSION, RELOAD_RUN, RELOAD_PROFILE, ...env } = process.env;
  return { ...env, ...more };
}

export function reload(args: readonly string[], options: Options): Reload {
  const stdin = options.stdin ?? "ignore";
  const [file, ...words] = options.program ?? builtProgram;
  const child: ChildProcess = spawn(file, [...words, ...args], {
    cwd: options.cwd,
    env: cleanEnv(options.env),
    stdio: [stdin === "ignore" ? "ignore" : "pipe", "pipe", "pipe"],
  });
  if (typeof stdin === "object") child.stdin?.end(stdin.text);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`could not start ${file}`);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  let end: Ended | undefined;
  const ended = new Promise<Ended>((resolve) => {
    child.once("exit", (code, signal) => {
      end = { code, signal };
    });
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const seen = (): string =>
    `── stdout\n${stdout}\n── stderr\n${stderr}\n── ${end === undefined ? "running" : JSON.stringify(end)}`;
  return {
    pid,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    seen,
    says: (pattern, after = 0) =>
      until(`stderr says ${pattern}`, () => pattern.exec(stderr.slice(after)) ?? undefined, seen),
    signal: (name) => void child.kill(name),
    ended,
    async stop() {
      if (end === undefined) child.kill("SIGTERM");
      return ended;
    },
    async [Symbol.asyncDispose]() {
      if (end === undefined) child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Runs it to its end. */
export async function reloadOnce(
  args: readonly string[],
  options: Options,
): Promise<Ended & { stdout: string; stderr: string }> {
  await using program = reload(args, options);
  const end = await program.ended;
  return { ...end, stdout: program.stdout, stderr: program.stderr };
}

/** Whether this pid is alive (a zombie is not). */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^\d+ \(.*\) [ZX]/s.test(stat);
  } catch {
    try {
      process.kill(pid, 0);
      return process.platform !== "linux";
    } catch {
      return false;
    }
  }
}

/** Every process whose command line or environment contains this text (Linux); the test's own aside. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0 && pid !== process.pid && isAlive(pid))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text) ||
          readFileSync(`/proc/${pid}/environ`, "utf8").includes(text)
        );
      } catch {
        return false;
      }
    });
}

/** The command line of a process, its words apart by spaces; nothing where it is gone. */
export function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0$/, "").replaceAll("\0", " ");
  } catch {
    return undefined;
  }
}
