/** What is never looked at: the directory for build output, and what the user excludes; and the built-in ignores, from which the user can take back. */
import type { Judgement, Matcher } from "../core/demand.ts";
import { builtInIgnores } from "./built-ins.ts";
import { compileRules, type IgnoreRule, type RuleLine } from "./ignore-rules.ts";
import type { Outright } from "./outright.ts";
import { parentOf, pruned } from "./pruned.ts";
import { directoryForms, ignoreForms, literalHash } from "./written.ts";

export interface UserExcludes {
  readonly excludeDirs: readonly string[];
  readonly excludeFiles: readonly string[];
  /** Absolute directory that the patterns are relative to. */
  readonly base: string;
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

export function builtIns(user: UserExcludes, outright: Outright): Matcher {
  const lines = builtInIgnores.flatMap(({ kind, directories, files }): RuleLine[] => [
    ...directories.map((pattern) => ({ pattern, source: `built-in: ${kind}`, appliesTo: "directories" as const })),
    ...files.map((pattern) => ({
      pattern: literalHash(pattern),
      source: `built-in: ${kind}`,
      appliesTo: "files" as const,
    })),
  ]);
  return pruning("built-in", [...lines, ...userLines(user).filter((line) => line.pattern.startsWith("!"))], outright);
}

const litter = new Set(builtInIgnores.filter(({ isLitter }) => isLitter).map(({ kind }) => `built-in: ${kind}`));

function userLines({ excludeDirs, excludeFiles, base }: UserExcludes): RuleLine[] {
  return [
    ...excludeDirs.flatMap((written) =>
      directoryForms(written, base).map((pattern) => ({
        pattern,
        written,
        source: "[watch] exclude_dirs",
        appliesTo: "directories" as const,
      })),
    ),
    ...excludeFiles.flatMap((written) =>
      ignoreForms(written, base).map((pattern) => ({
        pattern,
        written,
        source: "[watch] exclude_files",
        appliesTo: namesOneThing(pattern) && !excludeDirs.includes(written) ? ("any" as const) : ("files" as const),
      })),
    ),
  ];
}

/** `dist`, `web/dist` and `dist/*` leave out what lies below as well, as in a `.gitignore`; `*` alone is one of files. */
const namesOneThing = (pattern: string): boolean => !/[*?[]/.test(pattern.replace(/(?<=[^/*])\/\*$/, ""));

function pruning(name: string, lines: readonly RuleLine[], outright?: Outright): Matcher {
  const rules = compileRules(lines);
  const ignored = pruned(rules, outright?.isNamed);
  /** For what a pattern of `include_files` names. */
  const opened =
    outright === undefined || outright.isOpened === outright.isNamed ? ignored : pruned(rules, outright.isOpened);
  const isBroughtBack = (path: string): boolean => {
    if (outright === undefined) return false;
    const left = opened.file(path);
    if (left === undefined) return outright.matches(path);
    return opened.directory(parentOf(path)) === undefined && outright.matchesName(path) && !litter.has(left.source);
  };
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
      return rule === undefined || isBroughtBack(path) ? undefined : judgementOf(rule);
    },
    enters: (directory) =>
      ignored.directory(directory) === undefined || opened.directory(directory) === undefined ? undefined : false,
  };
}
