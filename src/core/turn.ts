import type { House } from "./house.ts";
import type { Fact, News, Order } from "./types.ts";

/** One turn of the machine, for those who only watch. */
export interface Turn {
  readonly fact: Fact;
  readonly before: House;
  readonly after: House;
  readonly orders: readonly Order[];
  readonly news: readonly News[];
}
