/** Whether a new run answers: asked again and again, quickly at first, until it does or is stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { StringDecoder } from "node:string_decoder";
import type { Command } from "../../core/command.ts";
import { signalGroup } from "../process/group.ts";
import { targetOf } from "../process/spawn.ts";
import { pause } from "../system/pause.ts";

export type ReadyCheck =
  | { readonly by: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly by: "http"; readonly url: string }
  | { readonly by: "log"; readonly pattern: RegExp }
  | { readonly by: "exec"; readonly command: Command };

const firstPauseMs = 4;
const longestPauseMs = 100;
/** What of the time waited so far may pass until it is asked again, so that an answer is late by as much at most. */
const pauseShare = { tcp: 0.05, http: 0.05, exec: 0.25 };

/** Resolves when the answer is yes, or when it is over (whoever asks looks at the signal). */
export async function untilReady(
  check: ReadyCheck,
  child: ChildProcess,
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  over: AbortSignal,
): Promise<void> {
  if (check.by === "log") return lineMatches(child, check.pattern);
  const began = performance.now();
  while (!over.aborted && !(await ask(check, where, over))) {
    const share = pauseShare[check.by] * (performance.now() - began);
    await pause(Math.min(longestPauseMs, Math.max(firstPauseMs, share)), over);
  }
}

/** A line that never ends is matched as far as this, in characters. */
const longestLine = 64 * 1024;

function lineMatches(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const readers = [child.stdout, child.stderr].map((stream) => {
      const decoder = new StringDecoder("utf8");
      let rest = "";
      const read = (chunk: Buffer): void => {
        const lines = (rest + decoder.write(chunk)).split("\n");
        // A prompt without a newline counts as well.
        const isThere = lines.some((line) => pattern.test(line));
        rest = (lines.pop() ?? "").slice(-longestLine);
        if (!isThere) return;
        for (const stop of readers) stop();
        resolve();
      };
      stream?.on("data", read);
      return () => void stream?.off("data", read);
    });
  });
}

function ask(
  check: Exclude<ReadyCheck, { by: "log" }>,
  where: { cwd: string; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<boolean> {
  switch (check.by) {
    case "tcp":
      // Not every system knows both by the name.
      return listens(
        check.host === undefined || check.host === "localhost" ? ["127.0.0.1", "::1"] : [check.host],
        check.port,
        signal,
      );
    case "http":
      return answers(check.url, signal);
    case "exec":
      return succeeds(check.command, where, signal);
  }
}

async function listens(hosts: readonly string[], port: number, signal: AbortSignal): Promise<boolean> {
  for (const host of hosts) if (await accepts(host, port, signal)) return true;
  return false;
}

function accepts(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (is: boolean): void => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      resolve(is);
    };
    const abort = (): void => end(false);
    signal.addEventListener("abort", abort);
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .setTimeout(1_000, () => end(false));
  });
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const { get } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  return new Promise((resolve) => {
    const end = (is: boolean): void => {
      signal.removeEventListener("abort", abort);
      // Only the head was asked for: the rest may never end (an event stream).
      request.destroy();
      resolve(is);
    };
    const abort = (): void => end(false);
    const request = get(url, { agent: false, timeout: 2_000 }, ({ statusCode = 0 }) => {
      end(statusCode >= 200 && statusCode < 400);
    });
    request.on("timeout", abort).on("error", abort);
    signal.addEventListener("abort", abort);
  });
}

function succeeds(
  command: Command,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<boolean> {
  const { file, args, verbatim } = targetOf(command);
  return new Promise((resolve) => {
    const child = spawn(file, [...args], {
      cwd,
      env,
      stdio: "ignore",
      detached: process.platform !== "win32",
      windowsVerbatimArguments: verbatim,
      windowsHide: true,
    });
    // A check that hangs goes with the run, and with all that it started.
    const end = (): void => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      if (!signalGroup(child.pid, "SIGKILL")) child.kill("SIGKILL");
    };
    const answer = (is: boolean): void => {
      signal.removeEventListener("abort", end);
      resolve(is);
    };
    signal.addEventListener("abort", end);
    child.once("error", () => answer(false)).once("exit", (code) => answer(code === 0));
  });
}
