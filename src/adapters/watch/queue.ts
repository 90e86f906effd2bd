/** What is to be looked at, in order of urgency, and taken in slices. */
import { type Branch, type LookSurroundings, looking, type Mode } from "./branch.ts";
import { type Directory, everyDirectory } from "./directory.ts";
import { type Listing, lookAtDirectory, lookAtFiles } from "./listing.ts";
import { lookAtName } from "./look.ts";

export interface Queue {
  /** One entry that a hint was about: the most urgent. */
  addName(branch: Branch, directory: Directory, name: string, isStructural: boolean): void;
  /**
   * A whole directory: urgent if its differences are changes, after all else if it is a first look or one by new rules.
   * @param replace it is, or may be, another directory than before: it gets a new watch, and what is in it is new
   */
  add(branch: Branch, directory: Directory, mode: Mode, replace: boolean): void;
  addAll(branch: Branch, mode: Mode, replace: boolean): void;
  /** A directory with files of which only the name is known: the least urgent. */
  addFiles(branch: Branch, directory: Directory): void;
  /** Something that a hint or a find asked for is left. */
  readonly isUrgent: boolean;
  /** All directories have been seen and are watched. */
  readonly isSurveyed: boolean;
  readonly isEmpty: boolean;
  /** Looks until `until` (of `performance.now()`), or there is nothing left. */
  drain(around: LookSurroundings, until: number, onlyUrgent: boolean): void;
}

/** What is not urgent gets this much of every slice, in milliseconds. */
const leastMs = 1;

export function createQueue(): Queue {
  const names = new Map<Directory, { readonly branch: Branch; readonly names: Map<string, boolean> }>();
  const listings = new Map<Directory, Listing>();
  const scans = new Map<Directory, Listing>();
  const files = new Map<Directory, Branch>();

  const add = (branch: Branch, directory: Directory, mode: Mode, replace: boolean, isNews: boolean): void => {
    const scan = scans.get(directory);
    // While the first look at it is due or under way, what is not in the index need not be new: the times of the files tell.
    const isScan = mode.is === "baseline" || (scan !== undefined && !isNews);
    if (!isScan) scans.delete(directory);
    const into = isScan ? scans : listings;
    const known = into.get(directory);
    if (isScan && scan?.progress !== undefined && mode.is === "look") {
      // It goes on to its end, or it would never come there; then it is looked at once more.
      scan.again = true;
      return;
    }
    // One that is under way begins again: what it has seen may be out of date.
    into.set(directory, {
      branch,
      directory,
      mode: isScan ? (scan?.mode ?? mode) : mode,
      replace: replace || (known?.replace ?? false),
      again: false,
      progress: undefined,
    });
  };

  const drainNames = (around: LookSurroundings, until: number): void => {
    let looked = 0;
    for (const [directory, entry] of names) {
      for (const [name, isStructural] of entry.names) {
        entry.names.delete(name);
        lookAtName(entry.branch, directory, name, isStructural, around);
        if (++looked % 16 === 0 && performance.now() > until) return;
      }
      names.delete(directory);
    }
  };

  const drainListings = (queue: Map<Directory, Listing>, around: LookSurroundings, until: number): void => {
    for (const [directory, listing] of queue) {
      const isDone = lookAtDirectory(listing, around, until);
      // While it went on, somebody may have asked for another look.
      if (isDone && queue.get(directory) === listing) {
        queue.delete(directory);
        if (listing.again) add(listing.branch, directory, looking, false, false);
      }
      if (!isDone || performance.now() > until) return;
    }
  };

  const drainFiles = (around: LookSurroundings, until: number): void => {
    for (const [directory, branch] of files) {
      if (performance.now() > until || !lookAtFiles(branch, directory, around, until)) return;
      files.delete(directory);
    }
  };

  return {
    addName(branch, directory, name, isStructural) {
      const entry = names.get(directory);
      if (entry === undefined) names.set(directory, { branch, names: new Map([[name, isStructural]]) });
      else entry.names.set(name, isStructural || entry.names.get(name) === true);
    },
    add: (branch, directory, mode, replace) => add(branch, directory, mode, replace, replace),
    addAll(branch, mode, replace) {
      for (const directory of everyDirectory(branch.root)) add(branch, directory, mode, replace, false);
    },
    addFiles: (branch, directory) => void files.set(directory, branch),
    get isUrgent() {
      return names.size > 0 || listings.size > 0;
    },
    get isSurveyed() {
      return scans.size === 0;
    },
    get isEmpty() {
      return names.size + listings.size + scans.size + files.size === 0;
    },
    drain(around, until, onlyUrgent) {
      drainNames(around, until);
      if (names.size === 0) drainListings(listings, around, until);
      if (onlyUrgent) return;
      // However much there is that is urgent, the rest goes on.
      drainListings(scans, around, Math.max(until, performance.now() + leastMs));
      if (scans.size === 0) drainFiles(around, Math.max(until, performance.now() + leastMs));
    },
  };
}
