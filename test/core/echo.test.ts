import { describe, expect, test } from "vitest";
import type { Demand } from "../../src/core/demand.ts";
import { found, key, newWorld, type Told, tell } from "./world.ts";

interface Lived {
  /** When each run was started, the first one included; in milliseconds. */
  readonly starts: number[];
  readonly named: string[];
  /** Whether the last save is in a run. */
  readonly isAnswered: boolean;
}

/** Lets a program without a build live for so long; it writes these files at each of these times after its start. */
function live(
  untilMs: number,
  written: readonly number[] | ((run: number) => readonly number[]),
  saves: readonly { at: number; path: string }[],
  files: (run: number) => readonly string[] = () => ["written"],
): Lived {
  const world = newWorld({ builds: false });
  const starts: number[] = [];
  const named: string[] = [];
  const hear = ({ orders, news }: Told): void => {
    for (const item of news) if (item.type === "restless") named.push(item.pattern ?? item.path);
    for (const order of orders) if (order.type === "startRun") starts.push(world.at);
  };
  const known = new Set(saves.map(({ path }) => path));
  const save = (...paths: string[]): void => {
    const demand: Demand = new Map(
      paths.map((path) => [path, known.has(path) ? { verdict: "restart" } : { verdict: "restart", isNew: true }]),
    );
    for (const path of paths) known.add(path);
    hear(tell(world, { type: "changed", changes: found(demand) }));
  };
  hear(tell(world, { type: "started" }));
  const queue = [...saves];
  let writesOf = 0;
  let writes: number[] = [];
  for (;;) {
    const gone = [...world.runs.values()].find((run) => run.stopOrdered);
    if (world.looks > 0) hear(tell(world, { type: "looked", changes: new Map(), busy: false }));
    else if (gone !== undefined) hear(tell(world, { type: "runGone", job: gone.job }));
    else {
      const startedAt = starts.at(-1) ?? 0;
      if (writesOf !== starts.length) {
        writesOf = starts.length;
        const after = typeof written === "function" ? written(starts.length) : written;
        writes = after.map((ms) => startedAt + ms);
      }
      const next = [
        ...(queue[0] === undefined ? [] : [{ at: queue[0].at, is: "save" as const }]),
        ...(writes[0] === undefined ? [] : [{ at: writes[0], is: "write" as const }]),
        ...[...world.timers.values()].map(({ timer, at }) => ({ at, is: timer })),
      ].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > untilMs) break;
      world.at = Math.max(world.at, next.at);
      if (next.is === "save") save(queue.shift()?.path ?? "");
      else if (next.is === "write") {
        writes.shift();
        save(...files(starts.length));
      } else hear(tell(world, { type: "elapsed", timer: next.is, service: "" }));
    }
  }
  const last = saves.at(-1)?.path;
  const told = last === undefined ? undefined : world.told.get(key("", last))?.fact;
  return { starts, named, isAnswered: told === undefined || told < (world.started.get(key("", last ?? "")) ?? 0) };
}

describe("a program that writes a watched file soon after each start", () => {
  test("is started once a second, and the file is named once", () => {
    const { starts, named } = live(40_000, [30], []);
    expect(named).toEqual(["written"]);
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    const first = gaps.indexOf(1_030);
    expect(first).toBe(20);
    expect(gaps.length).toBeGreaterThan(30);
    for (const gap of gaps.slice(first)) expect(gap).toBe(1_030);
  });

  test("beside others is slowed down as well, and one of them is named once", () => {
    const { starts, named } = live(40_000, [30], [], () => ["report.json", "report.txt"]);
    expect(named).toEqual(["report.json"]);
    expect(starts.length).toBeLessThan(60);
  });

  test("beside others that are called otherwise each time is named", () => {
    const { named } = live(40_000, [30], [], (run) => [`report.${run}`, "report.json"]);
    expect(named).toEqual(["report.json"]);
  });

  describe("that is called otherwise each time", () => {
    test.each([
      ["in a directory", (run: number) => [`cache/${run * 7919}`], "cache/"],
      ["in one of many directories", (run: number) => [`cache/${run % 16}/${run * 7919}.bin`], "cache/"],
      ["with the same beginning", (run: number) => [`session-${run}`], "session-*"],
      ["beside sources", (run: number) => [`src/page-${run}.png`], "src/page-*.png"],
      ["with the same ending alone", (run: number) => [`${run}.tmpfile`], "*.tmpfile"],
      ["with nothing in common", (run: number) => [`${run * 7919}`], `${20 * 7919}`],
      ["and again after some", (run: number) => [`ring/${run % 5}`], "ring/"],
      ["beside many others", (run: number) => Array.from({ length: 50 }, (_, of) => `out/${run}/${of}`), "out/"],
    ])("%s is named, with a pattern, and started once a second", (_, files, pattern) => {
      const saves = [{ at: 39_500, path: "src/main.js" }];
      const { starts, named, isAnswered } = live(40_000, [30], saves, files);
      expect(named).toEqual([pattern]);
      expect(starts.length).toBeLessThan(80);
      expect(isAnswered).toBe(true);
      expect(starts.some((at) => at >= 39_500 && at < 39_600)).toBe(true);
    });
  });

  test("in the moment of most starts, and later now and then, is named once and goes on to be slowed down", () => {
    const { starts, named } = live(60_000, (run) => [run > 20 && run % 7 === 0 ? 150 : 30], []);
    expect(named).toEqual(["written"]);
    expect(starts.length).toBeLessThan(100);
  });

  test("not at the same distance each time, as on a busy machine, is named", () => {
    expect(live(40_000, (run) => [110 + ((run * 97) % 300)], []).named).toEqual(["written"]);
  });

  test("is started at once for a file that somebody else saves", () => {
    const { starts, isAnswered } = live(40_000, [30], [{ at: 39_500, path: "main.js" }]);
    expect(isAnswered).toBe(true);
    expect(starts.some((at) => at >= 39_500 && at < 39_600)).toBe(true);
  });
});

