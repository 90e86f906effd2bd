/** `[[rule]]`: what a change of certain files does. The first rule that matches decides. */
import type { Judgement, Matcher, Verdict } from "../core/demand.ts";
import type { Glob } from "./glob.ts";
import { parentOf } from "./pruned.ts";

export interface RuleOfPaths {
  readonly name: string;
  /** As the machine knows it. */
  readonly id: string;
  readonly globs: readonly Glob[];
  readonly verdict: Verdict;
  /** Of air's: asked before what is left out, and not for what one of these matches. */
  readonly except?: readonly RegExp[] | undefined;
  /** It has a command to run, or a signal to send: the machine has to know that it spoke. */
  readonly isCarriedOut: boolean;
}

/** It begins with a literal directory or names one file: somebody means just these. */
const isExact = (glob: Glob, path: string, name: string): boolean => glob.opens !== undefined || glob.names(path, name);

/** @param isExactOnly only patterns that begin with a literal directory or name one file: these are asked before the excludes */
export function ruleMatcher(rules: readonly RuleOfPaths[], isExactOnly: boolean): Matcher {
  const all = rules.map((rule) => ({ ...rule, judgements: rule.globs.map((glob) => judgementOf(rule, glob)) }));
  const entered = new Set<string>();
  for (const glob of rules.flatMap(({ globs }) => globs)) {
    for (let at = glob.opens ?? ""; at !== "" && !glob.isNegative; at = parentOf(at)) entered.add(at);
  }
  return {
    name: "rules",
    judge({ path }) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      for (const { globs, except, judgements } of all) {
        const at = globs.findLastIndex((glob) => glob.matches(path, name));
        const glob = globs[at];
        if (glob === undefined || glob.isNegative || except?.some((regex) => regex.test(path)) === true) continue;
        if (isExactOnly && except === undefined && !isExact(glob, path, name)) continue;
        return judgements[at];
      }
      return undefined;
    },
    ...(isExactOnly && entered.size > 0
      ? { enters: (directory: string) => (entered.has(directory) ? true : undefined) }
      : {}),
  };
}

const judgementOf = ({ name, id, verdict, isCarriedOut }: RuleOfPaths, { pattern }: Glob): Judgement => ({
  verdict,
  because: { pattern, source: name === pattern ? "[[rule]]" : `[[rule]] ${name}` },
  ...(isCarriedOut ? { rule: id } : {}),
});
