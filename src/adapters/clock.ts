/** Time: the clock that facts are stamped with, and the timers that the machine arms. */
import type { Timer } from "../core/types.ts";

export interface Clock {
  /** Milliseconds with fractions, since some moment that stays the same; never goes back. */
  now(): number;
  /** What people and other programs call the time. */
  date(): Date;
  /** `elapsed` hears of each timer that rings. */
  timers(elapsed: (timer: Timer) => void): Timers;
}

export interface Timers {
  /** Replaces the timer of this name. 0 ms: after the events that are waiting already. */
  arm(timer: Timer, afterMs: number): void;
  disarm(timer: Timer): void;
  close(): void;
}

/** The clock of this machine; counts from the begin of the process. */
export const systemClock: Clock = { now: () => performance.now(), date: () => new Date(), timers: systemTimers };

function systemTimers(elapsed: (timer: Timer) => void): Timers {
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
