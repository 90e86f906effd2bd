/** Stats as values: what is not there, or cannot be asked about, is `undefined`. */
import { lstatSync, type Stats, statSync } from "node:fs";
import type { Directory } from "./directory.ts";

/** Of the directory that the path leads to. */
export function statDirectory(directory: Directory): Stats | undefined {
  try {
    const options = { throwIfNoEntry: false } as const;
    return directory.isLink ? statSync(directory.absolute, options) : lstatSync(directory.absolute, options);
  } catch {
    return undefined;
  }
}

/** Of what the path leads to. */
export function statOfPath(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Of the entry itself, a link included. */
export function lstat(path: string | Buffer): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // ENOTDIR, ENAMETOOLONG, EACCES of the directory: nothing that can be looked at.
  }
}
