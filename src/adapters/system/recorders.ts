/**
 * Who records what we print or do: a terminal (`script`, `asciinema`, `screen -L`, `tmux pipe-pane`), a supervisor that reads our pipe into
 * a file, `strace -o`, `perf record`. What they have open is looked at, as Linux shows it in `/proc`; elsewhere there is nobody.
 */
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { identityOfFile, statOfDescriptor } from "./opened.ts";
import { ancestorsOf, descriptors, isWritable, linkOf, pipesOf, readersOf, textIn, writable } from "./pipes.ts";
import type { Descriptor } from "./printed.ts";
import { commandOf, family, statOf } from "./proc.ts";
import { isSourceName } from "./source-names.ts";

export interface Recorders {
  /** What those had open at the start who hold the other side of our terminal, or read our pipe: an editor has no file open at that moment. */
  atStart(): readonly Descriptor[];
  /** What they have open of it now. */
  early(): readonly Descriptor[];
  /** What records us, as far as that is known. */
  now(): readonly Descriptor[];
  /** Who reads our pipe in our own session (`| while read line; do echo "$line" >> log.txt; done`). */
  readers(): readonly number[];
  close(): void;
}

/**
 * An ancestor may be an editor or a runner of tasks, which has a file of the user's open while it saves it: a recording is what it keeps
 * open for longer than that, in milliseconds, and has had open, or one of that name, when we were started. Some take their time with a save.
 */
const keptMs = 500;
/** They are looked at when a start is over. In milliseconds. */
const restMs = 100;
/** They begin to record a terminal at any time, and save nothing. */
const multiplexers = /^(?:tmux|screen|zellij)\b/i;

export function createRecorders(): Recorders {
  const ancestors = ancestorsOf(process.pid);
  /** Since when each descriptor has led to this file. */
  let sinceMs = new Map<string, number>();
  /** What was open at the start: a file by what `identityOfFile` says, or where it was. */
  let early: ReadonlySet<string> | undefined;
  let atStart: readonly Recording[] = [];
  let holders: readonly number[] | undefined;
  /** Who reads our pipe and is no ancestor. In another session it may be an editor that has left its child to the system. */
  const ownSession = statOf(process.pid)?.session;
  const readers = readersOf(pipesOf(process.pid, [1, 2])).flatMap((pid) => statOf(pid) ?? []);
  const beside = readers.filter(({ session }) => session === ownSession).map(({ pid }) => pid);
  /** The number of one that has ended is given to the next. */
  const living = (): number[] =>
    readers.filter(({ pid, startedTicks }) => statOf(pid)?.startedTicks === startedTicks).map(({ pid }) => pid);

  /** Those who hold our terminal, and what they have started that is in no terminal itself. */
  const ofTerminal = (some: (pid: number) => boolean = () => true): number[] => {
    holders ??= holdersOf(ancestors);
    const wanted = holders.filter(some);
    return [...wanted, ...wanted.flatMap(besides)];
  };

  let kept: readonly Recording[] = [];
  let sampled = { atMs: Number.NEGATIVE_INFINITY, isDue: false };
  let timer: NodeJS.Timeout | undefined;

  const sample = (): void => {
    const now = performance.now();
    const before = sinceMs;
    sinceMs = new Map();
    sampled = { atMs: now, isDue: false };
    const everyTime = new Set([...ofTerminal((pid) => multiplexers.test(nameOf(pid))), ...beside]);
    const all = [...new Set([...ancestors, ...ofTerminal()])].flatMap(filesOf).concat(living().flatMap(allFilesOf));
    early ??= new Set(all.flatMap(({ path, identity }) => [path, identity]));
    const known = early;
    kept = all.filter(({ pid, fd, path, identity }) => {
      if (!everyTime.has(pid) && !known.has(path) && !known.has(identity)) return false;
      const name = `${pid}:${fd}:${identity}`;
      const since = before.get(name) ?? now;
      sinceMs.set(name, since);
      return now - since >= keptMs;
    });
  };

  return {
    atStart() {
      sample();
      atStart = [...ofTerminal().flatMap(filesOf), ...living().flatMap(allFilesOf)];
      return atStart;
    },
    early: () => atStart.filter(isOpen),
    now() {
      // To look at them all takes milliseconds, which a save does not wait for: what has been kept open is known from before.
      if (!sampled.isDue && performance.now() - sampled.atMs >= keptMs) {
        sampled.isDue = true;
        timer = setTimeout(sample, restMs).unref();
      }
      // The number of a descriptor that is closed is given to the next file, which may be a save. Who traces us is no editor.
      return [...open(tracer()), ...kept.filter(isOpen)];
    },
    readers: () => beside.filter((pid) => living().includes(pid)),
    close: () => clearTimeout(timer),
  };
}

