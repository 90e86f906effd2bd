/** What a change asks for: the words in which matchers answer, and how answers are joined. */

/**
 * What a changed path asks for, weakest first: joining two takes the later one in this list. `refresh` reloads the
 * browser, `signal` has the process re-read what it reads and refreshes, `restart` builds nothing.
 */
export const verdicts = ["ignore", "refresh", "signal", "restart", "rebuild"] as const;
export type Verdict = (typeof verdicts)[number];

export type ChangeKind = "added" | "changed" | "removed";

/** One path that was added, changed or removed. `path` is `/`-separated and relative to the watched base. */
export interface Change {
  readonly path: string;
  readonly kind: ChangeKind;
}

/** Why a matcher spoke: the pattern as the user wrote it, and where it stands (`"built-in"`, `".gitignore:3"`, `"[watch] exclude_dirs"`). */
export interface Because {
  readonly pattern: string;
  readonly source: string;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly because: Because;
  /** The rule that spoke, if it has more to do than to say so. */
  readonly rule?: string;
}

/** It asks for something: even what is ignored may have a command of its own. */
export const counts = (judgement: Judgement | undefined): judgement is Judgement =>
  judgement !== undefined && (judgement.verdict !== "ignore" || judgement.rule !== undefined);

/** A judge of paths. All kinds (globs, gitignore, regular expressions, a module of the user's own) are plug-ins of this one shape. */
export interface Matcher {
  readonly name: string;
  /** The verdict on one change, or `undefined` to abstain; the first matcher that speaks decides. Synchronous. */
  judge(change: Change): Judgement | undefined;
  /** Whether a directory is worth a look, asked before anything in it is watched; `undefined` abstains. `directory` is `/`-separated and relative to the base. */
  enters?(directory: string): boolean | undefined;
  /** It takes rules from files of this name wherever they lie (`.gitignore`): the watcher looks out for them and calls `renew` when one changed. */
  readonly rulesFile?: string;
  /** Absolute paths of further files that it takes rules from, which may lie outside of what is watched. */
  readonly rulesOutside?: readonly string[];
  /** There is no `rulesFile` in this directory: no need to look. */
  rulesAbsent?(directory: string): void;
  /** Forget what was read: rules have changed on disk. */
  renew?(): void;
}

/** What one path asks for. */
export interface PathDemand {
  readonly verdict: Verdict;
  /** The rule that spoke: its command is run first, its signal sent. A path that is ignored counts only if there is one. */
  readonly rule?: string;
  /** There was no such path before. */
  readonly isNew?: true;
}

/**
 * What a set of changes asks for, path by path, so that each can be taken back by itself. Paths are as the user sees
 * them: relative to the root, `/`-separated. The empty path stands for all of it: the start, or somebody who asks.
 */
export type Demand = ReadonlyMap<string, PathDemand>;

/** The neutral element of `join`. */
export const nothing: ReadonlyMap<string, never> = new Map<string, never>();

export const isNothing = (demand: Demand): boolean => demand.size === 0;

/** These paths, all with the same verdict. */
export const asking = (verdict: Verdict, paths: Iterable<string>): Demand =>
  new Map([...paths].map((path) => [path, { verdict }]));

/** The greatest verdict of all. */
export function verdictOf(demand: Demand): Verdict {
  let most: Verdict = "ignore";
  for (const { verdict } of demand.values()) most = greater(most, verdict);
  return most;
}

export const pathsOf = (demand: Demand): ReadonlySet<string> =>
  new Set([...demand.keys()].filter((path) => path !== ""));

/** The first matcher that speaks decides; if none does, the change is ignored. */
export function judge(change: Change, matchers: readonly Matcher[]): Judgement | undefined {
  for (const matcher of matchers) {
    const judgement = matcher.judge(change);
    if (judgement !== undefined) return judgement;
  }
  return undefined;
}

/** A directory is entered unless the first matcher with an opinion says no. */
export function enters(directory: string, matchers: readonly Matcher[]): boolean {
  for (const matcher of matchers) {
    const opinion = matcher.enters?.(directory);
    if (opinion !== undefined) return opinion;
  }
  return true;
}

/** Two demands as one: all paths, each with the greater verdict. Associative, idempotent, and but for the order of paths commutative; `nothing` is neutral. */
export function joinDemands<A extends PathDemand>(
  a: ReadonlyMap<string, A>,
  b: ReadonlyMap<string, A>,
  ofOne: (before: A | undefined, asked: A) => A = greaterOf,
): ReadonlyMap<string, A> {
  if (a.size === 0) return b;
  const both = new Map(a);
  for (const [path, asked] of b) both.set(path, ofOne(both.get(path), asked));
  return both;
}

/** What two changes of one path ask for: the greater verdict, new if one of them says so, the rest as the later one says. */
export const greaterOf = <A extends PathDemand>(before: A | undefined, asked: A): A =>
  before === undefined
    ? asked
    : { ...asked, verdict: greater(before.verdict, asked.verdict), ...(before.isNew === true ? { isNew: true } : {}) };

const greater = (a: Verdict, b: Verdict): Verdict => (verdicts.indexOf(a) >= verdicts.indexOf(b) ? a : b);

/** Somebody asks for a start, or a build and a start, of their own accord. */
export const askedFor = (verdict: "restart" | "rebuild"): Demand => asking(verdict, [""]);
