/** What is watched, with the largest directories, and the patterns that decide nothing. */
import type { LoadedConfig } from "../../config/layers/load.ts";
import { plural } from "../../report/words.ts";
import { type Counted, idlePatterns } from "../../session/patterns.ts";
import { type Finding, fine, slow } from "./finding.ts";

/** Directories of which, with all that is in them, nothing counts; of those that lie in each other the outermost alone. */
function idleTrees(all: Counted["all"]): { readonly path: string; readonly files: number }[] {
  const trees = new Map<string, { files: number; counting: number }>();
  for (const { path, files, counting } of all) {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const above = parts.slice(0, depth).join("/");
      const tree = trees.get(above) ?? { files: 0, counting: 0 };
      trees.set(above, { files: tree.files + files, counting: tree.counting + counting });
    }
  }
  const isIdle = (path: string): boolean => trees.get(path)?.counting === 0;
  return [...trees]
    .filter(([path, { files }]) => path !== "." && files >= idleFiles && isIdle(path))
    .filter(([path]) => !isIdle(path.split("/").slice(0, -1).join("/")))
    .map(([path, { files }]) => ({ path, files }));
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
  const idle = idleTrees(all);
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

export const patternFindings = (loaded: LoadedConfig, counted: Counted): Finding[] =>
  idlePatterns(loaded, counted).map((text) =>
    slow("patterns", text, "see what decides with reload explain PATH; take it out if it is of no use"),
  );
