/** How often what is dear is looked at, when much asks for it at once. */

const restMs = 5;
const windowMs = 100;
const fewLooks = 16;

/** A few at once are looked for one by one: a run that has just begun opens its output within a moment of the look at the end of the last. A storm of new files is looked at in a few looks. */
export function createPatience(): (now: number) => boolean {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let windowAtMs = Number.NEGATIVE_INFINITY;
  let looks = 0;
  return (now) => {
    if (Math.abs(now - windowAtMs) > windowMs) {
      windowAtMs = now;
      looks = 0;
    }
    const may = Math.abs(now - lookedAtMs) >= restMs || ++looks <= fewLooks;
    if (may) lookedAtMs = now;
    return may;
  };
}
