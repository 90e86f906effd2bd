/** Where it is remembered what was made of a project: no repository keeps it, and no rule of ours watches it. */
import { realpathSync } from "node:fs";
import { join } from "node:path";

/** Of what is the same for all that share packages: what V8 made of the compiler among them. */
export const beside = "node_modules/.cache/reload";

/**
 * Projects that share their packages by a link (worktrees of one repository) share nothing that was made of their own
 * files: each would take what the other one has written, and whoever stays for it, for its own.
 *
 * @returns relative to the directory of the project
 */
export function cacheOf(directory: string): string {
  try {
    const project = realpathSync(directory);
    const isShared = realpathSync(join(directory, "node_modules")) !== join(project, "node_modules");
    return isShared ? `${beside}/${fingerprint(project)}` : beside;
  } catch {
    // There are no packages so far.
    return beside;
  }
}

/** Two files of one name have two outputs. */
export function fingerprint(path: string): string {
  let hash = 5381n;
  for (const sign of path) hash = (hash * 33n + BigInt(sign.codePointAt(0) ?? 0)) % 2n ** 61n;
  return hash.toString(36);
}
