/** Free file descriptors: where there are none, Node starts no process, and says so in ways that not every caller hears. */
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

/** Throws what the system says where it has not so many left. */
export function needDescriptors(count: number): void {
  const held: number[] = [];
  try {
    while (held.length < count) held.push(openSync(devNull, "r"));
  } finally {
    for (const file of held) closeSync(file);
  }
}
