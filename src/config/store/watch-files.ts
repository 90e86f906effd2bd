/**
 * Watches a handful of files for the store: hints from the directories that they and their link targets lie in, and a cheap look at
 * their stat in intervals for where events do not arrive. Only says "look", after a short rest.
 */
import { type FSWatcher, lstatSync, readlinkSync, statSync, watch } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";

export interface FileWatch {
  /** Other files from now on; absolute paths, also of files that do not exist yet. */
  aim(paths: readonly string[]): void;
  close(): void;
}

export interface FileWatchOptions {
  /** How long the files must be at rest before `look` is called. */
  readonly restMs?: number;
  readonly pollMs?: number;
}

const longestWaitMs = 1_000;

export function watchFiles(
  paths: readonly string[],
  look: () => void,
  { restMs = 100, pollMs = 1_000 }: FileWatchOptions = {},
): FileWatch {
  let files: readonly string[] = [];
  let watchers = new Map<string, Watched>();
  let stamp = "";
  let resting: NodeJS.Timeout | undefined;
  /** When the first hint came that nobody has looked for yet. */
  let hintedAt: number | undefined;
  let isClosed = false;

  const hint = (): void => {
    if (isClosed) return;
    hintedAt ??= performance.now();
    clearTimeout(resting);
    // A file that is written without rest is looked at all the same.
    const waitedMs = performance.now() - hintedAt;
    resting = setTimeout(turn, Math.max(0, Math.min(restMs, longestWaitMs - waitedMs)));
  };

  const turn = (): void => {
    hintedAt = undefined;
    arrange();
    stamp = stampOf(files);
    look();
  };

  /** A link may lead elsewhere now, and a directory may have come or gone: the set of directories is made anew each time. */
  const arrange = (): void => {
    const wanted = new Map<string, Set<string>>();
    for (const link of files.flatMap(chainOf)) {
      const directory = nearestDirectory(link);
      const [name = ""] = relative(directory, link).split(sep);
      // The directory tells of its own end by its own name.
      wanted.set(directory, (wanted.get(directory) ?? new Set([basename(directory)])).add(name));
    }
    const kept = new Map<string, Watched>();
    for (const [directory, names] of wanted) {
      const key = `${directory}\0${inodeOf(directory)}`;
      const watched = watchers.get(key) ?? watchDirectory(directory, hint);
      if (watched === undefined) continue;
      watched.names = names;
      kept.set(key, watched);
    }
    for (const [key, { watcher }] of watchers) if (!kept.has(key)) watcher.close();
    watchers = kept;
  };

  const poll = setInterval(() => {
    const now = stampOf(files);
    if (now === stamp) return;
    stamp = now;
    hint();
  }, pollMs);
  poll.unref();

  const aim = (next: readonly string[]): void => {
    files = next;
    arrange();
    stamp = stampOf(files);
  };
  aim(paths);
  return {
    aim,
    close() {
      isClosed = true;
      clearInterval(poll);
      clearTimeout(resting);
      for (const { watcher } of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

interface Watched {
  readonly watcher: FSWatcher;
  /** What counts in this directory: others may write there without end (logs, build output). */
  names: ReadonlySet<string>;
}

function watchDirectory(directory: string, hint: () => void): Watched | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_, name) => {
      if (name === null || watched.names.has(name)) hint();
    });
    const watched: Watched = { watcher, names: new Set() };
    // The directory is gone, or the system has no more to give: the interval goes on looking.
    watcher.on("error", () => watcher.close());
    return watched;
  } catch {
    return undefined;
  }
}

/** The path, every link on the way to what it is, and what that is: `app.toml → ..data/app.toml`, `..data → ..2024_05`, … */
export function chainOf(path: string): string[] {
  const chain = [path];
  const look = (current: string, depth: number): void => {
    if (depth > 40) return;
    const parts: string[] = [];
    for (let above = current; dirname(above) !== above; above = dirname(above)) parts.unshift(above);
    for (const part of parts) {
      const target = targetOf(part);
      if (target === undefined) continue;
      const next = resolve(dirname(part), target) + current.slice(part.length);
      if (part !== current) chain.push(part);
      chain.push(next);
      look(next, depth + 1);
      return;
    }
  };
  look(path, 0);
  return chain;
}

function targetOf(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** The directory of the path, or the nearest one above it that exists. */
function nearestDirectory(path: string): string {
  let directory = dirname(path);
  while (dirname(directory) !== directory && inodeOf(directory) === undefined) directory = dirname(directory);
  return directory;
}

/** Where it cannot be asked about, it is as good as not there. */
function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true })?.ino;
  } catch {
    return undefined;
  }
}

function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
        return stat === undefined ? "-" : `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
      } catch {
        return "?";
      }
    })
    .join("|");
}
