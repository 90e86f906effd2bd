/** `.gitignore` and its like: nested files, those of the directories above up to the repository's top, and `.git/info/exclude`. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import type { Matcher } from "../core/demand.ts";
import { type IgnoreRule, type IgnoreRules, readRules } from "./ignore-rules.ts";
import { parentOf } from "./pruned.ts";

export interface IgnoreFiles {
  /** Absolute directory that paths are relative to. */
  readonly base: string;
  /** `.gitignore` or `.reloadignore`. */
  readonly fileName: string;
  /** Also honour the files of the directories above `base` up to the one with `.git`, and that one's `info/exclude`. */
  readonly above: boolean;
  /** Directories that the user named outright: what lies in them is judged afresh. */
  readonly isNamed?: (directory: string) => boolean;
}

/** One ignore file in force; the one nearest to a path speaks first. */
interface Layer {
  readonly rules: IgnoreRules;
  /** What stands before a path relative to `base` to make it relative to the file … */
  readonly prefix: string;
  /** … or how many characters of it to leave out. */
  readonly strip: number;
  readonly outer: Layer | undefined;
}

interface DirectoryState {
  readonly layer: Layer | undefined;
  readonly ignoredBy: IgnoreRule | undefined;
}

/** Reads ignore files when a directory is first asked about; `renew` forgets them all. An unreadable one counts as empty. */
export function ignoreFiles(options: IgnoreFiles): Matcher {
  const { base, fileName, isNamed = () => false } = options;
  const above = options.above ? filesAbove(base, fileName) : [];
  const states = new Map<string, DirectoryState>();
  let lastDirectory: string | undefined;
  let lastState: DirectoryState = { layer: undefined, ignoredBy: undefined };

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
    return { layer: layered(read(join(base, fileName), fileName), "", 0, layer), ignoredBy: undefined };
  };

  const nestedState = (directory: string, isAbsent: boolean): DirectoryState => {
    const outer = stateOf(parentOf(directory));
    const ignoredBy = isNamed(directory)
      ? undefined
      : (outer.ignoredBy ?? positive(matchIn(outer.layer, directory, true)));
    // Git does not read the ignore files of a directory that it ignores.
    if (isAbsent || ignoredBy !== undefined) return { layer: outer.layer, ignoredBy };
    const rules = read(`${base}${sep}${directory}${sep}${fileName}`, `${directory}/${fileName}`);
    return { layer: layered(rules, "", directory.length + 1, outer.layer), ignoredBy };
  };

  /** Without reading the directory's own file, which says nothing about itself. */
  const ignoredBy = (directory: string): IgnoreRule | undefined => {
    const known = states.get(directory);
    if (known !== undefined) return known.ignoredBy;
    if (directory === "" || isNamed(directory)) return undefined;
    const outer = stateOf(parentOf(directory));
    return outer.ignoredBy ?? positive(matchIn(outer.layer, directory, true));
  };

  return {
    name: fileName,
    judge({ path }) {
      const directory = parentOf(path);
      if (directory !== lastDirectory) {
        lastState = stateOf(directory);
        lastDirectory = directory;
      }
      const rule = lastState.ignoredBy ?? positive(matchIn(lastState.layer, path, false));
      return rule === undefined
        ? undefined
        : { verdict: "ignore", because: { pattern: rule.pattern, source: rule.source } };
    },
    enters: (directory) => (ignoredBy(directory) === undefined ? undefined : false),
    rulesFile: fileName,
    rulesAbsent: (directory) => void stateOf(directory, true),
    rulesOutside: above.map((file) => file.path),
    renew() {
      states.clear();
      lastDirectory = undefined;
    },
  };
}

const positive = (rule: IgnoreRule | undefined): IgnoreRule | undefined => (rule?.isNegative ? undefined : rule);

function layered(
  rules: IgnoreRules | undefined,
  prefix: string,
  strip: number,
  outer: Layer | undefined,
): Layer | undefined {
  return rules === undefined || rules.size === 0 ? outer : { rules, prefix, strip, outer };
}

function matchIn(innermost: Layer | undefined, path: string, isDirectory: boolean): IgnoreRule | undefined {
  for (let layer = innermost; layer !== undefined; layer = layer.outer) {
    const relative = layer.strip > 0 ? path.slice(layer.strip) : layer.prefix + path;
    const rule = layer.rules.match(relative, isDirectory);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

/** As `matchIn`, for a directory above the base: `path` is relative to the repository's top, from which the base is `baseLength` characters away. */
function matchAbove(innermost: Layer, path: string, baseLength: number): IgnoreRule | undefined {
  for (let layer: Layer | undefined = innermost; layer !== undefined; layer = layer.outer) {
    const skip = baseLength - layer.prefix.length;
    const rule = path.length > skip ? layer.rules.match(path.slice(skip), true) : undefined;
    if (rule !== undefined) return rule;
  }
  return undefined;
}

function read(path: string, name: string): IgnoreRules | undefined {
  if (!existsSync(path)) return undefined; // Far cheaper than the error of reading what is not there, once per directory.
  try {
    return readRules(readFileSync(path, "utf8"), name);
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

/** `.git` is a file in a worktree or submodule: `gitdir: PATH`, whose `commondir` names the shared one. */
function gitCommonDirectory(git: string): string {
  try {
    if (statSync(git).isDirectory()) return git;
    const gitDirectory = resolve(
      dirname(git),
      readFileSync(git, "utf8")
        .replace(/^gitdir:\s*/, "")
        .trim(),
    );
    const common = join(gitDirectory, "commondir");
    return existsSync(common) ? resolve(gitDirectory, readFileSync(common, "utf8").trim()) : gitDirectory;
  } catch {
    return git;
  }
}
