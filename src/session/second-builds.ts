/**
 * A build that writes only what differs costs a second build for each save: the core cannot tell what it wrote from what somebody saved
 * meanwhile. Whoever has such a build is told which files it is about, once for each, or for all that one pattern holds.
 */
import { type JobId, jobName } from "../core/job.ts";
import { inCommon, placesOf } from "../core/places.ts";
import type { Turn } from "../core/turn.ts";
import type { Changes } from "../core/types.ts";
import { isUnderWay, type Work } from "../core/work.ts";
import { printable } from "../report/words.ts";

/** Nobody saves a file so often while builds run, and never in between. */
const enough = 4;
/** Somebody may have saved it by chance once while a build ran, hardly twice. */
const onTheWay = 2;

/** From so many on they are told together. */
const few = 3;
/** A build may give other names to its files each time: of so many it begins anew. */
const mostKnown = 10_000;
/** So many are named where no pattern holds all of them. */
const mostPaths = 10;

/** @param say what is to be done about it */
export function createSecondBuilds(say: (text: string) => void): (turn: Turn) => void {
  /** The builds during which each path has changed; of somebody's own work none are counted. */
  const builds = new Map<string, Set<string> | "own" | "told">();
  const toldPatterns = new Set<string>();
  return ({ fact, before }) => {
    if (fact.type !== "changed" && fact.type !== "looked") return;
    if (builds.size > mostKnown) builds.clear();
    const underWay = [...before.works.values()].filter(isBuilding);
    const due: string[] = [];
    for (const path of pathsIn(fact.changes)) {
      if (path === "" || underWay.some(({ loops }) => loops.products.has(path) || loops.muted.has(path))) continue;
      const known = builds.get(path);
      if (underWay.length === 0) builds.set(path, "own");
      if (known === "own" || known === "told" || underWay.length === 0) continue;
      const during = known ?? new Set<string>();
      builds.set(path, during);
      for (const { job } of underWay) during.add(jobName(job));
      if (during.size >= enough) due.push(path);
    }
    for (const path of due) if (placesOf(path).some((place) => toldPatterns.has(place))) builds.set(path, "told");
    const untold = due.filter((path) => builds.get(path) !== "told");
    if (untold.length === 0) return;
    const all = together(untold, builds);
    for (const path of all) builds.set(path, "told");
    const pattern = all.length < few ? undefined : sharedBy(all);
    if (pattern !== undefined) toldPatterns.add(pattern);
    say(advice(all, pattern));
  };
}

/**
 * Those that are due, and those beside them that are on the way to it: a dozen files are not told one by one. Of a build that is given up
 * some of the files are seen during it and the others during the next, so that their counts differ.
 */
function together(due: readonly string[], builds: ReadonlyMap<string, Set<string> | "own" | "told">): string[] {
  const places = new Set(due.map((path) => placesOf(path)[0]));
  const soon = [...builds]
    .filter(([path, during]) => typeof during !== "string" && during.size >= onTheWay && places.has(placesOf(path)[0]))
    .map(([path]) => path);
  return [...new Set([...due, ...soon])];
}

/** The narrowest pattern that holds all of them, below a directory: one for the whole project says too much. */
function sharedBy(paths: readonly string[]): string | undefined {
  let common: string[] | undefined;
  for (const path of paths) common = inCommon(common, [placesOf(path)]);
  return common?.find((place) => place.includes("/"));
}

function advice(paths: readonly string[], pattern: string | undefined): string {
  const [first = ""] = paths;
  const key = pattern?.endsWith("/") === true ? "exclude_dirs" : "exclude_files";
  const patterns = pattern === undefined ? paths.slice(0, mostPaths) : [pattern.replace(/\/$/, "")];
  const named = printable(first);
  const what = paths.length === 1 ? `${named} has` : `${named} and ${paths.length - 1} more have`;
  const it = paths.length === 1 ? "it" : "them";
  return `${what} changed only while builds ran, and called for another build each time; if the build writes ${it}: ${key} = [${patterns.map((each) => JSON.stringify(each)).join(", ")}] under [watch] spares that`;
}

const isBuilding = (work: Work): work is Extract<Work, { job: JobId }> => isUnderWay(work) && work.job.kind === "build";

const pathsIn = (changes: Changes): Set<string> =>
  new Set([...changes.values()].flatMap(({ demand }) => [...demand.keys()]));
