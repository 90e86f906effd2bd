/** Values from the command line and the environment: a path there is one from where the user stands; in the file it is one from `root`. */
import { resolve } from "node:path";
import { nameOf } from "./discover.ts";
import type { Effective, Effectives } from "./layers.ts";

/** Keys whose values are paths, and what they are relative to: `root` or, with air's files, where commands run. */
const bases: Readonly<Record<string, "root" | "commandDirectory">> = {
  tmp_dir: "root",
  env_files: "commandDirectory",
  "watch.include_dirs": "root",
  "watch.matcher": "root",
  "proc.cwd": "commandDirectory",
};

/** Whether a variable or a flag had the last word. */
export function isFromOutside(effective: Effective | undefined): boolean {
  const from = effective?.origins.at(-1)?.from;
  return from === "variable" || from === "flag";
}

/** The same values, with the paths from outside relative to what those in the file are relative to. */
export function fromWhereTheUserStands(
  effectives: Effectives,
  cwd: string,
  directories: { readonly root: string; readonly commandDirectory: string },
): Effectives {
  return new Map(
    [...effectives].map(([name, effective]) => {
      const base = bases[name];
      if (base === undefined || directories[base] === cwd || !isFromOutside(effective)) return [name, effective];
      const move = (path: unknown): unknown =>
        typeof path === "string" ? nameOf(directories[base], resolve(cwd, path)) : path;
      const { value } = effective;
      return [name, { ...effective, value: Array.isArray(value) ? value.map(move) : move(value) }];
    }),
  );
}
