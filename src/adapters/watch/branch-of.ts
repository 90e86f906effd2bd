/** A tree that is asked for, as it is held in memory: nothing of it has been looked at. */
import { basename, dirname, resolve } from "node:path";
import { type Branch, pathAndAbove } from "./branch.ts";
import { baseDirectory } from "./directory.ts";
import { statOfPath } from "./stat.ts";
import type { WatchedTree, WatchOptions } from "./types.ts";

export function branchOf(tree: WatchedTree, sinceMs: number, options: WatchOptions): Branch {
  const base = resolve(tree.base);
  const isFile = statOfPath(base)?.isFile() ?? false;
  const matchers = tree.views.flatMap((view) => view.matchers);
  return {
    root: baseDirectory(isFile ? dirname(base) : base),
    only: isFile ? basename(base) : undefined,
    views: tree.views,
    matchers,
    followSymlinks: tree.followSymlinks ?? options.followSymlinks,
    ignoreUnchanged: tree.ignoreUnchanged ?? options.ignoreUnchanged,
    label: tree.label,
    rulesFiles: new Set(matchers.flatMap((matcher) => matcher.rulesFile ?? [])),
    rulesSeen: new Map(),
    followed: new Set(isFile ? [basename(base)] : tree.named?.flatMap(pathAndAbove)),
    unwatchable: new Set(),
    entered: new Map(),
    links: new Map(),
    sinceMs,
    isGone: false,
  };
}
