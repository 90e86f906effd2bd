/** What looks have found and nobody has been told of yet. */
import { type Change, counts, greaterOf, judge, type PathDemand } from "../../core/demand.ts";
import type { Changes } from "../../core/types.ts";
import { type Branch, labelOf } from "./branch.ts";

export interface FoundChanges {
  /** By owner. */
  readonly changes: Changes;
  /** Written again with the content that they had. */
  readonly unchanged: readonly string[];
}

export interface Findings {
  /** A difference; every owner of the tree judges it by itself. */
  add(branch: Branch, path: string, kind: Change["kind"], isEmpty: boolean): void;
  addUnchanged(branch: Branch, path: string): void;
  /** All of it, which is then no longer here. */
  take(): FoundChanges;
}

interface Owned {
  readonly demand: Map<string, PathDemand>;
  /** A file among them has no content at the moment. */
  empty: boolean;
}

export function createFindings(): Findings {
  let changes = new Map<string, Owned>();
  let unchanged = new Set<string>();
  const of = (owner: string): Owned => {
    const found = changes.get(owner) ?? { demand: new Map(), empty: false };
    changes.set(owner, found);
    return found;
  };
  return {
    add(branch, path, kind, isEmpty) {
      for (const { owner, matchers } of branch.views) {
        const judgement = judge({ path, kind }, matchers);
        if (!counts(judgement)) continue;
        const { verdict, rule } = judgement;
        const label = labelOf(branch, path);
        const found = of(owner);
        const asked: PathDemand = {
          verdict,
          ...(rule === undefined ? {} : { rule }),
          ...(kind === "added" ? { isNew: true } : {}),
        };
        found.demand.set(label, greaterOf(found.demand.get(label), asked));
        found.empty ||= isEmpty;
      }
    },
    addUnchanged: (branch, path) => void unchanged.add(labelOf(branch, path)),
    take() {
      const found = { changes, unchanged: [...unchanged] };
      changes = new Map();
      unchanged = new Set();
      return found;
    },
  };
}
