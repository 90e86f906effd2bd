/** Journals of SQLite, whatever the database is called: nobody edits one, and it comes and goes with each commit. */
import { openSync, readSync } from "node:fs";
import { close } from "./descriptors.ts";

const header = "SQLite format 3\0";
const ending = /-(?:journal|wal|shm)$/;

/** Beside a file that is one by its first bytes, as SQLite tells it. */
export function isJournal(path: string): boolean {
  if (!ending.test(path)) return false;
  let file: number | undefined;
  try {
    file = openSync(path.replace(ending, ""), "r");
    const first = Buffer.alloc(header.length);
    return readSync(file, first, 0, first.length, 0) === first.length && first.toString("latin1") === header;
  } catch {
    // There is none, or it is not for us.
    return false;
  } finally {
    if (file !== undefined) close(file);
  }
}
