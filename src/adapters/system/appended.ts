/** What has been added to a file since it was seen last. */
import { openSync, readSync, type Stats } from "node:fs";
import { close } from "./descriptors.ts";
import { identityOfFile } from "./opened.ts";

export interface SeenFile {
  readonly size: number;
  /** Whether this is what it held then; `undefined` where that is not known. */
  isSame(content: Uint8Array): boolean | undefined;
}

const longestText = 64 * 1024;
const longestPrefix = 1024 * 1024;

/** The last bytes of a file that had this size: whoever writes it anew has other ones there. */
export interface SeenEnd {
  /** By what `identityOfFile` says. */
  readonly identity: string;
  readonly size: number;
  readonly bytes: Buffer;
}

const endBytes = 256;

export function endOf(path: string, stats: Stats): SeenEnd | undefined {
  const { size } = stats;
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const length = Math.min(size, endBytes);
    return { identity: identityOfFile(stats), size, bytes: readAt(file, size - length, length) };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) close(file);
  }
}

/** What has come behind that which was there, where that is known to be as it was. */
export function appended(
  path: string,
  was: SeenFile | undefined,
  size: number,
  end: SeenEnd | undefined,
): string | undefined {
  const from = was?.size ?? 0;
  if (size <= from) return undefined;
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (was !== undefined && from > 0 && !isAsItWas(file, was, end)) return undefined;
    const length = Math.min(size - from, longestText);
    return readAt(file, size - length, length).toString("latin1");
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) close(file);
  }
}

function isAsItWas(file: number, was: SeenFile, end: SeenEnd | undefined): boolean {
  if (end?.size === was.size) return readAt(file, was.size - end.bytes.length, end.bytes.length).equals(end.bytes);
  if (was.size > longestPrefix) return false;
  const prefix = readAt(file, 0, was.size);
  return prefix.length === was.size && was.isSame(prefix) === true;
}

function readAt(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = readSync(file, buffer, read, length - read, position + read);
    if (count === 0) break;
    read += count;
  }
  return buffer.subarray(0, read);
}
