/** What the runs of one program have told of themselves. */
import type { RunRecord } from "../../gate/order.ts";
import type { Heads } from "./heads.ts";
import type { WarmLanguage } from "./language.ts";
import { asBefore, isOfRun } from "./policy.ts";
import { createSettled } from "./settled.ts";

export interface Learned {
  readonly record: RunRecord | undefined;
  readonly heads: Heads | undefined;
  /** What was once seen in a run that was let in: no other one is. */
  readonly never: string | undefined;
  /** @returns with a thing that own code was never seen to do before */
  add(
    answered: RunRecord,
    language: WarmLanguage,
    isWarm: boolean,
  ): { readonly news: string | undefined; readonly record: RunRecord };
}

export function createLearned(): Learned {
  let record: RunRecord | undefined;
  let heads: Heads | undefined;
  /** Variables, globals and functions that own code was ever seen to set or replace. */
  const everSet = new Set<string>();
  /** Loggers that were disabled in a cold run. */
  const disabled = new Set<string>();
  const configured = new Set<string>();
  const path = new Set<string>();
  const settled = createSettled();
  let never: string | undefined;
  return {
    get record() {
      return record;
    },
    get heads() {
      return heads;
    },
    get never() {
      return never;
    },
    add(answered, language, isWarm) {
      const { python } = answered;
      const isConfigured = python?.configured.some((name) => !configured.has(name)) === true;
      for (const name of python?.configured ?? []) configured.add(name);
      // A run that was let in loads little of what says where modules are looked for.
      if (!isWarm) path.clear();
      for (const place of python?.path ?? []) path.add(place);
      const merged = {
        ...answered,
        entries: asBefore(answered.entries, record?.entries ?? []),
        ...(python === undefined ? {} : { python: { ...python, configured: [...configured], path: [...path] } }),
      };
      record = merged;
      heads = language.headsOf(answered);
      const set = [
        ...answered.variables,
        ...answered.added,
        ...answered.replaced,
        ...(answered.settings ?? []),
        ...(answered.told ?? []),
      ];
      const news = set.find((name) => !isOfRun(name) && !everSet.has(name));
      for (const name of set) everSet.add(name);
      const silent = python?.disabled ?? [];
      const doubt = settled.add(python?.moments ?? {}, isWarm);
      never ??= settled.never;
      // Whose package is loaded in advance is there before the program says that all that are there are to be silent.
      if (isWarm && silent.some((name) => !disabled.has(name))) never = "the program disables loggers that are there";
      else for (const name of silent) disabled.add(name);
      const [name] = news === undefined && isConfigured && isWarm ? (python?.configured ?? []) : [news];
      return { news: never ?? (name === undefined ? doubt : `the program sets ${name} by now`), record: merged };
    },
  };
}

/** Two records of equal keys allow the same. */
export const recordKey = (record: RunRecord): string =>
  JSON.stringify([
    record.entries.map(({ file }) => file).sort(),
    [...record.variables].sort(),
    record.added,
    [...(record.settings ?? [])].sort(),
    [...(record.python?.configured ?? [])].sort(),
    [...(record.python?.path ?? [])].sort(),
    [...(record.told ?? [])].sort(),
  ]);
