import { expect, test } from "vitest";
import { noBudget, spend } from "../../src/report/budget.ts";
import { createEngine } from "../../src/session/engine.ts";
import { planOf } from "../core/plans.ts";
import { build, change, found, run } from "../core/world.ts";

/** An engine whose run 1 has been built and started, and the lines that are told of it. */
function serving(settings: Parameters<typeof planOf>[0] = {}) {
  const plan = planOf(settings);
  let budget = noBudget;
  const lines: (string | undefined)[] = [];
  const see = (moment: Parameters<typeof spend>[1]): void => {
    const spent = spend(budget, moment);
    budget = spent.budget;
    lines.push(spent.line);
  };
  const engine = createEngine({
    plan: () => plan,
    perform: () => {},
    observe: (turn) => see({ type: "turn", ...turn }),
  });
  engine.take({ at: 0, type: "started" });
  engine.take({ at: 100, type: "jobEnded", job: build(1), result: { is: "ok" } });
  see({ at: 101, type: "jobStarted", job: run(1), pid: 1 });
  const settled = (at: number): void => {
    engine.take({ at, type: "elapsed", timer: "quiet", service: "" });
    engine.take({ at: at + 1, type: "looked", changes: new Map(), busy: false });
  };
  const told = (): string[] => lines.filter((line) => line !== undefined);
  return { engine, see, settled, told };
}

test("the phases of a restart are told one by one, and add up", () => {
  const { engine, see, settled, told } = serving();
  engine.take({ at: 1_000, type: "changed", changes: found(change(["a"])) });
  settled(1_005);
  engine.take({ at: 1_306, type: "jobEnded", job: build(2), result: { is: "ok" } });
  engine.take({ at: 1_309, type: "runGone", job: run(1) });
  see({ at: 1_310.5, type: "jobStarted", job: run(2), pid: 2 });
  expect(told()).toEqual(["run 2: settling 6.0ms, build 300.0ms, stop 3.0ms, start 1.5ms, in all 310.5ms"]);
});

test("what was begun for an older change, and came to nothing, is no part of it", () => {
  const { engine, see, settled, told } = serving();
  const save = (at: number): void => engine.take({ at, type: "changed", changes: found(change(["a"], "restart")) });
  save(1_000);
  settled(1_005);
  engine.take({ at: 1_010, type: "runGone", job: run(1) });
  // It waits for its port, until it is given up for the next one.
  save(3_000);
  settled(3_005);
  engine.take({ at: 3_010, type: "runGone", job: run(2) });
  see({ at: 3_012, type: "jobStarted", job: run(3), pid: 3 });
  expect(told()).toEqual([expect.stringMatching(/^run 3: settling \d/)]);
});

test("what failed before, and what waits for the start after this one, is no part of it", () => {
  const { engine, see, settled, told } = serving({ onChange: "finish" });
  const save = (at: number, path: string): void => engine.take({ at, type: "changed", changes: found(change([path])) });
  save(1_000, "a");
  settled(1_005);
  engine.take({ at: 1_100, type: "jobEnded", job: build(2), result: { is: "failed", exit: { is: "code", code: 1 } } });
  save(9_000, "a");
  settled(9_005);
  // Beside a build, which is finished.
  save(9_010, "b");
  engine.take({ at: 9_106, type: "jobEnded", job: build(3), result: { is: "ok" } });
  engine.take({ at: 9_109, type: "runGone", job: run(1) });
  see({ at: 9_110, type: "jobStarted", job: run(2), pid: 2 });
  settled(9_200);
  engine.take({ at: 9_301, type: "jobEnded", job: build(4), result: { is: "ok" } });
  engine.take({ at: 9_304, type: "runGone", job: run(2) });
  see({ at: 9_305, type: "jobStarted", job: run(3), pid: 3 });
  expect(told()).toEqual([
    "run 2: settling 6.0ms, build 100.0ms, stop 3.0ms, start 1.0ms, in all 110.0ms",
    "run 3: settling 191.0ms, build 100.0ms, stop 3.0ms, start 1.0ms, in all 295.0ms",
  ]);
});

test("what was given up for a newer change has waited since its own", () => {
  const { engine, see, settled, told } = serving();
  engine.take({ at: 1_000, type: "changed", changes: found(change(["a"])) });
  settled(1_005);
  engine.take({ at: 1_100, type: "changed", changes: found(change(["b"])) });
  engine.take({ at: 1_110, type: "jobEnded", job: build(2), result: { is: "cancelled" } });
  settled(1_150);
  engine.take({ at: 1_251, type: "jobEnded", job: build(3), result: { is: "ok" } });
  engine.take({ at: 1_254, type: "runGone", job: run(1) });
  see({ at: 1_255, type: "jobStarted", job: run(2), pid: 2 });
  expect(told()).toEqual(["run 2: settling 151.0ms, build 100.0ms, stop 3.0ms, start 1.0ms, in all 255.0ms"]);
});
