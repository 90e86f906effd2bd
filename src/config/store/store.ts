/**
 * A value that is read from files and can be edited while it is in use: numbered versions, the last good one in force.
 * An edit is taken as one step or not at all. Knows nothing of what the value is.
 *
 *     hint → read → same texts as last time? nothing
 *                 → half-written? once more, a little later
 *                 → faults? refused, told once for each text; what is not at fault goes on being followed (`renew`)
 *                 → the same value? nothing
 *                 → prepare every piece → one cannot be had? all are given back, refused
 *                                       → swap, commit, tell the subscribers
 */

import { doubtOf, type Faulty, type FoundStates, readAll, type SourceStates } from "./reading.ts";

/** What one reading of the sources came to. */
export type StoreReading<T, F> =
  | { readonly is: "good"; readonly value: T }
  /** `isPartial`: it may be a file that is being written at this moment. */
  | { readonly is: "bad"; readonly faults: readonly F[]; readonly isPartial: boolean }
  /** The source itself is gone. */
  | { readonly is: "gone"; readonly faults: readonly F[] };

/** The text of a source; `undefined`: there is no such file, or it cannot be read. */
export type ReadSource = (path: string) => string | undefined;

export interface Version<T> {
  /** From 1. A number is never given twice. */
  readonly number: number;
  readonly value: T;
  /** Of the texts that it comes from; short, for people. */
  readonly hash: string;
}

export interface Edit<T> {
  readonly before: Version<T>;
  readonly after: Version<T>;
  /** The keys whose values differ, in the order of the table, removed ones last. */
  readonly changed: readonly string[];
}

/** A piece of the running program that an edit needs: made before the edit is taken, so that it can still be called off. */
export type Prepared<F> =
  /** `commit` puts it in place and lets the old one go; it must not fail. `abandon` gives it back unused. */
  { readonly ok: true; commit(): void; abandon(): void } | { readonly ok: false; readonly faults: readonly F[] };

export type EditOutcome<T, F> =
  | { readonly is: "unchanged" }
  /** After faults: the sources say again what is in force. */
  | { readonly is: "restored" }
  | { readonly is: "applied"; readonly edit: Edit<T> }
  | { readonly is: "refused"; readonly faults: readonly F[] }
  | { readonly is: "gone"; readonly faults: readonly F[] };

export interface StoreParts<T, F> {
  /** Reads the sources by way of `read` alone: what it asks for is what the store compares. */
  load(read: ReadSource): Promise<StoreReading<T, F>>;
  readonly readSource: ReadSource;
  /** While the sources have faults: the value in force, with what those say now that are not at fault. `undefined`: it stays as it is. */
  renew?(current: T, read: ReadSource): Promise<T | undefined>;
  /** The value by key, as texts that differ if the values do. */
  keys(value: T): ReadonlyMap<string, string>;
  /** Makes what the edit needs; all of them or none. One that throws has failed. */
  readonly prepare?: readonly ((edit: Edit<T>) => Promise<Prepared<F>> | Prepared<F>)[];
  /** A fault for what was thrown. */
  faultOf(error: unknown): F;
  /** How long a text that cannot be read is given to become whole. */
  readonly rereadAfterMs?: number;
  /** How many versions can be gone back to; all of them unless given. */
  readonly keptVersions?: number;
}

export interface Store<T, F> {
  readonly current: Version<T>;
  /** Those that were in force, oldest first. */
  readonly versions: readonly Version<T>[];
  /** Looks at the sources now. One look at a time: a call during a look makes one more after it. */
  check(): Promise<EditOutcome<T, F>>;
  /** Puts an earlier version in force, as a new version, until the sources change again. */
  rollback(number: number): Promise<EditOutcome<T, F>>;
  /** Every outcome but "unchanged". Returns how to stop. */
  subscribe(listener: (outcome: EditOutcome<T, F>) => void): () => void;
  /** Only edits in which this key changed. */
  subscribeKey(key: string, listener: (edit: Edit<T>) => void): () => void;
}

/** Reads the first version. The faults of a first version are the caller's. */
export async function openStore<T, F>(
  parts: StoreParts<T, F>,
): Promise<{ readonly ok: true; readonly store: Store<T, F> } | { readonly ok: false; readonly faults: readonly F[] }> {
  const { reading, hash } = await readAll(parts, undefined);
  if (reading.is !== "good") return { ok: false, faults: reading.faults };
  return { ok: true, store: createStore(parts, reading.value, hash) };
}

