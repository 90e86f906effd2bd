/** Each machine, exhaustively, against every behaviour of those beside it. */
import { describe, expect, test } from "vitest";
import { intakeFaces, runsFaces, type Shown, waysOf, workFaces } from "./faces.ts";
import type { Settings } from "./plans.ts";
import type { Walk } from "./walk.ts";
import { walkIntake } from "./walk-intake.ts";
import { walkRuns } from "./walk-runs.ts";
import { walkWork } from "./walk-work.ts";

/** Each walk is made once, whoever asks for it, and tells what the machine showed meanwhile. */
function walkedOnce<Kind>(walk: (kind: Kind, shown: Shown) => Walk): (kind: Kind) => Walk & { readonly shown: Shown } {
  const made = new Map<string, Walk & { readonly shown: Shown }>();
  return (kind) => {
    const name = JSON.stringify(kind);
    const shown: Shown = new Set();
    const walked = made.get(name) ?? { ...walk(kind, shown), shown };
    made.set(name, walked);
    return walked;
  };
}
const work = walkedOnce((_: object, shown) => walkWork(shown));
const intake = walkedOnce<Partial<Settings>>(walkIntake);
const runs = walkedOnce<Partial<Settings>>(walkRuns);

test("work breaks no promise, whatever its users want of it", () => {
  expect(work({}).outlines).toBeGreaterThan(10);
});

describe("an intake breaks no promise, whatever becomes of what it hands on", () => {
  test.each<[string, Partial<Settings>]>([
    ["as it is", {}],
    ["with a fixed quiet time", { debounce: 300 }],
  ])("%s", (_, settings) => {
    expect(intake(settings).outlines).toBeGreaterThan(100);
  });
});

describe("runs break no promise, whatever their processes do", () => {
  test.each<[string, Partial<Settings>]>([
    ["stop first", {}],
    ["stop first, restart on exit", { onExit: "restart" }],
    ["stop first, restart on failure", { onExit: "restart-on-failure" }],
    ["quit on exit", { onExit: "quit" }],
    ["a COMMAND that may not exist", { commandGiven: true }],
    ["wait for the end", { onRunChange: "finish" }],
    ["start first", { swap: "start-first" }],
    ["start first, restart on exit", { swap: "start-first", onExit: "restart" }],
    ["start first, the old one kept", { swap: "start-first", keepOldMs: 5_000 }],
    ["start first, the old one kept, restart on exit", { swap: "start-first", keepOldMs: 5_000, onExit: "restart" }],
    ["once", { once: { checked: true } }],
  ])("%s", (_, settings) => {
    expect(runs(settings).outlines).toBeGreaterThan(20);
  });
});

describe("what a machine shows to those beside it", () => {
  const all = (...walks: readonly { readonly shown: Shown }[]): string[] =>
    [...new Set(walks.flatMap(({ shown }) => [...shown]))].sort();

  test("is all that their walks reckon with, and nothing else", () => {
    expect(all(work({}))).toEqual(waysOf(workFaces));
    expect(all(intake({}))).toEqual(waysOf(intakeFaces));
    const kinds: Partial<Settings>[] = [
      {},
      { onExit: "restart" },
      { swap: "start-first", keepOldMs: 5_000 },
      { swap: "start-first" },
    ];
    expect(all(...kinds.map(runs))).toEqual(waysOf(runsFaces));
  });
});
