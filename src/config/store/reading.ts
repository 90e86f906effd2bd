/** One reading of everything that the store's value comes from: what it came to, and what the texts were. */
import type { ReadSource, StoreParts, StoreReading } from "./store.ts";

export type Faulty<F> = Exclude<StoreReading<never, F>, { readonly is: "good" }>;

/** By path. */
export interface SourceStates {
  readonly full: ReadonlySet<string>;
  /** Without a text. */
  readonly empty: ReadonlySet<string>;
  /** How many whole lines the text has. */
  readonly lines: ReadonlyMap<string, number>;
  /** With a text that does not end with its line. */
  readonly open: ReadonlySet<string>;
}

export interface FoundStates<T, F> extends SourceStates {
  readonly reading: StoreReading<T, F>;
  /** Of every text that was asked for. */
  readonly hash: string;
  /** Without those that were asked for to renew what is in force. */
  readonly faultHash: string;
  readonly renewed: T | undefined;
}

/** @param current the value in force, if there is one: while the sources have faults, it is renewed */
export async function readAll<T, F>(parts: StoreParts<T, F>, current: T | undefined): Promise<FoundStates<T, F>> {
  const texts = new Map<string, string | undefined>();
  const read: ReadSource = (path) => {
    // The same text within one reading, however often it is asked for.
    if (!texts.has(path)) texts.set(path, parts.readSource(path));
    return texts.get(path);
  };
  const reading = await parts.load(read);
  const apart = new Set<string>();
  const readApart: ReadSource = (path) => {
    apart.add(path);
    return read(path);
  };
  const renewed = reading.is === "good" || current === undefined ? undefined : await parts.renew?.(current, readApart);
  const faultHash = hashOf(new Map([...texts].filter(([path]) => !apart.has(path))));
  const full = new Set<string>();
  const empty = new Set<string>();
  const open = new Set<string>();
  const lines = new Map<string, number>();
  for (const [path, text] of texts) {
    (text === undefined || text.trim() === "" ? empty : full).add(path);
    if (text === undefined) continue;
    lines.set(path, text.split("\n").length - 1);
    if (!text.endsWith("\n")) open.add(path);
  }
  return { reading, hash: hashOf(texts), faultHash, renewed, full, empty, lines, open };
}

function hashOf(texts: ReadonlyMap<string, string | undefined>): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  for (const [path, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(JSON.stringify([path, text ?? null]));
  return hash.digest("hex").slice(0, 12);
}

/**
 * Editors empty a file before they write it, or take it away before they put the new one in its place. And a text that has lost lines,
 * or the end of its last one, may be the first part of what is being written.
 */
function isDoubtful<T, F>(found: FoundStates<T, F>, last: SourceStates | undefined): boolean {
  const { reading, empty, lines, open } = found;
  if (reading.is === "gone" || (reading.is === "bad" && reading.isPartial)) return true;
  if (last === undefined) return false;
  const isShorter = [...lines].some(([path, count]) => count < (last.lines.get(path) ?? 0));
  const isCut = [...open].some((path) => last.full.has(path) && !last.open.has(path));
  return isShorter || isCut || [...empty].some((path) => last.full.has(path));
}

/** How long a text that may not be whole is given to become so, in milliseconds; 0 where there is no doubt. */
export function doubtOf<T, F>(
  found: FoundStates<T, F>,
  last: SourceStates | undefined,
  { inForce, isFaulty }: { readonly inForce: string; readonly isFaulty: boolean },
  longestMs = 200,
): number {
  // The very texts that are in force are whole, and there is nothing to be taken.
  if (found.hash === inForce || !isDoubtful(found, last)) return 0;
  // Somebody looks at a fault: what mends it is not kept back for long.
  return isFaulty && found.reading.is === "good" ? longestMs / 4 : longestMs;
}
