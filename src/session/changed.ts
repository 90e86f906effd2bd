/** `RELOAD_CHANGED`: what changed, for those who are started because of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../core/errors.ts";

/** A longer list does not fit into an environment beside everything else: 5,000 paths in one variable are E2BIG. */
const longestBytes = 16 * 1024;

export interface ChangedFiles {
  /** The variables for a set of paths: newline-separated, or the name of a NUL-separated list. */
  env(changes: ReadonlySet<string>): Record<string, string>;
  close(): void;
}

export function createChangedFiles(warn: (message: string) => void): ChangedFiles {
  let directory: string | undefined;
  let count = 0;
  const write = (text: string): string => {
    directory ??= mkdtempSync(join(tmpdir(), "reload-changed-"));
    count += 1;
    // Two are kept: a build that is given up may still read its own.
    rmSync(join(directory, String(count - 2)), { force: true });
    const file = join(directory, String(count));
    writeFileSync(file, text);
    return file;
  };
  return {
    env(changes) {
      const paths = [...changes];
      const text = paths.join("\n");
      if (Buffer.byteLength(text) <= longestBytes && !paths.some((path) => path.includes("\n")))
        return { RELOAD_CHANGED: text };
      const list = paths.map((path) => `${path}\0`).join("");
      try {
        return { RELOAD_CHANGED_FILE: write(list) };
      } catch (error) {
        // Somebody may have cleared the temp directory; the next one gets a new directory of ours.
        directory = undefined;
        warn(`RELOAD_CHANGED_FILE is not set this time: the list cannot be written: ${reasonOf(error)}`);
        return {};
      }
    },
    close() {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
