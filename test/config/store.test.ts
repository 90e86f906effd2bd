import { describe, expect, test, vi } from "vitest";
import {
  type EditOutcome,
  openStore,
  type Prepared,
  type Store,
  type StoreParts,
} from "../../src/config/store/store.ts";

/** A value of some app that has nothing to do with `reload`: JSON in a file. */
type Value = Readonly<Record<string, unknown>>;

interface World {
  /** What the files hold now. */
  readonly files: Map<string, string>;
  readonly store: Store<Value, string>;
  readonly told: EditOutcome<Value, string>[];
  reads: number;
}

async function world(more: Partial<StoreParts<Value, string>> = {}): Promise<World> {
  const files = new Map([["app.json", '{ "a": 1, "b": 1 }']]);
  const counters = { reads: 0 };
  const opened = await openStore<Value, string>({
    readSource(path) {
      counters.reads += 1;
      return files.get(path);
    },
    load(read) {
      const text = read("app.json");
      if (text === undefined) return Promise.resolve({ is: "gone", faults: ["gone"] });
      try {
        const value: Value = JSON.parse(text);
        const include = typeof value["include"] === "string" ? read(value["include"]) : undefined;
        if (value["bad"] !== undefined) return Promise.resolve({ is: "bad", faults: ["bad is set"], isPartial: false });
        return Promise.resolve({ is: "good", value: include === undefined ? value : { ...value, included: include } });
      } catch {
        return Promise.resolve({ is: "bad", faults: [`no JSON: ${text}`], isPartial: true });
      }
    },
    keys: (value) => new Map(Object.entries(value).map(([key, each]) => [key, JSON.stringify(each)])),
    faultOf: (error) => String(error),
    rereadAfterMs: 5,
    ...more,
  });
  if (!opened.ok) throw new Error(opened.faults.join());
  const told: EditOutcome<Value, string>[] = [];
  opened.store.subscribe((outcome) => told.push(outcome));
  return { files, store: opened.store, told, ...counters };
}

