/** Whether a client has gone. Nearly every request has its answer before anybody waits for this, so the signal is made only for those who do. */
import type { Writable } from "node:stream";

export interface Departure {
  readonly isGone: boolean;
  /** Aborted when the client has gone without the whole of its answer. */
  readonly signal: AbortSignal;
}

export function departureOf(client: Writable): Departure {
  let made: AbortController | undefined;
  const isGone = (): boolean => client.destroyed && !client.writableFinished;
  return {
    get isGone() {
      return isGone();
    },
    get signal() {
      if (made !== undefined) return made.signal;
      const controller = new AbortController();
      made = controller;
      const look = (): void => {
        if (isGone()) controller.abort();
      };
      look();
      client.once("close", look);
      return controller.signal;
    },
  };
}
