/** A tree that is asked for, as it is held in memory: nothing of it has been looked at. */
import { basename, dirname, resolve } from "node:path";
import { type Branch, branchKey, pathAndAbove } from "./branch.ts";
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

/** The branches of these trees: those that were there before, looking as they do now, and new ones. `left`: what nobody looks at any more. */
export function keptBranches(
  before: readonly Branch[],
  trees: readonly WatchedTree[],
  atMs: number,
  options: WatchOptions,
): { readonly kept: readonly Branch[]; readonly left: readonly Branch[] } {
  const left = [...before];
  const kept = trees.map((tree) => {
    const fresh = branchOf(tree, atMs, options);
    // Who look at it otherwise (through links) have a branch of their own at the same place.
    const at = left.findIndex((branch) => branchKey(branch) === branchKey(fresh));
    const [known] = at === -1 ? [] : left.splice(at, 1);
    if (known === undefined) return fresh;
    known.views = fresh.views;
    known.matchers = fresh.matchers;
    known.followSymlinks = fresh.followSymlinks;
    known.ignoreUnchanged = fresh.ignoreUnchanged;
    known.label = fresh.label;
    known.rulesFiles = fresh.rulesFiles;
    known.followed = fresh.followed;
    return known;
  });
  return { kept, left };
}
