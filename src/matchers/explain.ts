/** Why a path counts or does not: the watcher's own judges, asked in the watcher's own order. */
import { type Because, judge, type Matcher, type Verdict } from "../core/demand.ts";
import { parentOf } from "./pruned.ts";

export interface Explanation {
  /** Of a directory that is entered: what lies in it is judged by itself. */
  readonly verdict: Verdict | "entered";
  readonly because: Because | undefined;
  /** The rule that spoke, if it has more to do than to say so. */
  readonly rule: string | undefined;
  /** The judge that spoke. */
  readonly matcher: string | undefined;
  /** The directory that is not entered: nothing in it is looked at. */
  readonly prunedAt: string | undefined;
}

/** `path` is relative to the base that the matchers are for. */
export function explainPath(path: string, isDirectory: boolean, matchers: readonly Matcher[]): Explanation {
  const above: string[] = [];
  for (let at = isDirectory ? path : parentOf(path); at !== ""; at = parentOf(at)) above.unshift(at);
  for (const directory of above) {
    const decided = matchers.find((matcher) => matcher.enters?.(directory) !== undefined);
    if (decided?.enters?.(directory) !== false) continue;
    return {
      verdict: "ignore",
      because: whyPruned(directory, decided),
      rule: undefined,
      matcher: decided.name,
      prunedAt: directory,
    };
  }
  if (isDirectory)
    return { verdict: "entered", because: undefined, rule: undefined, matcher: undefined, prunedAt: undefined };
  const change = { path, kind: "changed" } as const;
  const judgement = judge(change, matchers);
  const matcher = matchers.find((matcher) => matcher.judge(change) !== undefined)?.name;
  return {
    verdict: judgement?.verdict ?? "ignore",
    because: judgement?.because,
    rule: judgement?.rule,
    matcher,
    prunedAt: undefined,
  };
}

/** What a judge says of anything in a directory that it does not enter is what it says of the directory. */
function whyPruned(directory: string, matcher: Matcher): Because {
  const inside = matcher.judge({ path: `${directory}/\u0000`, kind: "changed" });
  return inside?.verdict === "ignore" ? inside.because : { pattern: directory, source: matcher.name };
}
