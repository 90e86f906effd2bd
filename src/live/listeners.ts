/** Who is called when a version comes into force or an edit is refused. */
import { LiveConfigError, liveProblem } from "./error.ts";
import { isSame, valueAt } from "./tree.ts";
import type { ConfigError } from "./types.ts";

type Callback = (...values: readonly never[]) => unknown;

interface Listener {
  readonly key: string;
  call(...values: readonly unknown[]): unknown;
}

export interface Listeners {
  add(key: string, callback: Callback): () => void;
  /** Never throws. */
  changed(now: unknown, before: unknown, version: number): void;
  failed(error: ConfigError): void;
  clear(): void;
}

export function createListeners(warn: (error: ConfigError) => void): Listeners {
  // In the order in which they came.
  const all = new Set<Listener>();

  const call = (listener: Listener, values: readonly unknown[], fail: (error: unknown) => void): void => {
    try {
      const result = listener.call(...values);
      if (isThenable(result)) result.then(undefined, fail);
    } catch (error) {
      fail(error);
    }
  };

  const failed = (error: ConfigError): void => {
    const hearing = [...all].filter(({ key }) => key === "error");
    if (hearing.length === 0) warn(error);
    // What a listener for errors throws is not told to itself again.
    for (const listener of hearing) call(listener, [error], (thrown) => warn(thrownBy(listener, thrown)));
  };

  return {
    add(key, callback) {
      const listener: Listener = { key, call: (...values) => Reflect.apply(callback, undefined, values) };
      all.add(listener);
      return () => void all.delete(listener);
    },
    changed(now, before, version) {
      for (const listener of [...all]) {
        if (listener.key === "error" || !all.has(listener)) continue;
        const [new_, old] =
          listener.key === "*" ? [now, before] : [valueAt(now, listener.key), valueAt(before, listener.key)];
        if (!isSame(new_, old)) call(listener, [new_, old, version], (thrown) => failed(thrownBy(listener, thrown)));
      }
    },
    failed,
    clear: () => all.clear(),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

function thrownBy({ key }: Listener, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error);
  return new LiveConfigError(
    [liveProblem("usage/listener", `on(${JSON.stringify(key)})`, `the listener threw: ${reason}`)],
    {
      cause: error,
    },
  );
}
