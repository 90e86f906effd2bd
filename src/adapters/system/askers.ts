/**
 * Files into which another `reload` prints that the user has called beside this one (`reload logs -f > app.txt`, `reload --background >
 * start.txt`): what is printed there is ours as well. They are found when such a file changes, by who has it as its output at that
 * moment. Without `/proc` there are none.
 */
import { type Stats, statSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { identityOfFile } from "./opened.ts";
import { createPatience, isAfterLook, isUpTo } from "./patience.ts";
import { linkOf, textIn } from "./pipes.ts";
import { hasProc, isEnded, pids, statOf } from "./proc.ts";
import { isSourceName } from "./source-names.ts";

export interface Askers {
  /** @param path absolute: where the file is now */
  has(stats: Stats, path: string): boolean;
  close(): void;
}

interface Printed {
  readonly pid: number;
  /** What prints into the file may be a shell yet, which has opened it and will give way to a command of ours. */
  isOurs: boolean;
  readonly sinceMs: number;
  /** When it was seen that it prints no more. By the clock of files, in milliseconds. */
  goneAtMs: number | undefined;
}

/** How often it is asked who has ended, and how long their last words may be on their way, in milliseconds. */
const againMs = 50;
const afterwardsMs = 2_000;

/** How long a shell may take for that, in milliseconds. */
const givesWayMs = 5_000;

/** How often all processes are looked at; in between the new ones are, in milliseconds. A program of ours takes longer than that to print. */
const allMs = 100;

export function createAskers(): Askers {
  const files = new Map<string, Printed>();
  const mayLook = createPatience();
  const seen = { atMs: Number.NEGATIVE_INFINITY, allAtMs: Number.NEGATIVE_INFINITY, pids: new Set<number>() };
  /** Who prints into a file of that name. */
  let printing = new Map<string, number[]>();
  let timer: NodeJS.Timeout | undefined;

  /** What is written after the end is somebody else's: so the end must be known when it comes. */
  const follow = (): void => {
    const now = Date.now();
    for (const [identity, printed] of files) {
      printed.isOurs ||= isOurs(printed.pid);
      if (!printed.isOurs && (isEnded(statOf(printed.pid)) || now - printed.sinceMs > givesWayMs))
        files.delete(identity);
      if (printed.goneAtMs === undefined && isEnded(statOf(printed.pid))) printed.goneAtMs = now;
      if (printed.goneAtMs !== undefined && now - printed.goneAtMs > afterwardsMs) files.delete(identity);
    }
    if (files.size > 0) timer = setTimeout(follow, againMs).unref();
    else timer = undefined;
  };

  const know = (identity: string, pid: number): void => {
    files.set(identity, { pid, isOurs: isOurs(pid), sinceMs: Date.now(), goneAtMs: undefined });
    timer ??= setTimeout(follow, againMs).unref();
  };

  const look = (now: number): void => {
    const all = pids();
    if (Math.abs(now - seen.allAtMs) >= allMs) {
      seen.allAtMs = now;
      seen.pids.clear();
      printing = new Map();
    }
    for (const pid of all) {
      if (pid === process.pid || seen.pids.has(pid)) continue;
      seen.pids.add(pid);
      for (const name of namesPrintedBy(pid)) printing.set(name, [...(printing.get(name) ?? []), pid]);
    }
    seen.atMs = now;
  };

  // `reload --background` prints what became of us, and has ended by the time at which that is seen.
  const { ppid } = process;
  if (hasProc && isOurs(ppid)) for (const identity of printedBy(ppid)) know(identity, ppid);

  return {
    has(stats, path) {
      if (!hasProc || isSourceName(path)) return false;
      const identity = identityOfFile(stats);
      const known = files.get(identity);
      if (known?.isOurs === true) return isUpTo(stats, known.goneAtMs);
      const now = Date.now();
      if (isAfterLook(stats, seen.atMs, now) && mayLook(now)) look(now);
      const all = printing.get(basename(path))?.filter((each) => printedBy(each).includes(identity)) ?? [];
      const pid = all.find(isOurs) ?? all.at(-1);
      if (pid !== undefined && (known?.pid !== pid || isOurs(pid))) know(identity, pid);
      return files.get(identity)?.isOurs === true;
    },
    close: () => clearTimeout(timer),
  };
}

const streams = [1, 2] as const;

/** By name first: to ask for that is the cheaper one. A link on the way leaves the last part as it is. */
const namesPrintedBy = (pid: number): Set<string> => {
  const links = streams.map((fd) => linkOf(pid, fd)).filter((link) => link.startsWith("/"));
  return new Set(links.map((link) => basename(link)));
};

/** The files behind both streams. */
const printedBy = (pid: number): string[] =>
  streams.flatMap((fd) => {
    try {
      const stats = statSync(`/proc/${pid}/fd/${fd}`);
      return stats.isFile() ? [identityOfFile(stats)] : [];
    } catch {
      // It has ended, or is somebody else's.
      return [];
    }
  });

const program = fileURLToPath(new URL("./cli.js", import.meta.url));

/**
 * By its words: we, or an interpreter or what starts programs of packages (`npx`), and we. Of anything else (`grep -r reload`,
 * `git -C ../reload log`) a word like that says nothing.
 */
function isOurs(pid: number): boolean {
  const [first = "", ...words] = textIn(`/proc/${pid}/cmdline`).split("\0").slice(0, mostWords);
  if (ourNames.has(basename(first))) return true;
  // npm makes one word of its title.
  const [name = "", ...more] = basename(first).split(" ");
  return starters.test(name) && [...more, ...words].some((word) => word === program || ourNames.has(basename(word)));
}

const mostWords = 4;
const starters = /^(?:node(?:js)?|bun|deno|npm|npx|pnpm|yarn|bunx|pnpx)$/;
const ourNames: ReadonlySet<string> = new Set(["reload", "reload-dev"]);
