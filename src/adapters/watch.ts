/**
 * Watching: hints say where to look, an index says what was seen last, and the difference is what is told.
 * No source of hints is trusted: whatever is looked at after the last hint is right.
 */
import { type Stats, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type Demand, judge, type Matcher, nothing, type Verdict, verdicts } from "../core/demand.ts";
import type { Problem } from "../problem.ts";
import { type Branch, looking, type Mode, type Surroundings } from "./watch/branch.ts";
import { baseDirectory, type Directory, everyDirectory, isMangled } from "./watch/directory.ts";
import { createFiles } from "./watch/files.ts";
import { isGitBusy } from "./watch/git.ts";
import { createIdle } from "./watch/idle.ts";
import type { Link } from "./watch/links.ts";
import { dropDirectory, type Listing, lookAtDirectory, lookAtFiles, lookAtName } from "./watch/look.ts";
import { createPlaces } from "./watch/places.ts";

/** One root that is watched. */
export interface Tree {
  /** Absolute directory, or a single file. It need not exist yet. */
  readonly base: string;
  readonly matchers: readonly Matcher[];
  /** A path relative to the base, as the user sees it. `""` for a base that is a single file (its matchers are asked about its name). */
  readonly label: (path: string) => string;
}

export interface WatchOptions {
  readonly trees: readonly Tree[];
  readonly followSymlinks: boolean;
  /** A file whose bytes did not change is no change, once its content is known (see `idle`). */
  readonly ignoreUnchanged: boolean;
  /** `auto`: only where hints cannot be had. A number: always, every so many milliseconds. */
  readonly poll: "auto" | boolean | number;
  readonly backend: "auto" | "native" | "chokidar";
  /** Absolute path of `.git`, for `busy`. */
  readonly gitDirectory?: string;
}

export type WatchFact =
  /** Differences that matter, judged. `empty`: one of the files is empty at the moment. */
  | { readonly type: "changed"; readonly demand: Demand; readonly empty: boolean }
  /** Everything was looked at once, and all watches are in place. */
  | {
      readonly type: "watching";
      readonly source: "native" | "chokidar" | "poll";
      readonly directories: number;
      readonly files: number;
      readonly elapsedMs: number;
    }
  /** All contents that may be are known (idle time, after `idle`): from now on `ignoreUnchanged` holds for every file. */
  | { readonly type: "learned" }
  /** Written again with the same bytes. */
  | { readonly type: "unchanged"; readonly paths: readonly string[] }
  | { readonly type: "warned"; readonly problem: Problem };

export interface Look {
  readonly demand: Demand;
  /** One of the changed files is empty at the moment. */
  readonly empty: boolean;
  /** Git is in the middle of something, or there was more to look at than fits a moment (the rest will be told): better look again. */
  readonly busy: boolean;
}

export interface Watching {
  /** Looks now at everything hinted at since; what it returns is not told as well. Synchronous, about 15 ms at most. */
  look(): Look;
  /** Looks at everything anew, in slices; what differs has been told when it resolves. */
  lookAtAll(): Promise<void>;
  /** From now on, contents may be read in idle time. */
  idle(): void;
  /** New trees, matchers or sources, without losing a change: what is known of a file stays known. */
  aim(options: WatchOptions): void;
  close(): Promise<void>;
}

/** The longest stretch of looking that other events have to wait for, in milliseconds. */
const sliceMs = 8;
const lookMs = 15;

/** How long a file may be missing or empty in the middle of a save before that is a change of its own, in milliseconds. */
const saveMs = 20;

/** A clock of files can be this much behind the clock of the process (one tick at 100 Hz), in milliseconds. */
const clockLagMs = 10;

/** More hints than this between two turns of the event loop, and the kernel's queue (16,384) may have overflowed without a word. */
const burstHints = 4096;

/** More contents than this are not read at once. */
const readLimit = 200;

/** How often what cannot be hinted at is checked: whether the bases are still there, and rules outside of the trees. In milliseconds. */
const checkMs = 1000;
const missingBaseCheckMs = 100;

/** Files of which the whole directory is looked at again when the quiet time has ended: about 2 ms. */
const lookAgainFiles = 300;

