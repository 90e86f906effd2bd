/** "Everything that was written before the call is in what answers": a look at all there is, a mark, and whoever waits for it. */
import type { House } from "../../core/house.ts";
import { type Standing, standing } from "../../core/serving.ts";
import type { Plan, Service } from "../../core/types.ts";
import type { Mark } from "../../core/work.ts";

export interface MarksParts {
  house(): House;
  plan(): Plan;
  /** Reads the configuration again and looks at everything; what differs has been told when it resolves. */
  look(): Promise<void>;
}

export interface ServiceAnswer {
  readonly service: Service;
  readonly standing: Standing;
}

interface Waiter {
  readonly mark: Mark;
  readonly services: readonly Service[];
  readonly isOrder: boolean;
  readonly resolve: (answers: readonly ServiceAnswer[]) => void;
}

export function createMarks({ house, plan, look }: MarksParts) {
  const waiters = new Set<Waiter>();
  let running: Promise<Mark> | undefined;
  let next: Promise<Mark> | undefined;

  const begin = async (after: Promise<unknown> | undefined): Promise<Mark> => {
    await after?.catch(() => {});
    // From here on a call needs a look of its own.
    running = next;
    next = undefined;
    await look();
    return house().mark;
  };

  const answersOf = ({ services, mark, isOrder }: Omit<Waiter, "resolve">): readonly ServiceAnswer[] => {
    // What was ordered is carried out whether or not changes are collected meanwhile.
    const now = isOrder ? { ...house(), isPaused: false } : house();
    return services.map((service) => ({ service, standing: standing(now, service, mark, plan()) }));
  };

  /** Nobody has anything more to expect: all are served, or one of them cannot be. */
  const isDecided = (answers: readonly ServiceAnswer[]): boolean =>
    answers.every(({ standing: { is } }) => is === "served") ||
    answers.some(({ standing: { is } }) => is === "broken" || is === "late");

  return {
    /** Callers that come before a look begins share it. */
    take(): Promise<Mark> {
      next ??= begin(running);
      return next;
    },
    /** Resolves when it is decided how the services stand to this mark. `isOrder`: it was asked for, by hand. */
    until(
      mark: Mark,
      services: readonly Service[],
      over: AbortSignal,
      isOrder = false,
    ): Promise<readonly ServiceAnswer[]> {
      return new Promise((resolve) => {
        const asked = { mark, services, isOrder };
        const now = answersOf(asked);
        if (isDecided(now) || over.aborted) {
          resolve(now);
          return;
        }
        const waiter: Waiter = { ...asked, resolve };
        waiters.add(waiter);
        over.addEventListener("abort", () => {
          if (waiters.delete(waiter)) resolve(answersOf(asked));
        });
      });
    },
    /** Everything ends because this one has failed: whoever waits for it is told. */
    fail(service: Service, run: number): void {
      for (const waiter of [...waiters]) {
        if (!waiter.services.includes(service) || !waiters.delete(waiter)) continue;
        waiter.resolve([{ service, standing: { is: "broken", what: { is: "run", run } } }]);
      }
    },
    /** The house has changed. */
    review(): void {
      for (const waiter of [...waiters]) {
        const answers = answersOf(waiter);
        if (!isDecided(answers)) continue;
        waiters.delete(waiter);
        waiter.resolve(answers);
      }
    },
  };
}
