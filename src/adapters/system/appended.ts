/** What has been added to a file since it was seen last. */
import { openSync, readSync } from "node:fs";
import { close } from "./descriptors.ts";

export interface SeenFile {
  readonly size: number;
  /** Whether this is what it held then; `undefined` where that is not known. */
  isSame(content: Uint8Array): boolean | undefined;
}

const longestText = 64 * 1024;
const longestPrefix = 1024 * 1024;

/** What has come behind that which was there, where that is as it was. */
export function appended(path: string, was: SeenFile | undefined, size: number): string | undefined {
  const from = was?.size ?? 0;
  if (size <= from) return undefined;
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (was !== undefined && from <= longestPrefix) {
      const prefix = readAt(file, 0, from);
      if (prefix.length < from || was.isSame(prefix) === false) return undefined;
    }
    const length = Math.min(size - from, longestText);
    return readAt(file, size - length, length).toString("latin1");
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) close(file);
  }
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
