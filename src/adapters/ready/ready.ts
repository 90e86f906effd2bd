/** Whether a new run answers: asked again and again, quickly at first, until it does or is stopped. */
import type { Command } from "../../core/command.ts";
import { pause } from "../system/pause.ts";
import { execProbe } from "./exec.ts";
import { httpProbe } from "./http.ts";
import { listeningProbe, type Sought } from "./listening.ts";
import { logProbe } from "./log.ts";
import type { Probe, Refusal, Streams } from "./probe.ts";
import { portsOfRun } from "./run-ports.ts";
import { tcpProbe } from "./tcp.ts";

export type ReadyCheck =
  | { readonly by: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly by: "http"; readonly url: string }
  | { readonly by: "log"; readonly pattern: Pick<RegExp, "test" | "source"> }
  | { readonly by: "exec"; readonly command: Command }
  /** Whatever port it listens on, that one first; `found` is told. */
  | ({ readonly by: "listening" } & Sought);

/** What a check may have to know of the run that it asks about. */
export interface RunAsked {
  /** The leader of its group. */
  readonly pid: number | undefined;
  /** What it prints, where that is read. */
  readonly streams: Streams;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether somebody else has listened at an address since before the start: an answer from there says nothing. */
  isForeign(address: string): boolean;
}

export interface Asking {
  /** Resolves when the answer is yes, or when it is over (whoever asks looks at the signal). */
  readonly answered: Promise<void>;
  /** Why the last answer was no. */
  refusal(): Refusal;
}

const firstPauseMs = 4;
const longestPauseMs = 100;

/** Begins at once: a line that is printed first is not missed. */
export function askUntilReady(check: ReadyCheck, asked: RunAsked, over: AbortSignal): Asking {
  const probe = probeOf(check, asked);
  let refusal = probe.open;
  const loop = async (): Promise<void> => {
    const began = performance.now();
    while (!over.aborted) {
      const answer = await probe.ask(over);
      if (answer === undefined) return;
      // What is given up in the end is not an answer.
      if (!over.aborted) refusal = answer;
      const shareMs = probe.pauseShare * (performance.now() - began);
      await pause(Math.min(longestPauseMs, Math.max(firstPauseMs, shareMs)), over);
    }
  };
  return { answered: loop(), refusal: () => probe.meanwhile?.() ?? whereElse(check, asked.pid, refusal) };
}

/** Where nobody listens, it may listen on another port: that is the mistake that is made most. */
function whereElse({ by }: ReadyCheck, pid: number | undefined, refusal: Refusal): Refusal {
  if (pid === undefined || (by !== "tcp" && by !== "http") || !refusal.endsWith("connection refused")) return refusal;
  const { askable, elsewhere } = portsOfRun(pid);
  const ports = [...new Set([...askable, ...elsewhere])];
  return ports.length === 0 ? refusal : `${refusal}; it listens on ${ports.join(", ")}`;
}

function probeOf(check: ReadyCheck, { pid, streams, cwd, env, isForeign }: RunAsked): Probe {
  switch (check.by) {
    case "tcp":
      return tcpProbe(check.host, check.port, isForeign);
    case "http":
      return httpProbe(check.url, isForeign);
    case "log":
      return logProbe(streams, check.pattern);
    case "listening":
      return listeningProbe(pid, check);
    case "exec":
      return execProbe(check.command, { cwd, env });
  }
}
