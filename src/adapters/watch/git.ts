/** Whether git is in the middle of something that is one change to the user: a checkout, a stash, a rebase, a merge. */
import { lstatSync } from "node:fs";
import { join } from "node:path";

/** A rebase that stopped for the user keeps its directory for hours: it counts only while it writes. In milliseconds. */
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

export function isGitBusy(gitDirectory: string): boolean {
  if (modifiedAt(join(gitDirectory, "index.lock")) !== undefined) return true;
  const now = Date.now();
  const marks = operations.map((name) => modifiedAt(join(gitDirectory, name))).filter((at) => at !== undefined);
  if (marks.length === 0) return false;
  const latest = Math.max(...marks, ...written.map((name) => modifiedAt(join(gitDirectory, name)) ?? 0));
  return now - latest < restMs;
}

function modifiedAt(path: string): number | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  } catch {
    return undefined;
  }
}
