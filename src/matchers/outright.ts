/** What somebody has named outright, as far as the ignore rules have to know: it wins over them, however it is named. */
import type { Glob } from "./glob.ts";

export interface Outright {
  /** What lies in this directory is judged without regard to the rules that hide it. `""` is the base. */
  isNamed(directory: string): boolean;
  /** The same, but only for what a pattern of `include_files` matches: the directory that such a pattern begins with. `isNamed` itself where there is none. */
  isOpened(directory: string): boolean;
  /** A pattern of `include_files` that says more than an ending matches this file. */
  matches(path: string): boolean;
  /** As `matches`, by a pattern that says something of the name itself: `*.log`, not `src/**`. */
  matchesName(path: string): boolean;
}

const none = (): boolean => false;

export const nothingOutright: Outright = {
  isNamed: none,
  isOpened: none,
  matches: () => false,
  matchesName: () => false,
};

/**
 * @param directories that were named, relative to the base
 * @param globs `include_files`, in their order
 */
export function outrightOf(directories: readonly string[], globs: readonly Glob[]): Outright {
  const named = new Set(directories);
  const opened = new Set(globs.flatMap((glob) => (glob.isNegative ? [] : (glob.opens ?? []))));
  /** One of the patterns that match, unless a later one takes back what it says. */
  const some = (path: string, isMeant: (glob: Glob) => boolean): boolean => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    for (let index = globs.length - 1; index >= 0; index--) {
      const glob = globs[index];
      if (glob?.matches(path, name) !== true) continue;
      if (glob.isNegative) return false;
      if (isMeant(glob)) return true;
    }
    return false;
  };
  const isNamed = (directory: string): boolean => named.has(directory);
  return {
    isNamed,
    isOpened: opened.size === 0 ? isNamed : (directory) => opened.has(directory) || named.has(directory),
    matches: (path) => some(path, (glob) => glob.isOutright),
    matchesName: (path) => some(path, (glob) => glob.isOfName),
  };
}
