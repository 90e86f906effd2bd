/** What is watched: counted by the watcher's own judges, with the largest directories and the patterns that decide nothing. */
import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import type { LoadedConfig } from "../../config/layers/load.ts";
import { enters, judge } from "../../core/demand.ts";
import { explainPath } from "../../matchers/explain.ts";
import { plural } from "../../report/words.ts";
import type { Trees } from "../../session/trees.ts";
import { type Finding, fine, slow } from "./finding.ts";

export interface Counted {
  readonly directories: number;
  readonly files: number;
  /** Files directly in each directory, and how many of them count. */
  readonly all: readonly { readonly path: string; readonly files: number; readonly counting: number }[];
  /** Every pattern that has decided something. */
  readonly patterns: ReadonlySet<string>;
}

type Tree = Trees["options"]["trees"][number];

export function countWatched(trees: readonly Tree[]): Counted {
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

const shownDirectories = 10;
/** From so many files on a directory of which none counts is worth a word. */
const idleFiles = 200;

export function watchedFindings({ directories, files, all }: Counted): Finding[] {
  const largest = all
    .toSorted((a, b) => b.files - a.files)
    .slice(0, shownDirectories)
    .filter((one) => one.files > 0)
    .map((one) => `${one.path} ${one.files}`);
  const idle = all.filter((one) => one.counting === 0 && one.files >= idleFiles && one.path !== ".");
  return [
    fine(
      "watched",
      `${plural(directories, "directory")}, ${plural(files, "file")}; the largest: ${largest.join(", ")}`,
    ),
    ...idle.map((one) =>
      slow(
        "watched",
        `${one.path} has ${one.files} files, and none of them restarts anything`,
        `[watch] exclude_dirs = ["/${one.path}"] spares looking at them`,
      ),
    ),
  ];
}

const patternKeys = ["include_files", "exclude_dirs", "exclude_files", "exclude_regex"];

export function patternFindings({ effectives }: LoadedConfig, { patterns }: Counted): Finding[] {
  return patternKeys.flatMap((name) => {
    const effective = effectives.get(`watch.${name}`);
    const isWritten = effective?.origins.some(({ from }) => from !== "default" && from !== "detected") === true;
    const written: readonly unknown[] = isWritten && Array.isArray(effective?.raw) ? effective.raw : [];
    return written
      .filter((pattern) => typeof pattern === "string" && !patterns.has(pattern))
      .map((pattern) =>
        slow(
          "patterns",
          `[watch] ${name}: ${String(pattern)} decides nothing: no path that is there matches it, or another pattern decides before it`,
          "see what decides with reload explain PATH; take it out if it is of no use",
        ),
      );
  });
}
