/** What the proxy is told: the whole state, each time anew and with a generation, never an event that could be lost or late. */

/** Where a run listens. `host` is absent where both loopback addresses are to be tried. */
export interface Upstream {
  readonly run: number;
  readonly host: "127.0.0.1" | "::1" | undefined;
  readonly port: number;
}

/** Something that failed and is not mended yet, as the page and programs are shown it. */
export interface ShownFailure {
  /** The service that it belongs to; `""` where there is only one. */
  readonly service: string;
  /** `config`, `check`, `rule`, `hook`, `build`, `ready` or `run`. */
  readonly stage: string;
  readonly message: string;
  /** What was printed, colours included. */
  readonly output: string;
}

/** A change that a page takes over without a reload. */
export interface Restyled {
  /** As the user sees the path: relative to the root, `/`-separated. */
  readonly path: string;
  readonly version: number;
}

export interface Served {
  /** Grows with each telling. */
  readonly generation: number;
  /** Who answers; absent while nobody does. */
  readonly upstream: Upstream | undefined;
  /** A run is being built or started: it is worth waiting for. */
  readonly isComing: boolean;
  /** What is going on, for whoever waits: `building since 2s`. */
  readonly because: string;
  /** Oldest first. */
  readonly failures: readonly ShownFailure[];
  /** The version of the pages: those that were loaded before it are to load again. */
  readonly page: number;
  /** Style sheets and images that changed since, by versions of the same counter. */
  readonly restyled: readonly Restyled[];
}

export const nobody: Served = {
  generation: 0,
  upstream: undefined,
  isComing: true,
  because: "starting",
  failures: [],
  page: 0,
  restyled: [],
};
