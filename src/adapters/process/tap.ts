/** What a program prints, read and handed on. */
import type { Readable, Writable } from "node:stream";

/** A promise means: no more for now, until it resolves. */
export type TakeOutput = (stream: "stdout" | "stderr", chunk: Buffer) => Promise<void> | undefined;

interface Source {
  readonly stdout: Readable | null | undefined;
  readonly stderr: Readable | null | undefined;
}

/** A grandchild that prints on and on must not delay the news of an end for longer, nor one who does not read. In milliseconds. */
const longestDrainMs = 1_000;
const longestBlockMs = 5_000;

/**
 * Hands on both streams. The returned function is for after the program's end: it resolves when all that the program
 * itself has written was handed on. The streams' own end would be too late: a grandchild may hold them for as long as it lives.
 */
export function tap(source: Source, output: TakeOutput): () => Promise<void> {
  let count = 0;
  let blocked = 0;
  let open = 0;
  const read = (name: "stdout" | "stderr", stream: Readable): void => {
    open += 1;
    stream
      .on("data", (chunk: Buffer) => {
        count += 1;
        const full = output(name, chunk);
        if (full === undefined) return;
        blocked += 1;
        stream.pause();
        const resume = (): void => {
          blocked -= 1;
          stream.resume();
        };
        full.then(resume, resume);
      })
      .once("close", () => {
        open -= 1;
      })
      .on("error", () => {});
  };
  if (source.stdout) read("stdout", source.stdout);
  if (source.stderr) read("stderr", source.stderr);

  return async () => {
    const began = performance.now();
    // Two turns of the event loop without a chunk: the pipes are empty.
    for (let idle = 0; idle < 2 && open > 0; ) {
      const before = count;
      await new Promise((resolve) => (blocked > 0 ? setTimeout(resolve, 5) : setImmediate(resolve)));
      idle = count === before && blocked === 0 ? idle + 1 : 0;
      if (performance.now() - began > (blocked > 0 ? longestBlockMs : longestDrainMs)) return;
    }
  };
}

/** To a stream of our own. */
export function passOn(stream: Writable, chunk: Buffer): Promise<void> | undefined {
  stream.write(chunk);
  return drained(stream);
}

const draining = new WeakMap<Writable, Promise<void>>();

/** To a pipe Node writes when its reader reads, and keeps the rest in memory until then. `undefined`: there is room. */
export function drained(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.destroyed) return undefined;
  const known = draining.get(stream);
  if (known !== undefined) return known;
  const own = new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done);
      draining.delete(stream);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
  draining.set(stream, own);
  return own;
}
