/** Files that are mounted one by one are looked at by themselves. */
import { relative, sep } from "node:path";
import type { Problem } from "../../core/problem.ts";
import { type Branch, labelOf } from "./branch.ts";
import { type Directory, pathIn } from "./directory.ts";
import { mountedFiles } from "./mounts.ts";

/** @returns a look at all of them below a branch; it returns whether there are any */
export function createMounted(
  lookAt: (branch: Branch, directory: Directory, name: string) => void,
  warn: (problem: Problem) => void,
): (branch: Branch) => boolean {
  const replaced = new Set<string>();

  /** Once for each. */
  const tellOfReplaced = (branch: Branch, path: string): void => {
    const label = labelOf(branch, path);
    if (replaced.has(label)) return;
    replaced.add(label);
    warn({
      code: "watch/limited",
      severity: "warning",
      message: `${label} is mounted by itself, and was replaced outside (editors save so): the old file is all that is seen here`,
      hint: "mount the directory that it is in",
    });
  };

  return (branch) => {
    const files = mountedFiles(branch.root.absolute);
    for (const { path, isReplaced } of files) {
      const names = relative(branch.root.absolute, path).split(sep);
      const name = names.pop();
      let directory: Directory | undefined = branch.root;
      for (const part of names) directory = directory?.children.get(part);
      if (name !== undefined && directory?.files.has(name) === true) {
        lookAt(branch, directory, name);
        if (isReplaced) tellOfReplaced(branch, pathIn(directory, name));
      }
    }
    return files.length > 0;
  };
}
