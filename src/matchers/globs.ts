/** What counts: the files that are included, those whose change only restarts, and what was named outright. */
import type { Judgement, Matcher, Verdict } from "../core/demand.ts";
import type { Glob } from "./glob.ts";
import { parentOf } from "./pruned.ts";
import type { PatternRoot } from "./roots.ts";

/**
 * `include_files` and `include_dirs`, the last word on every path: no pattern at all means every file; the last pattern that matches wins.
 * @param roots `[]`: all of the base
 */
export function includesAny(globs: readonly Glob[], roots: readonly PatternRoot[]): Matcher {
  const everything: Judgement = { verdict: "rebuild", because: { pattern: "*", source: "every file is watched" } };
  const outside: Judgement = ignored(roots.map(({ written }) => written).join(", "), "not in [watch] include_dirs");
  const unmatched: Judgement = ignored(
    [...new Set(globs.map((glob) => glob.pattern))].join(", "),
    "not in [watch] include_files",
  );
  const judgements = globs.map((glob) =>
    spoken(glob.isNegative ? "ignore" : "rebuild", glob.pattern, "[watch] include_files"),
  );
  const fallback = globs.every((glob) => glob.isNegative) ? everything : unmatched;
  const lies = (path: string): boolean => roots.length === 0 || roots.some((root) => root.holds(path));
  return {
    name: "include_files",
    judge({ path }) {
      if (!lies(path)) return outside;
      const name = path.slice(path.lastIndexOf("/") + 1);
      for (let index = globs.length - 1; index >= 0; index--) {
        if (globs[index]?.matches(path, name)) return judgements[index];
      }
      return fallback;
    },
    enters: (path) =>
      roots.length === 0 || roots.some(({ directory }) => isWithin(path, directory) || isWithin(directory, path)),
  };
}

export interface NamedPaths {
  /** Files or directories, relative to the base. */
  readonly paths: readonly string[];
  /** `include_files`: those of them that are exact names count as named outright. */
  readonly globs: readonly Glob[];
  /** Patterns whose change only restarts. */
  readonly restart: readonly Glob[];
}

/**
 * What was named outright wins over gitignore and the built-in ignores, and a pruned directory is entered for what lies in it.
 * A directory that was named decides nothing about the files in it, only that they are judged.
 */
export function named({ paths, globs, restart }: NamedPaths): Matcher {
  const files = new Set(paths);
  const entered = ancestors([...paths, ...globs.flatMap((glob) => (glob.isNegative ? [] : (glob.opens ?? [])))]);
  const nameable = globs.filter((glob) => !glob.isNegative);
  return {
    name: "named outright",
    judge({ path }) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      for (let index = restart.length - 1; index >= 0; index--) {
        const glob = restart[index];
        if (glob?.matches(path, name))
          return glob.isNegative ? undefined : spoken("restart", glob.pattern, "restarts only");
      }
      if (files.has(path)) return spoken("rebuild", path, "named outright");
      const glob = nameable.find((candidate) => candidate.names(path, name));
      return glob && !isTakenBack(globs, path, name)
        ? spoken("rebuild", glob.pattern, "[watch] include_files")
        : undefined;
    },
    enters: (directory) => (entered.has(directory) ? true : undefined),
  };
}

function isTakenBack(globs: readonly Glob[], path: string, name: string): boolean {
  return globs.findLast((glob) => glob.matches(path, name))?.isNegative ?? false;
}

const isWithin = (path: string, directory: string): boolean =>
  directory === "" || path === directory || path.startsWith(`${directory}/`);

/** The paths themselves and every directory above them. */
function ancestors(paths: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let above = path; above !== ""; above = parentOf(above)) all.add(above);
  }
  return all;
}

const ignored = (pattern: string, source: string): Judgement => spoken("ignore", pattern, source);

function spoken(verdict: Verdict, pattern: string, source: string): Judgement {
  return { verdict, because: { pattern, source } };
}
