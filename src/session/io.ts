/** What a session is given by whoever starts it. Nothing in `session/` looks such things up in the process by itself: several sessions may live in one. */
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../adapters/clock.ts";
import type { SignalDeeds } from "../adapters/signals/signals.ts";
import type { Terminal, TerminalParts } from "../adapters/terminal/terminal.ts";
import type { Problem } from "../core/problem.ts";

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Io {
  /** The working directory; throws where it does not exist any more. */
  cwd(): string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: { readonly isTTY?: boolean };
  /** What a command reads (`reload mcp`); absent where there is nothing to read. */
  input?(): Readable;
  /** What programs print, and `--json`. */
  readonly stdout: OutputStream;
  /** What `reload` says. */
  readonly stderr: OutputStream;
  /**
   * `lent`: the streams are those of this process, and a program may have the terminal behind them for itself; else
   * what it prints is read and written to them, and it gets no input.
   */
  readonly streams: "lent" | "kept";
  /** Both of them are one file or one terminal: what is written to either has one order. */
  readonly isOneStream: boolean;
  readonly clock: Clock;
  /** Hears what the terminal and the operating system ask for, until the returned function is called. */
  listen(asked: SignalDeeds): () => void;
  /** What nobody foresaw; as long as a session lives it is told, so that it can stop everything in order. */
  readonly faults: {
    /** The exit code. */
    readonly code: number;
    /** Returns how to end that. */
    stopOnFault(stop: (problem: Problem) => void): () => void;
  };
  /** The terminal of this process, if the session may set its modes. */
  readonly terminal: SessionTerminal | undefined;
  /** The first start is on its way, and watching begins: the moment for what concerns the process as a whole. */
  begun?(): void;
  /** What is said meanwhile is told to whoever waits for the start: nobody will be able to ask for it. */
  aloud?(say: () => void): void;
  /** The process is number 1: orphans become its children, and it does not reap them. */
  readonly isInit: boolean;
  /** Nobody looks at it: it was started with `--background`. */
  readonly isBackground: boolean;
  /** The words that start this program, without what it is asked for. */
  readonly program: readonly string[];
  /** What it is asked for. */
  readonly words: readonly string[];
  readonly version: () => string;
}

export interface SessionTerminal {
  open(parts: TerminalParts): Terminal;
  clear(): void;
  /** What is written to have the screen as it was found. */
  asFound(term: string | undefined): string;
  /** What is typed comes to this process. */
  isOurs(): boolean;
  /** No other job of the shell has the terminal. */
  isForeground(): boolean;
  /** What had taken the terminal is no more: what is typed reaches nobody. */
  isNobodys(): boolean;
  /** There is nothing to read, and there will not be. */
  isInputEmpty(): boolean;
}
