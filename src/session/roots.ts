/** `include_dirs` as people write them → the trees that are to be watched, each once. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, relative, resolve } from "node:path";
import { realAsFarAs } from "../config/check/checks.ts";
import { literalPart } from "../matchers/roots.ts";
import { words } from "../matchers/written.ts";

export interface WatchRoot {
  /** Absolute. */
  readonly base: string;
  /** What of it is watched, relative to it and with `/`: directories, files, or patterns. `[]`: all of it. */
  readonly parts: readonly string[];
}

/** @param root absolute: what the directories are relative to. What lies in it is one tree, however it is named. */
export function rootsOf(root: string, directories: readonly string[]): WatchRoot[] {
  const trees = new Map<string, Set<string>>();
  for (const directory of directories.flatMap((written) => apart(written, root))) {
    const { path, pattern } = literalPart(directory, root);
    const absolute = resolve(root, path);
    const way = wayInto(root, absolute) ?? wayInto(realAsFarAs(root), realAsFarAs(absolute));
    const [base, part] = way === undefined ? [absolute, pattern] : [root, [way, pattern].filter(Boolean).join("/")];
    const key = [...trees.keys()].find((known) => known === base || realAsFarAs(known) === realAsFarAs(base)) ?? base;
    trees.set(key, (trees.get(key) ?? new Set()).add(part === "" ? "." : part));
  }
  return [...trees].map(([base, parts]) => ({ base, parts: base !== root && parts.has(".") ? [] : [...parts] }));
}

/** A list in one text, unless there is something of that very name. */
function apart(written: string, root: string): string[] {
  const home = written.replace(/^~(?=$|[/\\])/, homedir);
  if (existsSync(resolve(root, home))) return [home];
  return words(home).map((word) => word.replace(/^~(?=$|[/\\])/, homedir));
}

/** From one to the other, with `/`; `undefined` if it does not lie in it. */
function wayInto(root: string, path: string): string | undefined {
  const way = relative(root, path);
  if (way === ".." || /^\.\.[/\\]/.test(way) || isAbsolute(way)) return undefined;
  return process.platform === "win32" ? way.replaceAll("\\", "/") : way;
}
