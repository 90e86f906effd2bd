/**
 * Files that are missing or empty at the moment, as in the middle of a save (truncate and write, rename away and create): they are given
 * a little time before that is told as a change, so that a save of the same bytes is none.
 */
import type { Branch } from "./branch.ts";
import type { Directory } from "./directory.ts";

/** How long a save may leave a file missing or empty, in milliseconds. */
const saveMs = 20;

export interface Held {
  readonly size: number;
  /** Whether to wait (still) for this file. */
  waitsFor(branch: Branch, directory: Directory, name: string, slot: number): boolean;
  /** Looks at all of them and waits for none. */
  release(): void;
  close(): void;
}

/** @param look is called for each file when its time is over; `waitsFor` does not hold it then */
export function createHeld(
  look: (branch: Branch, directory: Directory, name: string) => void,
  released: () => void,
): Held {
  const held = new Map<
    number,
    { readonly branch: Branch; readonly directory: Directory; readonly name: string; readonly untilMs: number }
  >();
  let timer: NodeJS.Timeout | undefined;
  let isReleasing = false;

  const ripen = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const [slot, { branch, directory, name, untilMs }] of held) {
      if (now < untilMs) {
        timer ??= setTimeout(ripen, untilMs - now + 1);
        continue;
      }
      look(branch, directory, name);
      held.delete(slot);
    }
    released();
  };

  return {
    get size() {
      return held.size;
    },
    waitsFor(branch, directory, name, slot) {
      if (isReleasing) return false;
      const now = performance.now();
      const known = held.get(slot);
      if (known?.directory === directory && known.name === name) return now < known.untilMs;
      held.set(slot, { branch, directory, name, untilMs: now + saveMs });
      timer ??= setTimeout(ripen, saveMs + 1);
      return true;
    },
    release() {
      isReleasing = true;
      for (const { branch, directory, name } of held.values()) look(branch, directory, name);
      held.clear();
      isReleasing = false;
    },
    close: () => clearTimeout(timer),
  };
}
