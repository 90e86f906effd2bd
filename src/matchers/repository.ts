/** Where git keeps what belongs to a directory. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { textOfFile } from "./texts.ts";

/** What all worktrees of the repository share: the `.git` of the main checkout. `undefined` outside of any repository. */
export function repositoryOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const git = join(at, ".git");
    if (existsSync(git)) return gitCommonDirectory(git);
    if (dirname(at) === at) return undefined;
  }
}

/** `.git` is a file in a worktree or submodule: `gitdir: PATH`, whose `commondir` names the shared one. */
export function gitCommonDirectory(git: string): string {
  try {
    const own = linkedGit(git);
    if (own === undefined) return git;
    const common = join(own, "commondir");
    return existsSync(common) ? resolve(own, textOfFile(common).trim()) : own;
  } catch {
    return git;
  }
}

/** What a `.git` that is a file leads to; throws where it cannot be read. */
export function linkedGit(git: string): string | undefined {
  if (statSync(git).isDirectory()) return undefined;
  const target = textOfFile(git).replace(/^gitdir:\s*/, "");
  return resolve(dirname(git), target.trim());
}
