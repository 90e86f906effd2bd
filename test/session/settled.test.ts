import { expect, test } from "vitest";
import { createSettled } from "../../src/session/warm/settled.ts";

const at = (value: string): Record<string, Record<string, string>> => ({ own: { level: "1" }, bind: { level: value } });
const shown = (...filters: string[]): Record<string, Record<string, string>> => ({
  bind: { "which warnings are shown": JSON.stringify(filters) },
});

test("what a cold run sets once more as the cold one before is set in another order by those that are let in", () => {
  const settled = createSettled();
  settled.add(at("40"), false);
  expect(settled.add(at("10"), true)).toBe("level is not as in a cold run");
  settled.add(at("40"), false);
  expect(settled.never).toBe("level depends on the order in which packages are loaded");
});

test("what an edit has changed is changed in a cold run as well, and all goes on", () => {
  const settled = createSettled();
  settled.add(at("1"), false);
  expect(settled.add(at("2"), true)).toBeDefined();
  settled.add(at("2"), false);
  expect(settled.never).toBeUndefined();
  expect(settled.add(at("2"), true)).toBeUndefined();
});

test("what is another one in each run is no reason for a second start for ever", () => {
  const settled = createSettled();
  settled.add(at("a"), false);
  expect(settled.add(at("b"), true)).toBeDefined();
  settled.add(at("c"), false);
  expect(settled.never).toBeUndefined();
  expect(settled.add(at("d"), true)).toBeUndefined();
});

test("warnings that come to the same may be shown by filters in another order", () => {
  const own = "error (None, 'builtins.Warning', None, 0)";
  const a = "ignore (None, 'a.Old', None, 0)";
  const b = "always (None, 'b.Old', None, 0)";
  const settled = createSettled();
  settled.add(shown(a, b, own), false);
  expect(settled.add(shown(b, a, own), true)).toBeUndefined();
  // Of a package that is loaded later in a cold run.
  expect(settled.add(shown("once (None, 'c.Old', None, 0)", a, b, own), true)).toBeUndefined();
  expect(settled.add(shown(own, a, b), true)).toBeDefined();
  settled.add(shown(a, b, own), false);
  expect(settled.never).toBeDefined();
});
