/** A flat list of ignore rules over one tree: whether a directory, or one above it, is ignored, remembered per directory. */
import type { IgnoreRule, IgnoreRules } from "./ignore-rules.ts";

export interface Pruned {
  /** The rule by which this directory or one above it is ignored. `""` is the base, which never is. */
  directory(path: string): IgnoreRule | undefined;
  /** The rule by which this file, or a directory that it lies in, is ignored. */
  file(path: string): IgnoreRule | undefined;
}

/** @param isNamed directories that the user named outright: what lies in them is judged afresh */
export function pruned(rules: IgnoreRules, isNamed: (directory: string) => boolean = () => false): Pruned {
  const known = new Map<string, IgnoreRule | undefined>();
  // Files come directory by directory: the last answer is nearly always the next one.
  let lastDirectory = "";
  let lastRule: IgnoreRule | undefined;

  const directory = (path: string): IgnoreRule | undefined => {
    if (path === "" || isNamed(path)) return undefined;
    const before = known.get(path);
    if (before !== undefined || known.has(path)) return before;
    const match = directory(parentOf(path)) ?? rules.match(path, true);
    const rule = match?.isNegative ? undefined : match;
    known.set(path, rule);
    return rule;
  };

  return {
    directory,
    file(path) {
      const slash = path.lastIndexOf("/");
      const parent = slash === lastDirectory.length && path.startsWith(lastDirectory) ? lastDirectory : parentOf(path);
      if (parent !== lastDirectory) {
        lastRule = directory(parent);
        lastDirectory = parent;
      }
      if (lastRule !== undefined) return lastRule;
      const match = rules.match(path, false);
      return match?.isNegative ? undefined : match;
    },
  };
}

/** `""` for what lies in the base itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}
