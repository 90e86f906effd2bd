/** One watched tree as it is held in memory, and the words in which a look at it speaks. */
import type { Stats } from "node:fs";
import { type Change, counts, enters, judge, type Matcher } from "../../core/demand.ts";
import type { Problem } from "../../core/problem.ts";
import type { SeenFile } from "../system/appended.ts";
import type { Directory } from "./directory.ts";
import type { Files } from "./files.ts";
import type { Link } from "./links.ts";
import type { WatchView } from "./types.ts";

/**
 * How what is found differs from the index:
 * `look`: every difference is a change. `baseline`: what is new to the index was there before, unless it was touched at or after `sinceMs`
 * (milliseconds since the epoch, by the clock of files).
 */
export type Mode =
  | { readonly is: "look" }
  | {
      readonly is: "baseline";
      readonly sinceMs: number;
      /** Names come first, so that all watches are soon in place; what is to be known of the files is asked for afterwards. */
      readonly namesFirst: boolean;
    };

export const looking: Mode = { is: "look" };

/** One root that is watched. */
export interface Branch {
  readonly root: Directory;
  /** The base is a single file: only this name in `root` counts. */
  readonly only: string | undefined;
  views: readonly WatchView[];
  /** Of all views. */
  matchers: readonly Matcher[];
  followSymlinks: boolean;
  ignoreUnchanged: boolean;
  label: (path: string) => string;
  /** Names of files that hold rules (`.gitignore`), and what was seen of each such file, by absolute path. */
  rulesFiles: ReadonlySet<string>;
  readonly rulesSeen: Map<string, string>;
  /** Directories that cannot be watched and have been told of: once is enough. */
  readonly unwatchable: Set<string>;
  /** Paths of links that are followed in any case. */
  followed: ReadonlySet<string>;
  /** By device and inode: the path by which each directory is watched. Kept only while links are followed. */
  readonly entered: Map<string, Directory>;
  /** The links that are followed, by absolute path. */
  readonly links: Map<string, Link>;
  /** When the first look at it began: a file of which only the name is known has changed if it was touched at or after this. */
  readonly sinceMs: number;
  /** The base was deleted; it is waited for. */
  isGone: boolean;
}

/** What a look asks of and tells to those around it. */
export interface LookSurroundings {
  readonly files: Files;
  /** Puts a watch on the directory, a new one before the old one is closed. */
  place(branch: Branch, directory: Directory): void;
  /** Hints about a link's target outside of the tree; the last target is let go. */
  followTo(branch: Branch, link: Link, path: string | undefined): void;
  /** A link that is not followed was met in the first look at a directory. */
  unfollowed(branch: Branch, directory: Directory, name: string): void;
  /** A file that has another name as well, through which it can be written. */
  linked(branch: Branch, directory: Directory, name: string): void;
  /** The links are to be looked at again: what they lead to may have come or gone. */
  relink(branch: Branch): void;
  /** Asks for a look at a whole directory later on. */
  ask(branch: Branch, directory: Directory, mode: Mode, replace: boolean): void;
  /** Asks for a look at those files of a directory of which only the name is known. */
  askFiles(branch: Branch, directory: Directory): void;
  /** Whether a file that differs is an output of ours. `path`: absolute. `was`: as it was seen before. */
  isOutput(stats: Stats, path: string, was: SeenFile | undefined): boolean;
  found(branch: Branch, path: string, kind: Change["kind"], isEmpty: boolean): void;
  unchanged(branch: Branch, path: string): void;
  warn(problem: Problem): void;
  /** Whether to wait for a file that is missing or empty at the moment, as within a save. */
  waitsFor(branch: Branch, directory: Directory, name: string): boolean;
  /** The same for what was an output, and is empty now: who has just opened it is yet to make it that again. */
  waitsForOutput(branch: Branch, directory: Directory, name: string): boolean;
  /** Whether to wait for a file that nothing was known of: it may be a temporary that is about to be renamed, or be growing. */
  waitsForNew(branch: Branch, directory: Directory, name: string, stats: Stats): boolean;
  /** Counts a file whose content is about to be read; `false` when too many were read at once. */
  mayRead(): boolean;
  rulesChanged(branch: Branch, sinceMs: number): void;
  baseGone(branch: Branch): void;
  /** Something in the directory cannot be asked about: it is looked at again a little later. */
  doubted(branch: Branch, directory: Directory): void;
}

/** A path of the tree as the user sees it. */
export const labelOf = (branch: Branch, path: string): string => branch.label(branch.only === undefined ? path : "");

export const isFollowedAnywhere = ({ followSymlinks, followed }: Branch, path: string): boolean =>
  followSymlinks || followed.has(path);

export const isFollowed = (branch: Branch, path: string): boolean =>
  isFollowedAnywhere(branch, path) || isReadHere(branch, path);

/** A rule that wants to know of the file itself, by whatever path, decides about this one. */
export const isReadHere = ({ views }: Branch, path: string): boolean =>
  views.some(({ matchers, followedBy }) => {
    const rule = followedBy === undefined ? undefined : judge({ path, kind: "changed" }, matchers)?.rule;
    return rule !== undefined && followedBy?.has(rule) === true;
  });

export function isWanted(branch: Branch, path: string): boolean {
  if (branch.only !== undefined && path !== branch.only) return false;
  return branch.views.some(({ matchers }) => counts(judge({ path, kind: "changed" }, matchers)));
}

export function isEntered(branch: Branch, path: string): boolean {
  return branch.only === undefined && branch.views.some(({ matchers }) => enters(path, matchers));
}
/** `a/b/c`: `a`, `a/b`, and itself. */
export const pathAndAbove = (path: string): string[] =>
  path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));

/** Who look at the same place share it. */
export const branchKey = (branch: Branch): string => `${branch.root.absolute}\0${branch.only ?? ""}`;
