/**
 * Files that `reload` writes, or that what it starts has for its output: what changes in them is not the user's work, whatever they are
 * called by now. They are known by device and inode, behind descriptors: our own, those of the readers of our pipe (`| tee log.txt`), and
 * stdout and stderr of every run (`> app.txt`). Without `/proc` our own are known.
 */
import { fstatSync, readlinkSync, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
import type { SeenFile } from "./appended.ts";
import { isLockedBy, pageOf } from "./databases.ts";
import { createLogs, type HowWritten, isSourceName } from "./logs.ts";
import { createOpened, identityOfFile, statOfDescriptor } from "./opened.ts";
import { createPatience, isAfterLook } from "./patience.ts";
import { linkOf, pipesOf, readersOf, writable } from "./pipes.ts";
import { family, hasProc, isEnded, statOf } from "./proc.ts";
import { createRecorders, type Descriptor, type Recorders } from "./recorders.ts";

export interface Outputs {
  /** @param path absolute: where the file is now. @param was what was seen of it before */
  has(stats: Stats, path: string, was?: SeenFile): boolean;
  /** Something was started. */
  began(): void;
  /** Something that was started has ended: what is written from now on is not its output. */
  ended(): void;
  close(): void;
}

interface Output {
  /** Ours, for as long as we live. */
  readonly isOwn: boolean;
  /** When it was seen to be open last. By the clock of files, in milliseconds. */
  seenAtMs: number;
  /** When it was seen to be open no more. */
  goneAtMs: number | undefined;
}

interface Known {
  readonly outputs: Map<string, Output>;
  /** Where they have been: what is beside that and named after it is an older part of them. */
  readonly paths: Set<string>;
}

/** Of this process: descriptors beyond those that `/proc` shows, and the lines that it printed last. */
export interface OwnPrinting {
  descriptors(): readonly number[];
  said(): readonly string[];
}

/**
 * @param started those who lead what was started and may live
 * @param found hears of each log that what was started opens for each line
 */
export function createOutputs(
  own: OwnPrinting,
  started: () => readonly number[],
  found: (path: string, how: HowWritten) => void,
): Outputs {
  /** Readers of our pipe as well: `| while read line; do echo "$line" >> log.txt; done`. */
  const writers = (): number[] => [...started(), ...(readers ?? [])].flatMap((pid) => family(pid));
  const logs = hasProc ? createLogs(writers, own.said, found) : undefined;
  /** Those to which something that was started has appended, and keeps open. `goneAtMs`: when it was seen to be open no more. */
  const kept = new Map<string, { goneAtMs: number | undefined }>();
  const known: Known = { outputs: new Map(), paths: new Set() };
  let readers: readonly number[] | undefined;
  let recorders: Recorders | undefined;
  let recorded: readonly Descriptor[] = [];
  let isBegun = false;
  let knownAtMs = Number.NEGATIVE_INFINITY;
  const mayLook = createPatience();
  const runs = (): number[] => started().flatMap((pid) => family(pid));
  const opened = createOpened(runs);
  /** Databases that have been told of. */
  const told = new Set<string>();

  /** A writer stands at the end of what it appends to; somebody else's save leaves it behind. Of what nobody has open nothing is known. */
  const isAppended = (stats: Stats, path: string, now: number, was: SeenFile | undefined): boolean | undefined => {
    if (!hasProc || stats.size <= (was?.size ?? 0) || isSourceName(path)) return undefined;
    const position = opened.position(stats, now);
    // Who has opened it to append stands at its beginning until it has.
    if (position !== undefined && position > 0) {
      // It may be farther on by now.
      if (position < stats.size) return false;
      kept.set(identityOfFile(stats), { goneAtMs: undefined });
      known.paths.add(path);
      logs?.caught(path);
      return true;
    }
    return isLast(stats, now) ? true : undefined;
  };

  /** Its last words are seen when it is gone; who lives on without it opens it for each line. */
  const isLast = (stats: Stats, now: number): boolean => {
    const identity = identityOfFile(stats);
    const before = kept.get(identity);
    if (before === undefined) return false;
    if (before.goneAtMs === undefined && isOver()) before.goneAtMs = now;
    if (before.goneAtMs !== undefined && Math.floor(stats.mtimeMs) <= before.goneAtMs) return true;
    kept.delete(identity);
    return false;
  };

  /**
   * A database that what runs has open, and may well have written. Who opens it in a shell beside it, while that has written nothing, is
   * somebody who wants to be seen; who replaces it writes another file.
   */
  const isDatabase = (stats: Stats, path: string, now: number): boolean => {
    if (!hasProc || stats.size === 0 || isSourceName(path)) return false;
    if (opened.position(stats, now) === undefined) return isLast(stats, now);
    const page = pageOf(path);
    const isTheirs = page === undefined ? isLockedBy(runs(), stats) : logs?.haveWritten(page) === true;
    if (!isTheirs) return false;
    kept.set(identityOfFile(stats), { goneAtMs: undefined });
    if (!told.has(path)) found(path, "database");
    told.add(path);
    return true;
  };

  const isOver = (): boolean => runs().every((pid) => isEnded(statOf(pid)));

  /**
   * A shell opens a file, and empties it by that, a moment before it makes it the output of a command. What is empty has nothing to be
   * started for: whatever is written into it is judged anew.
   */
  const isBeingOpened = (stats: Stats, now: number): boolean =>
    hasProc && stats.size === 0 && opened.position(stats, now) !== undefined;

  const look = (now: number, path: string | undefined): void => {
    if (readers === undefined) {
      for (const fd of new Set([1, 2, ...own.descriptors(), ...writable(process.pid)])) addOwn(known, fd, now);
      readers = readersOf(pipesOf(process.pid, [1, 2]));
    }
    for (const pid of readers) for (const fd of writable(pid)) add(known, pid, fd, now);
    // A source is no recording, and a save of one has no time to lose where nothing is recorded.
    if (recorders !== undefined && (recorded.length > 0 || (path !== undefined && !isSourceName(path)))) {
      recorded = recorders.now();
      for (const { pid, fd } of recorded) add(known, pid, fd, now);
    }
    for (const pid of runs()) for (const fd of [1, 2]) add(known, pid, fd, now);
    for (const [identity, output] of known.outputs) {
      if (output.isOwn || output.seenAtMs === now) continue;
      output.goneAtMs ??= now;
      if (Math.abs(now - output.goneAtMs) > afterwardsMs) known.outputs.delete(identity);
    }
    knownAtMs = now;
  };

  return {
    has(stats, path, was) {
      const now = Date.now();
      const identity = identityOfFile(stats);
      const before = known.outputs.get(identity);
      // One that is written to all the time is not looked for each time.
      if (before?.isOwn === true) return true;
      if (before !== undefined && before.goneAtMs === undefined && now - before.seenAtMs < freshMs) return true;
      // What was opened after the last look is in no answer to it.
      if (isAfterLook(stats, knownAtMs, now) && mayLook(now)) look(now, path);
      const output = known.outputs.get(identity);
      if (output === undefined) {
        if (isOlderPart(path, known.paths) || isBeingOpened(stats, now)) return true;
        if (isDatabase(stats, path, now)) return true;
        return isAppended(stats, path, now, was) ?? logs?.has(path, stats, was) === true;
      }
      // The last words of what has ended are seen when it is gone; later it is somebody else who writes there.
      // The clock of the process has whole milliseconds.
      if (output.goneAtMs === undefined || Math.floor(stats.mtimeMs) <= output.goneAtMs || isBeingOpened(stats, now))
        return true;
      const isOpen = isAppended(stats, path, now, was);
      if (isOpen !== undefined) return isOpen;
      // A shell makes it the output of one command after the other.
      logs?.caught(path);
      return logs?.has(path, stats, was) === true;
    },
    began() {
      logs?.began();
      if (isBegun || !hasProc) return;
      isBegun = true;
      // The first start does not wait for it.
      setImmediate(() => {
        recorders = createRecorders();
        for (const { pid, fd } of recorders.atStart()) addRecording(known, pid, fd, Date.now());
      });
    },
    ended() {
      const now = Date.now();
      const open = kept.size === 0 ? undefined : opened.now();
      for (const [identity, output] of kept) {
        if (open?.has(identity) === true) continue;
        output.goneAtMs ??= now;
        if (now - output.goneAtMs > afterwardsMs) kept.delete(identity);
      }
      if ([...known.outputs.values()].some(({ isOwn }) => !isOwn)) look(now, undefined);
    },
    close() {
      logs?.close();
      recorders?.close();
    },
  };
}

/** How long what is gone is remembered, and what was open a moment ago is taken to be open, in milliseconds. */
const afterwardsMs = 2_000;
const freshMs = 300;

/** `app.txt.1`, `app.txt.2.gz`, `app.txt-20260102`: what rotation makes of it. */
function isOlderPart(path: string, paths: ReadonlySet<string>): boolean {
  const named = /^(.+?)(?:\.\d{1,2}|[.-]\d{8,})(?:\.(?:gz|xz|zst|bz2))?$/.exec(basename(path))?.[1];
  if (named === undefined) return false;
  return paths.has(`${dirname(path)}/${named}`);
}

function addOwn(to: Known, fd: number, now: number): void {
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return;
    to.outputs.set(identityOfFile(stats), { isOwn: true, seenAtMs: now, goneAtMs: undefined });
    if (hasProc) to.paths.add(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    // Closed.
  }
}

function addRecording(to: Known, pid: number, fd: number, now: number): void {
  const stats = statOfDescriptor(pid, fd);
  if (stats === undefined) return;
  to.outputs.set(identityOfFile(stats), { isOwn: true, seenAtMs: now, goneAtMs: undefined });
}

function add(to: Known, pid: number, fd: number, now: number): void {
  const stats = statOfDescriptor(pid, fd);
  if (stats === undefined) return;
  const identity = identityOfFile(stats);
  const isOwn = to.outputs.get(identity)?.isOwn === true;
  to.outputs.set(identity, { isOwn, seenAtMs: now, goneAtMs: undefined });
  const path = linkOf(pid, fd);
  if (path !== "") to.paths.add(path);
}
