/** The repository that a project is in, as far as watching has to know of it. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The `.git` of the repository that a directory is in; in a worktree, what its `.git` file points to. */
export function gitDirectoryOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const git = join(at, ".git");
    if (existsSync(git)) {
      try {
        if (statSync(git, { throwIfNoEntry: false })?.isFile() !== true) return git;
        const target = /^gitdir: (.*)$/m.exec(readFileSync(git, "utf8"))?.[1];
        return target === undefined ? undefined : resolve(at, target);
      } catch {
        // It may not be read: nothing is known of what git does there.
        return undefined;
      }
    }
    if (dirname(at) === at) return undefined;
  }
}
