/** What is looked at once more because of what a look has found: rules that have changed, and links whose targets may have. */

import { type Branch, isFollowed } from "./branch.ts";
import { changedRules } from "./checks.ts";
import { pathIn } from "./directory.ts";
import type { Requests } from "./requests.ts";

export interface Renewing {
  /** The links are looked at again, at the next `askAgain`. */
  relink(branch: Branch): void;
  /** Everything is judged anew, at the next `askAgain`; what was touched since then has changed. */
  rulesChanged(branch: Branch, atMs: number): void;
  askAgain(): void;
  /** Nothing hints at rules that lie outside. */
  askOutside(branches: readonly Branch[]): void;
  renew(branch: Branch, atMs: number): void;
  lookAtLinks(branch: Branch): void;
}

/** A clock of files can be this much behind the clock of the process (one tick at 100 Hz), in milliseconds. */
export const clockLagMs = 10;

export function createRenewing({ askAll, lookAt }: Pick<Requests, "askAll" | "lookAt">): Renewing {
  const renewals = new Map<Branch, number>();
  const relinks = new Set<Branch>();

  const renew: Renewing["renew"] = (branch, atMs) => {
    for (const matcher of branch.matchers) matcher.renew?.();
    askAll(branch, { is: "baseline", sinceMs: atMs - clockLagMs, namesFirst: false }, false);
  };

  const lookAtLinks: Renewing["lookAtLinks"] = (branch) => {
    for (const [absolute, { directory, name }] of branch.links) {
      if (directory.isGone || !isFollowed(branch, pathIn(directory, name))) branch.links.delete(absolute);
      else lookAt(branch, directory, name, false);
    }
  };

  return {
    renew,
    lookAtLinks,
    relink(branch) {
      if (branch.links.size > 0) relinks.add(branch);
    },
    rulesChanged: (branch, atMs) => void renewals.set(branch, Math.min(atMs, renewals.get(branch) ?? atMs)),
    askAgain() {
      for (const [branch, atMs] of renewals) renew(branch, atMs);
      renewals.clear();
      for (const branch of relinks) lookAtLinks(branch);
      relinks.clear();
    },
    askOutside(branches) {
      for (const branch of branches) for (const atMs of changedRules(branch)) renew(branch, atMs);
    },
  };
}
