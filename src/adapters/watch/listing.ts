/** A look at a whole directory: its listing, entry by entry, in slices. Never throws for anything that a file system can do meanwhile. */
import { type Dirent, readdirSync, type Stats } from "node:fs";
import { reasonOf, systemCode } from "../../core/errors.ts";
import { type Branch, isFollowed, isWanted, type LookSurroundings, looking, type Mode } from "./branch.ts";
import { compare, forget, missing } from "./compare.ts";
import {
  type Directory,
  isMangled,
  isMovedIn,
  isReplaced,
  pathIn,
  rawNamesOf,
  recordIdentity,
  systemPathIn,
} from "./directory.ts";
import { follow, isSeenElsewhere } from "./follow.ts";
import { enter, lookAtName, vanished } from "./look.ts";
import { dropDirectory, removeDirectory } from "./removal.ts";
import { lstat, statDirectory } from "./stat.ts";

/** A look at a whole directory, which can be left and gone on with. */
export interface Listing {
  readonly branch: Branch;
  readonly directory: Directory;
  mode: Mode;
  /** Whatever the watch was on, it gets a new one, and so do the directories in it. */
  replace: boolean;
  /** When it is done, it is to be looked at once more. */
  again: boolean;
  progress: Progress | undefined;
}

interface Progress {
  /** `undefined`: the names are those that are known, only the files are to be looked at. */
  readonly entries: readonly Dirent[] | undefined;
  readonly names: readonly string[];
  /** Nothing was known of the directory. */
  readonly isNew: boolean;
  readonly stats: Stats;
  at: number;
}

/** How many entries are looked at between two glances at the clock. */
const strideEntries = 32;

/** @returns whether it came to its end before `until` (of `performance.now()`) */
export function lookAtDirectory(listing: Listing, around: LookSurroundings, until: number): boolean {
  const { branch, directory } = listing;
  if (directory.isGone) return true;
  listing.progress ??= begin(listing, around);
  const { progress } = listing;
  if (progress === undefined) return true;
  const { entries, names, isNew, stats } = progress;
  while (progress.at < names.length) {
    const entry = entries?.[progress.at];
    const name = names[progress.at];
    progress.at++;
    if (entry !== undefined) lookAtEntry(listing, entry, isNew, around);
    else if (name !== undefined) lookAtKnown(branch, directory, name, around);
    if (progress.at % strideEntries === 0 && performance.now() > until) return false;
  }
  if (entries !== undefined && !isNew && (directory.files.size > 0 || directory.children.size > 0)) {
    const present = new Set(names);
    for (const name of [...directory.files.keys(), ...directory.children.keys()]) {
      // It may have come after the listing was made.
      if (!present.has(name)) lookAtName(branch, directory, name, true, around);
    }
  }
  directory.listedMtimeMs = stats.mtimeMs;
  directory.listedCtimeMs = stats.ctimeMs;
  return true;
}

/** Whether the same names are in a directory as when it was listed last. Its times may be as coarse as 2 s (FAT); only the ctime cannot be set back (by tar, rsync). */
function isListed(directory: Directory, stats: Stats): boolean {
  return (
    directory.listedMtimeMs === stats.mtimeMs &&
    directory.listedCtimeMs === stats.ctimeMs &&
    Math.max(stats.mtimeMs, stats.ctimeMs) < Date.now() - 2500
  );
}

function lookAtKnown(branch: Branch, directory: Directory, name: string, around: LookSurroundings): void {
  const stats = lstat(systemPathIn(directory, name));
  if (stats === "unknown") around.doubted(branch, directory);
  else if (stats?.isFile()) compare(branch, directory, name, stats, looking, false, around);
  else lookAtName(branch, directory, name, false, around);
}

/**
 * A look at the files of a directory of which only the name is known.
 * @returns whether it came to its end before `until` (of `performance.now()`)
 */
export function lookAtFiles(branch: Branch, directory: Directory, around: LookSurroundings, until: number): boolean {
  let looked = 0;
  for (const [name, slot] of directory.files) {
    if (around.files.isKnown(slot)) continue;
    lookAtName(branch, directory, name, false, around);
    if (++looked % strideEntries === 0 && performance.now() > until) return false;
  }
  return true;
}

