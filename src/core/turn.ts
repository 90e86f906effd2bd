import type { State } from "./state.ts";
import type { Effect, Event } from "./types.ts";

/** One turn of the machine, for those who only watch. */
export interface Turn {
  readonly event: Event;
  readonly before: State;
  readonly after: State;
  readonly effects: readonly Effect[];
}