describe("the store", () => {
  test("begins with version 1, and gives back the faults of a first version", async () => {
    const { store } = await world();
    expect(store.current).toMatchObject({ number: 1, value: { a: 1, b: 1 } });
    const opened = await openStore<Value, string>({
      readSource: () => undefined,
      load: () => Promise.resolve({ is: "bad", faults: ["no"], isPartial: false }),
      keys: () => new Map(),
      faultOf: String,
    });
    expect(opened).toEqual({ ok: false, faults: ["no"] });
  });

  test("takes an edit as one step, with a number, a hash and the keys that changed", async () => {
    const { files, store, told } = await world();
    const first = store.current;
    files.set("app.json", '{ "b": 2, "c": 1 }');
    const outcome = await store.check();
    expect(outcome).toMatchObject({
      is: "applied",
      edit: { changed: ["b", "c", "a"], before: first, after: { number: 2 } },
    });
    expect(store.current).toMatchObject({ number: 2, value: { b: 2, c: 1 } });
    expect(store.current.hash).not.toBe(first.hash);
    expect(told).toEqual([outcome]);
  });

  test("does not judge the same texts twice", async () => {
    const { files, store, told } = await world();
    expect(await store.check()).toEqual({ is: "unchanged" });
    files.set("app.json", '{ "bad": 1 }');
    expect(await store.check()).toEqual({ is: "refused", faults: ["bad is set"] });
    expect(await store.check()).toEqual({ is: "unchanged" });
    expect(told).toHaveLength(1);
    expect(store.current).toMatchObject({ number: 1, value: { a: 1, b: 1 } });
  });

  test("is silent about other bytes that say the same, unless they mend what was wrong", async () => {
    const { files, store } = await world();
    files.set("app.json", '{ "a":1,   "b":1 }');
    expect(await store.check()).toEqual({ is: "unchanged" });
    files.set("app.json", '{ "bad": 1 }');
    await store.check();
    files.set("app.json", '{ "a": 1, "b": 1 }');
    expect(await store.check()).toEqual({ is: "restored" });
    expect(store.current.number).toBe(1);
  });

  test("keeps the last good version when the file is deleted, and takes a new one", async () => {
    const { files, store } = await world();
    files.delete("app.json");
    expect(await store.check()).toEqual({ is: "gone", faults: ["gone"] });
    expect(store.current.value).toEqual({ a: 1, b: 1 });
    files.set("app.json", '{ "a": 2 }');
    expect(await store.check()).toMatchObject({ is: "applied", edit: { after: { number: 2 } } });
  });

  test.each([
    ["half-written", '{ "a": '],
    ["empty for a moment", ""],
    ["away for a moment", undefined],
  ])("waits for a file that is %s", async (_, text) => {
    const { files, store, told } = await world({ rereadAfterMs: 50 });
    if (text === undefined) files.delete("app.json");
    else files.set("app.json", text);
    const looking = store.check();
    await Promise.resolve();
    files.set("app.json", '{ "a": 9 }');
    expect(await looking).toMatchObject({ is: "applied", edit: { after: { value: { a: 9 } } } });
    expect(told).toHaveLength(1);
  });

  test("refuses a file that stays half-written", async () => {
    const { files, store } = await world();
    files.set("app.json", '{ "a": ');
    expect(await store.check()).toEqual({ is: "refused", faults: ['no JSON: { "a": '] });
  });

  describe("gives a text that may not be whole time to become so:", () => {
    const rereadAfterMs = 200;
    /** What has been told after so long, and a moment before. */
    const toldAfter = async (ms: number, { store, told }: World): Promise<unknown[]> => {
      vi.useFakeTimers();
      try {
        const looking = store.check();
        await vi.advanceTimersByTimeAsync(ms - 1);
        const before = told.length;
        await vi.advanceTimersByTimeAsync(1);
        expect(told.length).toBe(before + 1);
        return [(await looking).is, store.current.value];
      } finally {
        vi.useRealTimers();
      }
    };

    test("a mistake that looks half-written is told after all of it, and not before", async () => {
      const own = await world({ rereadAfterMs });
      own.files.set("app.json", '{ "a": ');
      expect(await toldAfter(rereadAfterMs, own)).toEqual(["refused", { a: 1, b: 1 }]);
    });

    test("one that has lost lines waits as long, and what mends a mistake a quarter: somebody looks at it", async () => {
      const own = await world({ rereadAfterMs });
      const { files, store } = own;
      files.set("app.json", '{\n"a": 2,\n"b": 2\n}\n');
      expect((await store.check()).is).toBe("applied");
      files.set("app.json", '{ "a": 3 }\n');
      expect(await toldAfter(rereadAfterMs, own)).toEqual(["applied", { a: 3 }]);
      files.set("app.json", '{\n"bad": 1\n}\n');
      expect((await store.check()).is).toBe("refused");
      files.set("app.json", '{ "a": 4 }\n');
      expect(await toldAfter(rereadAfterMs / 4, own)).toEqual(["applied", { a: 4 }]);
      files.set("app.json", '{\n"bad": 1\n}\n');
      expect((await store.check()).is).toBe("refused");
      files.set("app.json", '{ "a": \n');
      expect((await toldAfter(rereadAfterMs, own))[0]).toBe("refused");
    });
  });

  test("sees files that the text names, also such as are not there yet", async () => {
    const { files, store } = await world();
    files.set("app.json", '{ "include": "more.txt" }');
    await store.check();
    files.set("more.txt", "x");
    expect(await store.check()).toMatchObject({ is: "applied", edit: { changed: ["included"], after: { number: 3 } } });
  });

  test("tells those who want one key of that key alone", async () => {
    const { files, store } = await world();
    const seen: number[] = [];
    const stop = store.subscribeKey("a", ({ after }) => seen.push(Number(after.value["a"])));
    for (const text of ['{ "a": 1, "b": 2 }', '{ "a": 2, "b": 2 }', '{ "a": 3 }']) {
      files.set("app.json", text);
      await store.check();
    }
    stop();
    files.set("app.json", '{ "a": 4 }');
    await store.check();
    expect(seen).toEqual([2, 3]);
  });

  test("answers all who ask at once with one look, in their order", async () => {
    const { files, store, told } = await world();
    files.set("app.json", '{ "a": 2 }');
    const outcomes = await Promise.all([store.check(), store.check(), store.check()]);
    expect(outcomes.map(({ is }) => is)).toEqual(["applied", "applied", "applied"]);
    expect(told).toHaveLength(1);
  });

  test("looks once more for an edit that falls into a look", async () => {
    const { files, store } = await world({ rereadAfterMs: 20 });
    files.set("app.json", "{");
    const first = store.check();
    await Promise.resolve();
    await Promise.resolve();
    files.set("app.json", '{ "a": 2 }');
    const second = store.check();
    files.set("app.json", '{ "a": 3 }');
    await first;
    await second;
    expect(store.current.value).toEqual({ a: 3 });
  });
});

