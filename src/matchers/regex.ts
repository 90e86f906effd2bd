/** JavaScript regular expressions on the `/`-separated path. */
import type { Matcher } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";

/** What is wrong with an expression comes back as a problem, and the others hold. */
export function regexExcludes(patterns: readonly string[]): { matcher: Matcher; problems: Problem[] } {
  const problems: Problem[] = [];
  const expressions: RegExp[] = [];
  for (const pattern of patterns) {
    try {
      expressions.push(new RegExp(pattern));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ severity: "error", message: `exclude_regex: ${message}`, origin: "[watch] exclude_regex" });
    }
  }
  const matcher: Matcher = {
    name: "exclude_regex",
    judge({ path }) {
      const expression = expressions.find((candidate) => candidate.test(path));
      return expression === undefined
        ? undefined
        : { verdict: "ignore", because: { pattern: expression.source, source: "[watch] exclude_regex" } };
    },
  };
  return { matcher, problems };
}
