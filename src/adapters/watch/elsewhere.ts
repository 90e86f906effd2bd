/**
 * What changes without an event in its directory, looked at now and then: files that are mounted one by one, directories that are mounted
 * or let go while we watch, and files that have another name (hard links) through which they are written.
 */
import { relative, sep } from "node:path";
import type { Problem } from "../../core/problem.ts";
import { type Branch, labelOf } from "./branch.ts";
import { type Directory, pathIn, systemPathIn } from "./directory.ts";
import type { Files } from "./files.ts";
import { type MountPoint, mountTable } from "./mounts.ts";
import { lstat, statOfPath } from "./stat.ts";

export interface Elsewhere {
  /** A file with more than one name was met. */
  linked(branch: Branch, directory: Directory, name: string): void;
  /** @returns whether there is something that is written elsewhere */
  look(branch: Branch): boolean;
}

interface LinkedFile {
  readonly branch: Branch;
  readonly directory: Directory;
  readonly name: string;
}

/** Of more than these the rest is seen when something happens beside them: where all is linked (`cp -al`), a look at all would be dear. */
const mostLinked = 200;

export function createElsewhere(
  files: Files,
  lookAt: (branch: Branch, directory: Directory, name: string) => void,
  warn: (problem: Problem) => void,
): Elsewhere {
  const replaced = new Set<string>();
  /** By its absolute path. */
  const linked = new Map<string, LinkedFile>();
  const seen = new WeakMap<Branch, { readonly table: string; readonly places: ReadonlyMap<string, MountPoint> }>();

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

  const lookAtLinked = (): void => {
    for (const [key, { branch, directory, name }] of linked) {
      const slot = directory.files.get(name);
      const stats = slot === undefined || directory.isGone ? undefined : lstat(systemPathIn(directory, name));
      if (stats === "unknown") continue;
      // It comes back with the next look if it still has more than one.
      if (slot === undefined || stats === undefined || stats.nlink < 2) linked.delete(key);
      else if (!files.isSame(slot, stats)) lookAt(branch, directory, name);
    }
  };

  /** What is mounted below, and what came and went since the last look. */
  const mountsOf = (branch: Branch): ReadonlyMap<string, MountPoint> => {
    const base = branch.root.absolute;
    const before = seen.get(branch);
    const { text: table, points } = mountTable();
    if (before?.table === table) return before.places;
    const below = base.endsWith(sep) ? base : base + sep;
    const places = new Map(points.flatMap((point) => (point.path.startsWith(below) ? [[point.path, point]] : [])));
    seen.set(branch, { table, places });
    // At first all of them: they may have come while the tree was looked at.
    for (const path of new Set([...(before?.places.keys() ?? []), ...places.keys()])) {
      if (before !== undefined && before.places.get(path)?.id === places.get(path)?.id) continue;
      const at = placeOf(branch, path);
      if (at !== undefined) lookAt(branch, at.directory, at.name);
    }
    return places;
  };

  return {
    linked(branch, directory, name) {
      const key = `${directory.absolute}${sep}${name}`;
      if (linked.size < mostLinked || linked.has(key)) linked.set(key, { branch, directory, name });
    },
    look(branch) {
      lookAtLinked();
      let hasFiles = false;
      for (const { path, isReplaced } of mountsOf(branch).values()) {
        if (statOfPath(path)?.isFile() !== true) continue;
        hasFiles = true;
        const at = placeOf(branch, path);
        if (at?.directory.files.has(at.name) !== true) continue;
        lookAt(branch, at.directory, at.name);
        if (isReplaced) tellOfReplaced(branch, pathIn(at.directory, at.name));
      }
      return hasFiles;
    },
  };
}

/** Where in the index it is, or would be. */
function placeOf(branch: Branch, path: string): { readonly directory: Directory; readonly name: string } | undefined {
  const names = relative(branch.root.absolute, path).split(sep);
  const name = names.pop();
  let directory: Directory | undefined = branch.root;
  for (const part of names) directory = directory?.children.get(part);
  return name === undefined || directory === undefined ? undefined : { directory, name };
}
