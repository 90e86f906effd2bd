/** Demands join as sets do: whatever the order and however often, nothing is lost. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Demand,
  enters,
  isNothing,
  joinDemands,
  judge,
  type Matcher,
  nothing,
  pathsOf,
  verdictOf,
  verdicts,
} from "../../src/core/demand.ts";

const demand: fc.Arbitrary<Demand> = fc
  .array(fc.tuple(fc.constantFrom("", "a", "b", "c", "d"), fc.constantFrom(...verdicts)))
  .map((asked) => new Map(asked.map(([path, verdict]) => [path, { verdict }])));

test("joining is associative, commutative and idempotent, and nothing is neutral", () => {
  fc.assert(
    fc.property(demand, demand, demand, (a, b, c) => {
      expect(joinDemands(joinDemands(a, b), c)).toEqual(joinDemands(a, joinDemands(b, c)));
      expect(joinDemands(a, b)).toEqual(joinDemands(b, a));
      expect(joinDemands(a, a)).toEqual(a);
      expect(joinDemands(a, nothing)).toEqual(a);
      expect(joinDemands(nothing, a)).toEqual(a);
    }),
  );
});

test("a join asks for each path what the greater of its parts asks, and of the whole the greatest of all", () => {
  fc.assert(
    fc.property(demand, demand, (a, b) => {
      const both = joinDemands(a, b);
      const rank = (all: Demand, path: string): number => verdicts.indexOf(all.get(path)?.verdict ?? "ignore");
      for (const path of [...a.keys(), ...b.keys()])
        expect(rank(both, path)).toBe(Math.max(rank(a, path), rank(b, path)));
      expect(verdicts.indexOf(verdictOf(both))).toBe(Math.max(0, ...[...both.keys()].map((path) => rank(both, path))));
      expect(pathsOf(both)).toEqual(new Set([...a.keys(), ...b.keys()].filter((path) => path !== "")));
      expect(isNothing(both)).toBe(isNothing(a) && isNothing(b));
    }),
  );
});

const says = (name: string, verdict: "ignore" | "restart" | undefined, entered?: boolean): Matcher => ({
  name,
  judge: () => (verdict === undefined ? undefined : { verdict, because: { pattern: name, source: name } }),
  ...(entered === undefined ? {} : { enters: () => entered }),
});

test("the first matcher that speaks decides; if none does, nobody asked for anything", () => {
  const change = { path: "a", kind: "changed" } as const;
  expect(judge(change, [says("x", undefined), says("y", "restart"), says("z", "ignore")])?.because.source).toBe("y");
  expect(judge(change, [says("x", undefined)])).toBe(undefined);
  expect(judge(change, [])).toBe(undefined);
});

test("a directory is entered unless the first with an opinion says no", () => {
  expect(enters("a", [])).toBe(true);
  expect(enters("a", [says("x", "ignore"), says("y", undefined, false), says("z", undefined, true)])).toBe(false);
  expect(enters("a", [says("y", undefined, true), says("z", undefined, false)])).toBe(true);
});
