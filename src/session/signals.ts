/** What the signals that reach us do to what runs and to the terminal. */
import type { Terminal } from "../adapters/terminal/terminal.ts";
import type { Io } from "./io.ts";
import type { World } from "./world.ts";

export interface SignalParts {
  readonly world: World;
  readonly terminal: Terminal | undefined;
  quit(code: number): void;
}

/** @returns stops listening */
export function listenToSignals(io: Io, { world, terminal, quit }: SignalParts): () => void {
  return io.listen({
    quit(code) {
      if (fromTerminal.includes(code) && io.terminal?.isOurs() === true) world.interrupted();
      quit(code);
    },
    pause(isPaused) {
      if (isPaused) terminal?.suspend();
      else terminal?.review();
      world.signal(isPaused ? "SIGSTOP" : "SIGCONT");
    },
    resized: () => world.signal("SIGWINCH"),
    passOn: (signal) => world.passOn(signal),
  });
}

/** Ctrl-C and Ctrl-\\ go to everything in our group, a run that shares it included. */
const fromTerminal: readonly number[] = [130, 131];
/** The only end that is a signal's. */
export const endedByHangUp = 129;
