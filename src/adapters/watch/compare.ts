/** One file against what was seen of it last: here it is decided what a change is. */
import type { Stats } from "node:fs";
import type { SeenFile } from "../system/appended.ts";
import { type Branch, isWanted, type LookSurroundings, type Mode } from "./branch.ts";
import { hashed, isSameContent, readContent } from "./contents.ts";
import { absoluteIn, type Directory, pathIn, systemPathIn } from "./directory.ts";
import { type Files, isExecutable, isRecentChange } from "./files.ts";

/** @param isHinted a hint was about this very file */
export function compare(
  branch: Branch,
  directory: Directory,
  name: string,
  stats: Stats,
  mode: Mode,
  isHinted: boolean,
  around: LookSurroundings,
): void {
  const { files } = around;
  const path = pathIn(directory, name);
  if (branch.rulesFiles.has(name)) compareRules(branch, absoluteIn(directory, name), stats, mode, around);
  const slot = directory.files.get(name);
  if (stats.nlink > 1 && slot !== undefined) around.linked(branch, directory, name);

  if (slot === undefined) {
    if (!isWanted(branch, path)) return;
    // In a directory that is itself new, all the files are.
    const isKnown = directory.listedMtimeMs >= 0;
    if (mode.is === "look" && leftOut(directory, name, stats, around)) return;
    if (mode.is === "look" && isKnown && around.waitsForNew(branch, directory, name, stats)) return;
    directory.files.set(name, files.add(stats));
    if (mode.is === "look") {
      around.found(branch, path, "added", stats.size === 0);
      learn(directory, name, stats, around);
    } else if (isTouchedSince(mode.sinceMs, stats)) {
      if (leftOut(directory, name, stats, around)) return;
      around.found(branch, path, stats.birthtimeMs >= mode.sinceMs ? "added" : "changed", stats.size === 0);
      remember(directory, name, stats, around);
    }
    return;
  }

  if (mode.is === "baseline" && !isWanted(branch, path)) {
    files.free(slot);
    directory.files.delete(name);
    return;
  }

  if (!files.isKnown(slot)) {
    files.record(slot, stats);
    if (!isTouchedSince(branch.sinceMs, stats)) return;
    if (leftOut(directory, name, stats, around, unseen)) return;
    around.found(branch, path, stats.birthtimeMs >= branch.sinceMs ? "added" : "changed", stats.size === 0);
    remember(directory, name, stats, around);
    return;
  }

  const before = files.hashOf(slot);
  if (files.isSame(slot, stats)) {
    if (!files.isRecent(slot)) {
      // `cp -p`, `rsync -t` and the like set the time back: only the ctime tells, and a chmod moves that as well.
      if (files.isUntouched(slot, stats)) return;
      const becomesExecutable = isExecutable(stats) && !files.isExecutable(slot);
      files.record(slot, stats);
      if (becomesExecutable) {
        // A program that could not be started can be now.
        if (!leftOut(directory, name, stats, around)) around.found(branch, path, "changed", stats.size === 0);
        return;
      }
      if (before === undefined || !around.mayRead()) return;
      const now = readContent(systemPathIn(directory, name), stats);
      if (now === undefined || isSameContent(before, now)) return;
      files.setHash(slot, now);
      if (!leftOut(directory, name, stats, around)) around.found(branch, path, "changed", stats.size === 0);
      return;
    }
    // Another write in the same tick of the clock, of the same size, shows in the content alone.
    files.record(slot, stats);
    if (before === undefined) {
      if (isHinted && !leftOut(directory, name, stats, around)) around.found(branch, path, "changed", stats.size === 0);
      return;
    }
    const now = readContent(systemPathIn(directory, name), stats);
    if (now !== undefined && isSameContent(before, now)) return;
    files.setHash(slot, now);
    if (!leftOut(directory, name, stats, around)) around.found(branch, path, "changed", stats.size === 0);
    return;
  }

  if (leftOut(directory, name, stats, around)) return;
  if (stats.size === 0 && files.sizeOf(slot) > 0) {
    if (files.isOutput(slot) && around.waitsForOutput(branch, directory, name)) return;
    if (before !== undefined && around.waitsFor(branch, directory, name)) return;
  }
  const now = around.mayRead() ? readContent(systemPathIn(directory, name), stats) : undefined;
  files.record(slot, stats);
  files.setHash(slot, now);
  if (branch.ignoreUnchanged && before !== undefined && now !== undefined && isSameContent(before, now)) {
    around.unchanged(branch, path);
  } else {
    around.found(branch, path, "changed", stats.size === 0);
  }
}

