/** How a path is known to who watches: by the way from a root to it, links in it or not. */
import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

interface RootOfTree {
  /** Absolute. */
  readonly base: string;
  /** What of it was named, relative to it. */
  readonly named?: readonly string[];
  readonly followSymlinks?: boolean;
}

/** @param path absolute, or relative to `cwd`; @returns the way to it with `/`, or nothing where it lies outside of the tree */
export function wayWithin(
  { base, named = [], followSymlinks }: RootOfTree,
  path: string,
  cwd: string,
): string | undefined {
  const absolute = realParent(resolve(cwd, path));
  const isSingle = whatLies(base) === "file";
  if (isSingle && absolute !== realParent(base)) return undefined;
  const root = isSingle ? dirname(base) : base;
  // What was named may be a link; where links are followed, the path is known by the name that leads through them.
  const starts = ["", ...(isSingle ? [] : named)].map((start) => ({ start, from: real(join(root, start)) }));
  const ends = [absolute, ...(followSymlinks === true ? [resolve(real(cwd), path)] : [])];
  const ways = ends.flatMap((end) =>
    [{ start: "", from: realParent(root) }, ...starts].flatMap(({ start, from }) => wayFrom(from, end, start)),
  );
  return ways[0]?.replaceAll(sep, "/");
}

export function whatLies(path: string): "file" | "directory" | undefined {
  try {
    return lstatSync(path).isDirectory() ? "directory" : "file";
  } catch {
    return undefined;
  }
}

function wayFrom(from: string, to: string, start: string): string[] {
  const way = relative(from, to);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? [] : [start === "" ? way : join(start, way)];
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The way to it without links: the watcher knows roots by their real names. What is not there has no real name. */
export const realParent = (path: string): string => join(real(dirname(path)), basename(path));
