/** Time: the clock that facts are stamped with, and the timers that the machine arms. */
import type { Timer } from "../core/types.ts";

/** Milliseconds since the process began, with fractions; never goes back. */
export const now = (): number => performance.now();

export interface Clock {
  /** Replaces the timer of this name. 0 ms: after the events that are waiting already. */
  arm(timer: Timer, afterMs: number): void;
  disarm(timer: Timer): void;
  close(): void;
}

export function createClock(elapsed: (timer: Timer) => void): Clock {
  const armed = new Map<Timer, () => void>();
  const disarm = (timer: Timer): void => {
    armed.get(timer)?.();
    armed.delete(timer);
  };
  return {
    arm(timer, afterMs) {
      disarm(timer);
      const ring = (): void => {
        armed.delete(timer);
        elapsed(timer);
      };
      if (afterMs <= 0) {
        const immediate = setImmediate(ring);
        armed.set(timer, () => clearImmediate(immediate));
      } else {
        const timeout = setTimeout(ring, afterMs);
        armed.set(timer, () => clearTimeout(timeout));
      }
    },
    disarm,
    close() {
      for (const timer of [...armed.keys()]) disarm(timer);
    },
  };
}
