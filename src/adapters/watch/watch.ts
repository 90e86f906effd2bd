/**
 * Watching: hints say where to look, an index says what was seen last, and the difference is what is told.
 * No source of hints is trusted: whatever is looked at after the last hint is right.
 */
import { basename, dirname, relative, resolve, sep } from "node:path";
import type { Problem } from "../../core/problem.ts";
import { type Branch, branchKey, isFollowed, type LookSurroundings, labelOf, looking, type Mode } from "./branch.ts";
import { branchOf } from "./branch-of.ts";
import { changedRules, createChecks } from "./checks.ts";
import { type Directory, everyDirectory, isMangled, pathIn } from "./directory.ts";
import { createDoubts } from "./doubts.ts";
import { createFiles } from "./files.ts";
import { createFindings } from "./findings.ts";
import { type Git, watchGit } from "./git.ts";
import { createHeld } from "./held.ts";
import { createIdle } from "./idle.ts";
import type { Link } from "./links.ts";
import { lookAtName } from "./look.ts";
import { mountedFiles } from "./mounts.ts";
import { outwardLinks, type UnfollowedLink } from "./outward.ts";
import { createPlaces } from "./places.ts";
import { createQueue } from "./queue.ts";
import { dropDirectory } from "./removal.ts";
import { statOfPath } from "./stat.ts";
import type { WatchedTree, WatchFact, Watching, WatchOptions } from "./types.ts";

export type { WatchedTree, WatchFact, Watching, WatchOptions, WatchView as View } from "./types.ts";

/** The longest stretch of looking that other events have to wait for, in milliseconds. */
const sliceMs = 8;
const lookMs = 8;

/** A clock of files can be this much behind the clock of the process (one tick at 100 Hz), in milliseconds. */
const clockLagMs = 10;

/** More hints than this between two turns of the event loop, and the kernel's queue (16,384) may have overflowed without a word. */
const burstHints = 4096;

/** More contents than this are not read at once; while something is being made, which is known by them, more. */
const readLimit = 200;
const makingReadLimit = 5_000;

/** Files of which the whole directory is looked at again when the quiet time has ended: about 2 ms. */
const lookAgainFiles = 300;

/**
 * Starts at once and looks in slices. Never throws.
 * `fromMs`: what has changed since then is told (milliseconds since the epoch); the moment of the call.
 */
