/** File descriptors: what must still work where there are none left, and what must be known before. */
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { systemCode } from "../../core/errors.ts";

/** Throws what the system says where it has not so many left. */
export function needDescriptors(count: number): void {
  const held: number[] = [];
  try {
    while (held.length < count) held.push(openSync(devNull, "r"));
  } finally {
    for (const file of held) close(file);
  }
}

/** Never throws: the descriptor is free afterwards in any case. */
export function close(file: number): void {
  try {
    closeSync(file);
  } catch {
    // A network file system says here that it has lost something.
  }
}

/** One in reserve: who cannot look at processes takes them for ended. */
let spare: number | undefined;

/** Opens something for a moment, with the descriptor in reserve where there is no other. */
export function withSpare<T>(open: () => T): T {
  spare ??= taken();
  try {
    return open();
  } catch (error) {
    const code = systemCode(error);
    if (spare === undefined || (code !== "EMFILE" && code !== "ENFILE")) throw error;
    close(spare);
    spare = undefined;
    return open();
  }
}

function taken(): number | undefined {
  try {
    return openSync(devNull, "r");
  } catch {
    return undefined;
  }
}
