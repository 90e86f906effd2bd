import { describe, expect, test } from "vitest";
import { change, newWorld, tell } from "./world.ts";

interface Lived {
  /** When each run was started, the first one included; in milliseconds. */
  readonly starts: number[];
  readonly named: string[];
  /** Whether the last save is in a run. */
  readonly isAnswered: boolean;
}

/** Lets a program without a build live for so long; it writes `written` at each of these times after its start. */
function live(untilMs: number, written: readonly number[], saves: readonly { at: number; path: string }[]): Lived {
  const world = newWorld({ builds: false });
  const starts: number[] = [];
  const named: string[] = [];
  const orders = (effects: ReturnType<typeof tell>): void => {
    for (const effect of effects) {
      if (effect.type === "restless") named.push(effect.path);
      if (effect.type === "startRun") starts.push(world.at);
    }
  };
  const save = (path: string): void =>
    orders(tell(world, { type: "changed", demand: change([path], "restart"), empty: false }));
  orders(tell(world, { type: "started" }));
  const queue = [...saves];
  let writesOf = 0;
  let writes: number[] = [];
  for (;;) {
    const gone = [...world.runs].find(([, run]) => run.stopOrdered);
    if (world.looks > 0) orders(tell(world, { type: "looked", demand: change([]), empty: false, busy: false }));
    else if (gone !== undefined) orders(tell(world, { type: "runGone", run: gone[0] }));
    else {
      const startedAt = starts.at(-1) ?? 0;
      if (writesOf !== starts.length) {
        writesOf = starts.length;
        writes = written.map((ms) => startedAt + ms);
      }
      const next = [
        ...(queue[0] === undefined ? [] : [{ at: queue[0].at, is: "save" as const }]),
        ...(writes[0] === undefined ? [] : [{ at: writes[0], is: "write" as const }]),
        ...[...world.timers].map(([timer, at]) => ({ at, is: timer })),
      ].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > untilMs) break;
      world.at = Math.max(world.at, next.at);
      if (next.is === "save") save(queue.shift()?.path ?? "");
      else if (next.is === "write") {
        writes.shift();
        save("written");
      } else orders(tell(world, { type: "elapsed", timer: next.is }));
    }
  }
  const last = saves.at(-1)?.path;
  const told = last === undefined ? undefined : world.told.get(last)?.fact;
  return { starts, named, isAnswered: told === undefined || told < (world.started.get(last ?? "") ?? 0) };
}

describe("a program that writes a watched file soon after each start", () => {
  test("is started once a second, and the file is named once", () => {
    const { starts, named } = live(20_000, [30], []);
    expect(named).toEqual(["written"]);
    expect(starts.filter((at) => at < 1_500)).toHaveLength(11);
    const gaps = starts.slice(11).map((at, index) => at - (starts[index + 10] ?? 0));
    expect(gaps.length).toBeGreaterThan(15);
    for (const gap of gaps) expect(gap).toBe(1_030);
  });

  test("is started at once for a file that somebody else saves", () => {
    const { starts, isAnswered } = live(20_000, [30], [{ at: 19_000, path: "main.js" }]);
    expect(isAnswered).toBe(true);
    expect(starts.some((at) => at >= 19_000 && at < 19_100)).toBe(true);
  });
});

test("a program that writes a watched file again and again is named", () => {
  const writes = Array.from({ length: 100 }, (_, index) => 300 * (index + 1));
  expect(live(20_000, writes, []).named).toContain("written");
});

describe("somebody who saves the same file", () => {
  test.each([
    ["again and again, as fast as a start allows", (index: number) => 80 * index, 1_100],
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
