/** What is to be watched: which directories, and who judges the paths in them for whom. */
import { lstatSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { WatchedTree, WatchOptions } from "../adapters/watch/watch.ts";
import { hasProxy, type LoadedConfig } from "../config/layers/load.ts";
import type { ServiceConfig, ServiceRule } from "../config/layers/service-config.ts";
import type { Matcher } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { assemble } from "../matchers/assemble.ts";
import { loadPlugin } from "../matchers/plugin.ts";
import { literalPart } from "../matchers/roots.ts";
import { gitDirectoryOf } from "./repository.ts";
import { rootsOf, type WatchRoot } from "./roots.ts";
import { configuration, isAbove, readBy, type SeenTree, slashed, writtenRule } from "./seen.ts";

export interface Trees {
  readonly options: WatchOptions;
  readonly problems: readonly Problem[];
  /** A line for each pattern that decides about none of the paths that are there now. Looks at all of them. */
  idlePatterns(): Promise<string[]>;
}

/** `report` hears of a user's own matcher that misbehaves later. */
export async function treesOf(loaded: LoadedConfig, report: (problem: Problem) => void): Promise<Trees> {
  const { config, root } = loaded;
  const watched = [...loaded.services.values()].filter(({ isWatched }) => isWatched);
  const problems: Problem[] = [];
  const seen: SeenTree[] = [];
  for (const service of watched) {
    const trees = await treesOfService(service, loaded, report);
    seen.push(...trees.seen);
    problems.push(...trees.problems);
  }
  // What only the rules of the top speak of may lie outside of what any service watches.
  if (watched.some(({ rules, ground }) => rules.some((rule) => isAbove(rule, ground.root)))) {
    const { treesOfRules } = await import("./rules-above.ts");
    const above = treesOfRules(watched, seen, loaded);
    seen.push(...above.seen);
    problems.push(...above.problems);
  }
  const gitDirectory = gitDirectoryOf(root);
  const trees = together(seen, (base, path) => slashed(relative(root, join(base, path))));
  return {
    options: {
      trees,
      followSymlinks: config.watch.follow_symlinks,
      ignoreUnchanged: config.watch.ignore_unchanged,
      ...sourceOf(watched, config.watch),
      ...(gitDirectory === undefined ? {} : { gitDirectory }),
    },
    problems: unique(problems),
    async idlePatterns() {
      const { countWatched, idlePatterns } = await import("./patterns.ts");
      return idlePatterns(loaded, countWatched(trees));
    },
  };
}

/** There is one watcher: where one of the services has to poll, all do, as often as the most hurried. */
function sourceOf(services: readonly ServiceConfig[], top: Source): Source {
  const polls = services.map(({ config }) => config.watch.poll);
  const everyMs = polls.filter((poll) => typeof poll === "number");
  const backends = services.map(({ config }) => config.watch.backend);
  return {
    poll: everyMs.length > 0 ? Math.min(...everyMs) : (polls.find((poll) => poll === true) ?? polls[0] ?? top.poll),
    backend: backends.find((backend) => backend !== "auto") ?? top.backend,
  };
}

type Source = Pick<WatchOptions, "poll" | "backend">;

interface Viewed {
  readonly seen: readonly SeenTree[];
  readonly problems: readonly Problem[];
}

async function treesOfService(
  service: ServiceConfig,
  loaded: LoadedConfig,
  report: (problem: Problem) => void,
): Promise<Viewed> {
  const { config, ground, rules } = service;
  const { watch } = config;
  const { root } = ground;
  const problems: Problem[] = [];
  let plugin: Matcher | undefined;
  if (watch.matcher !== undefined) {
    const own = await loadPlugin(resolve(root, watch.matcher), report);
    if ("judge" in own) plugin = own;
    else problems.push({ ...own, severity: "error" });
  }
  const viewed = (place: WatchRoot): SeenTree => {
    const { base, parts } = place;
    const isSingle = isFile(base);
    const assembled = assemble({
      base: isSingle ? dirname(base) : base,
      tmpDir: slashed(relative(base, service.tmpDir)),
      includeDirs: parts,
      isBaseNamed: base !== root,
      includeFiles: watch.include_files,
      excludeDirs: watch.exclude_dirs,
      excludeFiles: watch.exclude_files,
      excludeRegex: watch.exclude_regex,
      gitignore: watch.gitignore,
      named: isSingle ? [basename(base)] : [],
      restart: service.restartPatterns,
      restyles: hasProxy(service.effectives) && config.proxy.live_reload,
      rules: rules.map((rule) => writtenRule(rule, root)),
      report,
      ...(plugin === undefined ? {} : { plugin }),
    });
    problems.push(...assembled.problems);
    const named = parts.map((part) => literalPart(part, base).path).filter((path) => path !== "");
    return {
      root: place,
      view: {
        owner: service.name,
        matchers: [configuration(base, loaded.files), ...assembled.matchers],
        ...readBy(rules),
      },
      named: [...named, ...linked(rules, base)],
      followSymlinks: watch.follow_symlinks,
      ignoreUnchanged: watch.ignore_unchanged,
    };
  };
  const seen = rootsOf(root, watch.include_dirs).map(viewed);
  return { seen, problems };
}

/** What a rule names and is a link (a `..data` directory, as Kubernetes has them) is followed to what it leads to. */
const linked = (rules: readonly ServiceRule[], base: string): string[] =>
  rules
    .flatMap(({ rule }) => rule.match)
    .map((pattern) => pattern.replace(/^\.?\//, ""))
    .filter((path) => !/[*?[\]{}!]/.test(path) && isLink(join(base, path)));

/** A place that several look at in the same way is looked at once. */
function together(seen: readonly SeenTree[], labelOf: (base: string, path: string) => string): WatchedTree[] {
  const trees = new Map<string, SeenTree[]>();
  for (const one of seen) {
    const key = `${one.root.base}\0${one.followSymlinks}\0${one.ignoreUnchanged}`;
    trees.set(key, [...(trees.get(key) ?? []), one]);
  }
  return [...trees.values()].flatMap((all): WatchedTree[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { followSymlinks, ignoreUnchanged } = first;
    const { base } = first.root;
    return [
      {
        base,
        views: all.map(({ view }) => view),
        named: [...new Set(all.flatMap(({ named }) => named))],
        label: (path) => labelOf(base, path),
        followSymlinks,
        ignoreUnchanged,
      },
    ];
  });
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