/** The listing of a directory, taken after its watch is in place: what happens from then on comes as a hint. */
function begin(listing: Listing, around: LookSurroundings): Listing["progress"] {
  const { branch, directory } = listing;
  const stats = statDirectory(directory);
  if (stats === "unknown") {
    around.doubted(branch, directory);
    return undefined;
  }
  if (stats === undefined || !stats.isDirectory()) {
    vanished(branch, directory, around);
    return undefined;
  }
  if ((branch.followSymlinks || branch.followed.size > 0) && isSeenElsewhere(branch, directory, stats, around)) {
    dropDirectory(directory, around);
    return undefined;
  }
  if (listing.mode.is === "baseline" && isMovedIn(directory, stats, listing.mode.sinceMs)) listing.mode = looking;
  // A tree that came in place of another: none of the watches below it are worth anything.
  listing.replace ||= isReplaced(directory, stats);
  if (directory.placed === undefined || listing.replace) {
    recordIdentity(directory, stats);
    around.place(branch, directory);
  }
  if (directory.parent === undefined) branch.isGone = false;
  if (listing.mode.is === "look" && !listing.replace && isListed(directory, stats)) {
    return { entries: undefined, names: [...directory.files.keys()], isNew: false, stats, at: 0 };
  }
  try {
    const entries = readdirSync(directory.absolute, { withFileTypes: true });
    const isNew = directory.files.size === 0 && directory.children.size === 0;
    directory.isUnreadable = false;
    directory.rawNames = entries.some((entry) => isMangled(entry.name))
      ? rawNamesOf(readdirSync(directory.absolute, { encoding: "buffer" }))
      : undefined;
    if (isNew) tellOfRules(branch, directory, entries);
    return { entries, names: entries.map((entry) => entry.name), isNew, stats, at: 0 };
  } catch (error) {
    unlistable(branch, directory, error, around);
    return undefined;
  }
}

/** Spares the matchers a look of their own into every directory. */
function tellOfRules(branch: Branch, directory: Directory, entries: readonly Dirent[]): void {
  for (const matcher of branch.matchers) {
    const { rulesFile, rulesAbsent } = matcher;
    if (rulesFile === undefined || rulesAbsent === undefined) continue;
    if (!entries.some((entry) => entry.name === rulesFile)) rulesAbsent(directory.path);
  }
}

function unlistable(branch: Branch, directory: Directory, error: unknown, around: LookSurroundings): void {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    vanished(branch, directory, around);
    return;
  }
  directory.listedMtimeMs = -1;
  // What was seen before stays in the index: nothing says that it changed.
  if (!directory.isUnreadable) {
    const reason = reasonOf(error);
    around.warn({
      code: "watch/unreadable",
      severity: "warning",
      message: `cannot look into ${branch.label(directory.path) || directory.absolute}: ${reason}`,
    });
  }
  directory.isUnreadable = true;
  if (code !== "EACCES") around.doubted(branch, directory);
}

function lookAtEntry(
  { branch, directory, mode, replace }: Listing,
  entry: Dirent,
  isNew: boolean,
  around: LookSurroundings,
): void {
  const { name } = entry;
  if (entry.isDirectory()) {
    if (!isNew) forget(branch, directory, name, around);
    enter(branch, directory, name, around, mode, replace);
  } else if (entry.isSymbolicLink() && isFollowed(branch, pathIn(directory, name))) {
    const stats = lstat(systemPathIn(directory, name));
    if (stats !== "unknown" && stats?.isSymbolicLink()) follow(branch, directory, name, stats, mode, replace, around);
    else lookAtName(branch, directory, name, replace, around);
  } else if (entry.isFile() || entry.isSymbolicLink()) {
    if (isNew && entry.isSymbolicLink()) around.unfollowed(branch, directory, name);
    const slot = isNew ? undefined : directory.files.get(name);
    const isRules = branch.rulesFiles.has(name);
    if (slot === undefined && !isRules && !isWanted(branch, pathIn(directory, name))) return;
    if (isNew && mode.is === "baseline" && mode.namesFirst && !isRules && !directory.files.has(name)) {
      if (directory.files.size === 0) around.askFiles(branch, directory);
      directory.files.set(name, around.files.add(undefined));
      return;
    }
    const stats = lstat(systemPathIn(directory, name));
    const child = isNew ? undefined : directory.children.get(name);
    if (stats === "unknown") around.doubted(branch, directory);
    else if (stats === undefined) missing(branch, directory, name, around);
    else if (stats.isDirectory()) enter(branch, directory, name, around, mode, replace);
    else {
      if (child !== undefined) removeDirectory(branch, child, around);
      compare(branch, directory, name, stats, mode, false, around);
    }
  } else if (!entry.isFIFO() && !entry.isSocket() && !entry.isCharacterDevice() && !entry.isBlockDevice()) {
    // Some file systems do not tell the type in the listing.
    lookAtName(branch, directory, name, replace, around);
  } else if (!isNew) {
    forget(branch, directory, name, around);
  }
}
