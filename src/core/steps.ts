/** Steps as values: the next state with the orders, and how steps are put together. */
import type { State } from "./state.ts";
import type { Effect } from "./types.ts";

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const unchanged = (state: State): Step => ({ state, effects: [] });

/** The state with some of it changed, and orders. */
export const to = (state: State, change: Partial<State>, effects: readonly Effect[] = []): Step => ({
  state: { ...state, ...change },
  effects,
});

/** One step after another: the state of the second, the orders of both. */
export function andThen(first: Step, next: (state: State) => Step): Step {
  const second = next(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}
