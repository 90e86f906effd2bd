/** What is there to be watched, counted by the watcher's own judges, and the patterns that decide nothing. */
import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import type { WatchedTree } from "../adapters/watch/watch.ts";
import type { LoadedConfig } from "../config/layers/load.ts";
import { usualIn } from "../config/projects/kinds.ts";
import { enters, judge } from "../core/demand.ts";
import { explainPath } from "../matchers/explain.ts";

export interface Counted {
  readonly directories: number;
  readonly files: number;
  /** Files directly in each directory, and how many of them count. */
  readonly all: readonly { readonly path: string; readonly files: number; readonly counting: number }[];
  /** Every pattern that has decided something. */
  readonly patterns: ReadonlySet<string>;
}

export function countWatched(trees: readonly WatchedTree[]): Counted {
  const patterns = new Set<string>();
  const all: { path: string; files: number; counting: number }[] = [];
  for (const { base, views, label } of trees) {
    const [first] = views;
    const open = [""];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      let files = 0;
      let counting = 0;
      for (const entry of entriesOf(join(base, at))) {
        const path = at === "" ? entry.name : `${at}/${entry.name}`;
        if (entry.isDirectory()) {
          if (views.some(({ matchers }) => enters(path, matchers))) open.push(path);
          else patterns.add(explainPath(path, true, first?.matchers ?? []).because?.pattern ?? "");
          continue;
        }
        files += 1;
        const judged = views.flatMap(({ matchers }) => judge({ path, kind: "changed" }, matchers) ?? []);
        for (const { because } of judged) patterns.add(because.pattern);
        if (judged.some(({ verdict }) => verdict !== "ignore")) counting += 1;
      }
      all.push({ path: label(at) || ".", files, counting });
    }
  }
  const files = all.reduce((sum, one) => sum + one.files, 0);
  return { directories: all.length, files, all, patterns };
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // A single file that is a root, or a directory that cannot be read: nothing to count.
    return [];
  }
}

const patternKeys = ["include_files", "exclude_dirs", "exclude_files", "exclude_regex"];

/** A line for each pattern that somebody has written and that decides about none of the paths that are there. */
export function idlePatterns({ effectives, services }: LoadedConfig, { patterns }: Counted): string[] {
  // What is made of air's file, or was found, nobody has written.
  const rules = [...services.values()].filter(({ kind }) => kind === "reload").flatMap((service) => service.rules);
  const idle = rules.flatMap(({ rule }) =>
    rule.match
      .filter((pattern) => !pattern.startsWith("!") && !patterns.has(pattern))
      .map((pattern) =>
        aboutIdle(`[[rule]] ${rule.name === rule.match.join(", ") ? "" : `${rule.name} `}match`, pattern),
      ),
  );
  const files = effectives.get("watch.include_files")?.raw;
  const usual = usualIn(Array.isArray(files) ? files : []);
  const watched = patternKeys.flatMap((name) => {
    const effective = effectives.get(`watch.${name}`);
    const isWritten = effective?.origins.some(({ from }) => from !== "default" && from !== "detected") === true;
    const written: readonly unknown[] = isWritten && Array.isArray(effective?.raw) ? effective.raw : [];
    return written
      .filter((pattern) => typeof pattern === "string" && !patterns.has(pattern) && !usual.has(pattern))
      .map((pattern) => aboutIdle(`[watch] ${name}`, String(pattern)));
  });
  // A rule of the top is one in each service.
  return [...new Set([...watched, ...idle])];
}

const aboutIdle = (key: string, pattern: string): string =>
  `${key}: ${pattern} decides nothing: no path that is there matches it, or another pattern decides before it`;
