/** Every state of a standby against every fact that can come in it. */
import { describe, expect, test } from "vitest";
import {
  longestTrial,
  noStandby,
  type Standby,
  type StandbyFact,
  type StandbyOrder,
  stepStandby,
} from "../../src/core/standby.ts";

const runs = [1, 2, 3];
const facts: readonly StandbyFact[] = [
  ...runs.map((run) => ({ type: "idle", run }) as const),
  ...[true, false].map((isTried) => ({ type: "recorded", isTried }) as const),
  ...[true, false].map((isClean) => ({ type: "tried", isClean }) as const),
  ...runs.flatMap((run) => [true, false].map((isSame) => ({ type: "startDue", run, isSame }) as const)),
  { type: "failed" },
  { type: "closed" },
];

interface Edge {
  readonly from: Standby;
  readonly fact: StandbyFact;
  readonly to: Standby;
  readonly orders: readonly StandbyOrder[];
}

function walk(): readonly Edge[] {
  const edges: Edge[] = [];
  const seen = new Set<string>();
  const open: Standby[] = [noStandby];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    const name = JSON.stringify(from);
    if (seen.has(name)) continue;
    seen.add(name);
    for (const fact of facts) {
      const { standby, orders } = stepStandby(from, fact);
      edges.push({ from, fact, to: standby, orders });
      open.push(standby);
    }
  }
  return edges;
}

const edges = walk();
const has = (orders: readonly StandbyOrder[], type: StandbyOrder["type"]): boolean =>
  orders.some((order) => order.type === type);
const isUnderWay = ({ is }: Standby): boolean => is === "asked" || is === "trying" || is === "held";

describe("a standby", () => {
  test("is let in only as the run that it was made for, and where it would be what a cold start is", () => {
    const letIn = edges.filter(({ orders }) => has(orders, "letIn"));
    expect(letIn.length).toBeGreaterThan(0);
    for (const { from, fact } of letIn)
      expect(from.is === "held" && fact.type === "startDue" && fact.isSame && fact.run === from.run).toBe(true);
  });

  test("is never left behind: whatever was under way goes on, is let in, or is thrown away", () => {
    for (const { from, to, orders } of edges)
      if (isUnderWay(from) && !isUnderWay(to)) expect(has(orders, "letIn") || has(orders, "discard")).toBe(true);
  });

  test("is out of the way after every start", () => {
    for (const { fact, to } of edges) if (fact.type === "startDue") expect(isUnderWay(to)).toBe(false);
  });

  test("is tried for a run only once, and so often at most", () => {
    for (const { from, fact, to, orders } of edges) {
      if (has(orders, "ask") && from.is === "absent" && fact.type === "idle")
        expect(fact.run).toBeGreaterThan(from.spent);
      if (to.is === "trying") expect(to.round).toBeLessThanOrEqual(longestTrial);
    }
  });

  test("does nothing any more when it is closed", () => {
    for (const { from, to, orders } of edges)
      if (from.is === "closed") expect([to, orders]).toEqual([{ is: "closed" }, []]);
  });
});
