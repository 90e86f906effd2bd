/** A file that is written line by line while `reload` runs (`--json=FILE`, `--trace`). That it cannot be written is said, and ends nothing. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { reasonOf } from "../core/errors.ts";

export interface LineFile {
  readonly descriptor: number;
  write(line: string): void;
  close(): void;
}

/** Throws where it cannot be opened. `warn` hears of each time from which on lines are missing, and of its end. */
export function openLineFile(path: string, warn: (message: string) => void): LineFile {
  const file = openSync(path, "w");
  const isRegular = fstatSync(file).isFile();
  /** Where the last whole line ends. */
  let length = 0;
  let lost = 0;
  let isClosed = false;

  const put = (line: string): void => {
    const bytes = Buffer.from(line);
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
        closeSync(file);
      } catch {
        // A network file system tells only now that it has no room.
        warn(`${path} may not be whole`);
      }
    },
  };
}
