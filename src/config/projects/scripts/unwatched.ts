/** What is left of a line when its watcher is taken away. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Package } from "./package.ts";
import type { FoundSetting } from "./program.ts";
import type { Word } from "./shell.ts";

export interface Unwatched {
  /** `tsx watch`; absent where it watched nothing. */
  readonly watcher?: string;
  /** What it starts: words, or a line for the shell. */
  readonly starts: readonly Word[] | string;
  /** What it makes before each start. */
  readonly build?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: readonly FoundSetting[];
  readonly lost?: readonly string[];
}

/** The name of a setting: patterns in addition to what counts in such a project. */
export const filesBesides = "files besides";

/** `undefined`: this program, called so, watches nothing. */
export type Unwatch = (args: readonly Word[], pkg: Package) => Unwatched | undefined;

export const isSet = (gone: ReadonlyMap<string, unknown>, ...names: readonly string[]): boolean =>
  names.some((name) => gone.has(name));

/** Directories that are named for the watcher are those that it watches. */
export function watchedDirectories(paths: readonly string[], { directory }: Package): FoundSetting[] {
  const there = paths.filter((path) => path !== "" && existsSync(resolve(directory, path)));
  return there.length === 0 ? [] : [{ name: "watch.include_dirs", raw: there }];
}
