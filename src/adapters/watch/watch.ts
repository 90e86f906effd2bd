/**
 * Watching: hints say where to look, an index says what was seen last, and the difference is what is told.
 * No source of hints is trusted: whatever is looked at after the last hint is right.
 */
import type { Problem } from "../../core/problem.ts";
import type { Changes } from "../../core/types.ts";
import { createAllowance } from "./allowance.ts";
import { type Branch, type LookSurroundings, looking } from "./branch.ts";
import { keptBranches } from "./branch-of.ts";
import { changedRules, createChecks } from "./checks.ts";
import { createDoubts } from "./doubts.ts";
import { createElsewhere } from "./elsewhere.ts";
import { createFiles } from "./files.ts";
import { createFindings } from "./findings.ts";
import { watchGit } from "./git.ts";
import { createHeld } from "./held.ts";
import { createIdle } from "./idle.ts";
import { lookAtName } from "./look.ts";
import { createMissingNamed, notThere } from "./missing-named.ts";
import { createPlaces } from "./places.ts";
import { createQueue } from "./queue.ts";
import { dropDirectory } from "./removal.ts";
import { clockLagMs, createRenewing } from "./renewing.ts";
import { createRequests, type Requests } from "./requests.ts";
import { createSurvey } from "./survey.ts";
import type { WatchedTree, WatchFact, Watching, WatchOptions } from "./types.ts";

export type { WatchedTree, WatchFact, Watching, WatchOptions, WatchView as View } from "./types.ts";

/** The longest stretch of looking that other events have to wait for, in milliseconds. */
const sliceMs = 8;
const lookMs = 8;

/**
 * Starts at once and looks in slices. Never throws.
 * `fromMs`: what has changed since then is told (milliseconds since the epoch); the moment of the call.
 */
export function watch(given: WatchOptions, tell: (fact: WatchFact) => void, fromMs: number = Date.now()): Watching {
  const sinceMs = fromMs - clockLagMs;
  const files = createFiles();
  const queue = createQueue();
  const findings = createFindings();
  const whenRested: (() => void)[] = [];
  let options = given;
  let branches: readonly Branch[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let spentMs = 0;
  let isForcing = false;
  let isWatching = false;
  let isSettled = false;
  let mayIdle = false;
  let isClosed = false;

  const warn = (problem: Problem): void => tell({ type: "warned", problem });
  const isMaking = (): boolean => given.isMaking?.() === true;
  const gitOf = ({ gitDirectory: at }: WatchOptions) => (at === undefined ? undefined : watchGit(at, warn));
  let git = gitOf(given);
  const hint: Requests["hint"] = (...hint) => requests.hint(...hint);
  const places = createPlaces(given, () => spentMs, hint, warn);
  const requests = createRequests({ queue, placeAt: places.placeAt, schedule, isClosed: () => isClosed });
  const { lookAt, ask, askAll, followTo, wasBurst } = requests;
  const renewing = createRenewing(requests);
  const elsewhere = createElsewhere(files, (...place) => lookAt(...place, false), warn);
  const tellOfMissing = createMissingNamed(warn);
  const survey = createSurvey(files, places, tell);

  const around: LookSurroundings = {
    files,
    place: places.place,
    followTo,
    unfollowed(branch, directory, name) {
      if (!isWatching) survey.unfollowed({ branch, directory, name });
    },
    linked: elsewhere.linked,
    relink: renewing.relink,
    ask,
    askFiles: queue.addFiles,
    isOutput: (stats, path, was) => given.isOutput?.(stats, path, was) ?? false,
    found: findings.add,
    unchanged: findings.addUnchanged,
    warn,
    waitsFor: (branch, directory, name) =>
      branch.ignoreUnchanged && mayWait() && held.waitsFor(branch, directory, name, isMaking() ? "making" : "saving"),
    waitsForOutput: (branch, directory, name) => mayWait() && held.waitsFor(branch, directory, name, "opening"),
    waitsForNew: (branch, directory, name, stats) => mayWait() && held.waitsForNew(branch, directory, name, stats),
    mayRead: createAllowance(isMaking),
    doubted: (branch, directory) => doubts.add(branch, directory),
    rulesChanged: renewing.rulesChanged,
    baseGone(branch) {
      if (branch.isGone) return;
      branch.isGone = true;
      warn(notThere(branch.root.absolute));
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
    lookAtLinks: renewing.lookAtLinks,
    lookAtMounts: (branch) => options.poll !== false && elsewhere.look(branch),
    rulesChanged: renewing.renew,
  });

  const idle = createIdle(
    () => branches,
    files,
    () => !queue.isEmpty,
    (branch, directory, name) => hint(branch, directory, name, true),
    () => tell({ type: "learned" }),
  );

  // ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────
  function schedule(): void {
    // After the poll phase: all events that the kernel has for us have come by then.
    scheduled ??= setImmediate(turn);
  }

  function turn(): void {
    scheduled = undefined;
    if (isClosed) return;
    if (wasBurst()) {
      // Directories may have been replaced without a word: none of the watches is trusted (a new one from chokidar is dear, and it shares the old).
      for (const branch of branches) askAll(branch, looking, places.source === "native");
    }
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
    if (!queue.isEmpty) renewing.askOutside(branches);
    queue.drain(around, until, onlyUrgent);
    renewing.askAgain();
    spentMs += performance.now() - begunMs;
  }

  /** What differs, for whoever is to be told of it; what only looks so is told at once. */
  function taken(): Changes {
    const { changes, unchanged } = findings.take();
    if (unchanged.length > 0) tell({ type: "unchanged", paths: unchanged });
    return changes;
  }

  function publish(): void {
    const changes = taken();
    if (changes.size === 0) return;
    if (mayIdle) idle.start(1000);
    tell({ type: "changed", changes, isFirst: !isSettled });
  }

  function completed(): void {
    isWatching = true;
    void places.ready().then(() => {
      if (isClosed) return;
      survey.tell(branches);
      if (mayIdle) idle.start(0);
    });
  }

  // ── the ends ─────────────────────────────────────────────────────────────────────────────────────────────────────

  function aimAt(trees: readonly WatchedTree[], atMs: number, replace: boolean): void {
    const { kept, left } = keptBranches(branches, trees, atMs, options);
    branches = kept;
    for (const branch of branches) {
      changedRules(branch);
      askAll(branch, { is: "baseline", sinceMs: atMs, namesFirst: true }, replace);
    }
    for (const branch of left) dropDirectory(branch.root, around);
    tellOfMissing(trees);
  }

  aimAt(options.trees, sinceMs, false);
  // Where there is nothing to look at, that is known at once.
  schedule();

  return {
    look() {
      if (isClosed) return { changes: new Map(), busy: false, isBehind: false };
      requests.askTouched();
      isForcing = true;
      held.release();
      const until = performance.now() + lookMs;
      do drain(until, true);
      while (queue.isUrgent && performance.now() < until);
      isForcing = false;
      const changes = taken();
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