/** A store around a value that was read already. Its texts are not known: the first check reads them and finds the value the same. */
export function createStore<T, F>(parts: StoreParts<T, F>, first: T, firstHash = ""): Store<T, F> {
  const versions: Version<T>[] = [{ number: 1, value: first, hash: firstHash }];
  let current: Version<T> = { number: 1, value: first, hash: firstHash };
  /** Of the texts that were looked at last, good or bad: the same ones are not judged again. */
  let seen = firstHash;
  /** Of the texts whose faults were told last. */
  let told = "";
  /** What the last look found is not what is in force. */
  let isFaulty = false;
  let last: SourceStates | undefined;
  let looking: Promise<EditOutcome<T, F>> | undefined;
  let next: Promise<EditOutcome<T, F>> | undefined;
  const listeners = new Set<(outcome: EditOutcome<T, F>) => void>();

  const look = async (): Promise<EditOutcome<T, F>> => {
    let found = await readAll(parts, current.value);
    last ??= found;
    if (found.hash === seen) return { is: "unchanged" };
    const doubtMs = doubtOf(found, last, { inForce: current.hash, isFaulty }, parts.rereadAfterMs);
    if (doubtMs > 0) {
      await pause(doubtMs);
      found = await readAll(parts, current.value);
      if (found.hash === seen) return { is: "unchanged" };
    }
    const { reading, hash } = found;
    seen = hash;
    last = found;
    if (reading.is !== "good") return faulty(reading, found);
    const wasFaulty = isFaulty;
    const outcome = await take(reading.value, hash);
    isFaulty = outcome.is === "refused";
    told = "";
    return outcome.is === "unchanged" && wasFaulty ? { is: "restored" } : outcome;
  };

  const faulty = async (
    { is, faults }: Faulty<F>,
    { hash, faultHash, renewed }: FoundStates<T, F>,
  ): Promise<EditOutcome<T, F>> => {
    const isNews = faultHash !== told;
    told = faultHash;
    isFaulty = true;
    const news: EditOutcome<T, F> = isNews ? { is: is === "gone" ? "gone" : "refused", faults } : { is: "unchanged" };
    const outcome: EditOutcome<T, F> = renewed === undefined ? { is: "unchanged" } : await take(renewed, hash);
    if (outcome.is === "unchanged") return news;
    tell(news);
    return outcome;
  };

  const take = async (value: T, hash: string): Promise<EditOutcome<T, F>> => {
    const before = current;
    const changed = difference(parts.keys(before.value), parts.keys(value));
    if (changed.length === 0) {
      // The same said by other texts: they are what the next edit is compared with.
      current = { ...before, value, hash };
      versions[versions.indexOf(before)] = current;
      return { is: "unchanged" };
    }
    const after: Version<T> = { number: (versions.at(-1)?.number ?? 0) + 1, value, hash };
    const edit: Edit<T> = { before, after, changed };
    const pieces = await prepareAll(parts, edit);
    if (!pieces.ok) return { is: "refused", faults: pieces.faults };
    current = after;
    versions.push(after);
    if (versions.length > (parts.keptVersions ?? Number.POSITIVE_INFINITY)) versions.shift();
    for (const piece of pieces.all) piece.commit();
    return { is: "applied", edit };
  };

  const tell = (outcome: EditOutcome<T, F>): EditOutcome<T, F> => {
    if (outcome.is !== "unchanged") for (const listener of [...listeners]) listener(outcome);
    return outcome;
  };

  /** One thing at a time. */
  const inTurn = (job: () => Promise<EditOutcome<T, F>>): Promise<EditOutcome<T, F>> => {
    const before = looking;
    const mine = (async () => {
      // What became of the one before is its caller's business.
      await before?.catch(() => {});
      return tell(await job());
    })();
    looking = mine;
    return mine;
  };

  return {
    get current() {
      return current;
    },
    get versions() {
      return versions;
    },
    check() {
      // Those who ask while a look waits for its turn are answered by that one: it has read nothing yet.
      next ??= inTurn(() => {
        next = undefined;
        return look();
      });
      return next;
    },
    rollback(number) {
      const version = versions.find((each) => each.number === number);
      if (version === undefined) throw new Error(`there is no version ${number}`);
      return inTurn(() => take(version.value, version.hash));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    subscribeKey(key, listener) {
      const filtered = (outcome: EditOutcome<T, F>): void => {
        if (outcome.is === "applied" && outcome.edit.changed.includes(key)) listener(outcome.edit);
      };
      listeners.add(filtered);
      return () => listeners.delete(filtered);
    },
  };
}

async function prepareAll<T, F>(
  parts: StoreParts<T, F>,
  edit: Edit<T>,
): Promise<{ ok: true; all: readonly { commit(): void }[] } | { ok: false; faults: readonly F[] }> {
  const all: { commit(): void; abandon(): void }[] = [];
  for (const prepare of parts.prepare ?? []) {
    const piece = await prepared(() => prepare(edit), parts);
    if (piece.ok) all.push(piece);
    else {
      for (const done of all.reverse()) done.abandon();
      return piece;
    }
  }
  return { ok: true, all };
}

async function prepared<F>(
  make: () => Promise<Prepared<F>> | Prepared<F>,
  { faultOf }: { faultOf(error: unknown): F },
): Promise<Prepared<F>> {
  try {
    return await make();
  } catch (error) {
    return { ok: false, faults: [faultOf(error)] };
  }
}

function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const changed = [...after].filter(([key, text]) => before.get(key) !== text).map(([key]) => key);
  return [...changed, ...[...before.keys()].filter((key) => !after.has(key))];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
