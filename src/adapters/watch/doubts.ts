/** Directories of which something could not be asked about: they are looked at again a little later, so that no change is lost by it. */
import type { Branch } from "./branch.ts";
import type { Directory } from "./directory.ts";

/** The first pause in milliseconds; each further one in a row is twice as long. */
const firstMs = 500;
const longestMs = 16_000;

export interface Doubts {
  add(branch: Branch, directory: Directory): void;
  close(): void;
}

interface Doubt {
  pauseMs: number;
  timer: NodeJS.Timeout | undefined;
}

export function createDoubts(look: (branch: Branch, directory: Directory) => void): Doubts {
  const all = new Map<Directory, Doubt>();
  return {
    add(branch, directory) {
      const doubt = all.get(directory) ?? { pauseMs: firstMs, timer: undefined };
      if (doubt.timer !== undefined) return;
      all.set(directory, doubt);
      doubt.timer = setTimeout(() => {
        doubt.timer = undefined;
        doubt.pauseMs = Math.min(longestMs, doubt.pauseMs * 2);
        // What was listed is not all known.
        directory.listedCtimeMs = -1;
        if (!directory.isGone) look(branch, directory);
        // Nothing was wrong this time.
        setTimeout(() => doubt.timer === undefined && all.delete(directory), firstMs).unref();
      }, doubt.pauseMs).unref();
    },
    close() {
      for (const { timer } of all.values()) clearTimeout(timer);
      all.clear();
    },
  };
}
