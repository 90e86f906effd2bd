/** One queue: take a fact, step, tell the reporters, perform the orders. The only place where facts meet the machine; it never re-enters. */
import { emptyHouse, type House } from "../core/house.ts";
import { step } from "../core/step.ts";
import type { Turn } from "../core/turn.ts";
import type { Fact, Order, Plan } from "../core/types.ts";

export interface EngineParts {
  /** The settings in force, asked for at every step. */
  plan(): Plan;
  /** Carries an order out; facts that come of it at once are queued. */
  perform(order: Order): void;
  observe(turn: Turn): void;
}

export interface Engine {
  readonly house: House;
  /** Facts may come from anywhere and at any time, also from within `perform` and `observe`. */
  take(fact: Fact): void;
}

export function createEngine(parts: EngineParts): Engine {
  const queue: Fact[] = [];
  let house = emptyHouse;
  let isTurning = false;

  const turn = (fact: Fact): void => {
    const before = house;
    const { orders, news, ...next } = step(before, fact, parts.plan());
    house = next.house;
    parts.observe({ fact, before, after: house, orders, news });
    for (const order of orders) parts.perform(order);
  };

  return {
    get house() {
      return house;
    },
    take(fact) {
      queue.push(fact);
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
