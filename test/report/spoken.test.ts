import { describe, expect, test } from "vitest";
import { brokenFor, listBrokenFor } from "../../src/report/narrow.ts";
import { isSpoken, spoken } from "../../src/report/spoken.ts";

describe("a line for who hears it", () => {
  test("has words in place of signs, painted or not", () => {
    expect(spoken("● main.go changed → build 412ms → ready 38ms · run 7")).toBe(
      "main.go changed, build 412ms, ready 38ms, run 7",
    );
    expect(spoken("\u001b[31m✖\u001b[39m main.go changed \u001b[2m→\u001b[22m build failed · run 1 stays")).toBe(
      "error: main.go changed, build failed, run 1 stays",
    );
    expect(spoken("▲ a.go decides nothing\n○ restarting in 2s")).toBe(
      "warning: a.go decides nothing\nrestarting in 2s",
    );
  });

  test("is asked for by ACCESSIBLE", () => {
    const asked = ["1", "yes", "0", "", "false", undefined].map((ACCESSIBLE) =>
      isSpoken(ACCESSIBLE === undefined ? {} : { ACCESSIBLE }),
    );
    expect(asked).toEqual([true, true, false, false, false, false]);
  });
});

describe("in a narrow terminal", () => {
  test("lines are broken between words, and none gets lost", () => {
    const text = "✖ handlers/main.go changed → build failed after 361ms (code 1) · run 1 stays";
    expect(brokenFor(40, text)).toBe(
      "✖ handlers/main.go changed\n  → build failed after 361ms (code 1)\n  · run 1 stays",
    );
    for (let columns = 10; columns < 60; columns += 1) {
      const rows = brokenFor(columns, text).split("\n");
      expect(rows.map((row) => row.trim()).join(" ")).toBe(text);
      for (const row of rows) if (row.trim().includes(" ")) expect(row.length, row).toBeLessThanOrEqual(columns);
    }
    expect(brokenFor(80, text)).toBe(text);
  });

  test("of a list, what is indented goes on below itself", () => {
    const help =
      "What is watched:\n  -i, --ignore PATTERN      ignore this as well, as in a .gitignore\n  -q, --quiet  less";
    expect(listBrokenFor(40, help)).toBe(
      "What is watched:\n  -i, --ignore PATTERN  ignore this as\n    well, as in a .gitignore\n  -q, --quiet  less",
    );
    expect(listBrokenFor(80, help)).toBe(help);
  });

  test("what is longer than a row stays whole, excerpts stay as they are, colours take no room", () => {
    const path = "/a/very/long/path/to/some/directory/main.go:1:2: undefined: x";
    expect(brokenFor(40, path)).toBe("/a/very/long/path/to/some/directory/main.go:1:2:\n  undefined: x");
    const excerpt = `  7 | include_files = [".go", "*.html", ".tmpl", ".templ"]`;
    expect(brokenFor(40, excerpt)).toBe(excerpt);
    const painted = `\u001b[31m${"x".repeat(38)}\u001b[39m y`;
    expect(brokenFor(40, painted)).toBe(painted);
  });
});
