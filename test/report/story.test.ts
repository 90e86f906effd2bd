/** Whole sessions through the real machine, as the terminal tells them. */
import { describe, expect, test } from "vitest";
import { palette } from "../../src/report/colour.ts";
import type { Note } from "../../src/report/moment.ts";
import { beginning, type Level, levels } from "../../src/report/story/story.ts";
import { tell } from "../../src/report/story/tell.ts";
import { createEngine } from "../../src/session/engine.ts";
import { planOf, type Settings } from "../core/plans.ts";
import { build, change, found, type Happening, run } from "../core/world.ts";

/** Tells facts and notes at given times and returns the lines that a terminal shows. */
function told(
  script: readonly (readonly [number, Happening | Note])[],
  settings: Partial<Settings> & { checked?: boolean; level?: Level; address?: string; clears?: boolean } = {},
): string[] {
  const plan = planOf(settings);
  const lines: string[] = [];
  let story = beginning;
  const telling = {
    colors: palette(false),
    plan: () => plan,
    checked: () => settings.checked === true,
    once: plan.once,
    hasKeys: () => true,
    address: () => settings.address,
    clears: () => settings.clears === true,
    problem: () => "problem",
  };
  const add = (moment: Parameters<typeof tell>[1]): void => {
    const next = tell(story, moment, telling, "");
    story = next.story;
    for (const line of next.lines) {
      if (levels.indexOf(line.level) >= levels.indexOf(settings.level ?? "info")) lines.push(line.text);
    }
  };
  const engine = createEngine({
    plan: () => plan,
    perform: () => {},
    observe: (turn) => add({ type: "turn", ...turn }),
  });
  for (const [at, what] of script) {
    if (isNote(what)) add({ at, ...what });
    else engine.take({ at, ...what });
  }
  return lines;
}

const notes = [
  "opened",
  "watching",
  "unchanged",
  "jobStarted",
  "left",
  "stopWaiting",
  "forced",
  "swept",
  "notReady",
  "output",
  "said",
  "warned",
];
const isNote = (what: Happening | Note): what is Note => notes.includes(what.type);

const changed = (...paths: string[]): Happening => ({ type: "changed", changes: found(change(paths)) });
const lookedAtNothing: Happening = { type: "looked", changes: new Map(), busy: false };
const quiet: readonly [number, Happening][] = [];

/** A change, and the quiet time after it. */
const save = (at: number, ...paths: string[]): (readonly [number, Happening])[] => [
  [at, changed(...paths)],
  [at + 5, { type: "elapsed", timer: "quiet", service: "" }],
  [at + 5, lookedAtNothing],
  ...quiet,
];

const firstRun: (readonly [number, Happening | Note])[] = [
  [0, { type: "started" }],
  [412, { type: "jobEnded", job: build(1), result: { is: "ok" } }],
  [413, { type: "jobStarted", job: run(1), pid: 100 }],
  [913, { type: "runReady", job: run(1) }],
];

