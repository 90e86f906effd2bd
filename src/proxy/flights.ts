/** What is under way through the proxy, by run: waited for, or cut, before that run is stopped. */

export interface Flight {
  /** An event stream or a WebSocket: it ends with its run, and nothing waits for it. */
  isStream: boolean;
  /** Both sides are closed. */
  cut(): void;
}

export function createFlights() {
  const byRun = new Map<number, Set<Flight>>();
  const closing = new Set<number>();
  const waiting = new Map<number, Set<() => void>>();

  const ended = (run: number, flight: Flight): void => {
    const flights = byRun.get(run);
    flights?.delete(flight);
    if (flights === undefined || flights.size > 0) return;
    byRun.delete(run);
    for (const wake of waiting.get(run) ?? []) wake();
    waiting.delete(run);
  };

  const cutStreams = (run: number): void => {
    for (const flight of [...(byRun.get(run) ?? [])]) if (flight.isStream) flight.cut();
  };

  return {
    count: (run: number): number => byRun.get(run)?.size ?? 0,
    /** Returns what to call when it has ended. */
    begin(run: number, flight: Flight): () => void {
      const flights = byRun.get(run) ?? new Set();
      byRun.set(run, flights);
      flights.add(flight);
      return () => ended(run, flight);
    },
    /** It has turned out to be a stream. */
    becameStream(run: number, flight: Flight): void {
      flight.isStream = true;
      if (closing.has(run)) flight.cut();
    },
    /** Streams are closed at once; resolves when the rest has ended, after `limitMs` at the latest. */
    async drain(run: number, limitMs: number): Promise<void> {
      closing.add(run);
      cutStreams(run);
      if (!byRun.has(run)) return;
      await new Promise<void>((resolve) => {
        const wakers = waiting.get(run) ?? new Set();
        waiting.set(run, wakers);
        const end = (): void => {
          clearTimeout(timer);
          wakers.delete(end);
          resolve();
        };
        const timer = setTimeout(end, limitMs);
        wakers.add(end);
      });
    },
    /** Nothing of this run answers any more. */
    forget(run: number): void {
      for (const flight of [...(byRun.get(run) ?? [])]) flight.cut();
      closing.delete(run);
    },
    cutAll(): void {
      for (const run of [...byRun.keys()]) for (const flight of [...(byRun.get(run) ?? [])]) flight.cut();
    },
  };
}

export type Flights = ReturnType<typeof createFlights>;
