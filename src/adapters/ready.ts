/** Whether a new run answers: asked again and again, quickly at first, until it does or is stopped. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import type { Command } from "../command.ts";
import { targetOf } from "./spawn.ts";

export type ReadyCheck =
  | { readonly by: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly by: "http"; readonly url: string }
  | { readonly by: "log"; readonly pattern: RegExp }
  | { readonly by: "exec"; readonly command: Command };

const firstPauseMs = 4;
const longestPauseMs = 100;

/** Asks until the answer is yes. `log` is not asked for: its lines come by themselves. */
export async function askUntilReady(
  check: Exclude<ReadyCheck, { by: "log" }>,
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<void> {
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 1.3)) {
    if (await ask(check, where, signal)) return;
    await pause(pauseMs, signal);
  }
}

function ask(
  check: Exclude<ReadyCheck, { by: "log" }>,
  where: { cwd: string; env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<boolean> {
  switch (check.by) {
    case "tcp":
      return listens(check.host === undefined ? ["127.0.0.1", "::1"] : [check.host], check.port, signal);
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
    const socket = connect({ host, port, signal });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .setTimeout(1_000, () => end(false));
  });
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const { get } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  return new Promise((resolve) => {
    const request = get(url, { signal, agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    request.once("timeout", () => request.destroy()).once("error", () => resolve(false));
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
      signal,
      killSignal: "SIGKILL",
      windowsVerbatimArguments: verbatim,
    });
    child.once("error", () => resolve(false)).once("exit", (code) => resolve(code === 0));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
