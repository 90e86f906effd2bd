/**
 * Where a matcher of the user's runs: whatever it begins in here (timers, promises, threads) is known to be its own when it fails, which
 * costs a line and no program. Nor may it end the process.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { pathToFileURL } from "node:url";
import { blameBy } from "./blame.ts";

/** Hears of what a matcher has begun and nobody waited for. */
type Hear = (error: unknown) => void;

/** Runs something that is the matcher's. */
export type Within = <T>(call: () => T) => T;

let fence: AsyncLocalStorage<Hear> | undefined;
const byPlace = new Map<string, Hear>();

/** @param path of the module, absolute */
export function fenced(path: string, hear: Hear): Within {
  fence ??= built();
  const storage = fence;
  const { href } = pathToFileURL(path);
  for (const place of [path, href]) byPlace.set(place, hear);
  return (call) => storage.run(hear, call);
}

function built(): AsyncLocalStorage<Hear> {
  const storage = new AsyncLocalStorage<Hear>();
  blameBy((error) => {
    const hear = storage.getStore() ?? byTrace(error);
    hear?.(error);
    return hear !== undefined;
  });
  const exit = process.exit;
  // It is the process of others as well, who may.
  process.exit = (code) => {
    if (storage.getStore() === undefined) return exit.call(process, code);
    throw new Error("process.exit was called, and a matcher does not end reload");
  };
  return storage;
}

/** What is thrown in a microtask has left the fence. */
function byTrace(error: unknown): Hear | undefined {
  const trace = String(error instanceof Error ? error.stack : error);
  return [...byPlace].find(([place]) => trace.includes(place))?.[1];
}
