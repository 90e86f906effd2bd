/** Where requests wait for a run: in the order in which they came, so many and so long at most, before any of their body is read. */
import type { Departure } from "./departure.ts";
import type { Served, Upstream } from "./served.ts";

export interface RoomLimits {
  /** `[proxy] hold`, in milliseconds. */
  readonly holdMs: number;
  readonly maxHeld: number;
}

/** Why there is no upstream: nothing is coming, it took too long, too many wait already, or the client has gone. */
export type TurnedAway = "nothing" | "late" | "full" | "gone";

export type Let =
  | { readonly is: "in"; readonly upstream: Upstream }
  | { readonly is: "away"; readonly why: TurnedAway };

interface Waiting {
  readonly wake: () => void;
}

export function createRoom(served: () => Served, limits: () => RoomLimits) {
  const waiting = new Set<Waiting>();

  /** Waits for the next telling, a time, or the end of the client; whichever comes first. */
  const next = (ms: number, gone: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        waiting.delete(entry);
        clearTimeout(timer);
        gone.removeEventListener("abort", end);
        resolve();
      };
      const entry: Waiting = { wake: end };
      const timer = setTimeout(end, ms);
      gone.addEventListener("abort", end);
      waiting.add(entry);
      if (gone.aborted) end();
    });

  return {
    get held(): number {
      return waiting.size;
    },
    next,
    /** The state has changed: everybody looks again, first come, first served. */
    tell(): void {
      for (const entry of [...waiting]) entry.wake();
    },
    /** `sinceMs`: when the request came, on the clock of `performance.now()`. */
    async enter(sinceMs: number, client: Departure): Promise<Let> {
      for (;;) {
        if (client.isGone) return { is: "away", why: "gone" };
        const { upstream, isComing } = served();
        if (upstream !== undefined) return { is: "in", upstream };
        if (!isComing) return { is: "away", why: "nothing" };
        const leftMs = sinceMs + limits().holdMs - performance.now();
        if (leftMs <= 0) return { is: "away", why: "late" };
        if (waiting.size >= limits().maxHeld) return { is: "away", why: "full" };
        await next(leftMs, client.signal);
      }
    },
  };
}

export type Room = ReturnType<typeof createRoom>;
