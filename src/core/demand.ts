/** What a change asks for: the words in which matchers answer, and how answers are joined. */

/**
 * What a changed path asks for, weakest first: joining two takes the later one in this list.
 * The room for `refresh` and `signal` (browser, a process that re-reads its own config) is between `ignore` and `restart`.
 */
export const verdicts = ["ignore", "restart", "rebuild"] as const;
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
}

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

/** What a set of changes asks for together. */
export interface Demand {
  readonly verdict: Verdict;
  /** Paths as the user sees them: relative to the root, `/`-separated. Only those that count: an ignored path is in no demand. */
  readonly changes: ReadonlySet<string>;
}

/** The neutral element of `join`. */
export const nothing: Demand = { verdict: "ignore", changes: new Set() };

export const isNothing = (demand: Demand): boolean => demand.verdict === "ignore";

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

/** Two demands as one: the greater verdict, all paths. Associative, commutative, idempotent; `nothing` is neutral. */
export function join(a: Demand, b: Demand): Demand {
  if (isNothing(a)) return b;
  if (isNothing(b)) return a;
  return { verdict: greater(a.verdict, b.verdict), changes: new Set([...a.changes, ...b.changes]) };
}

function greater(a: Verdict, b: Verdict): Verdict {
  return verdicts.indexOf(a) >= verdicts.indexOf(b) ? a : b;
}
