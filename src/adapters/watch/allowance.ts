/** How many contents are read at once. */

/** More than this are not; while something is being made, which is known by them, more. */
const readLimit = 200;
const makingReadLimit = 5_000;

/** What comes within this time is read at once, in milliseconds. */
const onceMs = 100;

/** @returns counts one that is about to be read; `false` when too many were */
export function createAllowance(isMaking: () => boolean): () => boolean {
  let reads = 0;
  let lastMs = 0;
  return () => {
    const now = performance.now();
    if (now - lastMs > onceMs) reads = 0;
    lastMs = now;
    return ++reads <= (isMaking() ? makingReadLimit : readLimit);
  };
}