describe("the terminal", () => {
  test("tells a save in one line: what changed, how long each phase took, which run it is", () => {
    expect(
      told([
        ...firstRun,
        ...save(2_000, "main.go"),
        [2_417, { type: "jobEnded", job: build(2), result: { is: "ok" } }],
        [2_419, { type: "runGone", job: run(1) }],
        [2_420, { type: "jobStarted", job: run(2), pid: 101 }],
      ]),
    ).toEqual(["● started → build 412ms → running · run 1", "● main.go changed → build 412ms → running · run 2"]);
  });

  test("waits with the line until the run is ready when there is a check, and names a stop that took its time", () => {
    expect(
      told(
        [
          ...firstRun,
          ...save(2_000, "main.go", "go.mod", "a.go"),
          [2_417, { type: "jobEnded", job: build(2), result: { is: "ok" } }],
          [3_117, { type: "runGone", job: run(1) }],
          [3_120, { type: "jobStarted", job: run(2), pid: 101 }],
          [3_155, { type: "runReady", job: run(2) }],
        ],
        { checked: true },
      ),
    ).toEqual([
      "● started → build 412ms → ready 501ms · run 1",
      "● main.go and 2 more changed → build 412ms → stop 700ms → ready 38ms · run 2",
    ]);
  });

  test("names the address where the first run answers, and again once it is gone from the screen", () => {
    const script: (readonly [number, Happening | Note])[] = [
      ...firstRun,
      ...save(2_000, "main.go"),
      [2_417, { type: "jobEnded", job: build(2), result: { is: "ok" } }],
      [2_419, { type: "runGone", job: run(1) }],
      [2_420, { type: "jobStarted", job: run(2), pid: 101 }],
      [2_458, { type: "runReady", job: run(2) }],
    ];
    const settings = { checked: true, address: "http://localhost:3412" };
    const first = "● started → build 412ms → ready 501ms · run 1 · http://localhost:3412";
    const second = "● main.go changed → build 412ms → ready 39ms · run 2";
    expect(told(script, settings)).toEqual([first, second]);
    expect(told(script, { ...settings, clears: true })).toEqual([first, `${second} · http://localhost:3412`]);
  });

  test("tells the next change as its own story when it comes before the run is ready", () => {
    expect(
      told(
        [
          [0, { type: "started" }],
          [3, { type: "jobStarted", job: run(1), pid: 100 }],
          ...save(40, "main.js"),
          [90, { type: "runGone", job: run(1) }],
          [91, { type: "jobStarted", job: run(2), pid: 101 }],
          [130, { type: "runReady", job: run(2) }],
        ],
        { checked: true, builds: false },
      ),
    ).toEqual(["● main.js changed → stop 45ms → ready 40ms · run 2"]);
  });

  test("names what changed while room was made for the run as well", () => {
    expect(
      told(
        [
          [0, { type: "started" }],
          [3, { type: "jobStarted", job: run(1), pid: 100 }],
          ...save(2_000, "main.js"),
          ...save(2_020, "other.js"),
          [2_090, { type: "runGone", job: run(1) }],
          [2_091, { type: "jobStarted", job: run(2), pid: 101 }],
        ],
        { builds: false },
      ),
    ).toEqual(["● started → running · run 1", "● main.js, other.js changed → stop 85ms → running · run 2"]);
  });

  test("says that a failed build left the running process alone", () => {
    expect(
      told([
        ...firstRun,
        ...save(2_000, "main.go"),
        [2_317, { type: "jobEnded", job: build(2), result: { is: "failed", exit: { is: "code", code: 1 } } }],
      ]),
    ).toEqual([
      "● started → build 412ms → running · run 1",
      "✖ main.go changed → build failed after 312ms (code 1) · run 1 stays",
    ]);
  });

  test("says how a process ended by itself, and what comes next", () => {
    expect(
      told([
        ...firstRun,
        [3_412, { type: "runExited", job: run(1), exit: { is: "signal", signal: "SIGSEGV", number: 11 } }],
      ]).at(-1),
    ).toBe("✖ run 1 ended with SIGSEGV after 3.0s · waiting for a change");
    expect(
      told(
        [
          ...firstRun,
          [3_412, { type: "runExited", job: run(1), exit: { is: "code", code: 1 } }],
          [3_413, { type: "runGone", job: run(1) }],
        ],
        { onExit: "restart" },
      ).slice(1),
    ).toEqual(["✖ run 1 ended with code 1 after 3.0s · restarting", "○ restarting in 500ms"]);
  });

  test("says which change broke a run that ends before it is ready", () => {
    expect(
      told(
        [
          ...firstRun,
          ...save(2_000, "main.go"),
          [2_417, { type: "jobEnded", job: build(2), result: { is: "ok" } }],
          [2_419, { type: "runGone", job: run(1) }],
          [2_420, { type: "jobStarted", job: run(2), pid: 101 }],
          [2_519, { type: "runExited", job: run(2), exit: { is: "code", code: 1 } }],
        ],
        { checked: true },
      ).at(-1),
    ).toBe("✖ main.go changed → build 412ms → run 2 ended with code 1 after 100ms · waiting for a change");
  });

  test("shows control characters in names, and never obeys them", () => {
    const [, line] = told([
      ...firstRun,
      ...save(2_000, "a\n\u001b[31mb"),
      [2_050, { type: "jobEnded", job: build(2), result: { is: "timedOut", afterMs: 40 } }],
    ]);
    expect(line).toBe("✖ a\\n\\x1b[31mb changed → build timed out after 40ms · run 1 stays");
  });
});
