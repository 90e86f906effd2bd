/** Directories that leave the index, with all that is in them. */
import type { Branch, LookSurroundings } from "./branch.ts";
import { type Directory, everyDirectory, pathIn } from "./directory.ts";

/** All files below are told as removed, and its watches are closed. */
export function removeDirectory(branch: Branch, directory: Directory, around: LookSurroundings): void {
  for (const gone of everyDirectory(directory)) {
    for (const [name, slot] of gone.files) {
      if (!around.files.isOutput(slot)) around.found(branch, pathIn(gone, name), "removed", false);
      around.files.free(slot);
    }
    gone.files.clear();
    gone.placed?.close();
    gone.placed = undefined;
    gone.isGone = true;
    const identity = `${gone.device}:${gone.inode}`;
    if (branch.entered.get(identity) === gone) branch.entered.delete(identity);
  }
  directory.parent?.children.delete(directory.name);
  around.relink(branch);
}

/** Nobody wants to know about it any more: nothing is told. */
export function dropDirectory(directory: Directory, around: LookSurroundings): void {
  for (const gone of everyDirectory(directory)) {
    for (const slot of gone.files.values()) around.files.free(slot);
    gone.files.clear();
    gone.placed?.close();
    gone.placed = undefined;
    gone.isGone = true;
  }
  directory.parent?.children.delete(directory.name);
}
