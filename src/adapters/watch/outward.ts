/** Links that are not followed and lead out of what is watched: a change there is seen by nobody, so they are named. */
import { type Dirent, readdirSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { type Branch, isEntered, isWanted, labelOf } from "./branch.ts";
import { absoluteIn, type Directory, pathIn } from "./directory.ts";
import { statOfPath } from "./stat.ts";

export interface UnfollowedLink {
  readonly branch: Branch;
  readonly directory: Directory;
  readonly name: string;
}

/** So many entries of what a link leads to are looked at for one that would count. */
const mostEntries = 500;

/** Those behind which a file lies that would count, as the user sees them. */
export function outwardLinks(links: readonly UnfollowedLink[], branches: readonly Branch[]): string[] {
  if (links.length === 0) return [];
  const bases = branches.flatMap(({ root }) => realPath(root.absolute) ?? []);
  return links.flatMap(({ branch, directory, name }) => {
    const target = realPath(absoluteIn(directory, name));
    if (target === undefined || bases.some((base) => isWithin(target, base) || isWithin(base, target))) return [];
    const path = pathIn(directory, name);
    return hasWanted(branch, path, target) ? [labelOf(branch, path)] : [];
  });
}

function hasWanted(branch: Branch, path: string, target: string): boolean {
  const stats = statOfPath(target);
  if (stats?.isFile()) return isWanted(branch, path);
  if (!stats?.isDirectory() || !isEntered(branch, path)) return false;
  const open = [""];
  let left = mostEntries;
  for (const below of open) {
    for (const entry of entriesOf(join(target, below))) {
      if (left-- === 0) return false;
      const at = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile() && isWanted(branch, `${path}/${at}`)) return true;
      if (entry.isDirectory() && isEntered(branch, `${path}/${at}`)) open.push(at);
    }
  }
  return false;
}

const isWithin = (path: string, base: string): boolean =>
  path === base || path.startsWith(base.endsWith(sep) ? base : base + sep);

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // It leads nowhere, or round in a circle.
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
