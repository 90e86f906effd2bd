/** Ready when a command ends with 0. */
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { Command } from "../../core/command.ts";
import { signalGroup } from "../process/group.ts";
import { exitOf, targetOf, whyNotStarted } from "../process/spawn.ts";
import type { Probe, Refusal } from "./probe.ts";

/** Of what it prints only the end is worth keeping, in characters. */
const keptLength = 4_096;
const longestReason = 200;

export function execProbe(command: Command, where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Probe {
  return { open: "exec: not ended", pauseShare: 0.25, ask: (over) => run(command, where, over) };
}

function run(
  command: Command,
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  over: AbortSignal,
): Promise<Refusal | undefined> {
  const { file, args, verbatim } = targetOf(command);
  return new Promise((resolve) => {
    let child: ReturnType<typeof spawn>;
    try {
      child = spawn(file, [...args], {
        cwd,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        detached: process.platform !== "win32",
        windowsVerbatimArguments: verbatim,
        windowsHide: true,
      });
    } catch (error) {
      // E2BIG and the like are thrown.
      resolve(`exec: ${whyNotStarted(error, file, cwd).message}`);
      return;
    }
    let printed = "";
    for (const stream of [child.stderr, child.stdout]) {
      stream
        ?.on("error", () => {})
        .on("data", (chunk: Buffer) => {
          printed = (printed + chunk).slice(-keptLength);
        });
    }
    // A check that hangs goes with the run, and with all that it started.
    const end = (): void => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      if (!signalGroup(child.pid, "SIGKILL")) child.kill("SIGKILL");
    };
    over.addEventListener("abort", end);
    const answer = (refusal: Refusal | undefined): void => {
      over.removeEventListener("abort", end);
      // What it left behind may hold the pipes for as long as it lives.
      for (const stream of [child.stderr, child.stdout]) stream?.destroy();
      resolve(refusal);
    };
    child
      .once("error", (error) => answer(`exec: ${whyNotStarted(error, file, cwd).message}`))
      .once("exit", (code, signal) => {
        if (code === 0) return answer(undefined);
        const exit = exitOf(code, signal);
        const how = exit.is === "signal" ? exit.signal : `code ${code}`;
        // What it printed last may still be on its way.
        setImmediate(() => setImmediate(() => answer(["exec", how, ...lastLine(printed)].join(": "))));
      });
  });
}

function lastLine(text: string): string[] {
  const line =
    stripVTControlCharacters(text)
      .trim()
      .split(/\r?\n|\r/)
      .at(-1)
      ?.trim() ?? "";
  return line === "" ? [] : [line.length > longestReason ? `${line.slice(0, longestReason)}…` : line];
}
