/**
 * A build that writes only what differs costs a second build for each save: the core cannot tell what it wrote from what somebody saved
 * meanwhile. Whoever has such a build is told which file it is about, once for each.
 */
import { type JobId, jobName } from "../core/job.ts";
import type { Turn } from "../core/turn.ts";
import type { Changes } from "../core/types.ts";
import { isUnderWay, type Work } from "../core/work.ts";

/** Nobody saves a file so often while builds run, and never in between. */
const enough = 4;

/** @param say what is to be done about it */
export function createSecondBuilds(say: (text: string) => void): (turn: Turn) => void {
  /** The builds during which each path has changed; of somebody's own work none are counted. */
  const builds = new Map<string, Set<string> | "own" | "told">();
  return ({ fact, before }) => {
    if (fact.type !== "changed" && fact.type !== "looked") return;
    const underWay = [...before.works.values()].filter(isBuilding);
    for (const path of pathsIn(fact.changes)) {
      if (path === "" || underWay.some(({ loops }) => loops.products.has(path) || loops.muted.has(path))) continue;
      const known = builds.get(path);
      if (underWay.length === 0) builds.set(path, "own");
      if (known === "own" || known === "told" || underWay.length === 0) continue;
      const during = known ?? new Set<string>();
      builds.set(path, during);
      for (const { job } of underWay) during.add(jobName(job));
      if (during.size < enough) continue;
      builds.set(path, "told");
      say(
        `${path} has changed in ${enough} builds and never else, and called for another build each time; if the build writes it: exclude_files = [${JSON.stringify(path)}] under [watch] spares that`,
      );
    }
  };
}

const isBuilding = (work: Work): work is Extract<Work, { job: JobId }> => isUnderWay(work) && work.job.kind === "build";

const pathsIn = (changes: Changes): Set<string> =>
  new Set([...changes.values()].flatMap(({ demand }) => [...demand.keys()]));
