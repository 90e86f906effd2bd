/** Databases in files: who has one open writes anywhere in it, at any time, and sees by itself what others write. */
import { constants, openSync, readSync, type Stats } from "node:fs";
import { close } from "./descriptors.ts";
import { textIn } from "./pipes.ts";

const header = "SQLite format 3\0";

/** The size of the pages of a file that is SQLite's by its first bytes: no commit writes less. In bytes. */
export function pageOf(path: string): number | undefined {
  let file: number | undefined;
  try {
    // What stands beside a journal may be a fifo, which would be waited for.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const first = Buffer.alloc(header.length + 2);
    if (readSync(file, first, 0, first.length, 0) < first.length) return undefined;
    if (first.toString("latin1", 0, header.length) !== header) return undefined;
    // Two bytes are too few for the largest: 1 stands for it.
    const size = first.readUInt16BE(header.length);
    return size === 1 ? 65_536 : size;
  } catch {
    // There is none, or it is not for us.
    return undefined;
  } finally {
    if (file !== undefined) close(file);
  }
}

const journal = /-(?:journal|wal|shm)$/;

/** Journals of SQLite, whatever the database is called: nobody edits one, and it comes and goes with each commit. */
export const isJournal = (path: string): boolean =>
  journal.test(path) && pageOf(path.replace(journal, "")) !== undefined;

/** Whether one of these keeps all others from writing into the file, as bbolt, LevelDB, LMDB, DuckDB or H2 do. */
export function isLockedBy(pids: readonly number[], { ino }: Stats): boolean {
  const locks = textIn("/proc/locks").matchAll(/ WRITE (\d+) [\da-f]+:[\da-f]+:(\d+) /g);
  return [...locks].some(([, pid, inode]) => Number(inode) === ino && pids.includes(Number(pid)));
}
