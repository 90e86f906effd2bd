/** What looks have found and nobody has been told of yet. */
import { type Change, type Demand, judge, nothing, type Verdict, verdicts } from "../../core/demand.ts";
import { type Branch, labelOf } from "./branch.ts";

export interface Found {
  readonly demand: Demand;
  /** A file among them has no content at the moment. */
  readonly isEmpty: boolean;
  /** Written again with the content that they had. */
  readonly unchanged: readonly string[];
}

export interface Findings {
  /** A difference; it is judged here. */
  add(branch: Branch, path: string, kind: Change["kind"], isEmpty: boolean): void;
  addUnchanged(branch: Branch, path: string): void;
  /** All of it, which is then no longer here. */
  take(): Found;
}

export function createFindings(): Findings {
  let verdict: Verdict = "ignore";
  let changes = new Set<string>();
  let unchanged = new Set<string>();
  let isEmpty = false;
  return {
    add(branch, path, kind, isWithout) {
      const judgement = judge({ path, kind }, branch.matchers);
      if (judgement === undefined || judgement.verdict === "ignore") return;
      if (verdicts.indexOf(judgement.verdict) > verdicts.indexOf(verdict)) verdict = judgement.verdict;
      changes.add(labelOf(branch, path));
      isEmpty ||= isWithout;
    },
    addUnchanged: (branch, path) => void unchanged.add(labelOf(branch, path)),
    take() {
      const found = { demand: changes.size === 0 ? nothing : { verdict, changes }, isEmpty, unchanged: [...unchanged] };
      verdict = "ignore";
      changes = new Set();
      unchanged = new Set();
      isEmpty = false;
      return found;
    },
  };
}
