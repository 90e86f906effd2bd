/** The end of a session that is broken. */
import type { Problem } from "../core/problem.ts";
import type { Engine } from "./engine.ts";
import type { SessionParts } from "./parts.ts";

/** What is done about a fault of our own. */
export function endOnFault(
  { note, configuration, io }: SessionParts,
  engine: Engine,
  quit: (code: number) => void,
  exited: (code: number) => void,
): (problem: Problem) => void {
  let isStopping = false;
  return (problem) => {
    note({ type: "warned", problem });
    // One that comes while everything is being stopped anyway is not a reason to be less patient.
    if (isStopping || engine.house.life.is !== "quitting") quit(io.faults.code);
    if (isStopping) return;
    isStopping = true;
    const endings = [...configuration.settings().services.values()].map(
      (settings) => settings.process?.ending.timeoutMs ?? 0,
    );
    // What is broken may be what brings it to its end.
    setTimeout(() => exited(io.faults.code), Math.max(0, ...endings) + longestEndMs).unref();
  };
}

/** How long after `stop_timeout` a session that is broken may take to end, in milliseconds. */
const longestEndMs = 10_000;