/**
 * Every write moves the ctime, and nobody can set it; an mtime can lie in the future, and then says nothing. A ctime that does is that of
 * another clock.
 */
function isTouchedSince(sinceMs: number, { ctimeMs }: Stats): boolean {
  return ctimeMs >= sinceMs && ctimeMs <= Date.now() + otherClockMs;
}

const otherClockMs = 1_000;

/** An output of ours is known as it is now, and nobody is told. */
function leftOut(
  directory: Directory,
  name: string,
  stats: Stats,
  around: LookSurroundings,
  was: SeenFile | undefined = seenOf(directory, name, around.files),
): boolean {
  if (!stats.isFile() || !around.isOutput(stats, absoluteIn(directory, name), was)) return false;
  const { files } = around;
  const slot = directory.files.get(name) ?? files.add(stats);
  directory.files.set(name, slot);
  files.record(slot, stats);
  files.setHash(slot, undefined);
  files.setOutput(slot);
  return true;
}

const unseen: SeenFile = { size: 0, isSame: () => undefined };

function seenOf(directory: Directory, name: string, files: Files): SeenFile | undefined {
  const slot = directory.files.get(name);
  if (slot === undefined || !files.isKnown(slot)) return undefined;
  const hash = files.hashOf(slot);
  return {
    size: files.sizeOf(slot),
    isSame: (content) => (hash === undefined ? undefined : isSameContent(hash, hashed(content))),
  };
}

/** A file that was modified just now is read at once, so that a second write within the same tick of the clock can be told from the first. */
function remember(directory: Directory, name: string, stats: Stats, around: LookSurroundings): void {
  if (isRecentChange(stats)) learn(directory, name, stats, around);
}

/** Its content is known from now on: who writes it again with the same bytes is known as well. */
function learn(directory: Directory, name: string, stats: Stats, around: LookSurroundings): void {
  const slot = directory.files.get(name);
  if (slot === undefined || !around.mayRead()) return;
  around.files.setHash(slot, readContent(systemPathIn(directory, name), stats));
}

/** There is no such entry. */
export function missing(branch: Branch, directory: Directory, name: string, around: LookSurroundings): void {
  if (branch.rulesFiles.has(name)) compareRules(branch, absoluteIn(directory, name), undefined, { is: "look" }, around);
  const slot = directory.files.get(name);
  if (slot === undefined) return;
  if (around.waitsFor(branch, directory, name)) return;
  forget(branch, directory, name, around);
}

/** The file has gone, or something else has taken its place. */
export function forget(branch: Branch, directory: Directory, name: string, around: LookSurroundings): void {
  const slot = directory.files.get(name);
  if (slot === undefined) return;
  const { files } = around;
  const isOutput = files.isOutput(slot);
  files.free(slot);
  directory.files.delete(name);
  if (!isOutput) around.found(branch, pathIn(directory, name), "removed", false);
}

function compareRules(
  branch: Branch,
  absolute: string,
  stats: Stats | undefined,
  mode: Mode,
  around: LookSurroundings,
): void {
  const seen = branch.rulesSeen.get(absolute);
  const now = stats === undefined ? undefined : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
  if (seen === now) return;
  if (now === undefined) branch.rulesSeen.delete(absolute);
  else branch.rulesSeen.set(absolute, now);
  // When it is first seen the matchers have not been asked about anything beside it yet, or have read it as it is.
  if (mode.is === "look") around.rulesChanged(branch, stats?.mtimeMs ?? Date.now());
}
