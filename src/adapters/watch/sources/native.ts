/** Hints from the system itself: one `fs.watch` for each directory. Made for Linux, where that is one inotify watch. */
import { type FSWatcher, watch } from "node:fs";
import { systemCode } from "../../../core/errors.ts";
import type { HintSource } from "../hints.ts";

export function createNativeSource(): HintSource {
  const watchers = new Set<FSWatcher>();
  return {
    name: "native",
    place(path, hint) {
      try {
        const watcher = watch(path, (event, name) => hint(name ?? undefined, event === "rename"));
        watchers.add(watcher);
        // Windows reports a deleted directory as EPERM: to look is the answer to every error.
        watcher.on("error", () => hint(undefined, true));
        return {
          close() {
            watchers.delete(watcher);
            watcher.close();
          },
        };
      } catch (error) {
        return { code: systemCode(error) ?? "UNKNOWN" };
      }
    },
    ready: async () => {},
    replacesInPlace: true,
    async close() {
      for (const watcher of watchers) watcher.close();
      watchers.clear();
    },
  };
}
