/**
 * Builds that write into what is watched. A build that leaves the same bytes is not a change at all; one that writes new
 * bytes each time would call itself for ever. Nobody can see from outside who wrote a file, so the evidence is timing:
 * a path that changes during every build, and never while none runs, is written by the build. Before it is left out,
 * a build waits for a while without any: somebody who saves during long builds is seen then, and builds on.
 *
 * One that writes new bytes only where its input is new costs two builds for each save. Evidence for that comes sooner:
 * a path that changed during one build and is written again with the same bytes during the next one, and has never
 * changed while none ran, is a product. One that did not change during the first of all builds has to be written again
 * twice, and by each build in between: somebody who saves during a build may save once more, unchanged, during the next
 * one. What a product does during a build calls for nothing, as long as every build
 * touches it.
 */

export interface Loops {
  /** How many builds in a row each path was changed by, or at least during. */
  readonly rounds: ReadonlyMap<string, number>;
  /** Paths that changed during the build that runs. */
  readonly during: ReadonlySet<string>;
  /** The build that runs was called for by suspects alone, after a while without any. */
  readonly isProbed: boolean;
  /** Paths that have changed while no build ran, somebody's own work: how many builds have written them again as they were since. */
  readonly handmade: ReadonlyMap<string, number>;
  /** Left out while builds run, until they change outside of one. */
  readonly muted: ReadonlySet<string>;
  /** Paths that were written again with the bytes they had, during the build that runs. */
  readonly rewritten: ReadonlySet<string>;
  /** Paths that changed during a build that is over, and never while none ran. */
  readonly candidates: ReadonlySet<string>;
  /** Those among them that the first build wrote, or one has written again with the same bytes, and that every one since has touched. */
  readonly likely: ReadonlySet<string>;
  /** What builds are known to write. */
  readonly products: ReadonlySet<string>;
  /** What changed or was written again during the last one that came to its end. */
  readonly written: ReadonlySet<string> | undefined;
  /** It writes what it is for, under other names each time. */
  readonly isSelfFed: boolean;
}

export const noLoops: Loops = {
  rounds: new Map(),
  during: new Set(),
  isProbed: false,
  handmade: new Map(),
  muted: new Set(),
  rewritten: new Set(),
  candidates: new Set(),
  likely: new Set(),
  products: new Set(),
  written: undefined,
  isSelfFed: false,
};

const maxRounds = 3;
/** Somebody's own work is given more time to be told apart. */
const maxHandmadeRounds = 6;
const firstProbeMs = 1_000;
const longestProbeMs = 2_000;
/** Nobody saves his own work unchanged in the midst of so many builds, and never in between: it was seen late, after the build that wrote it. */
const maxRewritten = 3;

/** A build begins, called for by these paths: who did not change during the last one is not a suspect any more. */
export function buildBegan(loops: Loops, contains: ReadonlySet<string>): Loops {
  const rounds = new Map([...loops.rounds].filter(([path]) => loops.during.has(path)));
  const isProbed = contains.size > 0 && [...contains].every((path) => isSuspect(loops, path));
  return { ...loops, rounds, isProbed, during: new Set(), rewritten: new Set() };
}

/** A build is over: what it did to a path tells whether that is a product. `isWhole`: it came to its end. */
export function buildOver(loops: Loops, isWhole: boolean): Loops {
  const { during, rewritten } = loops;
  const handmade = new Map(loops.handmade);
  const candidates = new Set(loops.candidates);
  const likely = new Set(loops.likely);
  const products = new Set(loops.products);
  const isMissed = (path: string): boolean => isWhole && !during.has(path) && !rewritten.has(path);
  for (const path of loops.likely) if (isMissed(path)) likely.delete(path);
  for (const path of loops.products) {
    if (!isMissed(path)) continue;
    products.delete(path);
    candidates.add(path);
  }
  for (const path of rewritten) {
    const times = handmade.get(path);
    if (times !== undefined && !during.has(path)) {
      if (times + 1 < maxRewritten) handmade.set(path, times + 1);
      else {
        handmade.delete(path);
        candidates.add(path);
      }
      continue;
    }
    if (!candidates.has(path) || during.has(path)) continue;
    if (!likely.delete(path)) {
      likely.add(path);
      continue;
    }
    candidates.delete(path);
    products.add(path);
  }
  for (const path of during) {
    if (handmade.has(path) || products.has(path)) continue;
    candidates.add(path);
    if (loops.written === undefined) likely.add(path);
  }
  const written = isWhole ? new Set([...during, ...rewritten]) : loops.written;
  return { ...loops, handmade, candidates, likely, products, written };
}

