/** What is asked for: hints and wishes, as entries of the queue. */
import { basename, dirname } from "node:path";
import { type Branch, looking, type Mode } from "./branch.ts";
import { type Directory, isMangled } from "./directory.ts";
import type { Link } from "./links.ts";
import type { Places } from "./places.ts";
import type { Queue } from "./queue.ts";

export interface RequestsParts {
  readonly queue: Queue;
  readonly placeAt: Places["placeAt"];
  /** Something is in the queue. */
  schedule(): void;
  isClosed(): boolean;
}

export interface Requests {
  hint(branch: Branch, directory: Directory, name: string | undefined, isStructural: boolean): void;
  lookAt(branch: Branch, directory: Directory, name: string, isStructural: boolean): void;
  ask(branch: Branch, directory: Directory, mode: Mode, replace: boolean): void;
  askAll(branch: Branch, mode: Mode, replace: boolean): void;
  followTo(branch: Branch, link: Link, path: string | undefined): void;
  /** Whether so many hints came since this was asked last that some may have been lost. */
  wasBurst(): boolean;
  /** The directories that hints were about are looked at as a whole, as far as that is soon done. */
  askTouched(): void;
}

/** More hints than this between two turns of the event loop, and the kernel's queue (16,384) may have overflowed without a word. */
const burstHints = 4096;

/** Files of which the whole directory is looked at again when the quiet time has ended: about 2 ms. */
const lookAgainFiles = 300;

export function createRequests({ queue, placeAt, schedule, isClosed }: RequestsParts): Requests {
  const touched = new Map<Directory, Branch>();
  let hints = 0;

  const lookAt: Requests["lookAt"] = (branch, directory, name, isStructural) => {
    queue.addName(branch, directory, name, isStructural);
    touched.set(directory, branch);
    schedule();
  };

  const ask: Requests["ask"] = (branch, directory, mode, replace) => {
    if (isClosed()) return;
    queue.add(branch, directory, mode, replace);
    schedule();
  };

  return {
    lookAt,
    ask,
    hint(branch, directory, name, isStructural) {
      if (isClosed() || directory.isGone) return;
      hints++;
      if (name === undefined || isMangled(name)) {
        ask(branch, directory, looking, false);
        return;
      }
      const isKnown = directory.files.has(name) || directory.children.has(name) || branch.rulesFiles.has(name);
      // A log that is written to all the time must cost nothing; what is new or goes comes as a structural hint.
      if (!isKnown && !isStructural && name !== directory.name) return;
      lookAt(branch, directory, name, isStructural);
    },
    askAll(branch, mode, replace) {
      queue.addAll(branch, mode, replace);
      schedule();
    },
    followTo(branch, link, path) {
      if (link.target?.path === path) return;
      link.target?.placed?.close();
      link.target = undefined;
      if (path === undefined) return;
      const file = basename(path);
      const placed = placeAt(dirname(path), (name) => {
        if (name === undefined || name === file) lookAt(branch, link.directory, link.name, true);
      });
      link.target = { path, placed };
    },
    wasBurst() {
      const isBurst = hints > burstHints;
      hints = 0;
      return isBurst;
    },
    askTouched() {
      let budget = lookAgainFiles;
      for (const [directory, branch] of touched) {
        budget -= directory.files.size + directory.children.size;
        if (budget >= 0 && !directory.isGone) ask(branch, directory, looking, false);
      }
      touched.clear();
    },
  };
}
