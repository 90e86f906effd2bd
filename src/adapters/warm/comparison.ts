/** Stamps are compared beside other work: a few at a time, so that nothing waits for all of them. */
import { changedSince, type Stamps } from "./stamps.ts";

/** So many take about a millisecond. */
const atOnce = 100;

export interface Comparison {
  /** When it was begun, by `performance.now()`. */
  readonly begunMs: number;
  /** Compares at once what is left. @returns what is another thing now; `undefined`: nothing */
  finish(): string | undefined;
  /** Nobody is told any more. */
  stop(): void;
}

/** @param found hears once of what is another thing now; not at all where everything is as it was */
export function compareBeside(stamps: Stamps, found: (path: string) => void = () => {}): Comparison {
  const left = [...stamps];
  let changed: string | undefined;
  let isOver = false;
  const compareSome = (count: number): void => {
    changed ??= changedSince(new Map(left.splice(0, count)));
    if (changed !== undefined) left.length = 0;
  };
  const goOn = (): void => {
    if (isOver) return;
    compareSome(atOnce);
    if (changed !== undefined) found(changed);
    else if (left.length > 0) setImmediate(goOn);
  };
  setImmediate(goOn);
  return {
    begunMs: performance.now(),
    finish() {
      isOver = true;
      compareSome(left.length);
      return changed;
    },
    stop() {
      isOver = true;
    },
  };
}
