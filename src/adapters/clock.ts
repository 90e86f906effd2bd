/** Time: the clock that facts are stamped with, and the timers that the machine arms. */
import type { Service, Timer } from "../core/types.ts";

export interface Clock {
  /** Milliseconds with fractions, since some moment that stays the same; never goes back. */
  now(): number;
  /** Milliseconds of a processor that this process has used. */
  spentMs(): number;
  /** What people and other programs call the time. */
  date(): Date;
  /** `elapsed` hears of each timer that rings. */
  timers(elapsed: (timer: Timer, service: Service) => void): Timers;
}

export interface Timers {
  /** Replaces the timer of this name that the service has. 0 ms: after the events that are waiting already. */
  arm(timer: Timer, service: Service, afterMs: number): void;
  disarm(timer: Timer, service: Service): void;
  close(): void;
}

/** The clock of this machine; counts from the begin of the process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  spentMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  date: () => new Date(),
  timers: systemTimers,
};

function systemTimers(elapsed: (timer: Timer, service: Service) => void): Timers {
  const armed = new Map<string, () => void>();
  const nameOf = (timer: Timer, service: Service): string => `${timer} ${service}`;
  const disarm = (name: string): void => {
    armed.get(name)?.();
    armed.delete(name);
  };
  return {
    arm(timer, service, afterMs) {
      const name = nameOf(timer, service);
      disarm(name);
      const ring = (): void => {
        armed.delete(name);
        elapsed(timer, service);
      };
      if (afterMs <= 0) {
        const immediate = setImmediate(ring);
        armed.set(name, () => clearImmediate(immediate));
      } else {
        const timeout = setTimeout(ring, afterMs);
        armed.set(name, () => clearTimeout(timeout));
      }
    },
    disarm: (timer, service) => disarm(nameOf(timer, service)),
    close() {
      for (const name of [...armed.keys()]) disarm(name);
    },
  };
}
