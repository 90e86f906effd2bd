/** What looks have found and nobody has been told of yet. */
import { type Asked, type Change, counts, type Demand, greaterOf, judge } from "../../core/demand.ts";
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
  let asked = new Map<string, Asked>();
  let unchanged = new Set<string>();
  let isEmpty = false;
  return {
    add(branch, path, kind, isWithout) {
      const judgement = judge({ path, kind }, branch.matchers);
      if (!counts(judgement)) return;
      const { verdict, rule } = judgement;
      const label = labelOf(branch, path);
      asked.set(label, greaterOf(asked.get(label), rule === undefined ? { verdict } : { verdict, rule }));
      isEmpty ||= isWithout;
    },
    addUnchanged: (branch, path) => void unchanged.add(labelOf(branch, path)),
    take() {
      const found = { demand: asked, isEmpty, unchanged: [...unchanged] };
      asked = new Map();
      unchanged = new Set();
      isEmpty = false;
      return found;
    },
  };
}
