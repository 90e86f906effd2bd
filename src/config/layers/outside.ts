/** Values from the command line and the environment: a path there is one from where the user stands; in the file it is one from `root`. */
import { resolve } from "node:path";
import { nameOf } from "./discover.ts";
import type { Effective, LayerItem, Origin } from "./layers.ts";

/** All absolute. */
export interface Directories {
  /** Of the configuration. */
  readonly directory: string;
  readonly root: string;
  readonly commandDirectory: string;
}

/** Keys whose values are paths, and what they are relative to. */
const bases: Readonly<Record<string, keyof Directories>> = {
  root: "directory",
  tmp_dir: "root",
  env_files: "root",
  "watch.include_dirs": "root",
  "watch.matcher": "root",
  "proc.cwd": "commandDirectory",
};

/** Whether a variable or a flag had the last word. */
export function isFromOutside(effective: Effective | undefined): boolean {
  const last = effective?.origins.at(-1);
  return last !== undefined && isOutside(last);
}

const isOutside = ({ from }: Origin): boolean => from === "variable" || from === "flag";

/** The same, with the paths from outside relative to what those in the file are relative to. */
export function fromWhereTheUserStands(
  items: readonly LayerItem[],
  cwd: string,
  directories: Directories,
): readonly LayerItem[] {
  return items.map((item) => {
    const base = bases[item.key.name];
    if (base === undefined || directories[base] === cwd || !isOutside(item.origin)) return item;
    const move = (path: unknown): unknown =>
      typeof path === "string" ? nameOf(directories[base], resolve(cwd, path)) : path;
    const moved = (value: unknown): unknown => (Array.isArray(value) ? value.map(move) : move(value));
    return { ...item, raw: moved(item.raw), value: moved(item.value) };
  });
}
