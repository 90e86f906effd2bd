/** Symbolic links that are followed: each real directory is watched once, by its real path if it has one in the tree, so that a change is seen once. */
import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, sep } from "node:path";
import { type Branch, isFollowedAnywhere, isReadHere, isWanted } from "./branch.ts";
import { absoluteIn, type Directory, isReplaced, pathIn } from "./directory.ts";
import type { Placed } from "./hints.ts";
import { isInconclusive } from "./stat.ts";

/** A link that is looked at again whenever something may have become of its target. */
export interface Link {
  readonly directory: Directory;
  readonly name: string;
  /** Hints about the file outside of the tree that it leads to. */
  target: { readonly path: string; readonly placed: Placed | undefined } | undefined;
}

export type LinkTarget =
  /** A directory that is watched by no other path. */
  | { readonly is: "directory" }
  /** A file that is not seen by its own path, or is read by this one. `path`: its real one. */
  | { readonly is: "file"; readonly stats: Stats; readonly path: string }
  /** It is broken, or leads to what is seen anyway: only the link itself counts. */
  | { readonly is: "nothing" }
  /** It cannot be asked about at the moment. */
  | { readonly is: "unknown" };

const nothing: LinkTarget = { is: "nothing" };

export function linkTarget(branch: Branch, directory: Directory, name: string): LinkTarget {
  const absolute = absoluteIn(directory, name);
  const link = pathIn(directory, name);
  try {
    const stats = statSync(absolute, { throwIfNoEntry: false });
    if (stats === undefined) return nothing;
    const path = realpathSync(absolute);
    if (stats.isDirectory()) {
      if (!isFollowedAnywhere(branch, link)) return nothing;
      const holder = holderOfLink(branch, stats);
      const isOwn = holder !== undefined && holder === directory.children.get(name);
      return isAbove(path, branch) || (holder !== undefined && !isOwn) ? nothing : { is: "directory" };
    }
    if (!stats.isFile()) return nothing;
    if (isReadHere(branch, link)) return { is: "file", stats, path };
    const parent = statSync(dirname(path), { throwIfNoEntry: false });
    const holder = parent === undefined ? undefined : holderOfLink(branch, parent);
    const own = holder === undefined ? undefined : pathIn(holder, path.slice(path.lastIndexOf(sep) + 1));
    return own !== undefined && isWanted(branch, own) ? nothing : { is: "file", stats, path };
  } catch (error) {
    // ELOOP, or gone between two looks.
    return isInconclusive(error) ? { is: "unknown" } : nothing;
  }
}

/** The path by which a directory is watched. A link that leads elsewhere by now does not lead to it any more. */
export function holderOfLink(branch: Branch, stats: Stats): Directory | undefined {
  const holder = branch.entered.get(identityOf(stats));
  return holder === undefined || holder.isGone || isReplaced(holder, stats) ? undefined : holder;
}

export const identityOf = (stats: Stats): string => `${stats.dev}:${stats.ino}`;

/** A link to a directory around the base is a loop; what else lies up there is not this tree. */
function isAbove(path: string, branch: Branch): boolean {
  const base = realpathSync(branch.root.absolute);
  return base === path || base.startsWith(path.endsWith(sep) ? path : path + sep);
}
