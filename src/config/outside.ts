/** Values from the command line and the environment: a path there is one from where the user stands; in the file it is one from `root`. */
import { resolve } from "node:path";
import { nameOf } from "./discover.ts";
import type { Effective, Effectives } from "./layers.ts";

/** Keys whose values are paths, relative to `root`. */
const pathKeys = ["tmp_dir", "env_files", "watch.include_dirs", "watch.matcher", "proc.cwd"];

/** Whether a variable or a flag had the last word. */
export function isFromOutside(effective: Effective | undefined): boolean {
  const from = effective?.origins.at(-1)?.from;
  return from === "variable" || from === "flag";
}

/** The same values, with the paths from outside relative to `root`. */
export function fromWhereTheUserStands(effectives: Effectives, cwd: string, root: string): Effectives {
  if (root === cwd || !pathKeys.some((name) => isFromOutside(effectives.get(name)))) return effectives;
  const move = (path: unknown): unknown => (typeof path === "string" ? nameOf(root, resolve(cwd, path)) : path);
  return new Map(
    [...effectives].map(([name, effective]) => {
      if (!pathKeys.includes(name) || !isFromOutside(effective)) return [name, effective];
      const { value } = effective;
      return [name, { ...effective, value: Array.isArray(value) ? value.map(move) : move(value) }];
    }),
  );
}
