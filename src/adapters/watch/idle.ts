/** Contents learned in idle time, so that a file that is written again with the same bytes is known to be unchanged. */
import { lstatSync } from "node:fs";
import type { Branch } from "./branch.ts";
import { hashLimitBytes, readContent } from "./contents.ts";
import { type Directory, everyDirectory, systemPathIn } from "./directory.ts";
import type { Files } from "./files.ts";

/** At most 4 ms of work in every 16: a quarter of a core while it lasts, and no stall. */
const sliceMs = 4;
const restMs = 12;

export interface Idle {
  /** Learn what is not known yet, from `afterMs` on. */
  start(afterMs: number): void;
  stop(): void;
}

/**
 * @param isBusy whether something more urgent is waiting
 * @param differs hears of a file that is not as it was seen last: it is to be looked at
 */
export function createIdle(
  branches: () => readonly Branch[],
  files: Files,
  isBusy: () => boolean,
  differs: (branch: Branch, directory: Directory, name: string) => void,
  learned: () => void,
): Idle {
  let timer: NodeJS.Timeout | undefined;
  let walk: Iterator<void> | undefined;

  function* everything(): Generator<void> {
    for (const branch of branches()) {
      for (const directory of everyDirectory(branch.root)) {
        for (const [name, slot] of directory.files) {
          if (files.hashOf(slot) !== undefined || files.sizeOf(slot) > hashLimitBytes) continue;
          learn(branch, directory, name, slot);
          yield;
        }
      }
    }
  }

  const learn = (branch: Branch, directory: Directory, name: string, slot: number): void => {
    const path = systemPathIn(directory, name);
    try {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined || !files.isSame(slot, stats)) differs(branch, directory, name);
      else files.setHash(slot, readContent(path, stats));
    } catch {
      differs(branch, directory, name);
    }
  };

  const work = (): void => {
    const until = performance.now() + sliceMs;
    while (!isBusy() && performance.now() < until) {
      walk ??= everything();
      if (walk.next().done) {
        walk = undefined;
        timer = undefined;
        learned();
        return;
      }
    }
    timer = setTimeout(work, restMs).unref();
  };

  return {
    start(afterMs) {
      clearTimeout(timer);
      timer = setTimeout(work, afterMs).unref();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      walk = undefined;
    },
  };
}
