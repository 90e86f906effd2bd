/** A file that is written line by line while `reload` runs (`--json=FILE`, `--trace`). That it cannot be written is said, and ends nothing. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { reasonOf, systemCode } from "../core/errors.ts";

export interface LineFile {
  readonly descriptor: number;
  write(line: string): void;
  close(): void;
}

// A pipe without a reader is an error at once, and a slow reader of one holds nothing up.
const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK = 0 } = constants;

/** So much waits for a slow reader, in bytes, and so often it is tried again, in milliseconds; what is left at the end waits so long. */
const longestQueue = 8 * 1024 * 1024;
const againMs = 20;
const atEndMs = 1_000;

/** Throws where it cannot be opened. `warn` hears of each time from which on lines are missing, and of how many at the end of it. */
export function openLineFile(path: string, warn: (message: string) => void): LineFile {
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o666);
  const isRegular = fstatSync(file).isFile();
  /** What had been taken on, and nobody will ever read. */
  const queue = createQueue(file, (lines, reason) => miss(lines, reason));
  /** Where the last whole line ends. */
  let length = 0;
  let lost = 0;
  let isClosed = false;

  const miss = (lines: number, reason: string): void => {
    const before = lost;
    lost += lines;
    // The warning is a line of its own, and lost as well.
    if (before === 0 && !isClosed)
      warn(`${path} cannot be written any more: ${reason}; what happens from now on is missing in it`);
  };

  const put = (line: string): void => {
    const bytes = Buffer.from(line);
    if (!isRegular) {
      queue.put(bytes);
      return;
    }
    // A disk that is nearly full takes a part.
    for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
    length += bytes.length;
  };

  /** Half a line would make the whole file unreadable for a program. */
  const takeBack = (): void => {
    try {
      if (isRegular) ftruncateSync(file, length);
    } catch {
      // What is there stays there.
    }
  };

  return {
    descriptor: file,
    write(line) {
      if (isClosed) return;
      const before = lost;
      try {
        put(line);
      } catch (error) {
        takeBack();
        miss(1, reasonOf(error));
        return;
      }
      if (before === 0 || lost > before) return;
      lost = 0;
      warn(`${path} can be written again; ${linesAre(before)} missing in it`);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      try {
        try {
          queue.end();
        } finally {
          closeSync(file);
        }
      } catch {
        // A network file system tells only now that it has no room.
        if (lost === 0) warn(`${path} may not be whole`);
      }
      if (lost > 0) warn(`${path}: ${linesAre(lost)} missing in it`);
    },
  };
}

const linesAre = (count: number): string => (count === 1 ? "1 line is" : `${count} lines are`);

const tooSlow = "it is read too slowly";

/** What a pipe or a terminal does not take at once, in order. `dropped` hears of lines that were taken on, and nobody will ever read. */
function createQueue(file: number, dropped: (lines: number, reason: string) => void) {
  let waiting: Buffer[] = [];
  let bytes = 0;
  /** The end of the last line is yet to be written, or never will be: who comes to read later finds its beginning. */
  let isTorn = false;
  let timer: NodeJS.Timeout | undefined;

  /** Whether nothing waits any more. */
  const flush = (): boolean => {
    clearTimeout(timer);
    timer = undefined;
    try {
      for (let [first] = waiting; first !== undefined; [first] = waiting) {
        const written = writeSync(file, first);
        bytes -= written;
        isTorn = written < first.length;
        if (isTorn) waiting[0] = first.subarray(written);
        else waiting.shift();
      }
      return true;
    } catch (error) {
      if (systemCode(error) === "EAGAIN") return false;
      drop(reasonOf(error));
      return true;
    }
  };
  const drop = (reason: string): void => {
    const lines = waiting.length;
    waiting = [];
    bytes = 0;
    dropped(lines, reason);
  };
  const later = (): void => {
    timer = setTimeout(() => {
      if (!flush()) later();
    }, againMs).unref();
  };

  return {
    put(line: Buffer): void {
      if (bytes > longestQueue) throw new Error(tooSlow);
      const whole = isTorn && waiting.length === 0 ? Buffer.concat([Buffer.from("\n"), line]) : line;
      waiting.push(whole);
      bytes += whole.length;
      if (!flush()) later();
    },
    end(): void {
      const end = performance.now() + atEndMs;
      while (!flush()) {
        if (performance.now() > end) drop(tooSlow);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againMs);
      }
    },
  };
}