export function watch(given: WatchOptions, tell: (fact: WatchFact) => void, fromMs: number = Date.now()): Watching {
  const startedMs = performance.now();
  const sinceMs = fromMs - clockLagMs;
  const files = createFiles();
  const queue = createQueue();
  const findings = createFindings();
  const touched = new Map<Directory, Branch>();
  const renewals = new Map<Branch, number>();
  const relinks = new Set<Branch>();
  const replaced = new Set<string>();
  const unfollowed: UnfollowedLink[] = [];
  const whenRested: (() => void)[] = [];
  let options = given;
  let branches: readonly Branch[] = [];
  let missed: ReadonlySet<string> = new Set();
  let scheduled: NodeJS.Immediate | undefined;
  let spentMs = 0;
  let hintsSinceTurn = 0;
  let reads = 0;
  let lastReadMs = 0;
  let isForcing = false;
  let isWatching = false;
  let isSettled = false;
  let mayIdle = false;
  let isClosed = false;

  const warn = (problem: Problem): void => tell({ type: "warned", problem });
  const gitOf = ({ gitDirectory }: WatchOptions): Git | undefined =>
    gitDirectory === undefined ? undefined : watchGit(gitDirectory, warn);
  let git = gitOf(given);
  const places = createPlaces(given, () => spentMs, hint, warn);

  const around: LookSurroundings = {
    files,
    place: places.place,
    followTo,
    unfollowed(branch, directory, name) {
      if (!isWatching) unfollowed.push({ branch, directory, name });
    },
    relink: (branch) => {
      if (branch.links.size > 0) relinks.add(branch);
    },
    ask,
    askFiles: queue.addFiles,
    isOutput: (stats, path) => given.isOutput?.(stats, path) ?? false,
    found: findings.add,
    unchanged: findings.addUnchanged,
    warn,
    waitsFor: (branch, directory, name) =>
      branch.ignoreUnchanged &&
      mayWait() &&
      held.waitsFor(branch, directory, name, given.isMaking?.() === true ? "making" : "saving"),
    waitsForOutput: (branch, directory, name) => mayWait() && held.waitsFor(branch, directory, name, "opening"),
    waitsForNew: (branch, directory, name, stats) => mayWait() && held.waitsForNew(branch, directory, name, stats),
    mayRead() {
      const now = performance.now();
      if (now - lastReadMs > 100) reads = 0;
      lastReadMs = now;
      return ++reads <= (given.isMaking?.() === true ? makingReadLimit : readLimit);
    },
    doubted: (branch, directory) => doubts.add(branch, directory),
    rulesChanged: (branch, atMs) => renewals.set(branch, Math.min(atMs, renewals.get(branch) ?? atMs)),
    baseGone(branch) {
      if (branch.isGone) return;
      branch.isGone = true;
      warn({
        code: "watch/missing",
        severity: "warning",
        message: `${branch.root.absolute} is not there; waiting for it`,
      });
      checks.hurry();
    },
  };

  /** Nobody wants to know what is the case in this very moment. */
  const mayWait = (): boolean => !isForcing && whenRested.length === 0;

  const held = createHeld(
    (branch, directory, name) => lookAtName(branch, directory, name, false, around),
    () => {
      publish();
      if (held.size === 0) schedule();
    },
  );

  const doubts = createDoubts((branch, directory) => ask(branch, directory, looking, false));
  const checks = createChecks({
    branches: () => branches,
    baseGone: around.baseGone,
    baseReplaced: (branch) => ask(branch, branch.root, looking, true),
    baseIsFile: () => aimAt(options.trees, 0, false),
    lookAtLinks,
    lookAtMounts,
    rulesChanged: renew,
  });

  const idle = createIdle(
    () => branches,
    files,
    () => !queue.isEmpty,
    (branch, directory, name) => hint(branch, directory, name, true),
    () => tell({ type: "learned" }),
  );

  // ── what is asked for ────────────────────────────────────────────────────────────────────────────────────────────

  function hint(branch: Branch, directory: Directory, name: string | undefined, isStructural: boolean): void {
    if (isClosed || directory.isGone) return;
    hintsSinceTurn++;
    if (name === undefined || isMangled(name)) {
      ask(branch, directory, looking, false);
      return;
    }
    const isKnown = directory.files.has(name) || directory.children.has(name) || branch.rulesFiles.has(name);
    // A log that is written to all the time must cost nothing; what is new or goes comes as a structural hint.
    if (!isKnown && !isStructural && name !== directory.name) return;
    lookAt(branch, directory, name, isStructural);
  }

  function lookAt(branch: Branch, directory: Directory, name: string, isStructural: boolean): void {
    queue.addName(branch, directory, name, isStructural);
    touched.set(directory, branch);
    schedule();
  }

  function ask(branch: Branch, directory: Directory, mode: Mode, replace: boolean): void {
    if (isClosed) return;
    queue.add(branch, directory, mode, replace);
    schedule();
  }

  function askAll(branch: Branch, mode: Mode, replace: boolean): void {
    queue.addAll(branch, mode, replace);
    schedule();
  }

  function followTo(branch: Branch, link: Link, path: string | undefined): void {
    if (link.target?.path === path) return;
    link.target?.placed?.close();
    link.target = undefined;
    if (path === undefined) return;
    const file = basename(path);
    const placed = places.placeAt(dirname(path), (name) => {
      if (name === undefined || name === file) lookAt(branch, link.directory, link.name, true);
    });
    link.target = { path, placed };
  }

  function lookAtMounts(branch: Branch): boolean {
    if (options.poll === false) return false;
    const files = mountedFiles(branch.root.absolute);
    for (const { path, isReplaced } of files) {
      const names = relative(branch.root.absolute, path).split(sep);
      const name = names.pop();
      let directory: Directory | undefined = branch.root;
      for (const part of names) directory = directory?.children.get(part);
      if (name !== undefined && directory?.files.has(name) === true) {
        lookAt(branch, directory, name, false);
        if (isReplaced) tellOfReplaced(branch, pathIn(directory, name));
      }
    }
    return files.length > 0;
  }

  /** Once for each. */
  function tellOfReplaced(branch: Branch, path: string): void {
    const label = labelOf(branch, path);
    if (replaced.has(label)) return;
    replaced.add(label);
    warn({
      code: "watch/limited",
      severity: "warning",
      message: `${label} is mounted by itself, and was replaced outside (editors save so): the old file is all that is seen here`,
      hint: "mount the directory that it is in",
    });
  }

  function lookAtLinks(branch: Branch): void {
    for (const [absolute, { directory, name }] of branch.links) {
      if (directory.isGone || !isFollowed(branch, pathIn(directory, name))) branch.links.delete(absolute);
      else lookAt(branch, directory, name, false);
    }
  }

  // ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

  function schedule(): void {
    // After the poll phase: all events that the kernel has for us have come by then.
    scheduled ??= setImmediate(turn);
  }

  function turn(): void {
    scheduled = undefined;
    if (isClosed) return;
    if (hintsSinceTurn > burstHints) {
      // Directories may have been replaced without a word: none of the watches is trusted (a new one from chokidar is dear, and it shares the old).
      for (const branch of branches) askAll(branch, looking, places.source === "native");
    }
    hintsSinceTurn = 0;
    drain(performance.now() + sliceMs, false);
    publish();
    if (queue.isSurveyed && !isWatching) completed();
    if (queue.isEmpty) rested();
    else schedule();
  }

  /** There is nothing left to look at. */
  function rested(): void {
    isSettled ||= isWatching;
    if (held.size > 0) return;
    for (const resolve of whenRested.splice(0)) resolve();
  }

  function drain(until: number, onlyUrgent: boolean): void {
    const begunMs = performance.now();
    // Nothing hints at rules that lie outside; what is looked at now is judged by those that hold now.
    if (!queue.isEmpty) {
      for (const branch of branches) for (const atMs of changedRules(branch)) renew(branch, atMs);
    }
    queue.drain(around, until, onlyUrgent);
    for (const [branch, atMs] of renewals) renew(branch, atMs);
    renewals.clear();
    for (const branch of relinks) lookAtLinks(branch);
    relinks.clear();
    spentMs += performance.now() - begunMs;
  }

  function renew(branch: Branch, atMs: number): void {
    for (const matcher of branch.matchers) matcher.renew?.();
    askAll(branch, { is: "baseline", sinceMs: atMs - clockLagMs, namesFirst: false }, false);
  }

  function publish(): void {
    const { changes, unchanged } = findings.take();
    if (unchanged.length > 0) tell({ type: "unchanged", paths: unchanged });
    if (changes.size === 0) return;
    if (mayIdle) idle.start(1000);
    tell({ type: "changed", changes, isFirst: !isSettled });
  }

  function completed(): void {
    isWatching = true;
    const elapsed = (): number => Math.round(performance.now() - startedMs);
    const told = (): void => {
      if (isClosed) return;
      let directories = 0;
      for (const branch of branches) for (const _ of everyDirectory(branch.root)) directories++;
      places.explain(directories);
      tell({ type: "watching", source: places.source, directories, files: files.count, elapsedMs: elapsed() });
      const links = outwardLinks(unfollowed.splice(0), branches);
      if (links.length > 0) tell({ type: "outward", links });
      if (mayIdle) idle.start(0);
    };
    void places.ready().then(told);
  }

  // ── the ends ─────────────────────────────────────────────────────────────────────────────────────────────────────

  function aimAt(trees: readonly WatchedTree[], atMs: number, replace: boolean): void {
    const before = [...branches];
    branches = trees.map((tree) => {
      const fresh = branchOf(tree, atMs, options);
      // Who look at it otherwise (through links) have a branch of their own at the same place.
      const at = before.findIndex((branch) => branchKey(branch) === branchKey(fresh));
      const [known] = at === -1 ? [] : before.splice(at, 1);
      if (known === undefined) return fresh;
      known.views = fresh.views;
      known.matchers = fresh.matchers;
      known.followSymlinks = fresh.followSymlinks;
      known.ignoreUnchanged = fresh.ignoreUnchanged;
      known.label = fresh.label;
      known.rulesFiles = fresh.rulesFiles;
      known.followed = fresh.followed;
      return known;
    });
    for (const branch of branches) {
      changedRules(branch);
      askAll(branch, { is: "baseline", sinceMs: atMs, namesFirst: true }, replace);
    }
    for (const branch of before) dropDirectory(branch.root, around);
    tellOfMissing(trees);
  }

  /** Once for each, as long as it is missing: a base is told of when it is looked at. */
  function tellOfMissing(trees: readonly WatchedTree[]): void {
    const missing = new Set<string>();
    for (const { base, named = [], label } of trees) {
      for (const path of named) {
        if (statOfPath(resolve(base, path)) !== undefined) continue;
        missing.add(label(path));
        if (!missed.has(label(path))) {
          warn({ code: "watch/missing", severity: "warning", message: `${label(path)} is not there; waiting for it` });
        }
      }
    }
    missed = missing;
  }

  aimAt(options.trees, sinceMs, false);
  // Where there is nothing to look at, that is known at once.
  schedule();

  return {
    look() {
      if (isClosed) return { changes: new Map(), busy: false, isBehind: false };
      let budget = lookAgainFiles;
      for (const [directory, branch] of touched) {
        budget -= directory.files.size + directory.children.size;
        if (budget >= 0 && !directory.isGone) ask(branch, directory, looking, false);
      }
      touched.clear();
      isForcing = true;
      held.release();
      const until = performance.now() + lookMs;
      do drain(until, true);
      while (queue.isUrgent && performance.now() < until);
      isForcing = false;
      const { changes, unchanged } = findings.take();
      if (unchanged.length > 0) tell({ type: "unchanged", paths: unchanged });
      const isBehind = queue.isUrgent;
      return { changes, busy: isBehind || git?.isBusy() === true, isBehind };
    },
    lookAtAll() {
      if (isClosed) return Promise.resolve();
      for (const branch of branches) askAll(branch, looking, false);
      return new Promise((resolve) => {
        whenRested.push(resolve);
        held.release();
        schedule();
      });
    },
    idle() {
      mayIdle = true;
      if (isWatching) idle.start(0);
    },
    aim(next) {
      if (isClosed) return;
      drain(performance.now() + lookMs, true);
      publish();
      if (next.gitDirectory !== options.gitDirectory) git = gitOf(next);
      options = next;
      const isOther = places.use(next);
      aimAt(next.trees, Date.now() - clockLagMs, isOther);
    },
    async close() {
      isClosed = true;
      if (scheduled !== undefined) clearImmediate(scheduled);
      held.close();
      doubts.close();
      checks.stop();
      idle.stop();
      for (const resolve of whenRested.splice(0)) resolve();
      await places.close();
    },
  };
}
