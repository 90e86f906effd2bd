/** `.gitignore` and its like: nested files, those of the directories above up to the repository's top, and `.git/info/exclude`. */
import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Matcher } from "../core/demand.ts";
import { type Layer, layered, matchAbove, matchIn, positive, unhidden } from "./ignore-layers.ts";
import { type IgnoreRule, type IgnoreRules, readRules } from "./ignore-rules.ts";
import { nothingOutright, type Outright } from "./outright.ts";
import { parentOf } from "./pruned.ts";
import { gitCommonDirectory } from "./repository.ts";
import { textOfFile } from "./texts.ts";

export interface IgnoreFiles {
  /** Absolute directory that paths are relative to. */
  readonly base: string;
  /** `.gitignore` or `.reloadignore`. */
  readonly fileName: string;
  /** Also honour the files of the directories above `base` up to the one with `.git`, and that one's `info/exclude`. */
  readonly above: boolean;
  readonly outright?: Outright;
}

interface DirectoryState {
  readonly layer: Layer | undefined;
  readonly ignoredBy: IgnoreRule | undefined;
}

/** Reads ignore files when a directory is first asked about; `renew` forgets them all. An unreadable one counts as empty. */
export function ignoreFiles(options: IgnoreFiles): Matcher {
  const { base, fileName, outright = nothingOutright } = options;
  const above = options.above ? filesAbove(base, fileName) : [];
  const texts = new Map<string, IgnoreRules | undefined>();
  const read = (path: string, name: string): IgnoreRules | undefined => {
    if (!texts.has(path)) texts.set(path, readRulesAt(path, name));
    return texts.get(path);
  };
  const plain = createStates({ base, fileName, above, read, isNamed: outright.isNamed });
  /** For what a pattern of `include_files` names. */
  const opened =
    outright.isOpened === outright.isNamed
      ? plain
      : createStates({ base, fileName, above, read, isNamed: outright.isOpened });
  let lastDirectory: string | undefined;
  let lastState: DirectoryState = { layer: undefined, ignoredBy: undefined };

  return {
    name: fileName,
    judge({ path }) {
      const directory = parentOf(path);
      if (directory !== lastDirectory) {
        lastState = plain.of(directory);
        lastDirectory = directory;
      }
      const rule = lastState.ignoredBy ?? positive(matchIn(lastState.layer, path, false));
      if (rule === undefined) return undefined;
      if (outright.matches(path) && opened.ignoredBy(directory) === undefined) return undefined;
      return { verdict: "ignore", because: { pattern: rule.pattern, source: rule.source } };
    },
    enters: (directory) =>
      plain.ignoredBy(directory) === undefined || opened.ignoredBy(directory) === undefined ? undefined : false,
    rulesFile: fileName,
    rulesAbsent(directory) {
      plain.of(directory, true);
      opened.of(directory, true);
    },
    rulesOutside: above.map((file) => file.path),
    renew() {
      texts.clear();
      plain.clear();
      opened.clear();
      lastDirectory = undefined;
    },
  };
}

interface States {
  /** @param isAbsent there is no ignore file in this directory: no need to look */
  of(directory: string, isAbsent?: boolean): DirectoryState;
  /** Without reading the directory's own file, which says nothing about itself. */
  ignoredBy(directory: string): IgnoreRule | undefined;
  clear(): void;
}

interface StatesOptions {
  readonly base: string;
  readonly fileName: string;
  readonly above: readonly FileAbove[];
  readonly isNamed: (directory: string) => boolean;
  readonly read: (path: string, name: string) => IgnoreRules | undefined;
}

/** What holds in each directory, remembered. */
function createStates({ base, fileName, above, read, isNamed }: StatesOptions): States {
  const states = new Map<string, DirectoryState>();

  const stateOf = (directory: string, isAbsent = false): DirectoryState => {
    const known = states.get(directory);
    if (known !== undefined) return known;
    const state = directory === "" ? baseState() : nestedState(directory, isAbsent);
    states.set(directory, state);
    return state;
  };

  const baseState = (): DirectoryState => {
    let layer: Layer | undefined;
    for (const { path, name, prefix } of above) layer = layered(read(path, name), prefix, 0, layer);
    // A project inside an ignored directory (a scratch folder of another repository) was chosen by being run in.
    const fromTop = above[0]?.prefix ?? "";
    for (let path = fromTop.slice(0, -1); layer !== undefined && path !== ""; path = parentOf(path)) {
      if (positive(matchAbove(layer, path, fromTop.length)) !== undefined) layer = undefined;
    }
    const outer = unhidden(layer, "", false);
    const own = layered(read(join(base, fileName), fileName), "", 0, outer);
    return { layer: isNamed("") ? unhidden(own, "", true) : own, ignoredBy: undefined };
  };

  const nestedState = (directory: string, isAbsent: boolean): DirectoryState => {
    const outer = stateOf(parentOf(directory));
    const isOutright = isNamed(directory);
    const ignoredBy = isOutright ? undefined : (outer.ignoredBy ?? positive(matchIn(outer.layer, directory, true)));
    // Git does not read the file of a directory that it ignores. It makes a difference only to what was named in there, whatever else is named above it.
    const layer = isAbsent
      ? outer.layer
      : layered(
          read(`${base}${sep}${directory}${sep}${fileName}`, `${directory}/${fileName}`),
          "",
          directory.length + 1,
          outer.layer,
        );
    return { layer: isOutright ? unhidden(layer, directory, true) : layer, ignoredBy };
  };

  return {
    of: stateOf,
    ignoredBy(directory) {
      const known = states.get(directory);
      if (known !== undefined) return known.ignoredBy;
      if (directory === "" || isNamed(directory)) return undefined;
      const outer = stateOf(parentOf(directory));
      return outer.ignoredBy ?? positive(matchIn(outer.layer, directory, true));
    },
    clear: () => states.clear(),
  };
}

function readRulesAt(path: string, name: string): IgnoreRules | undefined {
  if (!existsSync(path)) return undefined; // Far cheaper than the error of reading what is not there, once per directory.
  try {
    return readRules(textOfFile(path), name);
  } catch {
    return undefined;
  }
}

interface FileAbove {
  readonly path: string;
  readonly name: string;
  /** Path of the base relative to the file's directory, with a `/` at its end. */
  readonly prefix: string;
}

/** From the repository's `info/exclude`, which is the weakest, down to the directory above the base; empty where there is no repository. */
function filesAbove(base: string, fileName: string): FileAbove[] {
  const files: FileAbove[] = [];
  let prefix = "";
  for (let directory = base; ; ) {
    const git = join(directory, ".git");
    if (existsSync(git)) {
      const depth = prefix.split("/").length - 1;
      files.push({
        path: join(gitCommonDirectory(git), "info", "exclude"),
        name: `${"../".repeat(depth)}.git/info/exclude`,
        prefix,
      });
      return files.reverse();
    }
    const parent = dirname(directory);
    if (parent === directory) return [];
    prefix = `${directory.slice(parent.endsWith("/") || parent.endsWith("\\") ? parent.length : parent.length + 1)}/${prefix}`;
    const depth = prefix.split("/").length - 1;
    files.push({ path: join(parent, fileName), name: `${"../".repeat(depth)}${fileName}`, prefix });
    directory = parent;
  }
}
