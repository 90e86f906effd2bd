/** How often what is dear is looked at, when much asks for it at once. */
import type { Stats } from "node:fs";

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

/** A clock of files can be this much behind the clock of the process, in milliseconds. */
const clockLagMs = 20;

/** Whether a file has changed since a look. A look that is yet to come was taken before the clock was set back. */
export const isAfterLook = ({ ctimeMs }: Stats, lookedAtMs: number, now: number): boolean =>
  ctimeMs >= lookedAtMs - clockLagMs || now < lookedAtMs;

/**
 * Whether a file was touched last before its writer was gone. A time of modification can be set back (`cp -p`, `tar`, `touch -r`); the clock
 * of the process has whole milliseconds.
 */
export const isUpTo = ({ ctimeMs }: Stats, goneAtMs: number | undefined): boolean =>
  goneAtMs === undefined || Math.floor(ctimeMs) <= goneAtMs;