interface Recording extends Descriptor {
  readonly path: string;
  readonly identity: string;
}

const isOpen = ({ pid, fd, identity }: Recording): boolean => identityAt(pid, fd) === identity;

/** The files among what a process has open for writing, but for sources: no recording is called that. */
const filesOf = (pid: number): Recording[] => allFilesOf(pid).filter(({ path }) => !isSourceName(path));

function allFilesOf(pid: number): Recording[] {
  return descriptors(pid).flatMap((fd) => {
    const path = linkOf(pid, fd);
    const isFile = path.startsWith("/") && !/^\/(?:dev|proc|sys)\//.test(path);
    const identity = isFile && isWritable(pid, fd) ? identityAt(pid, fd) : undefined;
    return identity === undefined ? [] : [{ pid, fd, path, identity }];
  });
}

function identityAt(pid: number, fd: number): string | undefined {
  const stats = statOfDescriptor(pid, fd);
  return stats === undefined ? undefined : identityOfFile(stats);
}

/** What it calls itself: `tmux: server`. */
const nameOf = (pid: number): string => textIn(`/proc/${pid}/comm`).trim();

/** Who traces us, and the directories into which that is written, by device and inode: each event of them makes the next one. */
export function traced(): { readonly by: string; readonly into: ReadonlySet<string> } | undefined {
  const [pid] = tracer();
  if (pid === undefined) return undefined;
  const paths = writable(pid).map((fd) => linkOf(pid, fd));
  return {
    by: basename(commandOf(pid).split(" ")[0] ?? ""),
    into: new Set(paths.filter((path) => path.startsWith("/")).flatMap(directoryOf)),
  };
}

function directoryOf(path: string): string[] {
  try {
    const { dev, ino } = statSync(dirname(path));
    return [`${dev}:${ino}`];
  } catch {
    return [];
  }
}

const open = (pids: readonly number[]): Descriptor[] => pids.flatMap((pid) => writable(pid).map((fd) => ({ pid, fd })));

function tracer(): number[] {
  const pid = Number(/^TracerPid:\t(\d+)$/m.exec(textIn("/proc/self/status"))?.[1] ?? 0);
  return pid === 0 ? [] : [pid];
}

function holdersOf(ancestors: readonly number[]): number[] {
  const own = new Set([1, 2].flatMap((fd) => /^\/dev\/pts\/(\d+)$/.exec(linkOf(process.pid, fd))?.[1] ?? []));
  if (own.size === 0) return [];
  const holds = (pid: number, fd: number): boolean => {
    if (!/\/ptmx$/.test(linkOf(pid, fd))) return false;
    return own.has(/^tty-index:\s*(\d+)$/m.exec(textIn(`/proc/${pid}/fdinfo/${fd}`))?.[1] ?? "");
  };
  return ancestors.filter((pid) => writable(pid).some((fd) => holds(pid, fd)));
}

/** Children without a terminal of a process, and what descends from them. */
function besides(pid: number): number[] {
  const [, ...all] = family(pid, (child) => !/^\/dev\/(?:pts\/|tty)/.test(linkOf(child, 0)));
  return all;
}
