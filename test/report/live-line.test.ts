import { describe, expect, test } from "vitest";
import { liveText, type UnderWay, underWay, widthOf } from "../../src/report/live-line.ts";
import { printable } from "../../src/report/words.ts";
import { createEngine } from "../../src/session/engine.ts";
import { planOf } from "../core/plans.ts";
import { build, change, found, type Happening } from "../core/world.ts";

/** What is under way after these. */
function worksAfter(...script: readonly (readonly [number, Happening])[]): UnderWay {
  let works: UnderWay = new Map();
  const engine = createEngine({
    plan: () => planOf({ debounce: 0 }),
    perform: () => {},
    observe: (turn) => {
      works = underWay(works, { type: "turn", ...turn });
    },
  });
  for (const [at, what] of script) engine.take({ at, ...what });
  return works;
}

const building = worksAfter([0, { type: "started" }]);
const again = worksAfter(
  [0, { type: "started" }],
  [100, { type: "jobEnded", job: build(1), result: { is: "ok" } }],
  [5_000, { type: "changed", changes: found(change(["internal/handlers/main.go"])) }],
  [5_000, { type: "elapsed", timer: "quiet", service: "" }],
  [5_000, { type: "looked", changes: new Map(), busy: false }],
);

describe("the live line", () => {
  test("is there from the first second on, and counts", () => {
    expect(liveText(building, 500, 80)).toBeUndefined();
    expect(liveText(building, 1_000, 80)).toBe("○ started → build 1s");
    expect(liveText(again, 17_000, 80)).toBe("○ internal/handlers/main.go changed → build 12s");
    expect(liveText(again, 5_000 + 125_000, 80)).toBe("○ internal/handlers/main.go changed → build 2m05s");
  });

  test("never reaches the last column: a narrow terminal sees what takes long, and not why", () => {
    expect(liveText(again, 17_000, 40)).toBe("○ build 12s");
    for (const columns of [1, 5, 10, 20, 48, 200])
      expect(liveText(again, 17_000, columns)?.length).toBeLessThan(columns);
  });

  test("counts columns, not characters: names of East Asia, pictures, marks on letters, tabs", () => {
    const named = (path: string): UnderWay =>
      new Map([["b", { label: "build", cause: `${printable(path)} changed`, since: 0 }]]);
    expect(liveText(named("表紙/説明.go"), 3_000, 80)).toBe("○ 表紙/説明.go changed → build 3s");
    // 22 characters, 26 columns.
    expect(liveText(named("表紙.go"), 3_000, 29)).toBe("○ 表紙.go changed → build 3s");
    expect(liveText(named("表紙.go"), 3_000, 28)).toBe("○ build 3s");
    expect(liveText(named("e\u0301.go"), 3_000, 26)).toBe("○ e\u0301.go changed → build 3s");
    expect(liveText(named("a\tb.go"), 3_000, 80)).toBe("○ a\\tb.go changed → build 3s");
    const services: UnderWay = new Map([["b", { label: "🚀🚀🚀: build", cause: undefined, since: 0 }]]);
    for (let columns = 1; columns < 20; columns += 1)
      expect(widthOf(liveText(services, 3_000, columns) ?? "")).toBeLessThan(columns);
  });

  test("names what is under way for several services at once", () => {
    const works: UnderWay = new Map([
      ["api/build/1", { label: "api: build", cause: "a.go changed", since: 0 }],
      ["web/rule/1", { label: "web: rule", cause: "a.css changed", since: 1_000 }],
      ["web/hook/1", { label: "web: hook", cause: undefined, since: 2_900 }],
    ]);
    expect(liveText(works, 3_000, 80)).toBe("○ api: build 3s · web: rule 2s");
  });

  test("goes with what it was about, and with the end", () => {
    expect(
      worksAfter([0, { type: "started" }], [9, { type: "jobEnded", job: build(1), result: { is: "ok" } }]).size,
    ).toBe(0);
    expect(worksAfter([0, { type: "started" }], [9, { type: "quitAsked", code: 0 }]).size).toBe(0);
  });
});
