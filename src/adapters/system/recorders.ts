/**
 * Who records what we print or do: a terminal (`script`, `asciinema`, `screen -L`, `tmux pipe-pane`), a supervisor that reads our pipe into
 * a file, `strace -o`, `perf record`. What they have open is looked at, as Linux shows it in `/proc`; elsewhere there is nobody.
 */
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ancestorsOf, descriptors, isWritable, linkOf, textIn, writable } from "./pipes.ts";
import { commandOf, family } from "./proc.ts";

export interface Descriptor {
  readonly pid: number;
  readonly fd: number;
}

export interface Recorders {
  /** What those write who hold the other side of our terminal, at the start: an editor with a terminal in it has no file open at that moment. */
  readonly atStart: () => readonly Descriptor[];
  /** What records us, as far as that is known. */
  now(): readonly Descriptor[];
  close(): void;
}

/**
 * An ancestor may be an editor or a runner of tasks, which has a file of the user's open while it saves it: a recording is what it keeps
 * open for longer than that. In milliseconds.
 */
const keptMs = 500;
/** They are looked at when a start is over. In milliseconds. */
const restMs = 100;

export function createRecorders(): Recorders {
  const ancestors = ancestorsOf(process.pid);
  /** Since when each descriptor has led to this file. */
  let sinceMs = new Map<string, number>();
  let holders: readonly number[] | undefined;

  /** Those who hold our terminal, and what they have started that is in no terminal itself. */
  const ofTerminal = (): number[] => {
    holders ??= holdersOf(ancestors);
    return [...holders, ...holders.flatMap(besides)];
  };

  let kept: readonly Descriptor[] = [];
  let sampled = { atMs: Number.NEGATIVE_INFINITY, isDue: false };
  let timer: NodeJS.Timeout | undefined;

  const sample = (): void => {
    const now = performance.now();
    const before = sinceMs;
    sinceMs = new Map();
    sampled = { atMs: now, isDue: false };
    kept = [...new Set([...ancestors, ...ofTerminal()])].flatMap(filesOf).filter(({ pid, fd, path }) => {
      const name = `${pid}:${fd}:${path}`;
      const since = before.get(name) ?? now;
      sinceMs.set(name, since);
      return now - since >= keptMs;
    });
  };

  return {
    atStart() {
      sample();
      return open(ofTerminal());
    },
    now() {
      // To look at them all takes milliseconds, which a save does not wait for: what has been kept open is known from before.
      if (!sampled.isDue && performance.now() - sampled.atMs >= keptMs) {
        sampled.isDue = true;
        timer = setTimeout(sample, restMs).unref();
      }
      // Who traces us is no editor.
      return [...open(tracer()), ...kept];
    },
    close: () => clearTimeout(timer),
  };
}

/** The files among what a process has open for writing. */
function filesOf(pid: number): { readonly pid: number; readonly fd: number; readonly path: string }[] {
  return descriptors(pid).flatMap((fd) => {
    const path = linkOf(pid, fd);
    const isFile = path.startsWith("/") && !/^\/(?:dev|proc|sys)\//.test(path);
    return isFile && isWritable(pid, fd) ? [{ pid, fd, path }] : [];
  });
}

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
