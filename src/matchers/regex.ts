/** JavaScript regular expressions on the `/`-separated path. */
import type { Matcher } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { type Expression, expressionOf } from "./expression.ts";

/** What is wrong with an expression comes back as a problem, and the others hold. */
export function regexExcludes(
  patterns: readonly string[],
  report: (problem: Problem) => void = () => {},
): { matcher: Matcher; problems: Problem[] } {
  const problems: Problem[] = [];
  const expressions: Expression[] = [];
  for (const pattern of patterns) {
    try {
      expressions.push(expressionOf(pattern, (path) => report(slow(pattern, path))));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({
        code: "config/bad-pattern",
        severity: "error",
        message: `exclude_regex: ${message}`,
        origin: "[watch] exclude_regex",
      });
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

const slow = (pattern: string, path: string): Problem => ({
  code: "config/bad-pattern",
  severity: "warning",
  origin: "[watch] exclude_regex",
  message: `${JSON.stringify(pattern)} takes too long on ${JSON.stringify(path)}; ignored from now on`,
  hint: "a repetition within a repetition, as in (a+)+, tries every way to split a text: write it without one of them",
});
