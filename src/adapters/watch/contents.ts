/** The content of a file as a hash that is known to belong to the stat beside it. */
import { constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { close } from "../system/descriptors.ts";
import type { ContentHash } from "./files.ts";

/** Larger files are compared by size and mtime alone. */
export const hashLimitBytes = 1024 * 1024;

let buffer: Buffer | undefined;

/** Loaded with the first content: the first run does not wait for it. */
export const hashed = (bytes: Uint8Array | string): ContentHash => {
  const digest = process.getBuiltinModule("node:crypto").hash("sha1", bytes, "buffer");
  return { high: digest.readUIntBE(0, 6), low: digest.readUIntBE(6, 6) };
};

export const isSameContent = (a: ContentHash, b: ContentHash): boolean => a.high === b.high && a.low === b.low;

/**
 * The hash of what is at `path`, a baseline only because the stat before and after the reading is `stats`; `undefined` if it is not,
 * if it is too large, or cannot be read. Synchronous; at most 1 MB.
 */
export function readContent(path: string | Buffer, stats: Stats): ContentHash | undefined {
  if (stats.size > hashLimitBytes) return undefined;
  try {
    if (stats.isSymbolicLink()) return hashed(readlinkSync(path));
    // O_NONBLOCK: should a fifo have taken the file's place, opening it must not wait for a writer.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      if (!isSameStat(fstatSync(file), stats)) return undefined;
      buffer ??= Buffer.allocUnsafeSlow(hashLimitBytes + 1);
      let length = 0;
      for (;;) {
        const count = readSync(file, buffer, length, buffer.length - length, length);
        if (count === 0) break;
        length += count;
        if (length > stats.size) return undefined;
      }
      return length === stats.size && isSameStat(fstatSync(file), stats)
        ? hashed(buffer.subarray(0, length))
        : undefined;
    } finally {
      close(file);
    }
  } catch {
    return undefined;
  }
}

const isSameStat = (a: Stats, b: Stats): boolean =>
  a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino && a.isFile();
