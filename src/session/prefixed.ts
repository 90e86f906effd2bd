/** What several programs print into one stream, in whole lines, each with the name of the service. */
import { type JobId, jobName } from "../core/job.ts";
import type { Plan } from "../core/types.ts";
import type { Colors } from "../report/colour.ts";
import { nameOfShared, paintName, widthOfNames } from "../report/names.ts";
import { broken, cutLine, nothingLeft, type Remainder } from "../report/whole-lines.ts";

export interface PrefixedParts {
  write(stream: "stdout" | "stderr", chunk: Buffer): Promise<void> | undefined;
  colors(stream: "stdout" | "stderr"): Colors;
  plan(): Plan;
}

export interface Prefixed {
  take(job: JobId, stream: "stdout" | "stderr", chunk: Buffer): Promise<void> | undefined;
  /** It prints no more: what has no end is a line as well. */
  end(job: JobId): void;
  close(): void;
}

/** After so long without more, a part of a line is shown, in milliseconds. */
const silenceMs = 200;

const streams = ["stdout", "stderr"] as const;

export function createPrefixed({ write, colors, plan }: PrefixedParts): Prefixed {
  const rests = new Map<string, { readonly rest: Remainder; readonly timer: NodeJS.Timeout | undefined }>();
  const keyOf = (job: JobId, stream: string): string => `${jobName(job)} ${stream}`;

  const print = (job: JobId, stream: "stdout" | "stderr", lines: readonly string[]): Promise<void> | undefined => {
    if (lines.length === 0) return undefined;
    const inks = colors(stream);
    const name = job.service === "" ? nameOfShared(job.kind) : job.service;
    const painted = paintName(name, [...plan().services.keys()], widthOfNames(plan()), inks);
    const prefix = Buffer.from(`${painted} ${inks.dim("|")} `);
    const ends = Buffer.from("\n");
    return write(stream, Buffer.concat(lines.flatMap((line) => [prefix, Buffer.from(line, "latin1"), ends])));
  };

  const show = (job: JobId, stream: "stdout" | "stderr"): void => {
    const key = keyOf(job, stream);
    const { rest, timer } = rests.get(key) ?? { rest: nothingLeft, timer: undefined };
    clearTimeout(timer);
    const told = broken(rest);
    rests.set(key, { rest: told.rest, timer: undefined });
    void print(job, stream, told.lines);
  };

  return {
    take(job, stream, chunk) {
      const key = keyOf(job, stream);
      const before = rests.get(key);
      clearTimeout(before?.timer);
      const { lines, rest } = cutLine(before?.rest ?? nothingLeft, chunk.toString("latin1"));
      const timer = rest.text === "" ? undefined : setTimeout(() => show(job, stream), silenceMs);
      rests.set(key, { rest, timer });
      return print(job, stream, lines);
    },
    end(job) {
      for (const stream of streams) if (rests.has(keyOf(job, stream))) show(job, stream);
    },
    close() {
      for (const { timer } of rests.values()) clearTimeout(timer);
    },
  };
}
