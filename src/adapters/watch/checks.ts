/** What no hint tells of is looked at now and then: whether the bases are still there, and rules outside of the trees. */
import type { Stats } from "node:fs";
import type { Branch } from "./branch.ts";
import { isReplaced } from "./directory.ts";
import { lookAtPath, statOfPath } from "./stat.ts";

/** In milliseconds; while a base is missing it is waited for. */
const everyMs = 1000;
const missingBaseMs = 100;
const mountsMs = 300;

export interface Checks {
  /** A base is missing: the next check comes sooner. */
  hurry(): void;
  stop(): void;
}

export interface Checked {
  branches(): readonly Branch[];
  baseGone(branch: Branch): void;
  /** The base is there again, or is another directory than before. */
  baseReplaced(branch: Branch): void;
  /** What was waited for is a single file. */
  baseIsFile(): void;
  lookAtLinks(branch: Branch): void;
  /** @returns whether there are any */
  lookAtMounts(branch: Branch): boolean;
  rulesChanged(branch: Branch, atMs: number): void;
}

export function createChecks(checked: Checked): Checks {
  let timer = setTimeout(check, everyMs).unref();

  function check(): void {
    let hasMounts = false;
    for (const branch of checked.branches()) {
      const stats = lookAtPath(branch.root.absolute);
      if (stats === "unknown") continue;
      if (stats?.isFile() && branch.only === undefined) {
        checked.baseIsFile();
        break;
      }
      if (!stats?.isDirectory()) checked.baseGone(branch);
      else if (branch.isGone || (branch.root.placed !== undefined && isReplaced(branch.root, stats))) {
        branch.isGone = false;
        checked.baseReplaced(branch);
      }
      checked.lookAtLinks(branch);
      hasMounts = checked.lookAtMounts(branch) || hasMounts;
      for (const atMs of changedRules(branch)) checked.rulesChanged(branch, atMs);
    }
    const isMissing = checked.branches().some((branch) => branch.isGone);
    again(isMissing ? missingBaseMs : hasMounts ? mountsMs : everyMs);
  }

  function again(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(check, afterMs).unref();
  }

  return { hurry: () => again(missingBaseMs), stop: () => clearTimeout(timer) };
}

/** Remembers the rules outside of the tree as they are now; returns when those that had been seen otherwise were written. */
export function changedRules(branch: Branch): readonly number[] {
  const changed: number[] = [];
  for (const path of branch.matchers.flatMap((matcher) => matcher.rulesOutside ?? [])) {
    const rules = statOfPath(path);
    const seen = signatureOf(rules);
    const before = branch.rulesSeen.get(path);
    branch.rulesSeen.set(path, seen);
    if (before !== undefined && before !== seen) changed.push(rules?.mtimeMs ?? Date.now());
  }
  return changed;
}

const signatureOf = (stats: Stats | undefined): string =>
  stats === undefined ? "" : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
