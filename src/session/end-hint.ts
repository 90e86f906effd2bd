/** A script that was found and ends by itself, with 0, as soon as it is started: it is not a server, and who started it is told so, once. */
import type { Fact, Order } from "../core/types.ts";

/** How soon is at once, in milliseconds: an interpreter needs some hundred of them. */
const atOnceMs = 3_000;

export interface Observed {
  readonly fact: Fact;
  readonly orders: readonly Order[];
}

/** @param text what to say; absent: nothing */
export function createEndHint(text: string | undefined, say: (text: string) => void): (turn: Observed) => void {
  let startedAtMs: number | undefined;
  let isSaid = text === undefined;
  return ({ fact, orders }) => {
    if (isSaid) return;
    if (orders.some(({ type }) => type === "startRun")) startedAtMs = fact.at;
    // A server that was asked to end may do so with 0.
    else if (orders.some(({ type }) => type === "stopRun")) startedAtMs = undefined;
    if (fact.type !== "runExited" || fact.exit.is !== "code" || fact.exit.code !== 0) return;
    if (startedAtMs === undefined || fact.at - startedAtMs > atOnceMs) return;
    isSaid = true;
    say(text ?? "");
  };
}
