/** A matcher of the user's own may do what it likes: it is reported once and abstains. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Matcher } from "../../src/core/demand.ts";
import type { Problem } from "../../src/core/problem.ts";
import { loadPlugin } from "../../src/matchers/plugin.ts";

let directory = "";
let problems: Problem[] = [];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "reload-plugin-")));
  problems = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function load(source: string): Promise<Matcher | Problem> {
  const path = join(directory, "matcher.mjs");
  writeFileSync(path, source);
  return loadPlugin(path, (problem) => problems.push(problem));
}

async function matcher(source: string): Promise<Matcher> {
  const loaded = await load(source);
  if (!("judge" in loaded)) throw new Error(loaded.message);
  return loaded;
}

const change = { path: "a/b.go", kind: "changed" } as const;

test("it judges and prunes, and is named", async () => {
  const mine = await matcher(`export default {
    name: "mine",
    judge: ({ path, kind }) => path.endsWith(".go") ? { verdict: "restart", because: { pattern: "go", source: kind } } : undefined,
    enters: (directory) => directory !== "deep",
  }`);
  expect(mine.name).toBe("mine");
  expect(mine.judge(change)).toEqual({ verdict: "restart", because: { pattern: "go", source: "changed" } });
  expect(mine.judge({ path: "a.md", kind: "added" })).toBe(undefined);
  expect(mine.enters?.("deep")).toBe(false);
  expect(mine.enters?.("src")).toBe(true);
  expect(problems).toEqual([]);
});

test("it may be a class, keep state, and give its reason as a text or not at all", async () => {
  const mine =
    await matcher(`class Mine { count = 0; name = "m"; judge() { this.count++; return { verdict: "ignore", because: this.count > 1 ? "twice" : undefined } } }
    export default new Mine()`);
  expect(mine.judge(change)).toEqual({ verdict: "ignore", because: { pattern: "", source: "[watch] matcher: m" } });
  expect(mine.judge(change)?.because.pattern).toBe("twice");
});

test("one that throws is reported once and abstains", async () => {
  const mine = await matcher(
    `export default { name: "bad", judge: ({ path }) => { throw new Error("no " + path) }, enters: () => { throw new Error("never") } }`,
  );
  expect(mine.judge(change)).toBe(undefined);
  expect(mine.judge({ ...change, path: "other" })).toBe(undefined);
  expect(mine.enters?.("a")).toBe(undefined);
  expect(problems.map((problem) => problem.message)).toEqual([
    "matcher bad: judge threw: no a/b.go",
    "matcher bad: enters threw: never",
  ]);
});

test("a verdict that is none, or not for matchers, is reported once and is an abstention", async () => {
  const mine = await matcher(
    `export default { name: "odd", judge: ({ path }) => path === "p" ? Promise.reject(new Error("later")) : ({ verdict: path === "s" ? "signal" : "refresh" }) }`,
  );
  for (const path of ["a", "b", "s", "p"]) expect(mine.judge({ path, kind: "changed" })).toBe(undefined);
  expect(problems.map((problem) => problem.message)).toEqual([
    'matcher odd: judge answered "refresh"',
    'matcher odd: judge answered "signal"',
    // That it fails later is no fault of ours: vitest ends with an error where nobody takes care of it.
    "matcher odd: judge answered a promise",
  ]);
  expect(problems[0]?.hint).toContain("ignore, restart, rebuild");
});

test.each([
  ["no default export", "export const judge = () => undefined", "is not a matcher"],
  ["no judge", "export default { name: 'x' }", "is not a matcher"],
  ["a syntax error", "export default {", "cannot load the matcher"],
  ["a module that throws", "throw new Error('boom')", "boom"],
])("%s is a problem", async (_, source, message) => {
  const loaded = await load(source);
  expect("judge" in loaded ? "" : loaded.message).toContain(message);
});

test("a file that is missing is a problem", async () => {
  const loaded = await loadPlugin(join(directory, "nowhere.mjs"), () => {});
  expect("judge" in loaded ? "" : loaded.message).toContain("cannot load the matcher");
});
