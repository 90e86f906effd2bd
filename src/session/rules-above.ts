/**
 * Rules of the top speak of files that lie in no service (`proto/` beside `api/` and `web/`): there each service hears of what they
 * match, and of nothing else. What lies in the directories of a service is for that one alone.
 */
import { isAbsolute, join, relative, resolve } from "node:path";
import type { LoadedConfig } from "../config/layers/load.ts";
import type { ServiceConfig } from "../config/layers/service-config.ts";
import type { Matcher } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { assemble } from "../matchers/assemble.ts";
import { literalPart } from "../matchers/roots.ts";
import { configuration, isAbove, readBy, type SeenTree, slashed, writtenRule } from "./seen.ts";

export function treesOfRules(
  services: readonly ServiceConfig[],
  watched: readonly SeenTree[],
  loaded: LoadedConfig,
): { readonly seen: readonly SeenTree[]; readonly problems: readonly Problem[] } {
  const { root, config } = loaded;
  const { watch } = config;
  const own = watched.flatMap(({ root: { base, parts } }) =>
    parts.length === 0 || parts.includes(".")
      ? [base]
      : parts.map((part) => resolve(base, literalPart(part, base).path)),
  );
  const problems: Problem[] = [];
  const seen = services.flatMap((service): SeenTree[] => {
    const rules = service.rules.filter((rule) => isAbove(rule, service.ground.root));
    // Where a service watches all of the top, that is its own.
    if (rules.length === 0 || own.includes(root)) return [];
    const assembled = assemble({
      base: root,
      tmpDir: slashed(relative(root, service.tmpDir)),
      includeFiles: [],
      excludeDirs: watch.exclude_dirs,
      excludeFiles: watch.exclude_files,
      excludeRegex: watch.exclude_regex,
      gitignore: watch.gitignore,
      named: [],
      restart: [],
      isForRules: true,
      rules: rules.map((rule) => writtenRule(rule, root)),
    });
    problems.push(...assembled.problems);
    return [
      {
        root: { base: root, parts: [] },
        view: {
          owner: service.name,
          matchers: [configuration(root, loaded.files), elsewhere(own, root), ...assembled.matchers],
          ...readBy(rules),
        },
        named: [],
        followSymlinks: watch.follow_symlinks,
        ignoreUnchanged: watch.ignore_unchanged,
      },
    ];
  });
  return { seen, problems };
}

/** What lies in these directories is looked at by those whose they are. */
function elsewhere(directories: readonly string[], root: string): Matcher {
  const lies = (path: string): boolean =>
    directories.some((directory) => {
      const way = relative(directory, join(root, path));
      return way === "" || !(way.startsWith("..") || isAbsolute(way));
    });
  return {
    name: "services",
    judge: ({ path }) =>
      lies(path) ? { verdict: "ignore", because: { pattern: path, source: "it lies in a service" } } : undefined,
    enters: (directory) => (lies(directory) ? false : undefined),
  };
}
