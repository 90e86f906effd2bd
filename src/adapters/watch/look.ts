/** A look at one name: what is on disk against what was seen last. Never throws for anything that a file system can do meanwhile. */
import { type Branch, isEntered, isFollowed, type LookSurroundings, looking, type Mode } from "./branch.ts";
import { compare, forget, missing } from "./compare.ts";
import { childDirectory, type Directory, isMangled, isReplaced, pathIn, systemPathIn } from "./directory.ts";
import { follow, unlink } from "./follow.ts";
import { dropDirectory, removeDirectory } from "./removal.ts";
import { lstat, statDirectory } from "./stat.ts";

/** A look at one entry that a hint was about. */
export function lookAtName(
  branch: Branch,
  directory: Directory,
  name: string,
  isStructural: boolean,
  around: LookSurroundings,
): void {
  if (directory.isGone) return;
  // libuv gives a directory's own events (deleted, moved, made readable) its own name.
  if (name === directory.name && isStructural) verify(branch, directory, around);
  const stats = lstat(systemPathIn(directory, name));
  const child = directory.children.get(name);
  if (stats === "unknown") around.doubted(branch, directory);
  else if (stats === undefined) {
    if (child !== undefined) removeDirectory(branch, child, around);
    unlink(branch, directory, name, around);
    missing(branch, directory, name, around);
  } else if (stats.isDirectory()) {
    forget(branch, directory, name, around);
    if (child === undefined) enter(branch, directory, name, around, looking, false);
    else if (isStructural || child.isUnreadable || isReplaced(child, stats)) around.ask(branch, child, looking, true);
  } else if (stats.isSymbolicLink() && isFollowed(branch, pathIn(directory, name))) {
    follow(branch, directory, name, stats, looking, isStructural, around);
  } else {
    if (child !== undefined) removeDirectory(branch, child, around);
    // Others may lead through it.
    if (stats.isSymbolicLink()) around.relink(branch);
    if (stats.isFile() || stats.isSymbolicLink()) compare(branch, directory, name, stats, looking, true, around);
    else forget(branch, directory, name, around);
  }
}

/** It is not there, or is no directory by now. */
export function vanished(branch: Branch, directory: Directory, around: LookSurroundings): void {
  if (directory.parent === undefined) around.baseGone(branch);
  else {
    removeDirectory(branch, directory, around);
    lookAtName(branch, directory.parent, directory.name, false, around);
  }
}

function verify(branch: Branch, directory: Directory, around: LookSurroundings): void {
  const stats = statDirectory(directory);
  if (stats === "unknown") around.doubted(branch, directory);
  else if (stats === undefined || !stats.isDirectory()) vanished(branch, directory, around);
  else if (directory.isUnreadable || isReplaced(directory, stats)) around.ask(branch, directory, looking, true);
}

/** A directory was met in a listing, or by a hint. */
export function enter(
  branch: Branch,
  parent: Directory,
  name: string,
  around: LookSurroundings,
  mode: Mode,
  replace: boolean,
): void {
  const known = parent.children.get(name);
  if (known === undefined) {
    const path = pathIn(parent, name);
    if (!isEntered(branch, path)) return;
    if (isMangled(name)) {
      if (branch.unwatchable.has(path)) return;
      branch.unwatchable.add(path);
      around.warn({
        code: "watch/limited",
        severity: "warning",
        message: `cannot watch ${branch.label(path)}: its name is not valid UTF-8`,
      });
      return;
    }
    const directory = childDirectory(parent, name, false);
    parent.children.set(name, directory);
    around.ask(branch, directory, mode, false);
  } else if (replace || mode.is === "baseline") {
    if (mode.is === "baseline" && !isEntered(branch, known.path)) dropDirectory(known, around);
    else around.ask(branch, known, mode, replace);
  } else {
    const stats = statDirectory(known);
    if (stats !== undefined && stats !== "unknown" && isReplaced(known, stats)) around.ask(branch, known, mode, true);
  }
}
