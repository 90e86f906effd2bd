/**
 * Hints from chokidar: one of its watchers for each directory, told to ignore all that is in it, so that it holds one watch of the system
 * and not one for every file. Its `raw` event is the hint; `ready` says that the watch is in place. What it thinks has changed is not asked:
 * chokidar 5 drops the second of two writes within 50 ms and goes deaf when a directory is replaced (its issues 1455 and 1278).
 */
import { realpathSync } from "node:fs";
import { sep } from "node:path";
import type { FSWatcher } from "chokidar";
import { systemCode, wholePart } from "../../../core/errors.ts";
import type { Hint, HintSource, Placed } from "../hints.ts";

/** A watcher that is to be made, or was. */
interface Place extends Placed {
  readonly isPending: boolean;
  open(chokidar: typeof import("chokidar")): void;
  giveUp(): void;
}

/**
 * When no watcher has become ready for so long, in milliseconds, the rest never will: a link that leads through a file (`a -> file/b`)
 * ends the listing of its directory without a word, and the watch is never placed. Such directories are polled.
 */
const stallMs = 250;

/** How many are opened between two turns of the event loop. */
const strideWatchers = 25;

export function createChokidarSource(): HintSource {
  const open = new Set<FSWatcher>();
  const opened = new Set<Place>();
  const waiting: Place[] = [];
  let stallTimer: NodeJS.Timeout | undefined;
  let whenReady: (() => void)[] = [];
  let pending = 0;
  let loaded: typeof import("chokidar") | undefined;
  let isOpening = false;
  let isClosed = false;

  const settled = (): void => {
    clearTimeout(stallTimer);
    if (--pending > 0) {
      stallTimer = setTimeout(giveUp, stallMs).unref();
      return;
    }
    for (const resolve of whenReady) resolve();
    whenReady = [];
  };

  const giveUp = (): void => {
    for (const place of opened) if (place.isPending) place.giveUp();
  };

  const openSome = (): void => {
    isOpening = false;
    if (isClosed || loaded === undefined) return;
    for (const place of waiting.splice(0, strideWatchers)) {
      opened.add(place);
      place.open(loaded);
    }
    clearTimeout(stallTimer);
    stallTimer = setTimeout(giveUp, stallMs).unref();
    if (waiting.length > 0) schedule();
  };

  const schedule = (): void => {
    if (isOpening) return;
    isOpening = true;
    if (loaded !== undefined) setImmediate(openSome);
    else {
      // Loaded when it is first needed: it costs 8 ms of the start.
      wholePart(import("chokidar"), "watch").then(
        (module) => {
          loaded = module;
          openSome();
        },
        () => {
          // It cannot be loaded (the package was replaced meanwhile): what it should have watched is polled.
          isOpening = false;
          for (const place of waiting.splice(0)) place.giveUp();
        },
      );
    }
  };

  const placeAt = (path: string, hint: Hint, refused: (code: string) => void): Place => {
    let watcher: FSWatcher | undefined;
    let isPending = true;
    let isDropped = false;
    const done = (): void => {
      if (!isPending) return;
      isPending = false;
      settled();
    };
    const place: Place = {
      get isPending() {
        return isPending;
      },
      giveUp() {
        if (!isDropped) refused("UNSUPPORTED");
        done();
      },
      open(chokidar) {
        if (isDropped) return done();
        const target = realPath(path);
        watcher = chokidar.watch(target, {
          ignored: (candidate) => candidate !== target,
          depth: 0,
          ignoreInitial: true,
          followSymlinks: false,
          ignorePermissionErrors: true,
          atomic: false,
        });
        open.add(watcher);
        watcher.on("raw", (event, name) => hint(typeof name === "string" ? name : undefined, event === "rename"));
        watcher.on("error", (error) => {
          if (!isDropped) refused(systemCode(error) ?? "UNKNOWN");
          done();
        });
        watcher.on("ready", () => {
          // What came before the watch was in place has left no event.
          if (!isDropped) hint(undefined, false);
          done();
        });
      },
      close() {
        isDropped = true;
        opened.delete(place);
        if (watcher !== undefined) {
          open.delete(watcher);
          void watcher.close();
        }
        done();
      },
    };
    return place;
  };

  return {
    name: "chokidar",
    place(path, hint, refused) {
      // It takes every backslash for a separator, on every system.
      if (sep !== "\\" && path.includes("\\")) return { code: "UNSUPPORTED" };
      const place = placeAt(path, hint, refused);
      pending++;
      waiting.push(place);
      schedule();
      return place;
    },
    ready: () => (pending === 0 ? Promise.resolve() : new Promise((resolve) => void whenReady.push(resolve))),
    // Two of its watchers on one path share what may be a dead watch of the system.
    replacesInPlace: false,
    async close() {
      isClosed = true;
      clearTimeout(stallTimer);
      await Promise.all([...open].map((watcher) => watcher.close()));
      open.clear();
    },
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
