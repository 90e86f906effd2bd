/** The first look at everything, and what is told of it when all watches are in place. */
import type { Branch } from "./branch.ts";
import { everyDirectory } from "./directory.ts";
import type { Files } from "./files.ts";
import { outwardLinks, type UnfollowedLink } from "./outward.ts";
import type { Places } from "./places.ts";
import type { WatchFact } from "./types.ts";

export interface Survey {
  unfollowed(link: UnfollowedLink): void;
  /** Once. */
  tell(branches: readonly Branch[]): void;
}

export function createSurvey(files: Files, places: Places, tell: (fact: WatchFact) => void): Survey {
  const startedMs = performance.now();
  const unfollowed: UnfollowedLink[] = [];
  return {
    unfollowed: (link) => void unfollowed.push(link),
    tell(branches) {
      let directories = 0;
      for (const branch of branches) for (const _ of everyDirectory(branch.root)) directories++;
      places.explain(directories);
      const elapsedMs = Math.round(performance.now() - startedMs);
      tell({ type: "watching", source: places.source, directories, files: files.count, elapsedMs });
      const links = outwardLinks(unfollowed.splice(0), branches);
      if (links.length > 0) tell({ type: "outward", links });
    },
  };
}
