/**
 * What builds and runs printed, for `reload logs`: the last megabytes of it, in two files of the runtime directory that
 * take turns, so that neither memory nor disk grows. Written in batches; a disk that is full loses lines, never a run.
 */
import { openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { close } from "../system/descriptors.ts";

export interface RingLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `run/3`, `api/build/2`; `reload` for lines of our own. */
  readonly job: string;
  readonly stream: "stdout" | "stderr";
  /** Without its end; colours as they came. */
  readonly text: string;
}

export interface Ring {
  /** A piece of output as it came: cut into lines here, a line without its end waits for the rest. */
  take(job: string, stream: RingLine["stream"], text: string): void;
  /** What was begun without an end is a line as well. */
  finish(job: string): void;
  /** Everything that is kept, oldest first. */
  lines(): readonly RingLine[];
  /** Lines as they come; returns how to end that. */
  follow(heard: (line: RingLine) => void): () => void;
  close(): void;
}

const flushMs = 50;
const longestLine = 64 * 1024;

/** `path`: of the files, without an ending; `bytes`: as much as both may hold. */
export function openRing(path: string, bytes: number, now: () => number): Ring {
  const current = `${path}.log`;
  const before = `${path}.old.log`;
  const halfBytes = bytes / 2;
  const parts = new Map<string, string>();
  const followers = new Set<(line: RingLine) => void>();
  let file: number | undefined = openSync(current, "w", 0o600);
  let written = 0;
  let waiting: string[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = waiting.join("");
    waiting = [];
    waitingBytes = 0;
    if (text === "") return;
    try {
      file ??= openSync(current, "a", 0o600);
      written += writeSync(file, text);
      if (written < halfBytes) return;
      renameSync(current, before);
      written = 0;
      close(file);
      file = undefined;
    } catch {
      // A full disk: what does not fit is lost, and the next lines are tried again.
    }
  };

  const add = (line: RingLine): void => {
    const text = `${JSON.stringify(line)}\n`;
    waiting.push(text);
    waitingBytes += text.length;
    if (waitingBytes > longestLine) flush();
    else timer ??= setTimeout(flush, flushMs).unref();
    for (const heard of followers) heard(line);
  };

  return {
    take(job, stream, text) {
      const key = `${job} ${stream}`;
      const lines = `${parts.get(key) ?? ""}${text}`.split("\n");
      const rest = lines.pop() ?? "";
      for (const line of lines) add({ at: now(), job, stream, text: line.replace(/\r$/, "").slice(0, longestLine) });
      if (rest.length < longestLine) parts.set(key, rest);
      else {
        parts.delete(key);
        add({ at: now(), job, stream, text: rest.slice(0, longestLine) });
      }
    },
    finish(job) {
      for (const stream of ["stdout", "stderr"] as const) {
        const rest = parts.get(`${job} ${stream}`);
        parts.delete(`${job} ${stream}`);
        if (rest !== undefined && rest !== "") add({ at: now(), job, stream, text: rest });
      }
    },
    lines() {
      flush();
      return [before, current].flatMap(linesOf);
    },
    follow(heard) {
      followers.add(heard);
      return () => followers.delete(heard);
    },
    close() {
      flush();
      if (file !== undefined) close(file);
      file = undefined;
      rmSync(current, { force: true });
      rmSync(before, { force: true });
    },
  };
}

function linesOf(path: string): RingLine[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      return [JSON.parse(line) as RingLine];
    } catch {
      return [];
    }
  });
}
