/** What a start does not need is not loaded: in a file of its own, so that no other test has loaded it. */
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { judge } from "../../src/core/demand.ts";
import { assemble } from "../../src/matchers/assemble.ts";

const loaded = (): string[] =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("picomatch"));

function judgeWith(includeFiles: readonly string[]): void {
  const { matchers } = assemble({
    base: import.meta.dirname,
    includeFiles,
    excludeDirs: ["tmp", "/vendor"],
    excludeFiles: ["*_test.go", "a?b"],
    excludeRegex: ["x$"],
    gitignore: true,
    named: [],
    restart: [".env*"],
  });
  judge({ path: "a/b.go", kind: "changed" }, matchers);
}

test("the library for globs is loaded by the first pattern that needs it, and by no simple one", () => {
  judgeWith([".go", "go.mod", "*.html", "**/*.css", "web/app.js", "/main.go", "!*.md"]);
  expect(loaded()).toEqual([]);
  judgeWith(["*.{ts,tsx}"]);
  expect(loaded()).not.toEqual([]);
});
