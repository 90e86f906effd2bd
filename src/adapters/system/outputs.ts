/**
 * Files that `reload` writes, or that what it starts has for its output: what changes in them is not the user's work, whatever they are
 * called by now. They are known by device and inode, behind descriptors: our own, those of the readers of our pipe (`| tee log.txt`), and
 * stdout and stderr of every run (`> app.txt`). Without `/proc` our own are known.
 */
import { fstatSync, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
import type { SeenFile } from "./appended.ts";
import { isLockedBy, pageOf } from "./databases.ts";
import { createLogs, type HowWritten } from "./logs.ts";
import { createOpened, identityOfFile } from "./opened.ts";
import { createPatience, isAfterLook, isUpTo } from "./patience.ts";
import { linkOf, writable } from "./pipes.ts";
import { createPrinted, type Descriptor, isStillOpen } from "./printed.ts";
import { family, hasProc, isEnded, statOf } from "./proc.ts";
import { createRecorders, type Recorders } from "./recorders.ts";
import { isSourceName } from "./source-names.ts";

export interface Outputs {
  /** @param path absolute: where the file is now. @param was what was seen of it before */
  has(stats: Stats, path: string, was?: SeenFile): boolean;
  /** Something was started. */
  began(): void;
  /** Something that was started has ended: what is written from now on is not its output. */
  ended(): void;
  close(): void;
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
  const writers = (): number[] => [...started(), ...(recorders?.readers() ?? [])].flatMap((pid) => family(pid));
  const logs = hasProc ? createLogs(writers, own.said, found) : undefined;
  /** Those to which something that was started has appended, and keeps open. `goneAtMs`: when it was seen to be open no more. */
  const kept = new Map<string, { goneAtMs: number | undefined }>();
  /** Where outputs have been: what is beside that and named after it is an older part of them. */
  const paths = new Set<string>();
  const printed = createPrinted((now) => {
    look(now, undefined);
    // What was written into it is no evidence of who writes there next.
    logs?.haveWritten(0);
  });
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
      paths.add(path);
      logs?.caught(path, stats);
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
    if (before.goneAtMs !== undefined && isUpTo(stats, before.goneAtMs)) return true;
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

  const add = (at: Descriptor, now: number): void => {
    const path = printed.add(at, now) ? linkOf(at.pid, at.fd) : "";
    if (path !== "") paths.add(path);
  };

  /** What is open from the start on: whoever reads us, or holds our terminal, is soon at work, and may save files of the user's. */
  const begin = (): void => {
    if (recorders !== undefined) return;
    const now = Date.now();
    for (const fd of new Set([1, 2, ...own.descriptors(), ...writable(process.pid)])) {
      const stats = statOfOwn(fd);
      if (stats === undefined) continue;
      printed.addOwn(stats, now);
      const path = linkOf(process.pid, fd);
      if (path !== "") paths.add(path);
    }
    recorders = createRecorders();
    for (const at of recorders.atStart()) add(at, now);
  };

  const look = (now: number, path: string | undefined): void => {
    begin();
    for (const at of recorders?.early() ?? []) add(at, now);
    // A source is no recording, and a save of one has no time to lose where nothing is recorded.
    if (recorders !== undefined && (recorded.length > 0 || (path !== undefined && !isSourceName(path)))) {
      recorded = recorders.now();
      for (const at of recorded) add(at, now);
    }
    for (const pid of runs()) for (const fd of [1, 2]) add({ pid, fd }, now);
    printed.looked(now);
    knownAtMs = now;
  };

  return {
    has(stats, path, was) {
      const now = Date.now();
      const identity = identityOfFile(stats);
      const before = printed.of(identity);
      // One that is written to all the time is not looked for each time.
      if (before?.isOwn === true) return true;
      const isBelievedOpen = before !== undefined && before.goneAtMs === undefined;
      if (isBelievedOpen && isStillOpen(before, identity)) return true;
      // What was opened after the last look is in no answer to it.
      if (isBelievedOpen || (isAfterLook(stats, knownAtMs, now) && mayLook(now))) look(now, path);
      const output = printed.of(identity);
      if (output === undefined) {
        if (isOlderPart(path, paths) || isBeingOpened(stats, now)) return true;
        if (isDatabase(stats, path, now)) return true;
        return isAppended(stats, path, now, was) ?? logs?.has(path, stats, was) === true;
      }
      // The last words of what has ended are seen when it is gone; later it is somebody else who writes there.
      if (isUpTo(stats, output.goneAtMs) || isBeingOpened(stats, now)) return true;
      const isOpen = isAppended(stats, path, now, was);
      if (isOpen !== undefined) return isOpen;
      // A shell makes it the output of one command after the other.
      logs?.caught(path, stats);
      return logs?.has(path, stats, was) === true;
    },
    began() {
      logs?.began();
      if (isBegun || !hasProc) return;
      isBegun = true;
      // The first start does not wait for it.
      setImmediate(begin);
    },
    ended() {
      const now = Date.now();
      const open = kept.size === 0 ? undefined : opened.now();
      for (const [identity, output] of kept) {
        if (open?.has(identity) === true) continue;
        output.goneAtMs ??= now;
        if (now - output.goneAtMs > afterwardsMs) kept.delete(identity);
      }
      if (printed.hasOthers()) look(now, undefined);
    },
    close() {
      logs?.close();
      printed.close();
      recorders?.close();
    },
  };
}

/** How long what is gone is remembered, in milliseconds. */
const afterwardsMs = 2_000;

/** `app.txt.1`, `app.txt.2.gz`, `app.txt-20260102`: what rotation makes of it. */
function isOlderPart(path: string, paths: ReadonlySet<string>): boolean {
  const named = /^(.+?)(?:\.\d{1,2}|[.-]\d{8,})(?:\.(?:gz|xz|zst|bz2))?$/.exec(basename(path))?.[1];
  if (named === undefined) return false;
  return paths.has(`${dirname(path)}/${named}`);
}

function statOfOwn(fd: number): Stats | undefined {
  try {
    const stats = fstatSync(fd);
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined; // Closed.
  }
}
