/** One queue: take a fact, step, tell the reporters, perform the orders. The only place where facts meet the machine; it never re-enters. */
import { initial, type State } from "../core/state.ts";
import { step } from "../core/step.ts";
import type { Turn } from "../core/turn.ts";
import type { Effect, Event, Policy } from "../core/types.ts";

export interface EngineParts {
  /** The settings in force, asked for at every step. */
  policy(): Policy;
  /** Carries an order out; facts that come of it at once are queued. */
  perform(effect: Effect): void;
  observe(turn: Turn): void;
}

export interface Engine {
  readonly state: State;
  /** Facts may come from anywhere and at any time, also from within `perform` and `observe`. */
  take(event: Event): void;
}

export function createEngine(parts: EngineParts): Engine {
  const queue: Event[] = [];
  let state = initial;
  let isTurning = false;

  const turn = (event: Event): void => {
    const before = state;
    const next = step(before, event, parts.policy());
    state = next.state;
    parts.observe({ event, before, after: state, effects: next.effects });
    for (const effect of next.effects) parts.perform(effect);
  };

  return {
    get state() {
      return state;
    },
    take(event) {
      queue.push(event);
      if (isTurning) return;
      isTurning = true;
      try {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) turn(next);
      } finally {
        isTurning = false;
      }
    },
  };
}
