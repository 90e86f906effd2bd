import { expect, test } from "vitest";
import { noBudget, spend } from "../../src/report/budget.ts";
import { createEngine } from "../../src/session/engine.ts";
import { planOf } from "../core/plans.ts";
import { build, change, found, run } from "../core/world.ts";

const plan = planOf();

test("the phases of a restart are told one by one, and add up", () => {
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
  engine.take({ at: 1_000, type: "changed", changes: found(change(["a"])) });
  engine.take({ at: 1_005, type: "elapsed", timer: "quiet", service: "" });
  engine.take({
    at: 1_006,
    type: "looked",
    changes: new Map(),
    busy: false,
  });
  engine.take({ at: 1_306, type: "jobEnded", job: build(2), result: { is: "ok" } });
  engine.take({ at: 1_309, type: "runGone", job: run(1) });
  see({ at: 1_310.5, type: "jobStarted", job: run(2), pid: 2 });
  expect(lines.filter((line) => line !== undefined)).toEqual([
    "run 2: settling 6.0ms, build 300.0ms, stop 3.0ms, start 1.5ms, in all 310.5ms",
  ]);
});
