/** What somebody has named and is not there. */
import { resolve } from "node:path";
import type { Problem } from "../../core/problem.ts";
import { statOfPath } from "./stat.ts";
import type { WatchedTree } from "./types.ts";

/** @returns tells of each once, as long as it is missing: a base is told of when it is looked at */
export function createMissingNamed(warn: (problem: Problem) => void): (trees: readonly WatchedTree[]) => void {
  let missed: ReadonlySet<string> = new Set();
  return (trees) => {
    const missing = new Set<string>();
    for (const { base, named = [], label } of trees) {
      for (const path of named) {
        if (statOfPath(resolve(base, path)) !== undefined) continue;
        missing.add(label(path));
        if (!missed.has(label(path))) {
          warn(notThere(label(path)));
        }
      }
    }
    missed = missing;
  };
}

export const notThere = (what: string): Problem => ({
  code: "watch/missing",
  severity: "warning",
  message: `${what} is not there; waiting for it`,
});
