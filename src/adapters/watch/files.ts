/** What was last seen of each file, in columns: an object per file would cost three times the memory. */
import type { Stats } from "node:fs";

/** Half of a content hash fits a double exactly; two of them make 96 bits. */
export interface ContentHash {
  readonly high: number;
  readonly low: number;
}

export interface Files {
  readonly count: number;
  /** A slot for a file seen for the first time; without `stats` nothing but its name is known. */
  add(stats: Stats | undefined): number;
  isKnown(slot: number): boolean;
  free(slot: number): void;
  /** Whether size, mtime and inode are those that were seen last. Compared for difference, not for order: an older mtime is a change as well. */
  isSame(slot: number, stats: Stats): boolean;
  /** Whether its ctime is as well, which only the system sets: a write that put size and mtime back shows in it, and so does a chmod. */
  isUntouched(slot: number, stats: Stats): boolean;
  /** Whether it could be executed when it was seen last. */
  isExecutable(slot: number): boolean;
  record(slot: number, stats: Stats): void;
  sizeOf(slot: number): number;
  hashOf(slot: number): ContentHash | undefined;
  setHash(slot: number, hash: ContentHash | undefined): void;
  /** It was modified so shortly before it was seen that another write in the same tick of the clock would not show in its mtime. */
  isRecent(slot: number): boolean;
  /** What was recorded last was an output of ours. */
  isOutput(slot: number): boolean;
  setOutput(slot: number): void;
}

/** Longer than a tick of any kernel's file clock (10 ms at 100 Hz), in milliseconds. */
const tickMs = 20;

/** A time in the future was set by somebody, or comes from another clock: then the ctime tells. Where that lies there as well, the clock was set back. */
export function isRecentChange({ mtimeMs, ctimeMs }: Stats): boolean {
  const now = Date.now();
  const at = mtimeMs > now + futureMs ? ctimeMs : mtimeMs;
  return at > now - tickMs && at <= now + futureMs;
}

const futureMs = 1_000;

export const isExecutable = ({ mode }: Stats): boolean => (mode & 0o111) !== 0;

const recentFlag = 1;
const outputFlag = 2;
const executableFlag = 4;

export function createFiles(): Files {
  let capacity = 1024;
  let sizes: Float64Array = new Float64Array(capacity);
  let mtimes: Float64Array = new Float64Array(capacity);
  let inodes: Float64Array = new Float64Array(capacity);
  let ctimes: Float64Array = new Float64Array(capacity);
  let flags: Uint8Array = new Uint8Array(capacity);
  let hashes: Float64Array | undefined;
  const unused: number[] = [];
  let used = 0;

  const grow = (): void => {
    capacity *= 2;
    sizes = copied(sizes, capacity);
    mtimes = copied(mtimes, capacity);
    inodes = copied(inodes, capacity);
    ctimes = copied(ctimes, capacity);
    if (hashes !== undefined) hashes = copied(hashes, capacity * 2).fill(Number.NaN, capacity);
    const more = new Uint8Array(capacity);
    more.set(flags);
    flags = more;
  };

  const isSame = (slot: number, stats: Stats): boolean =>
    mtimes[slot] === stats.mtimeMs && sizes[slot] === stats.size && inodes[slot] === stats.ino;

  const record = (slot: number, stats: Stats): void => {
    // What was an output and was not written to since is still one.
    const output = isSame(slot, stats) ? (flags[slot] ?? 0) & outputFlag : 0;
    sizes[slot] = stats.size;
    mtimes[slot] = stats.mtimeMs;
    inodes[slot] = stats.ino;
    ctimes[slot] = stats.ctimeMs;
    flags[slot] = output | (isRecentChange(stats) ? recentFlag : 0) | (isExecutable(stats) ? executableFlag : 0);
  };

  return {
    get count() {
      return used - unused.length;
    },
    add(stats) {
      const slot = unused.pop() ?? used++;
      if (slot >= capacity) grow();
      mtimes[slot] = Number.NaN;
      flags[slot] = 0;
      if (stats !== undefined) record(slot, stats);
      hashes?.fill(Number.NaN, slot * 2, slot * 2 + 2);
      return slot;
    },
    isKnown: (slot) => !Number.isNaN(mtimes[slot]),
    free(slot) {
      unused.push(slot);
    },
    isSame,
    isUntouched: (slot, stats) => ctimes[slot] === stats.ctimeMs,
    isExecutable: (slot) => ((flags[slot] ?? 0) & executableFlag) !== 0,
    record,
    sizeOf: (slot) => sizes[slot] ?? 0,
    hashOf(slot) {
      const high = hashes?.[slot * 2];
      const low = hashes?.[slot * 2 + 1];
      return high === undefined || low === undefined || Number.isNaN(high) ? undefined : { high, low };
    },
    setHash(slot, hash) {
      if (hash === undefined && hashes === undefined) return;
      hashes ??= new Float64Array(capacity * 2).fill(Number.NaN);
      hashes[slot * 2] = hash?.high ?? Number.NaN;
      hashes[slot * 2 + 1] = hash?.low ?? Number.NaN;
    },
    isRecent: (slot) => ((flags[slot] ?? 0) & recentFlag) !== 0,
    isOutput: (slot) => ((flags[slot] ?? 0) & outputFlag) !== 0,
    setOutput(slot) {
      flags[slot] = (flags[slot] ?? 0) | outputFlag;
    },
  };
}

function copied(from: Float64Array, length: number): Float64Array {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}