describe("the pieces that an edit needs", () => {
  const pieces = (
    log: string[],
    ...fails: (false | "refuses" | "throws")[]
  ): NonNullable<StoreParts<Value, string>["prepare"]> =>
    fails.map((fail, index) => async ({ after }): Promise<Prepared<string>> => {
      await Promise.resolve();
      log.push(`prepare ${index}`);
      if (fail === "throws") throw new Error(`piece ${index} threw`);
      if (fail === "refuses") return { ok: false, faults: [`no piece ${index}`] };
      return {
        ok: true,
        commit: () => log.push(`commit ${index} for ${after.number}`),
        abandon: () => log.push(`abandon ${index}`),
      };
    });

  test("are all had before anything is swapped, and the subscribers hear of it last", async () => {
    const log: string[] = [];
    const { files, store } = await world({ prepare: pieces(log, false, false) });
    store.subscribe(({ is }) => log.push(is));
    files.set("app.json", '{ "a": 2 }');
    await store.check();
    expect(log).toEqual(["prepare 0", "prepare 1", "commit 0 for 2", "commit 1 for 2", "applied"]);
  });

  test.each(["refuses", "throws"] as const)("are given back, and the edit refused, when one %s", async (how) => {
    const log: string[] = [];
    const { files, store } = await world({ prepare: pieces(log, false, false, how, false) });
    files.set("app.json", '{ "a": 2, "b": 2 }');
    expect(await store.check()).toEqual({
      is: "refused",
      faults: [how === "throws" ? "Error: piece 2 threw" : "no piece 2"],
    });
    expect(log).toEqual(["prepare 0", "prepare 1", "prepare 2", "abandon 1", "abandon 0"]);
    expect(store.current).toMatchObject({ number: 1, value: { a: 1, b: 1 } });
  });
});

describe("rollback", () => {
  test("puts an earlier version in force as a new one, until the file changes again", async () => {
    const { files, store } = await world();
    files.set("app.json", '{ "a": 2 }');
    await store.check();
    expect(await store.rollback(1)).toMatchObject({
      is: "applied",
      edit: { after: { number: 3, value: { a: 1, b: 1 } } },
    });
    expect(await store.check()).toEqual({ is: "unchanged" });
    files.set("app.json", '{ "a": 5 }');
    await store.check();
    expect(store.current).toMatchObject({ number: 4, value: { a: 5 } });
    expect(store.versions.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  test("to a version that never was is a mistake in the program", async () => {
    const { store } = await world();
    expect(() => store.rollback(7)).toThrow("there is no version 7");
  });

  test("keeps as many versions as it is told to", async () => {
    const { files, store } = await world({ keptVersions: 2 });
    for (const a of [2, 3, 4]) {
      files.set("app.json", JSON.stringify({ a }));
      await store.check();
    }
    expect(store.versions.map(({ number }) => number)).toEqual([3, 4]);
    expect(() => store.rollback(2)).toThrow("there is no version 2");
    await store.rollback(3);
    expect(store.current).toMatchObject({ number: 5, value: { a: 3 } });
  });
});
