/** What is never looked at: the directory for build output, and what the user excludes; and the built-in ignores, from which the user can take back. */
import type { Judgement, Matcher } from "../core/demand.ts";
import { builtInIgnores } from "./built-ins.ts";
import { compileRules, type IgnoreRule, type RuleLine } from "./ignore-rules.ts";
import { pruned } from "./pruned.ts";

export interface UserExcludes {
  readonly excludeDirs: readonly string[];
  readonly excludeFiles: readonly string[];
}

/** A single directory with all that is in it; `directory` is relative to the base. */
export function tmpDir(directory: string): Matcher {
  const judgement: Judgement = { verdict: "ignore", because: { pattern: directory, source: "tmp_dir" } };
  const holds = (path: string): boolean => path === directory || path.startsWith(`${directory}/`);
  return {
    name: "tmp_dir",
    judge: ({ path }) => (holds(path) ? judgement : undefined),
    enters: (path) => (holds(path) ? false : undefined),
  };
}

/** The user's own patterns. One that takes back (`"!…"`) only abstains here; `builtIns` hears of it. */
export function excludes(user: UserExcludes): Matcher {
  return pruning("exclude", userLines(user));
}

/** @param isNamed directories that the user named outright: what lies in them is judged afresh */
export function builtIns(user: UserExcludes, isNamed: (directory: string) => boolean): Matcher {
  const lines = builtInIgnores.flatMap(({ kind, directories, files }): RuleLine[] => [
    ...directories.map((pattern) => ({ pattern, source: `built-in: ${kind}`, appliesTo: "directories" as const })),
    ...files.map((pattern) => ({
      pattern: literalHash(pattern),
      source: `built-in: ${kind}`,
      appliesTo: "files" as const,
    })),
  ]);
  return pruning("built-in", [...lines, ...userLines(user).filter((line) => line.pattern.startsWith("!"))], isNamed);
}

const literalHash = (pattern: string): string => (pattern.startsWith("#") ? `\\${pattern}` : pattern);

function userLines({ excludeDirs, excludeFiles }: UserExcludes): RuleLine[] {
  return [
    ...excludeDirs.map((pattern) => ({
      pattern: slashed(pattern),
      source: "[watch] exclude_dirs",
      appliesTo: "directories" as const,
    })),
    ...excludeFiles.map((pattern) => ({
      pattern: slashed(pattern),
      source: "[watch] exclude_files",
      appliesTo: "files" as const,
    })),
  ];
}

/** Git has no word for `./vendor`, and people write it; they mean `/vendor`. */
const slashed = (pattern: string): string => pattern.replace(/^(!?)\.\//, "$1/");

function pruning(name: string, lines: readonly RuleLine[], isNamed?: (directory: string) => boolean): Matcher {
  const ignored = pruned(compileRules(lines), isNamed);
  const judgements = new Map<IgnoreRule, Judgement>();
  const judgementOf = (rule: IgnoreRule): Judgement => {
    const known = judgements.get(rule);
    if (known !== undefined) return known;
    const judgement: Judgement = { verdict: "ignore", because: { pattern: rule.pattern, source: rule.source } };
    judgements.set(rule, judgement);
    return judgement;
  };
  return {
    name,
    judge({ path }) {
      const rule = ignored.file(path);
      return rule === undefined ? undefined : judgementOf(rule);
    },
    enters: (directory) => (ignored.directory(directory) === undefined ? undefined : false),
  };
}
