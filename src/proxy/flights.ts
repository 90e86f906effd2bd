/** What is under way through the proxy, by run: waited for, or cut, before that run is stopped. */

export interface Flight {
  /** An event stream or a WebSocket: it ends with its run, and nothing waits for it. */
  isStream: boolean;
  /** For whoever is told what is waited for: the method and the path. */
  readonly what: string;
  /** Nothing of an answer has come, and another run may be asked instead. */
  isMovable(): boolean;
  /** It has had its time on this run. */
  letGo(): void;
  /** Both sides are closed. */
  cut(): void;
}

/** What a run that is to end is waited for. */
export interface InFlight {
  readonly requests: number;
  /** Of those requests, the one that came first. */
  readonly oldest: string;
  /** When the last of them has had its time, in milliseconds. */
  readonly leftMs: number;
}

interface Entry {
  readonly flight: Flight;
  /** On the clock of `performance.now()`. */
  readonly sinceMs: number;
}

const sayAfterMs = 1_000;

export function createFlights() {
  const byRun = new Map<number, Set<Entry>>();
  const closing = new Set<number>();
  /** To be called when nothing of the run is under way any more. */
  const waiting = new Map<number, Set<() => void>>();

  const ended = (run: number, entry: Entry): void => {
    const entries = byRun.get(run);
    entries?.delete(entry);
    if (entries === undefined || entries.size > 0) return;
    byRun.delete(run);
    for (const wake of waiting.get(run) ?? []) wake();
    waiting.delete(run);
  };

  const of = (run: number): readonly Entry[] => [...(byRun.get(run) ?? [])];

  return {
    count: (run: number): number => byRun.get(run)?.size ?? 0,
    /** Returns what to call when it has ended. */
    begin(run: number, flight: Flight): () => void {
      const entry: Entry = { flight, sinceMs: performance.now() };
      const entries = byRun.get(run) ?? new Set();
      byRun.set(run, entries);
      entries.add(entry);
      return () => ended(run, entry);
    },
    /** It has turned out to be a stream. */
    becameStream(run: number, flight: Flight): void {
      flight.isStream = true;
      if (closing.has(run)) flight.cut();
    },
    /**
     * Streams are closed at once. Resolves when the rest has ended, and after `limitMs` at the latest: what another run may
     * be asked has that time in all on this one, everything else from now on. `say`: for whom it has waited for a second.
     * Returns what has needed all of the time.
     */
    async drain(
      run: number,
      limitMs: number,
      say: (inFlight: InFlight) => void = () => {},
    ): Promise<InFlight | undefined> {
      closing.add(run);
      for (const { flight } of of(run)) if (flight.isStream) flight.cut();
      if (!byRun.has(run) || limitMs === 0) return undefined;
      const endMs = performance.now() + limitMs;
      const endOf = ({ flight, sinceMs }: Entry): number => (flight.isMovable() ? sinceMs + limitMs : endMs);
      const inFlight = (): InFlight | undefined => {
        const [oldest] = of(run);
        if (oldest === undefined) return undefined;
        const lastMs = Math.max(...of(run).map(endOf));
        return {
          requests: of(run).length,
          oldest: oldest.flight.what,
          leftMs: Math.max(0, lastMs - performance.now()),
        };
      };
      const timers = new Set<NodeJS.Timeout>();
      const at = (ms: number, act: () => void): void => void timers.add(setTimeout(act, ms));
      let late: InFlight | undefined;
      let isSaid = false;
      await new Promise<void>((resolve) => {
        const wakers = waiting.get(run) ?? new Set();
        waiting.set(run, wakers);
        const end = (): void => {
          wakers.delete(end);
          resolve();
        };
        wakers.add(end);
        const look = (): void => {
          const nowMs = performance.now();
          for (const entry of of(run)) {
            if (!entry.flight.isMovable() || endOf(entry) > nowMs) continue;
            if (isSaid) late = { requests: 1, oldest: entry.flight.what, leftMs: 0 };
            entry.flight.letGo();
          }
          const nextMs = Math.min(endMs, ...of(run).map(endOf));
          if (byRun.has(run) && nextMs < endMs) at(nextMs - nowMs, look);
        };
        look();
        if (limitMs > sayAfterMs)
          at(sayAfterMs, () => {
            const own = inFlight();
            if (own === undefined) return;
            isSaid = true;
            say(own);
          });
        at(limitMs, () => {
          late = inFlight() ?? late;
          end();
        });
      });
      for (const timer of timers) clearTimeout(timer);
      return late;
    },
    /** The run is to end now, whatever is under way. */
    letGo(run: number): void {
      for (const { flight } of of(run)) flight.letGo();
    },
    /** Nothing of this run answers any more. */
    forget(run: number): void {
      for (const { flight } of of(run)) flight.cut();
      closing.delete(run);
    },
    cutAll(): void {
      for (const run of [...byRun.keys()]) for (const { flight } of of(run)) flight.cut();
    },
  };
}

export type Flights = ReturnType<typeof createFlights>;
