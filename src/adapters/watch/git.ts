/** Whether git is in the middle of something that is one change to the user: a checkout, a stash, a rebase, a merge. */
import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../../core/problem.ts";

/** A rebase that stopped for the user keeps its directory for hours: it counts only while it writes. In milliseconds. */
/** The clock of files may be ahead of ours by as much, in milliseconds. */
const clockLagMs = 1_000;
const restMs = 500;

const operations = ["rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"] as const;
const written = [
  "index",
  "HEAD",
  "ORIG_HEAD",
  "rebase-merge/done",
  "rebase-merge/git-rebase-todo",
  "rebase-apply/next",
];

/** After so long somebody should know what is waited for, in milliseconds. */
const tellAfterMs = 1_000;
/** A lock that is older was left behind by a git that was killed, or an editor is open in a commit. In milliseconds. */
const staleAfterMs = 10_000;

export interface Git {
  isBusy(): boolean;
}

/** `directory`: absolute path of a `.git`. */
export function watchGit(directory: string, warn: (problem: Problem) => void): Git {
  let lock: { readonly signature: string; readonly sinceMs: number; isTold: boolean } | undefined;

  const isLocked = (): boolean => {
    const stats = statsOf(join(directory, "index.lock"));
    if (stats === undefined) {
      lock = undefined;
      return false;
    }
    const signature = `${stats.ino} ${stats.mtimeMs}`;
    if (lock?.signature !== signature) lock = { signature, sinceMs: performance.now(), isTold: false };
    const waitedMs = performance.now() - lock.sinceMs;
    // One that has been there for long when it is first seen is not waited for at all.
    if (Math.max(waitedMs, Date.now() - stats.mtimeMs) >= staleAfterMs) return false;
    if (waitedMs >= tellAfterMs && !lock.isTold) {
      lock.isTold = true;
      warn({
        code: "git/waiting",
        severity: "warning",
        message: `waiting for git, ${staleAfterMs / 1_000} s at most: ${join(directory, "index.lock")} is there`,
        hint: "if git is no longer running, remove it",
      });
    }
    return true;
  };

  return {
    isBusy() {
      if (isLocked()) return true;
      const marks = operations.map((name) => modifiedAt(join(directory, name))).filter((at) => at !== undefined);
      if (marks.length === 0) return false;
      const latest = Math.max(...marks, ...written.map((name) => modifiedAt(join(directory, name)) ?? 0));
      // Whose time lies in the future was written before the clock was set back.
      const restedMs = Date.now() - latest;
      return restedMs < restMs && restedMs > -clockLagMs;
    },
  };
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const modifiedAt = (path: string): number | undefined => statsOf(path)?.mtimeMs;
