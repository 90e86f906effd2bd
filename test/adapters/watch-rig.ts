/** A watched directory and what is told of it, with the engine's part (a look after each change) played by the rig. */
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type WatchedTree,
  type WatchFact,
  type Watching,
  type WatchOptions,
  watch,
} from "../../src/adapters/watch/watch.ts";
import { type Demand, type Verdict, verdictOf, verdicts } from "../../src/core/demand.ts";
import type { Problem } from "../../src/core/problem.ts";
import { assemble, type Patterns } from "../../src/matchers/assemble.ts";

export type Source = "native" | "chokidar" | "poll";

export const sources: readonly Source[] = ["native", "chokidar", "poll"];

const deadlineMs = 45_000;

/** A directory of its own, and ways to write into it. Removed by `clean`. */
export interface Place {
  readonly root: string;
  at(path: string): string;
  write(path: string, content?: string | Uint8Array): void;
  append(path: string, content: string): void;
  mkdir(path: string): void;
  remove(path: string): void;
  clean(): void;
}

export function makePlace(): Place {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), "reload watch ")));
  const root = join(outer, "root");
  mkdirSync(root);
  const at = (path: string): string => join(root, path);
  return {
    root,
    at,
    write(path, content = "") {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    },
    append: (path, content) => appendFileSync(at(path), content),
    mkdir: (path) => void mkdirSync(at(path), { recursive: true }),
    remove: (path) => rmSync(at(path), { recursive: true, force: true }),
    clean() {
      try {
        chmodSync(root, 0o755);
      } catch {}
      rmSync(outer, { recursive: true, force: true });
    },
  };
}

export interface Watched {
  readonly watching: Watching;
  readonly facts: readonly WatchFact[];
  readonly problems: readonly Problem[];
  /** All paths told or found by a look since the last `forget`. */
  readonly changes: ReadonlySet<string>;
  /** How many facts or looks brought each path. */
  readonly counts: ReadonlyMap<string, number>;
  readonly unchanged: ReadonlySet<string>;
  readonly verdict: Verdict;
  forget(): void;
  /** Waits for the fact; throws with what was told instead when the deadline passes. */
  until(what: string, holds: () => boolean): Promise<void>;
  told(...paths: string[]): Promise<void>;
  /** Everything that was done before is seen and told by now: two marks were made after it and seen. */
  settled(): Promise<void>;
  /** Contents of all files are known. */
  learned(): Promise<void>;
  close(): Promise<void>;
}

export const everything: Omit<Patterns, "base"> = {
  includeFiles: [],
  excludeDirs: [],
  excludeFiles: [],
  excludeRegex: [],
  gitignore: true,
  named: [],
  restart: [],
};

export function treeAt(base: string, patterns: Partial<Patterns> = {}): WatchedTree {
  const { matchers } = assemble({ ...everything, base, ...patterns });
  return { base, views: [{ owner: "", matchers }], label: (path) => path };
}

export function optionsFor(source: Source, given: Partial<WatchOptions> = {}): WatchOptions {
  return {
    trees: [],
    followSymlinks: false,
    ignoreUnchanged: true,
    poll: source === "poll" ? 40 : "auto",
    backend: source === "poll" ? "auto" : source,
    ...given,
  };
}

/** Starts to watch and waits until all is in place. */
export async function start(
  place: Place,
  source: Source,
  patterns: Partial<Patterns> = {},
  given: Partial<WatchOptions> = {},
): Promise<Watched> {
  const watched = begin(place, optionsFor(source, { trees: [treeAt(place.root, patterns)], ...given }));
  await watched.until("watching", () => watched.facts.some((fact) => fact.type === "watching"));
  await watched.settled();
  watched.forget();
  return watched;
}

/** The same, but what was told from the very start is kept. */
export async function begun(place: Place, source: Source): Promise<Watched> {
  const watched = begin(place, optionsFor(source, { trees: [treeAt(place.root)] }));
  await watched.until("watching", () => watched.facts.some((fact) => fact.type === "watching"));
  await watched.settled();
  return watched;
}

export function begin(place: Place, options: WatchOptions, fromMs?: number): Watched {
  const facts: WatchFact[] = [];
  const problems: Problem[] = [];
  const changes = new Set<string>();
  const counts = new Map<string, number>();
  const unchanged = new Set<string>();
  let verdict: Verdict = "ignore";
  let marks = 0;
  let wake = (): void => {};
  let lookTimer: NodeJS.Timeout | undefined;

  const note = (demand: Demand): void => {
    for (const path of demand.keys()) {
      changes.add(path);
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
    const most = verdictOf(demand);
    if (verdicts.indexOf(most) > verdicts.indexOf(verdict)) verdict = most;
    wake();
  };
  const hear = (fact: WatchFact): void => {
    facts.push(fact);
    if (fact.type === "unchanged") for (const path of fact.paths) unchanged.add(path);
    if (fact.type === "warned") problems.push(fact.problem);
    if (fact.type === "changed") {
      for (const { demand } of fact.changes.values()) note(demand);
      // As the engine does: a look when the quiet time has ended.
      lookTimer ??= setTimeout(() => {
        lookTimer = undefined;
        noteLook();
      }, 10);
    }
    wake();
  };
  const watching = watch(options, hear, fromMs);
  const noteLook = (): void => {
    for (const { demand } of watching.look().changes.values()) note(demand);
  };

  const watched: Watched = {
    watching,
    facts,
    problems,
    changes,
    counts,
    unchanged,
    get verdict() {
      return verdict;
    },
    forget() {
      changes.clear();
      counts.clear();
      unchanged.clear();
      facts.length = 0;
      problems.length = 0;
      verdict = "ignore";
    },
    async until(what, holds) {
      const endsAt = Date.now() + deadlineMs;
      while (!holds()) {
        const left = endsAt - Date.now();
        if (left <= 0)
          throw new Error(`waited for ${what}; told until now: ${JSON.stringify([...changes].slice(0, 50))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, 50));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    told: (...paths) => watched.until(paths.join(", "), () => paths.every((path) => changes.has(path))),
    async settled() {
      for (let round = 0; round < 2; round++) {
        const mark = `mark-${++marks}`;
        place.write(mark, String(marks));
        await watched.told(mark);
        counts.delete(mark);
        changes.delete(mark);
        place.remove(mark);
        await watched.told(mark);
        counts.delete(mark);
        changes.delete(mark);
      }
      // The look that is due already must not come in the middle of what is done next.
      clearTimeout(lookTimer);
      lookTimer = undefined;
      noteLook();
    },
    async learned() {
      watching.idle();
      await watched.until("contents to be known", () => facts.some((fact) => fact.type === "learned"));
      await watched.settled();
      watched.forget();
    },
    async close() {
      clearTimeout(lookTimer);
      await watching.close();
      place.clean();
    },
  };
  return watched;
}
