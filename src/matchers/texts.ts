/** Files of git's and of the user's that are read on the way: what is none (a fifo, a device) would hold everything up for ever. */
import { readFileSync, statSync } from "node:fs";

/** More is no list of patterns, and would take the memory of everything else. In bytes. */
const largestBytes = 10_000_000;

/** Throws where there is none that can be read. */
export function textOfFile(path: string): string {
  const stats = statSync(path);
  if (!stats.isFile() || stats.size > largestBytes) throw new Error(`${path} is not a text`);
  return readFileSync(path, "utf8");
}
