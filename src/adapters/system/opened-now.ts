/** What a process opens for a moment. */
import { lstatSync, readdirSync, statSync } from "node:fs";
import { identityOfFile } from "./opened.ts";

/**
 * By what `identityOfFile` says, what a process has opened for writing since it was looked at last: few descriptors are asked about, since a file that
 * is closed at once is open for some ten microseconds.
 */
export function openedBy(pid: number, before: Map<number, ReadonlySet<string>>): string[] {
  const opened: string[] = [];
  try {
    const descriptors = readdirSync(`/proc/${pid}/fd`);
    const known = before.get(pid);
    before.set(pid, new Set(descriptors));
    for (const fd of descriptors) {
      // A shell puts it in the place of its output.
      if (known?.has(fd) === true && fd !== "1") continue;
      const link = `/proc/${pid}/fd/${fd}`;
      const stats = statSync(link, { throwIfNoEntry: false });
      // The link shows the rights of its descriptor.
      if (stats?.isFile() === true && ((lstatSync(link, { throwIfNoEntry: false })?.mode ?? 0) & 0o200) !== 0)
        opened.push(identityOfFile(stats));
    }
  } catch {
    // It has ended, or is somebody else's.
  }
  return opened;
}
