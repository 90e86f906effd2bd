/** What the runs of one program have told of themselves. */
import type { RunRecord } from "../../gate/order.ts";
import type { Heads } from "./heads.ts";
import type { WarmLanguage } from "./language.ts";
import { asBefore, isOfRun } from "./policy.ts";

export interface Learned {
  readonly record: RunRecord | undefined;
  readonly heads: Heads | undefined;
  /** @returns with a thing that own code was never seen to set before */
  add(answered: RunRecord, language: WarmLanguage): { readonly news: string | undefined; readonly record: RunRecord };
}

export function createLearned(): Learned {
  let record: RunRecord | undefined;
  let heads: Heads | undefined;
  /** Variables, globals and functions that own code was ever seen to set or replace. */
  const everSet = new Set<string>();
  return {
    get record() {
      return record;
    },
    get heads() {
      return heads;
    },
    add(answered, language) {
      const its = { ...answered, entries: asBefore(answered.entries, record?.entries ?? []) };
      record = its;
      heads = language.headsOf(answered);
      const set = [...answered.variables, ...answered.added, ...answered.replaced];
      const news = set.find((name) => !isOfRun(name) && !everSet.has(name));
      for (const name of set) everSet.add(name);
      return { news, record: its };
    },
  };
}

/** Two records of equal keys allow the same. */
export const recordKey = (record: RunRecord): string =>
  JSON.stringify([record.entries.map(({ file }) => file).sort(), [...record.variables].sort(), record.added]);
