/** Looking at links that are followed. */
import type { Stats } from "node:fs";
import { type Branch, isEntered, type LookSurroundings, type Mode } from "./branch.ts";
import { compare, forget } from "./compare.ts";
import { absoluteIn, childDirectory, type Directory, isReplaced, pathIn } from "./directory.ts";
import { holderOfLink, identityOf, linkTarget } from "./links.ts";
import { dropDirectory, removeDirectory } from "./removal.ts";
import { statDirectory } from "./stat.ts";

/** A link that is followed is what it leads to, unless that is seen anyway. */
export function follow(
  branch: Branch,
  directory: Directory,
  name: string,
  stats: Stats,
  mode: Mode,
  isStructural: boolean,
  around: LookSurroundings,
): void {
  const absolute = absoluteIn(directory, name);
  const known = branch.links.get(absolute);
  const link = known ?? { directory, name, target: undefined };
  branch.links.set(absolute, link);
  const target = linkTarget(branch, directory, name);
  if (target.is === "unknown") {
    around.doubted(branch, directory);
    return;
  }
  const child = directory.children.get(name);
  around.followTo(branch, link, target.is === "file" ? target.path : undefined);
  if (target.is !== "directory") {
    if (child !== undefined) removeDirectory(branch, child, around);
    // A link that is no longer needed, since what it leads to was found by its own path, is nothing new.
    const isNews = target.is === "file" || known === undefined || directory.files.has(name);
    const how: Mode = isNews ? mode : { is: "baseline", sinceMs: Number.POSITIVE_INFINITY, namesFirst: false };
    compare(branch, directory, name, target.is === "file" ? target.stats : stats, how, isStructural, around);
    return;
  }
  forget(branch, directory, name, around);
  if (child !== undefined) {
    const now = statDirectory(child);
    const isOther = now === undefined || (now !== "unknown" && isReplaced(child, now));
    if (isStructural || isOther) around.ask(branch, child, mode, true);
  } else if (isEntered(branch, pathIn(directory, name))) {
    const linked = childDirectory(directory, name, true);
    directory.children.set(name, linked);
    around.ask(branch, linked, mode, false);
  }
}

/** The link has gone. */
export function unlink(branch: Branch, directory: Directory, name: string, around: LookSurroundings): void {
  if (branch.links.size === 0) return;
  const absolute = absoluteIn(directory, name);
  const link = branch.links.get(absolute);
  if (link === undefined) return;
  around.followTo(branch, link, undefined);
  branch.links.delete(absolute);
}

/** @returns whether the directory is already watched by another path, which is the better one */
export function isSeenElsewhere(branch: Branch, directory: Directory, stats: Stats, around: LookSurroundings): boolean {
  const holder = holderOfLink(branch, stats);
  const isOther = holder !== undefined && holder !== directory;
  if (isOther && directory.isViaLink) return true;
  // Its real path is found after a link to it.
  if (isOther && holder.isViaLink) {
    dropDirectory(holder, around);
    around.relink(branch);
  }
  branch.entered.set(identityOf(stats), directory);
  return false;
}
