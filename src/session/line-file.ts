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

/** Throws where it cannot be opened. `warn` hears of each time from which on lines are missing, and of its end. */
export function openLineFile(path: string, warn: (message: string) => void): LineFile {
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o666);
  const isRegular = fstatSync(file).isFile();
  const queue = createQueue(file);
  /** Where the last whole line ends. */
  let length = 0;
  let lost = 0;
  let isClosed = false;

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
        lost += 1;
        // The warning is a line of its own, and lost as well.
        if (before === 0)
          warn(`${path} cannot be written any more: ${reasonOf(error)}; what happens from now on is missing in it`);
        return;
      }
      if (before === 0) return;
      lost = 0;
      warn(`${path} can be written again; ${before} lines are missing in it`);
    },
    close() {
      isClosed = true;
      try {
        try {
          queue.end();
        } finally {
          closeSync(file);
        }
      } catch {
        // A network file system tells only now that it has no room.
        warn(`${path} may not be whole`);
      }
    },
  };
}

/** What a pipe or a terminal does not take at once, in order. */
function createQueue(file: number) {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Whether all of it is written. Throws where nobody will ever take it. */
  const flush = (): boolean => {
    clearTimeout(timer);
    timer = undefined;
    try {
      for (let [first] = waiting; first !== undefined; [first] = waiting) {
        const written = writeSync(file, first);
        bytes -= written;
        if (written < first.length) waiting[0] = first.subarray(written);
        else waiting.shift();
      }
      return true;
    } catch (error) {
      if (systemCode(error) === "EAGAIN") return false;
      waiting = [];
      bytes = 0;
      throw error;
    }
  };
  const later = (): void => {
    timer = setTimeout(() => {
      try {
        if (!flush()) later();
      } catch {
        // The next line says it.
      }
    }, againMs).unref();
  };

  return {
    put(line: Buffer): void {
      if (bytes > longestQueue) throw new Error("it is read too slowly");
      waiting.push(line);
      bytes += line.length;
      if (!flush()) later();
    },
    end(): void {
      const end = performance.now() + atEndMs;
      while (!flush()) {
        if (performance.now() > end) throw new Error("it is read too slowly");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againMs);
      }
    },
  };
}
