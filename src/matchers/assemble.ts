/** Who decides about a path, in the order of the contract: the first matcher that speaks. */
import type { Matcher, Verdict } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { builtIns, excludes, tmpDir } from "./excludes.ts";
import { compileGlob, type Glob } from "./glob.ts";
import { includesAny, named } from "./globs.ts";
import { ignoreFiles } from "./ignore-files.ts";
import { outrightOf } from "./outright.ts";
import { regexExcludes } from "./regex.ts";
import { rootOf } from "./roots.ts";
import { ruleMatcher } from "./rules.ts";
import { styles } from "./styles.ts";
import { worktrees } from "./worktrees.ts";
import { globForms } from "./written.ts";

/** All paths and patterns are relative to `base` and `/`-separated (on Windows `\` does as well). */
export interface Patterns {
  /** Absolute directory. */
  readonly base: string;
  readonly tmpDir?: string;
  /** The only directories to look at; `[]` or `["."]`: all of `base`. They count as named outright. */
  readonly includeDirs?: readonly string[];
  /** The base itself was named outright: ignore files that hide all of it have no say. */
  readonly isBaseNamed?: boolean;
  readonly includeFiles: readonly string[];
  readonly excludeDirs: readonly string[];
  readonly excludeFiles: readonly string[];
  readonly excludeRegex: readonly string[];
  /** Honour `.gitignore`, `.git/info/exclude` and `.reloadignore`. */
  readonly gitignore: boolean;
  /** Files and directories that win over gitignore and the built-in ignores: `-w`, `env_files`. */
  readonly named: readonly string[];
  /** Patterns as in `includeFiles` whose change only restarts (`".env*"`); they count as named outright. */
  readonly restart: readonly string[];
  /** Pages take style sheets and images over by themselves. */
  readonly restyles?: boolean;
  /** `[[rule]]`, in the order of the file. */
  readonly rules?: readonly WrittenRule[];
  /** Nothing counts but what a rule speaks of. */
  readonly isForRules?: boolean;
  /** The user's own module, from `loadPlugin`. */
  readonly plugin?: Matcher;
  /** Hears of an expression that takes too long. */
  readonly report?: (problem: Problem) => void;
}

export interface WrittenRule {
  readonly name: string;
  /** As the machine knows it. */
  readonly id: string;
  readonly match: readonly string[];
  readonly verdict: Verdict;
  /** As in `RuleOfPaths`. */
  readonly except?: readonly RegExp[] | undefined;
  readonly isCarriedOut: boolean;
}

export interface Assembled {
  readonly matchers: readonly Matcher[];
  readonly problems: readonly Problem[];
}

/** What is wrong with a pattern comes back as a problem, and the others hold. Never throws. */
export function assemble(patterns: Patterns): Assembled {
  const problems: Problem[] = [];
  const globs = (list: readonly string[], key: string): Glob[] =>
    list.flatMap((pattern) => {
      const all = globForms(pattern, base).map((form) => compileGlob(form, pattern));
      const good = all.filter((glob) => typeof glob !== "string");
      const wrong = all.find((glob) => typeof glob === "string");
      if (good.length === 0)
        problems.push({
          code: "config/bad-pattern",
          severity: "error",
          message: `${key}: ${JSON.stringify(pattern)}: ${wrong}`,
          origin: key,
        });
      return good;
    });

  const base = patterns.base;
  const user = { excludeDirs: patterns.excludeDirs, excludeFiles: patterns.excludeFiles, base };
  const regex = regexExcludes(patterns.excludeRegex, patterns.report);
  problems.push(...regex.problems);
  const includeDirs = (patterns.includeDirs ?? []).map(plain);
  // `.` takes nothing away from what is named beside it.
  const roots = includeDirs.map((directory) => rootOf(directory, base));
  const within = includeDirs.includes("") ? [] : roots;
  const directories = roots.map(({ directory }) => directory);
  const namedPaths = [...patterns.named.map(plain), ...directories].filter((path) => path !== "");
  const included = globs(patterns.includeFiles, "[watch] include_files");
  const rules = (patterns.rules ?? []).map(({ match, ...rule }) => ({
    ...rule,
    globs: globs(match, "[[rule]] match"),
  }));
  const ruleGlobs = rules.flatMap((rule) => rule.globs);
  const outright = outrightOf(
    [...namedPaths, ...(patterns.isBaseNamed === true ? [""] : [])],
    [...included, ...ruleGlobs.filter((glob) => !glob.isNegative)],
  );
  const restart = globs(patterns.restart, "restart");
  const output = plain(patterns.tmpDir ?? "");

  const matchers: (Matcher | false | undefined)[] = [
    output !== "" && !isOutside(output) && tmpDir(output),
    patterns.plugin,
    rules.length > 0 && ruleMatcher(rules, true),
    (user.excludeDirs.length > 0 || user.excludeFiles.length > 0) && excludes(user),
    patterns.excludeRegex.length > 0 && regex.matcher,
    rules.length > 0 && ruleMatcher(rules, false),
    named({ paths: namedPaths, globs: included, restart }),
    patterns.gitignore && ignoreFiles({ base, fileName: ".reloadignore", above: false, outright }),
    patterns.gitignore && ignoreFiles({ base, fileName: ".gitignore", above: true, outright }),
    worktrees(base, outright),
    builtIns(user, outright),
    patterns.restyles === true && styles(included, within),
    patterns.isForRules !== true && includesAny(included, within),
  ];
  return { matchers: matchers.filter((matcher) => matcher !== false && matcher !== undefined), problems };
}

const slashes = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);

/** `./web/` and `web` are one path; `.` is the base itself. */
function plain(path: string): string {
  const parts = slashes(path).split("/");
  return parts.filter((part, index) => part !== "." && (part !== "" || index === 0)).join("/");
}

const isOutside = (path: string): boolean =>
  path === ".." || path.startsWith("../") || path.startsWith("/") || /^[A-Za-z]:/.test(path);
