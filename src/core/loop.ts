/**
 * Builds that write into what is watched. A build that leaves the same bytes is no change at all; one that writes new
 * bytes each time would call itself for ever. Nobody can see from outside who wrote a file, so the evidence is timing:
 * a path that changes during every build, and never while none runs, is written by the build. Before it is left out,
 * a build waits for a while without any: somebody who saves during long builds is seen then, and builds on.
 */

export interface Loops {
  /** How many builds in a row each path was changed by, or at least during. */
  readonly rounds: ReadonlyMap<string, number>;
  /** Paths that changed during the build that runs. */
  readonly during: ReadonlySet<string>;
  /** Paths that have changed while no build ran: somebody's own work. */
  readonly handmade: ReadonlySet<string>;
  /** Left out while builds run, until they change outside of one. */
  readonly muted: ReadonlySet<string>;
}

export const noLoops: Loops = { rounds: new Map(), during: new Set(), handmade: new Set(), muted: new Set() };

const maxRounds = 3;
/** Somebody's own work is given more time to be told apart. */
const maxHandmadeRounds = 6;
const firstProbeMs = 1_000;

/** A build begins: who did not change during the last one is no suspect any more. */
export function buildBegan(loops: Loops): Loops {
  const rounds = new Map([...loops.rounds].filter(([path]) => loops.during.has(path)));
  return { ...loops, rounds, during: new Set() };
}

/** Paths changed while no build ran. */
export function changedAtRest(loops: Loops, paths: Iterable<string>): Loops {
  const rounds = new Map(loops.rounds);
  const muted = new Set(loops.muted);
  const handmade = new Set(loops.handmade);
  for (const path of paths) {
    rounds.delete(path);
    muted.delete(path);
    handmade.add(path);
  }
  return { ...loops, rounds, muted, handmade };
}

/** Paths changed while a build ran. */
export function changedDuringBuild(loops: Loops, paths: Iterable<string>): Loops {
  const rounds = new Map(loops.rounds);
  const during = new Set(loops.during);
  for (const path of paths) {
    if (!during.has(path)) rounds.set(path, (rounds.get(path) ?? 0) + 1);
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
export function provenBy(loops: Loops, contains: ReadonlySet<string>): string[] {
  const areSuspects = contains.size > 0 && [...contains].every((path) => loops.rounds.has(path));
  if (!areSuspects) return [];
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
  return firstProbeMs * 2 ** Math.max(0, rounds - 2);
}