/** Paths were written again with the bytes they had, while a build ran. */
export const rewrittenDuringBuild = (loops: Loops, paths: Iterable<string>): Loops => ({
  ...loops,
  rewritten: new Set([...loops.rewritten, ...paths]),
});

/** What is written each time was written the last time as well; of the first time nothing is known. */
export const isSavedBeside = ({ written, isSelfFed }: Loops, path: string): boolean =>
  !isSelfFed && written?.has(path) === false;

/** What it does while a build runs calls for nothing. */
export const isLeftOut = ({ muted, products }: Loops, path: string): boolean => muted.has(path) || products.has(path);

/** Paths changed while no build ran. */
export function changedAtRest(loops: Loops, paths: Iterable<string>): Loops {
  const rounds = new Map(loops.rounds);
  const muted = new Set(loops.muted);
  const handmade = new Map(loops.handmade);
  const candidates = new Set(loops.candidates);
  const likely = new Set(loops.likely);
  const products = new Set(loops.products);
  for (const path of paths) {
    for (const suspicion of [rounds, muted, candidates, likely, products]) suspicion.delete(path);
    handmade.set(path, 0);
  }
  return { ...loops, rounds, muted, handmade, candidates, likely, products };
}

/**
 * Paths changed before everything had been looked at once, and no build runs: the first build, which is over, may have written them. Whether
 * it did is told by the next one.
 */
export const changedBefore = (loops: Loops, paths: Iterable<string>): Loops => ({
  ...loops,
  candidates: new Set([...loops.candidates, ...paths]),
  likely: new Set([...loops.likely, ...paths]),
});

/** Paths changed while a build ran. */
export function changedDuringBuild(loops: Loops, paths: Iterable<string>): Loops {
  const rounds = new Map(loops.rounds);
  const during = new Set(loops.during);
  for (const path of paths) {
    if (!during.has(path) && !loops.products.has(path)) rounds.set(path, (rounds.get(path) ?? 0) + 1);
    during.add(path);
  }
  return { ...loops, rounds, during };
}

const limit = (loops: Loops, path: string): number => (loops.handmade.has(path) ? maxHandmadeRounds : maxRounds);

/** It changed during the build before as well: no reason to give this build up. */
export function isSuspect(loops: Loops, path: string): boolean {
  return (loops.rounds.get(path) ?? 0) > limit(loops, path) - maxRounds + 1;
}

/** Paths that a build has been called for often enough, the one that runs included, which was called for by nothing else. */
export function provenBy(loops: Loops): string[] {
  if (!loops.isProbed) return [];
  return [...loops.during].filter(
    (path) => !loops.muted.has(path) && (loops.rounds.get(path) ?? 0) >= limit(loops, path),
  );
}

export const mute = (loops: Loops, paths: readonly string[]): Loops => ({
  ...loops,
  muted: new Set([...loops.muted, ...paths]),
});

/** How long to wait without a build, to see who it is; 0 when there is no suspicion. */
export function probeMs(loops: Loops, owed: ReadonlySet<string>): number {
  if (owed.size === 0 || ![...owed].every((path) => isSuspect(loops, path))) return 0;
  const rounds = Math.max(...[...owed].map((path) => (loops.rounds.get(path) ?? 0) - limit(loops, path) + maxRounds));
  return Math.min(longestProbeMs, firstProbeMs * 2 ** Math.max(0, rounds - 2));
}
