/** What probe children say: a line with a clock, a pid and a word, through a named pipe, so that nobody polls. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";

export interface Stamp {
  /** Milliseconds on the system's monotonic clock, comparable with `nowMs`. */
  readonly atMs: number;
  readonly pid: number;
  readonly tag: string;
}

/** Milliseconds on CLOCK_MONOTONIC, the clock that the probes read as well. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class Stamps {
  readonly path: string;
  readonly #socket: Socket;
  #seen: Stamp[] = [];
  #rest = "";
  #wake: (() => void)[] = [];

  constructor(path: string) {
    execFileSync("mkfifo", [path]);
    this.path = path;
    // For writing too: the pipe then has no end while children come and go.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      this.#socket = new Socket({ fd, readable: true, writable: false });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#socket.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.#socket.on("error", () => {});
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const [ns = "0", pid = "0", tag = ""] = line.split(" ");
      this.#seen.push({ atMs: Number(ns) / 1e6, pid: Number(pid), tag });
    }
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Everything so far that was born after this moment. */
  since(atMs: number, tag?: string): readonly Stamp[] {
    return this.#seen.filter((stamp) => stamp.atMs >= atMs && (tag === undefined || stamp.tag === tag));
  }

  /** The first `count` stamps born after this moment; fewer when the time is up. */
  async wait(afterMs: number, deadlineMs: number, count = 1, tag?: string): Promise<readonly Stamp[]> {
    const until = nowMs() + deadlineMs;
    for (;;) {
      const found = this.since(afterMs, tag);
      const leftMs = until - nowMs();
      if (found.length >= count || leftMs <= 0) return found.slice(0, count);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  forget(): void {
    this.#seen = [];
  }

  close(): void {
    this.#socket.destroy();
  }
}
