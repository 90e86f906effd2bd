/** Faults that are a matcher's: it runs in our process, and what it throws from a timer or leaves rejected reaches nobody else. */

/** Tells of it whoever is to know, and whether it was a matcher's. */
type Blame = (error: unknown) => boolean;

let blame: Blame | undefined;

/** It is asked from now on. */
export function blameBy(how: Blame): void {
  blame = how;
}

export const isOfMatcher: Blame = (error) => blame?.(error) === true;
