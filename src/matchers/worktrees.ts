/**
 * Worktrees of the same repository below the base (`git worktree add .worktrees/f1`): another checkout is another project, whose saves are
 * none of this one. Known by a `.git` file that leads into the `worktrees/` of our repository; that of a submodule leads elsewhere.
 */
import { existsSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import type { Judgement, Matcher } from "../core/demand.ts";
import type { Outright } from "./outright.ts";
import { parentOf } from "./pruned.ts";
import { linkedGit, repositoryOf } from "./repository.ts";

export function worktrees(base: string, outright: Outright): Matcher | undefined {
  const repository = repositoryOf(base);
  if (repository === undefined) return undefined;
  const own = realOf(repository);
  /** The worktree that a directory is in, if any. */
  const known = new Map<string, string | undefined>();

  const isWorktree = (directory: string): boolean => {
    const git = join(base, directory, ".git");
    try {
      const target = existsSync(git) ? linkedGit(git) : undefined;
      if (target === undefined) return false;
      const path = realOf(target);
      return path.startsWith(`${own}${sep}`) && path.slice(own.length).split(sep).includes("worktrees");
    } catch {
      return false;
    }
  };

  const worktreeOf = (directory: string): string | undefined => {
    if (directory === "" || outright.isNamed(directory)) return undefined;
    if (known.has(directory)) return known.get(directory);
    const found = worktreeOf(parentOf(directory)) ?? (isWorktree(directory) ? directory : undefined);
    known.set(directory, found);
    return found;
  };

  const forget = (directory: string): void => {
    for (const each of [...known.keys()]) if (`${each}/`.startsWith(`${directory}/`)) known.delete(each);
  };

  return {
    name: "worktrees",
    judge({ path }): Judgement | undefined {
      const found = worktreeOf(parentOf(path));
      return found === undefined
        ? undefined
        : { verdict: "ignore", because: { pattern: found, source: "built-in: a worktree of this repository" } };
    },
    enters(directory) {
      // One that was removed gives its name to whatever comes.
      if (known.get(directory) === directory && !isWorktree(directory)) forget(directory);
      if (worktreeOf(directory) !== undefined) return false;
      // It is empty at first: asked again for what is in it.
      known.delete(directory);
      return undefined;
    },
    rulesFile: ".git",
    rulesAbsent: (directory) => void known.set(directory, worktreeOf(parentOf(directory))),
    renew: () => known.clear(),
  };
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
