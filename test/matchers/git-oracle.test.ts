/** Ignore files mean what git says they mean: random trees and random patterns, judged by us and by `git check-ignore`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Matcher } from "../../src/core/demand.ts";
import { ignoreFiles } from "../../src/matchers/ignore-files.ts";

const hasGit = spawnSync("git", ["--version"]).status === 0;
if (!hasGit && process.env["RELOAD_TEST_REQUIRE_ALL"] === "1") throw new Error("git is missing");

const names = [
  "a",
  "b",
  "foo",
  "foo.go",
  "bar.txt",
  "x y",
  "[z]",
  "a*b",
  ".dot",
  "tmp",
  "é",
  "#hash",
  "!bang",
  "back\\slash",
  "-dash",
  "abc",
];
const files = (() => {
  const paths: string[] = [];
  const directories = ["", "a", "a/b", "a/foo", "foo", "foo/a", "foo/b/a", "tmp", "tmp/a", "x y", "[z]", ".dot/a"];
  for (const directory of directories) {
    for (const name of names) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (!directories.some((other) => other === path || other.startsWith(`${path}/`))) paths.push(path);
    }
  }
  return paths;
})();

const atom = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names, "fo", "o", "b", "go", "txt") },
  { weight: 3, arbitrary: fc.constantFrom("*", "?", "**", "*.go", "*.*", "foo*", "*a", "***") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "[ab]",
      "[!a]",
      "[^a]",
      "[a-f]",
      "[]z]",
      "[a",
      "[[:alpha:]]",
      "[[:nope:]]",
      "[z-a]",
      "[!]",
      "[a-]",
      "[\\]]",
      "[*]",
      "[z-ab]",
      "[]-a]",
      "[--a]",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("\\*", "\\a", "\\\\", "\\#hash", "\\!bang", "a\\*b", "\\[z\\]", "\\", "\\ "),
  },
);
const segment = fc.array(atom, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(""));
const pattern = fc
  .record({
    not: fc.constantFrom("", "", "!"),
    start: fc.constantFrom("", "", "/", "**/", "./"),
    segments: fc.array(segment, { minLength: 1, maxLength: 3 }),
    end: fc.constantFrom("", "", "", "/", "/**", "/*", " ", "\\ ", "\t", "\r", "//"),
  })
  .map(({ not, start, segments, end }) => `${not}${start}${segments.join("/")}${end}`);
const line = fc.oneof(
  { weight: 12, arbitrary: pattern },
  { weight: 1, arbitrary: fc.constantFrom("", "# comment", "!", "/", "**", "*", "!*/", "!**/*.go", " ") },
);
const ignoreFile = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join("\n"));

describe.skipIf(!hasGit)("ignore files", () => {
  let repository = "";

  beforeEach(() => {
    repository = realpathSync(mkdtempSync(join(tmpdir(), "reload-ignore-")));
    spawnSync("git", ["init", "-q"], { cwd: repository });
    rmSync(join(repository, ".git", "info", "exclude"), { force: true });
    for (const file of files) {
      mkdirSync(dirname(join(repository, file)), { recursive: true });
      writeFileSync(join(repository, file), "");
    }
  });

  afterEach(() => rmSync(repository, { recursive: true, force: true }));

  const write = (where: string, content: string | undefined): void => {
    if (content === undefined) rmSync(join(repository, where), { force: true });
    else {
      mkdirSync(dirname(join(repository, where)), { recursive: true });
      writeFileSync(join(repository, where), content);
    }
  };

  const ignoredByGit = (paths: readonly string[]): string[] => {
    const { stdout } = spawnSync("git", ["-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin", "-z"], {
      cwd: repository,
      input: paths.join("\0"),
    });
    return stdout
      .toString()
      .split("\0")
      .filter((path) => path !== "");
  };

  const ignoredBy = (matcher: Matcher, paths: readonly string[]): string[] =>
    paths.filter((path) => matcher.judge({ path, kind: "changed" }) !== undefined);

  test("of random patterns in a root file, a nested file and info/exclude mean what git says", () => {
    fc.assert(
      fc.property(
        ignoreFile,
        fc.option(ignoreFile, { nil: undefined }),
        fc.option(ignoreFile, { nil: undefined }),
        (root, nested, exclude) => {
          write(".gitignore", root);
          write("a/.gitignore", nested);
          write(".git/info/exclude", exclude);
          const matcher = ignoreFiles({ base: repository, fileName: ".gitignore", above: true });
          expect(ignoredBy(matcher, files)).toEqual(ignoredByGit(files));
        },
      ),
      { numRuns: Number(process.env["RELOAD_TEST_RUNS"] ?? 400) },
    );
  });

  test("of the directories above the watched one count as well", () => {
    fc.assert(
      fc.property(ignoreFile, ignoreFile, (root, nested) => {
        write(".gitignore", root);
        write("foo/.gitignore", nested);
        const inside = files.filter((path) => path.startsWith("foo/b/"));
        // Git ignores all of an ignored directory; whoever runs in it wants it watched.
        fc.pre(ignoredByGit(["foo", "foo/b", "foo/b/whatever it is called"]).length === 0);
        const matcher = ignoreFiles({ base: join(repository, "foo", "b"), fileName: ".gitignore", above: true });
        const ours = ignoredBy(
          matcher,
          inside.map((path) => path.slice("foo/b/".length)),
        );
        expect(ours.map((path) => `foo/b/${path}`)).toEqual(ignoredByGit(inside));
      }),
      { numRuns: 150, examples: [["[z]", "**/[ab]/[z-ab]*"]] },
    );
  });

  test("above a directory that it is run in say of names with one beginning what they say", () => {
    write("foo/.gitignore", "b/z*\n");
    const matcher = ignoreFiles({ base: join(repository, "foo", "b"), fileName: ".gitignore", above: true });
    const ours = ignoredBy(matcher, ["zebra", "yak"]);
    expect(ours.map((path) => `foo/b/${path}`)).toEqual(ignoredByGit(["foo/b/zebra", "foo/b/yak"]));
    expect(ours).toEqual(["zebra"]);
  });

  test("say which file and line decided", () => {
    write(".gitignore", "# generated\n*.txt\n!foo/bar.txt\n");
    write("a/.gitignore", "\n/abc\n");
    const matcher = ignoreFiles({ base: repository, fileName: ".gitignore", above: true });
    const source = (path: string): string | undefined => matcher.judge({ path, kind: "changed" })?.because.source;
    expect(source("bar.txt")).toBe(".gitignore:2");
    expect(source("foo/bar.txt")).toBe(undefined);
    expect(source("a/abc")).toBe("a/.gitignore:2");
  });

  test("of an ignored directory around the project are nothing to it", () => {
    write(".gitignore", "/tmp\n*.txt\n");
    const matcher = ignoreFiles({ base: join(repository, "tmp"), fileName: ".gitignore", above: true });
    expect(matcher.judge({ path: "foo.go", kind: "changed" })).toBe(undefined);
  });
});