test("a program that writes a watched file again and again is named", () => {
  const writes = Array.from({ length: 100 }, (_, index) => 300 * (index + 1));
  expect(live(20_000, writes, []).named).toContain("written");
});

describe("somebody who saves the same file", () => {
  test.each([
    ["ten times, a second apart", 10, 1_000],
    ["ten times, as soon as the start is seen", 10, 50],
    ["twenty times, two a second", 20, 500],
  ])("%s is given no advice", (_, times, everyMs) => {
    const saves = Array.from({ length: times }, (_, index) => ({ at: 5_000 + everyMs * index, path: "main.js" }));
    expect(live(60_000, [], saves).named).toEqual([]);
  });

  test.each([
    ["again and again, as fast as a start allows", (index: number) => 80 * index, 2_100],
    ["four times a second", (index: number) => 250 * index, 100],
    ["every two seconds", (index: number) => 2_000 * index, 100],
  ])("%s has it in a run at once, or soon", (_, when, withinMs) => {
    const saves = Array.from({ length: 60 }, (_, index) => ({ at: 5_000 + when(index), path: "main.js" }));
    const { starts, isAnswered } = live(1_000_000, [], saves);
    expect(isAnswered).toBe(true);
    for (const { at } of saves) expect(starts.some((start) => start >= at && start - at <= withinMs)).toBe(true);
  });

  test("does not wait any more after a pause", () => {
    const saves = Array.from({ length: 30 }, (_, index) => ({ at: 5_000 + 80 * index, path: "main.js" }));
    const { starts } = live(20_000, [], [...saves, { at: 12_000, path: "main.js" }]);
    expect(starts.filter((at) => at >= 12_000 && at < 12_100)).toHaveLength(1);
  });

  test("as soon as he sees the start waits a second at most", () => {
    const { starts } = live(30_000, [90], []);
    for (const [index, at] of starts.entries()) expect(at - (starts[index - 1] ?? at)).toBeLessThanOrEqual(1_100);
  });
});

describe("a file that is being written for two seconds", () => {
  test.each([20, 50, 110, 200])(
    "with a pause of %i ms each time, is no more than four starts, and the last of them has all of it",
    (pauseMs) => {
      const saves = Array.from({ length: 2_000 / pauseMs }, (_, index) => ({
        at: 5_000 + pauseMs * index,
        path: "big",
      }));
      const { starts, isAnswered } = live(60_000, [], saves);
      // The first start of all is not one of them.
      expect(starts.length - 1).toBeLessThanOrEqual(4);
      expect(isAnswered).toBe(true);
      expect(starts.at(-1)).toBeLessThanOrEqual((saves.at(-1)?.at ?? 0) + 2 * pauseMs + 60);
    },
  );

  test("beside another one, as databases do, is no more either", () => {
    const saves = Array.from({ length: 20 }, (_, index) => ({
      at: 5_000 + 100 * index,
      path: index % 2 === 0 ? "db" : "journal",
    }));
    const { starts, isAnswered } = live(60_000, [], saves);
    expect(starts.length - 1).toBeLessThanOrEqual(5);
    expect(isAnswered).toBe(true);
  });
});

test("a file that is written once more by a formatter, 200 ms after the save, is in a run 60 ms later", () => {
  const { starts } = live(
    20_000,
    [],
    [
      { at: 5_000, path: "a.js" },
      { at: 5_004, path: "a.js" },
      { at: 5_200, path: "a.js" },
    ],
  );
  expect(starts.slice(1)).toEqual([5_009, 5_260]);
});
