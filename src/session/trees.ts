/** What is to be watched: which directories, and who judges the paths in them. */
import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Tree, WatchOptions } from "../adapters/watch/watch.ts";
import { real } from "../config/check/checks.ts";
import { hasProxy, type LoadedConfig } from "../config/layers/load.ts";
import { chainOf } from "../config/store/watch-files.ts";
import type { Matcher } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { assemble } from "../matchers/assemble.ts";
import { loadPlugin } from "../matchers/plugin.ts";
import { literalPart } from "../matchers/roots.ts";
import { type Root, rootsOf } from "./roots.ts";

export interface Trees {
  readonly options: WatchOptions;
  readonly problems: readonly Problem[];
}

/** `report` hears of a user's own matcher that misbehaves later. */
export async function treesOf(loaded: LoadedConfig, report: (problem: Problem) => void): Promise<Trees> {
  const { config, root } = loaded;
  const { watch } = config;
  const problems: Problem[] = [];
  let plugin: Matcher | undefined;
  if (watch.matcher !== undefined) {
    const its = await loadPlugin(resolve(root, watch.matcher), report);
    if ("judge" in its) plugin = its;
    else problems.push({ ...its, severity: "error" });
  }
  /** What a rule names and is a link (a `..data` directory, as Kubernetes has them) is followed to what it leads to. */
  const linked = (base: string): string[] =>
    config.rule
      .flatMap(({ match }) => match)
      .map((pattern) => pattern.replace(/^\.?\//, ""))
      .filter((path) => !/[*?[\]{}!]/.test(path) && isLink(join(base, path)));
  const tree = ({ base, parts }: Root): Tree => {
    const isSingle = isFile(base);
    const assembled = assemble({
      base: isSingle ? dirname(base) : base,
      tmpDir: slashed(relative(base, resolve(root, config.tmp_dir))),
      includeDirs: parts,
      isBaseNamed: base !== root,
      includeFiles: watch.include_files,
      excludeDirs: watch.exclude_dirs,
      excludeFiles: watch.exclude_files,
      excludeRegex: watch.exclude_regex,
      gitignore: watch.gitignore,
      named: isSingle ? [basename(base)] : [],
      restart: loaded.restartPatterns,
      restyles: hasProxy(loaded.effectives) && config.proxy.live_reload,
      rules: config.rule.map(({ name, match, do: verdict, run }) => ({
        name,
        match,
        verdict,
        isCarriedOut: run.length > 0 || verdict === "signal",
      })),
      report,
      ...(plugin === undefined ? {} : { plugin }),
    });
    problems.push(...assembled.problems);
    return {
      base,
      matchers: [configuration(base, loaded.files), ...assembled.matchers],
      named: [...parts.map((part) => literalPart(part, base).path).filter((path) => path !== ""), ...linked(base)],
      label: (path) => slashed(relative(root, join(base, path))),
    };
  };
  const trees = rootsOf(root, watch.include_dirs).map(tree);
  const gitDirectory = gitDirectoryOf(root);
  return {
    options: {
      trees,
      followSymlinks: watch.follow_symlinks,
      ignoreUnchanged: watch.ignore_unchanged,
      poll: watch.poll,
      backend: watch.backend,
      ...(gitDirectory === undefined ? {} : { gitDirectory }),
    },
    problems: unique(problems),
  };
}

/**
 * The files of the configuration are read by whoever reads configurations: their edits are no changes of the sources. Nor are those of
 * what they are links to.
 */
function configuration(base: string, files: readonly string[]): Matcher {
  const chain = files.flatMap(chainOf);
  const own = new Set([base, real(base)].flatMap((at) => chain.map((file) => slashed(relative(at, file)))));
  return {
    name: "configuration",
    judge: ({ path }) =>
      own.has(path) ? { verdict: "ignore", because: { pattern: path, source: "the configuration itself" } } : undefined,
  };
}

/** The `.git` of the repository that a directory is in; in a worktree, what its `.git` file points to. */
function gitDirectoryOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const git = join(at, ".git");
    if (existsSync(git)) {
      if (!isFile(git)) return git;
      const target = /^gitdir: (.*)$/m.exec(readFileSync(git, "utf8"))?.[1];
      return target === undefined ? undefined : resolve(at, target);
    }
    if (dirname(at) === at) return undefined;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

const slashed = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
