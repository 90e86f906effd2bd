/**
 * Patterns as git reads them (gitignore(5)), compiled so that the common ones (`name`, `*.ext`, `/path`) cost one look-up
 * and only the rest a regular expression. A library does not help here: a list has to be asked about one path without its parents, because
 * a nested file may take back what a file above it ignored, and has to say which line it was. Checked against `git check-ignore`.
 */
import { bytes, special, wildmatch } from "./wildmatch.ts";

/** One line of an ignore file, or one entry of a list. */
export interface IgnoreRule {
  /** As the user wrote it. */
  readonly pattern: string;
  /** `.gitignore:3`, `[watch] exclude_dirs`, `built-in`. */
  readonly source: string;
  /** It takes back (`!pattern`). */
  readonly isNegative: boolean;
}

export interface IgnoreRules {
  readonly size: number;
  /** The last rule that matches this very path (its parents are the caller's to ask about first). `path` is relative to where the rules stand. */
  match(path: string, isDirectory: boolean): IgnoreRule | undefined;
  /** The same rules but this one. */
  without(rule: IgnoreRule): IgnoreRules;
}

/** What a pattern applies to; gitignore's own meaning is `any`, and `name/` is for directories alone whatever is said here. */
export type AppliesTo = "any" | "directories" | "files";

export interface RuleLine {
  readonly pattern: string;
  readonly source: string;
  readonly appliesTo?: AppliesTo;
  /** As the user wrote it, where that is another form of `pattern`. */
  readonly written?: string;
}

interface Compiled extends IgnoreRule {
  readonly order: number;
  readonly appliesTo: AppliesTo;
}

interface SlowRule {
  readonly rule: Compiled;
  readonly isAnchored: boolean;
  readonly regex: RegExp;
}

/** The lines of an ignore file, with their line numbers. */
export function readRules(text: string, file: string): IgnoreRules {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return compileRules(lines.map((line, index) => ({ pattern: line, source: `${file}:${index + 1}` })));
}

/** Blank lines, comments and what can match nothing are left out, as git does. Never throws. */
export function compileRules(lines: readonly RuleLine[]): IgnoreRules {
  const byName = new Map<string, Compiled[]>();
  const byPath = new Map<string, Compiled[]>();
  const bySuffix = new Map<string, Compiled[]>();
  // By the character that a match has to begin with, or else to end with: most paths are compared with none of them.
  const byFirst = new Map<string, SlowRule[]>();
  const byLast = new Map<string, SlowRule[]>();
  const others: SlowRule[] = [];
  const compiled: { readonly rule: Compiled; readonly line: RuleLine }[] = [];
  for (const line of lines) {
    const parsed = parse(line.pattern);
    if (parsed === undefined) continue;
    const { body, isAnchored, isNegative } = parsed;
    const appliesTo = parsed.isDirectoryOnly ? "directories" : (line.appliesTo ?? "any");
    const pattern = line.written ?? line.pattern.trimEnd();
    const rule: Compiled = { pattern, source: line.source, isNegative, order: compiled.length, appliesTo };
    if (!special.test(body)) {
      append(isAnchored ? byPath : byName, body, rule);
    } else if (!isAnchored && body.startsWith("*.") && !special.test(body.slice(1))) {
      append(bySuffix, body.slice(1), rule);
    } else {
      const regex = wildmatch(bytes(body));
      if (regex === undefined) continue;
      const slow: SlowRule = { rule, isAnchored, regex };
      const first = bytes(body).charAt(0);
      const last = bytes(body).charAt(bytes(body).length - 1);
      if (!isAnchored && !special.test(first)) append(byFirst, first, slow);
      else if (!isAnchored && !/[*?[\]\\]/.test(last)) append(byLast, last, slow);
      else others.push(slow);
    }
    compiled.push({ rule, line });
  }

  return {
    size: compiled.length,
    without: (rule) => compileRules(compiled.filter((each) => each.rule !== rule).map(({ line }) => line)),
    match(path, isDirectory) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      let best = latest(byName.get(name), isDirectory, undefined);
      if (byPath.size > 0) best = latest(byPath.get(path), isDirectory, best);
      if (bySuffix.size > 0) {
        for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
          best = latest(bySuffix.get(name.slice(dot)), isDirectory, best);
        }
      }
      const bytesOfPath = bytes(path);
      const bytesOfName = bytesOfPath.slice(bytesOfPath.lastIndexOf("/") + 1);
      const slow = (rules: readonly SlowRule[] | undefined): void => {
        best = latestSlow(rules, bytesOfPath, bytesOfName, isDirectory, best);
      };
      slow(byFirst.get(bytesOfName.charAt(0)));
      slow(byLast.get(bytesOfName.charAt(bytesOfName.length - 1)));
      slow(others);
      return best;
    },
  };
}

function append<T>(map: Map<string, T[]>, key: string, rule: T): void {
  const rules = map.get(key);
  if (rules === undefined) map.set(key, [rule]);
  else rules.push(rule);
}

function applies(rule: Compiled, isDirectory: boolean): boolean {
  return rule.appliesTo === "any" || (rule.appliesTo === "directories") === isDirectory;
}

function latest(
  rules: readonly Compiled[] | undefined,
  isDirectory: boolean,
  best: Compiled | undefined,
): Compiled | undefined {
  if (rules === undefined) return best;
  let found = best;
  for (const rule of rules) {
    if (applies(rule, isDirectory) && (found === undefined || rule.order > found.order)) found = rule;
  }
  return found;
}

function latestSlow(
  rules: readonly SlowRule[] | undefined,
  path: string,
  name: string,
  isDirectory: boolean,
  best: Compiled | undefined,
): Compiled | undefined {
  if (rules === undefined) return best;
  for (let index = rules.length - 1; index >= 0; index--) {
    const candidate = rules[index];
    if (candidate === undefined || (best !== undefined && candidate.rule.order < best.order)) break;
    if (applies(candidate.rule, isDirectory) && candidate.regex.test(candidate.isAnchored ? path : name)) {
      return candidate.rule;
    }
  }
  return best;
}

interface Parsed {
  readonly body: string;
  readonly isAnchored: boolean;
  readonly isDirectoryOnly: boolean;
  readonly isNegative: boolean;
}

function parse(line: string): Parsed | undefined {
  let body = withoutTrailingSpaces(line.endsWith("\r") ? line.slice(0, -1) : line);
  if (body === "" || body.startsWith("#")) return undefined;
  const isNegative = body.startsWith("!");
  if (isNegative) body = body.slice(1);
  const isDirectoryOnly = body.endsWith("/");
  if (isDirectoryOnly) body = body.slice(0, -1);
  const isAnchored = body.includes("/");
  if (body.startsWith("/")) body = body.slice(1);
  // "**/name" is the same as "name".
  if (body.startsWith("**/") && !body.slice(3).includes("/") && body.length > 3) {
    return { body: body.slice(3), isAnchored: false, isDirectoryOnly, isNegative };
  }
  return body === "" ? undefined : { body, isAnchored, isDirectoryOnly, isNegative };
}

/** Trailing spaces count only when they are quoted by a backslash. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") {
    let backslashes = 0;
    while (backslashes < end - 1 && line[end - 2 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 1) break;
    end--;
  }
  return line.slice(0, end);
}
