import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "../../src/matchers/assemble.ts";
import { expressionOf } from "../../src/matchers/expression.ts";

// Each of them would go on for longer than the universe is old; the runner's own limit ends a test that does.
describe("an expression that explodes in JavaScript ends:", () => {
  test.each<[string, string]>([
    ["^(a+)+$", `${"a".repeat(64)}!`],
    ["(x+x+)+y", "x".repeat(200)],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(64)],
    ["(.*)*\\.go!$", `${"a/".repeat(64)}x.go`],
    ["(a|aa)+$x", "a".repeat(64)],
  ])("%s, in linear time", (source, text) => {
    const givenUp: string[] = [];
    expect(expressionOf(source, (at) => givenUp.push(at)).test(text)).toBe(false);
    expect(givenUp).toEqual([]);
  });

  test.each<[string, string]>([
    ["(?=a)(a+)+$x", `${"a".repeat(64)}!`],
    ["^(a{1,20}){1,20}$", `${"a".repeat(64)}!`],
    ["(a*)*\\1b", "a".repeat(64)],
    ["^(?!src).*a.*a.*a.*a.*a.*a.*a.*a.*!$", "a".repeat(2_000)],
  ])("%s, by the limit, and is asked no more", (source, text) => {
    const givenUp: string[] = [];
    const expression = expressionOf(source, (at) => givenUp.push(at));
    expect([expression.test(text), expression.test(text)]).toEqual([false, false]);
    expect(givenUp).toEqual([text]);
  });
});

test("what is harmless means what JavaScript says, also with look-around and references", () => {
  const source = fc.constantFrom(
    "^(?!src/)",
    "(?<!_test)\\.go$",
    "(a|b)\\1",
    "^a.*b$",
    "[^/]+$",
    "\\.(?:go|rs)$",
    "(?=.*x).*y",
  );
  const text = fc.string({ unit: fc.constantFrom("a", "b", "x", "y", "/", ".", "go", "src/", "_test"), maxLength: 12 });
  fc.assert(fc.property(source, text, (of, on) => expressionOf(of).test(on) === new RegExp(of).test(on)));
});

test("the user hears which expression was given up, and on what; the other patterns hold", () => {
  const told: string[] = [];
  const { matchers } = assemble({
    base: "/",
    includeFiles: [],
    excludeDirs: [],
    excludeFiles: [],
    excludeRegex: ["(?=a)(a+)+$x", "\\.md$"],
    gitignore: false,
    named: [],
    restart: [],
    report: ({ message }) => told.push(message),
  });
  const exclude = matchers.find(({ name }) => name === "exclude_regex");
  const judge = (path: string): unknown => exclude?.judge({ path, kind: "changed" })?.because.pattern;
  const path = `${"a".repeat(64)}!`;
  expect([judge(path), judge("x.md"), judge(path)]).toEqual([undefined, "\\.md$", undefined]);
  expect(told).toEqual([`"(?=a)(a+)+$x" takes too long on "${path}"; ignored from now on`]);
});
