/** What the watcher tells, as facts for the machine and notes for those who read. */
import type { WatchFact } from "../adapters/watch/watch.ts";
import type { Problem } from "../core/problem.ts";
import type { Changes } from "../core/types.ts";
import type { Note } from "../report/moment.ts";
import type { Settings } from "./settings.ts";

export interface HearingParts {
  take(
    fact:
      | { readonly type: "rewritten"; readonly paths: readonly string[] }
      | { readonly type: "changed"; readonly changes: Changes; readonly isFirst: boolean },
  ): void;
  note(note: Note): void;
  settings(): Settings;
  /** Lines about patterns that decide nothing. */
  idlePatterns(): Promise<readonly string[]>;
}

export interface Hearing {
  hear(fact: WatchFact): void;
  /** That all is watched is told when this is done, however it ends. */
  after(loading: Promise<void>): void;
}

export function createHearing({ take, note, settings, idlePatterns }: HearingParts): Hearing {
  let ahead: Promise<void> = Promise.resolve();
  const begun = async (fact: Extract<WatchFact, { type: "watching" }>): Promise<void> => {
    note(fact);
    // Somebody who does not ask for details waits for none.
    if (settings().level !== "debug" || fact.files > longestCount) return;
    for (const text of await idlePatterns().catch(() => [])) note({ type: "said", text });
  };
  return {
    hear(fact) {
      if (fact.type === "unchanged") take({ type: "rewritten", paths: fact.paths });
      if (fact.type === "changed") take({ type: "changed", changes: fact.changes, isFirst: fact.isFirst });
      else if (fact.type === "watching") void ahead.then(() => begun(fact));
      else if (fact.type === "outward") {
        // With --once nobody waits for a change.
        if (!settings().plan.once) note({ type: "warned", problem: aboutLinks(fact.links) });
      } else if (fact.type !== "learned") note(fact);
    },
    after(loading) {
      ahead = loading.catch(() => {});
    },
  };
}

/** More files than this are not looked at once more to see which patterns decide nothing: reload doctor does that. */
const longestCount = 20_000;

const shownLinks = 3;

const aboutLinks = (links: readonly string[]): Problem => ({
  code: "watch/limited",
  severity: "warning",
  message:
    links.length === 1
      ? `${links[0]} is a link that leads out of what is watched: a change there is not seen`
      : `${links.slice(0, shownLinks).join(", ")}${links.length > shownLinks ? ` and ${links.length - shownLinks} more` : ""} are links that lead out of what is watched: a change there is not seen`,
  hint: "follow_symlinks = true under [watch] (--watch.follow_symlinks) follows them; exclude_files or exclude_dirs leaves them out",
});
