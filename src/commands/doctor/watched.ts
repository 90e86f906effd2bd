/** What is watched, with the largest directories, and the patterns that decide nothing. */
import type { LoadedConfig } from "../../config/layers/load.ts";
import { plural } from "../../report/words.ts";
import { type Counted, idlePatterns } from "../../session/patterns.ts";
import { type Finding, fine, slow } from "./finding.ts";

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

export const patternFindings = (loaded: LoadedConfig, counted: Counted): Finding[] =>
  idlePatterns(loaded, counted).map((text) =>
    slow("patterns", text, "see what decides with reload explain PATH; take it out if it is of no use"),
  );
