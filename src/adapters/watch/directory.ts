/** The directories of the index. */
import type { Stats } from "node:fs";
import { sep } from "node:path";
import type { Placed } from "./hints.ts";

export interface Directory {
  /** `/`-separated and relative to the base of its tree; `""` is the base. */
  readonly path: string;
  readonly absolute: string;
  readonly name: string;
  readonly parent: Directory | undefined;
  /** The path is a symbolic link. */
  readonly isLink: boolean;
  /** The path leads through a symbolic link. */
  readonly isViaLink: boolean;
  /** Name → slot in the columns. */
  readonly files: Map<string, number>;
  readonly children: Map<string, Directory>;
  /** The bytes of those names that are not valid UTF-8, by how they read. */
  rawNames: ReadonlyMap<string, Buffer> | undefined;
  /** Which directory it was when it was looked at last: a path can get another one at any time. */
  inode: number;
  device: number;
  bornMs: number;
  /** Its times when it was last listed to the end: while they stand, the same names are in it. */
  listedMtimeMs: number;
  listedCtimeMs: number;
  placed: Placed | undefined;
  isUnreadable: boolean;
  isGone: boolean;
}

const noDirectory = { inode: -1, device: -1, bornMs: -1, listedMtimeMs: -1, listedCtimeMs: -1 };

export function baseDirectory(absolute: string): Directory {
  const name = absolute.slice(absolute.lastIndexOf(sep) + 1);
  return { path: "", absolute, name, parent: undefined, isLink: true, isViaLink: false, ...blank() };
}

export function childDirectory(parent: Directory, name: string, isLink: boolean): Directory {
  return {
    path: pathIn(parent, name),
    absolute: absoluteIn(parent, name),
    name,
    parent,
    isLink,
    isViaLink: isLink || parent.isViaLink,
    ...blank(),
  };
}

function blank(): Pick<
  Directory,
  | "files"
  | "children"
  | "rawNames"
  | "inode"
  | "device"
  | "bornMs"
  | "listedMtimeMs"
  | "listedCtimeMs"
  | "placed"
  | "isUnreadable"
  | "isGone"
> {
  return {
    files: new Map(),
    children: new Map(),
    rawNames: undefined,
    ...noDirectory,
    placed: undefined,
    isUnreadable: false,
    isGone: false,
  };
}

export const pathIn = (directory: Directory, name: string): string =>
  directory.path === "" ? name : `${directory.path}/${name}`;

export const absoluteIn = (directory: Directory, name: string): string =>
  directory.absolute.endsWith(sep) ? directory.absolute + name : directory.absolute + sep + name;

/** What stands in the place of bytes that are not valid UTF-8. */
const replacement = "\uFFFD";

export const isMangled = (name: string): boolean => name.includes(replacement);

/** The path of an entry as the system knows it. */
export function systemPathIn(directory: Directory, name: string): string | Buffer {
  const raw = isMangled(name) ? directory.rawNames?.get(name) : undefined;
  const path = absoluteIn(directory, raw === undefined ? name : "");
  return raw === undefined ? path : Buffer.concat([Buffer.from(path), raw]);
}

/** Of two names that read the same only one is known. */
export function rawNamesOf(names: readonly Buffer[]): Map<string, Buffer> {
  return new Map(names.filter((name) => isMangled(name.toString())).map((name) => [name.toString(), name]));
}

/**
 * Whether another directory has come in the place of the one that was seen. An inode number is free for the next directory as soon as the
 * last one is gone, hence the time of birth.
 */
export const isReplaced = (directory: Directory, stats: Stats): boolean =>
  directory.inode !== noDirectory.inode &&
  (directory.inode !== stats.ino || directory.device !== stats.dev || directory.bornMs !== stats.birthtimeMs);

export function recordIdentity(directory: Directory, stats: Stats): void {
  directory.inode = stats.ino;
  directory.device = stats.dev;
  directory.bornMs = stats.birthtimeMs;
}

/** The directory and all below it. */
export function* everyDirectory(directory: Directory): Generator<Directory> {
  yield directory;
  for (const child of directory.children.values()) yield* everyDirectory(child);
}

/**
 * Whether a directory that is met for the first time came from elsewhere after `sinceMs`, with files that look as if they had been there
 * before: to be moved changes its ctime alone, to be written into its mtime as well.
 */
export function isMovedIn(directory: Directory, stats: Stats, sinceMs: number): boolean {
  const isMet = directory.placed === undefined && directory.parent !== undefined;
  return isMet && stats.ctimeMs >= sinceMs && stats.mtimeMs < sinceMs;
}