/** Starts at once and looks in slices; what changes from the moment of the call on is told. Never throws. */
export function watch(given: WatchOptions, tell: (fact: WatchFact) => void): Watching {
  const startedMs = performance.now();
  const sinceMs = Date.now() - clockLagMs;
  const files = createFiles();
  /** Looks that hints and finds ask for, before … */
  const listings = new Map<Directory, Listing>();
  /** … those of the first scan and of new rules. */
  const scans = new Map<Directory, Listing>();
  /** Directories with files of which only the name is known. */
  const unknown = new Map<Directory, Branch>();
  const hintedNames = new Map<Directory, { readonly branch: Branch; readonly names: Map<string, boolean> }>();
  const touched = new Map<Directory, Branch>();
  const held = new Map<
    number,
    { readonly branch: Branch; readonly directory: Directory; readonly name: string; readonly untilMs: number }
  >();
  const renewals = new Map<Branch, number>();
  const relinks = new Set<Branch>();
  const whenRested: (() => void)[] = [];
  let options = given;
  let branches: readonly Branch[] = [];
  let found = noFindings();
  let scheduled: NodeJS.Immediate | undefined;
  let heldTimer: NodeJS.Timeout | undefined;
  let checkTimer: NodeJS.Timeout | undefined;
  let spentMs = 0;
  let hintsSinceTurn = 0;
  let reads = 0;
  let lastReadMs = 0;
  let isForcing = false;
  let isWatching = false;
  let mayIdle = false;
  let isClosed = false;

  const warn = (problem: Problem): void => tell({ type: "warned", problem });
  const places = createPlaces(given, () => spentMs, hint, warn);

  const around: Surroundings = {
    files,
    get followSymlinks() {
      return options.followSymlinks;
    },
    get ignoreUnchanged() {
      return options.ignoreUnchanged;
    },
    place: places.place,
    followTo,
    relink: (branch) => {
      if (options.followSymlinks && branch.links.size > 0) relinks.add(branch);
    },
    ask,
    askFiles: (branch, directory) => unknown.set(directory, branch),
    found(branch, path, kind, isEmpty) {
      const judgement = judge({ path, kind }, branch.matchers);
      if (judgement === undefined || judgement.verdict === "ignore") return;
      found.verdict =
        verdicts.indexOf(judgement.verdict) > verdicts.indexOf(found.verdict) ? judgement.verdict : found.verdict;
      found.changes.add(labelOf(branch, path));
      found.isEmpty ||= isEmpty;
    },
    unchanged: (branch, path) => found.unchanged.add(labelOf(branch, path)),
    warn,
    waitsFor,
    mayRead() {
      const now = performance.now();
      if (now - lastReadMs > 100) reads = 0;
      lastReadMs = now;
      return ++reads <= readLimit;
    },
    rulesChanged: (branch, atMs) => renewals.set(branch, Math.min(atMs, renewals.get(branch) ?? atMs)),
    baseGone(branch) {
      if (branch.isGone) return;
      branch.isGone = true;
      warn({ severity: "warning", message: `${branch.root.absolute} is not there; waiting for it` });
      clearTimeout(checkTimer);
      checkTimer = setTimeout(check, missingBaseCheckMs).unref();
    },
  };

  const idle = createIdle(
    () => branches,
    files,
    () => listings.size > 0 || hintedNames.size > 0 || scans.size > 0 || unknown.size > 0,
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
    const entry = hintedNames.get(directory);
    if (entry === undefined) hintedNames.set(directory, { branch, names: new Map([[name, isStructural]]) });
    else entry.names.set(name, isStructural || entry.names.get(name) === true);
    touched.set(directory, branch);
    schedule();
  }

  function ask(branch: Branch, directory: Directory, mode: Mode, replace: boolean): void {
    if (isClosed) return;
    const scan = scans.get(directory);
    const isFirst = scan !== undefined && directory.placed === undefined;
    if (mode.is === "baseline" || isFirst) {
      scans.set(directory, {
        branch,
        directory,
        mode: scan?.mode ?? mode,
        replace: replace || (scan?.replace ?? false),
        progress: undefined,
      });
    } else {
      const listing = listings.get(directory);
      listings.set(directory, {
        branch,
        directory,
        mode,
        replace: replace || (listing?.replace ?? false),
        progress: undefined,
      });
    }
    schedule();
  }

  function askAll(branch: Branch, mode: Mode, replace: boolean): void {
    for (const directory of everyDirectory(branch.root)) ask(branch, directory, mode, replace);
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

  function lookAtLinks(branch: Branch): void {
    for (const [absolute, { directory, name }] of branch.links) {
      if (directory.isGone) branch.links.delete(absolute);
      else lookAt(branch, directory, name, false);
    }
  }

  function waitsFor(branch: Branch, directory: Directory, name: string, slot: number): boolean {
    if (!options.ignoreUnchanged || isForcing) return false;
    const now = performance.now();
    const known = held.get(slot);
    if (known?.directory === directory && known.name === name) return now < known.untilMs;
    held.set(slot, { branch, directory, name, untilMs: now + saveMs });
    heldTimer ??= setTimeout(releaseHeld, saveMs + 1);
    return true;
  }

  function releaseHeld(): void {
    heldTimer = undefined;
    const now = performance.now();
    for (const [slot, { branch, directory, name, untilMs }] of held) {
      if (now < untilMs) {
        heldTimer ??= setTimeout(releaseHeld, untilMs - now + 1);
        continue;
      }
      lookAtName(branch, directory, name, false, around);
      held.delete(slot);
    }
    publish();
    if (held.size === 0) schedule();
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
      for (const branch of branches) askAll(branch, looking, true);
    }
    hintsSinceTurn = 0;
    drain(performance.now() + sliceMs, true);
    publish();
    if (scans.size === 0 && listings.size === 0 && !isWatching) completed();
    if (hintedNames.size > 0 || listings.size > 0 || scans.size > 0 || unknown.size > 0) schedule();
    else rested();
  }

  /** There is nothing left to look at. */
  function rested(): void {
    if (held.size > 0) return;
    for (const resolve of whenRested.splice(0)) resolve();
  }

  function drain(until: number, scansToo: boolean): void {
    const begunMs = performance.now();
    drainNames(until);
    if (hintedNames.size === 0) drainListings(listings, until);
    if (scansToo && hintedNames.size === 0 && listings.size === 0) drainListings(scans, until);
    if (scansToo && scans.size === 0) drainFiles(until);
    for (const [branch, atMs] of renewals) renew(branch, atMs);
    renewals.clear();
    for (const branch of relinks) lookAtLinks(branch);
    relinks.clear();
    spentMs += performance.now() - begunMs;
  }

  function drainNames(until: number): void {
    let looked = 0;
    for (const [directory, { branch, names }] of hintedNames) {
      for (const [name, isStructural] of names) {
        names.delete(name);
        lookAtName(branch, directory, name, isStructural, around);
        if (++looked % 16 === 0 && performance.now() > until) return;
      }
      hintedNames.delete(directory);
    }
  }

  function drainListings(queue: Map<Directory, Listing>, until: number): void {
    for (const [directory, listing] of queue) {
      const isDone = lookAtDirectory(listing, around, until);
      // While it went on, somebody may have asked for another look.
      if (isDone && queue.get(directory) === listing) queue.delete(directory);
      if (!isDone || performance.now() > until) return;
    }
  }

  function drainFiles(until: number): void {
    for (const [directory, branch] of unknown) {
      if (performance.now() > until || !lookAtFiles(branch, directory, around, until)) return;
      unknown.delete(directory);
    }
  }

  function renew(branch: Branch, atMs: number): void {
    for (const matcher of branch.matchers) matcher.renew?.();
    askAll(branch, { is: "baseline", sinceMs: atMs - clockLagMs, namesFirst: false }, false);
  }

  function publish(): void {
    const { changes, verdict, isEmpty, unchanged } = found;
    found = noFindings();
    if (unchanged.size > 0) tell({ type: "unchanged", paths: [...unchanged] });
    if (changes.size === 0) return;
    if (mayIdle) idle.start(1000);
    tell({ type: "changed", demand: { verdict, changes }, empty: isEmpty });
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
      if (mayIdle) idle.start(0);
    };
    void places.ready().then(told);
  }

  // ── what cannot be hinted at ─────────────────────────────────────────────────────────────────────────────────────

  function check(): void {
    clearTimeout(checkTimer);
    if (isClosed) return;
    for (const branch of branches) {
      const stats = statOf(branch.root.absolute);
      if (stats?.isFile() && branch.only === undefined) {
        // What was waited for is a single file.
        aimAt(options.trees, 0);
        break;
      }
      if (!stats?.isDirectory()) around.baseGone(branch);
      else if (branch.isGone || (branch.root.placed !== undefined && stats.ino !== branch.root.inode)) {
        branch.isGone = false;
        ask(branch, branch.root, looking, true);
      }
      if (options.followSymlinks) lookAtLinks(branch);
      for (const path of branch.matchers.flatMap((matcher) => matcher.rulesOutside ?? [])) {
        const rules = statOf(path);
        const seen = rules === undefined ? "" : `${rules.mtimeMs} ${rules.size} ${rules.ino}`;
        const before = branch.rulesSeen.get(path);
        branch.rulesSeen.set(path, seen);
        if (before !== undefined && before !== seen) renew(branch, rules?.mtimeMs ?? Date.now());
      }
    }
    const afterMs = branches.some((branch) => branch.isGone) ? missingBaseCheckMs : checkMs;
    checkTimer = setTimeout(check, afterMs).unref();
  }

  // ── the ends ─────────────────────────────────────────────────────────────────────────────────────────────────────

  function aimAt(trees: readonly Tree[], atMs: number): void {
    const before = new Map(branches.map((branch) => [keyOf(branch), branch]));
    branches = trees.map((tree) => {
      const fresh = branchOf(tree, atMs);
      const known = before.get(keyOf(fresh));
      if (known === undefined) return fresh;
      before.delete(keyOf(fresh));
      known.matchers = fresh.matchers;
      known.label = fresh.label;
      known.rulesFiles = fresh.rulesFiles;
      return known;
    });
    for (const branch of branches) {
      for (const path of branch.matchers.flatMap((matcher) => matcher.rulesOutside ?? [])) {
        const rules = statOf(path);
        branch.rulesSeen.set(path, rules === undefined ? "" : `${rules.mtimeMs} ${rules.size} ${rules.ino}`);
      }
      askAll(branch, { is: "baseline", sinceMs: atMs, namesFirst: true }, false);
    }
    for (const branch of before.values()) dropDirectory(branch.root, around);
  }

  aimAt(options.trees, sinceMs);
  checkTimer = setTimeout(check, checkMs).unref();

  return {
    look() {
      if (isClosed) return { demand: nothing, empty: false, busy: false };
      let budget = lookAgainFiles;
      for (const [directory, branch] of touched) {
        budget -= directory.files.size + directory.children.size;
        if (budget >= 0 && !directory.isGone) ask(branch, directory, looking, false);
      }
      touched.clear();
      isForcing = true;
      for (const { branch, directory, name } of held.values()) lookAtName(branch, directory, name, false, around);
      held.clear();
      const until = performance.now() + lookMs;
      do drain(until, false);
      while ((hintedNames.size > 0 || listings.size > 0) && performance.now() < until);
      isForcing = false;
      const { changes, verdict, isEmpty } = found;
      const isLeft = hintedNames.size > 0 || listings.size > 0;
      found = { ...noFindings(), unchanged: found.unchanged };
      publish();
      const isGit = options.gitDirectory !== undefined && isGitBusy(options.gitDirectory);
      return { demand: changes.size === 0 ? nothing : { verdict, changes }, empty: isEmpty, busy: isLeft || isGit };
    },
    lookAtAll() {
      if (isClosed) return Promise.resolve();
      for (const branch of branches) askAll(branch, looking, false);
      return new Promise((resolve) => {
        whenRested.push(resolve);
        schedule();
      });
    },
    idle() {
      mayIdle = true;
      if (isWatching) idle.start(0);
    },
    aim(next) {
      if (isClosed) return;
      drain(performance.now() + lookMs, false);
      publish();
      options = next;
      const isOther = places.use(next);
      aimAt(next.trees, Date.now() - clockLagMs);
      if (isOther) for (const branch of branches) askAll(branch, looking, true);
    },
    async close() {
      isClosed = true;
      if (scheduled !== undefined) clearImmediate(scheduled);
      clearTimeout(heldTimer);
      clearTimeout(checkTimer);
      idle.stop();
      for (const resolve of whenRested.splice(0)) resolve();
      await places.close();
    },
  };
}

interface Findings {
  verdict: Verdict;
  readonly changes: Set<string>;
  readonly unchanged: Set<string>;
  isEmpty: boolean;
}

const noFindings = (): Findings => ({ verdict: "ignore", changes: new Set(), unchanged: new Set(), isEmpty: false });

function branchOf(tree: Tree, sinceMs: number): Branch {
  const base = resolve(tree.base);
  const isFile = statOf(base)?.isFile() ?? false;
  return {
    root: baseDirectory(isFile ? dirname(base) : base),
    only: isFile ? basename(base) : undefined,
    matchers: tree.matchers,
    label: tree.label,
    rulesFiles: new Set(tree.matchers.flatMap((matcher) => matcher.rulesFile ?? [])),
    rulesSeen: new Map(),
    entered: new Map(),
    links: new Map(),
    sinceMs,
    isGone: false,
  };
}

const keyOf = (branch: Branch): string => `${branch.root.absolute}\0${branch.only ?? ""}`;

const labelOf = (branch: Branch, path: string): string => branch.label(branch.only === undefined ? path : "");

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
