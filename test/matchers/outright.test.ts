/** What is named outright wins over the ignore files, however it is named; and nothing that is named takes a path away. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enters, judge } from "../../src/core/demand.ts";
import { assemble, type Patterns } from "../../src/matchers/assemble.ts";
import { rootsOf } from "../../src/session/roots.ts";

let outer = "";
let base = "";

beforeEach(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), "reload-outright-")));
  base = join(outer, "project");
  mkdirSync(join(base, ".git"), { recursive: true });
});
afterEach(() => rmSync(outer, { recursive: true, force: true }));

function write(path: string, content = ""): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), content);
}

type Given = Partial<Patterns> & { readonly roots?: readonly string[] };

/** As the session puts it together: one tree for each root, and a path counts if one of them wants it. */
function counts(path: string, { roots = ["."], ...patterns }: Given): boolean {
  return rootsOf(base, roots).some((root) => {
    const way = relative(root.base, join(base, path));
    if (way.startsWith("..")) return false;
    const { matchers, problems } = assemble({
      base: root.base,
      includeDirs: root.parts,
      isBaseNamed: root.base !== base,
      includeFiles: [],
      excludeDirs: [],
      excludeFiles: [],
      excludeRegex: [],
      gitignore: true,
      named: [],
      restart: [],
      ...patterns,
    });
    expect(problems).toEqual([]);
    const above = way.split("/").slice(0, -1);
    const isReached = above.every((_, index) => enters(above.slice(0, index + 1).join("/"), matchers));
    return isReached && (judge({ path: way, kind: "changed" }, matchers)?.verdict ?? "ignore") !== "ignore";
  });
}

describe("a directory that git ignores counts", () => {
  test.each([
    ["beside the whole project", [".", "gen"]],
    ["before it", ["gen", "."]],
    ["by itself", ["gen"]],
    ["with a slash", [".", "gen/"]],
    ["with ./", ["./gen", "."]],
    ["twice", ["gen", "./gen/", "."]],
    ["with a pattern behind it", [".", "gen/**"]],
    ["with a pattern for its files", [".", "gen/**/*.go"]],
    ["with blanks around", [" . ", " gen "]],
    ["in a list with a comma", [".,gen"]],
    ["by way of another directory", ["src/../gen"]],
    ["as the directory above what is meant", ["gen", "src"]],
  ])("%s: %j", (_, roots) => {
    write("src/x.go");
    write("gen/a/x.go");
    write(".gitignore", "gen/\n*.local\n");
    expect(counts("gen/x.go", { roots })).toBe(true);
    expect(counts("gen/a/x.go", { roots })).toBe(true);
    expect(counts("gen/a/x.local", { roots })).toBe(false);
  });

  test("by its absolute path, also by way of a link", () => {
    write(".gitignore", "gen/\n");
    write("gen/x.go");
    symlinkSync(base, join(outer, "link"));
    expect(counts("gen/x.go", { roots: [".", join(base, "gen")] })).toBe(true);
    expect(counts("gen/x.go", { roots: [".", join(outer, "link", "gen")] })).toBe(true);
    expect(rootsOf(base, [".", join(outer, "link", "gen"), join(outer, "link")])).toEqual([
      { base, parts: [".", "gen"] },
    ]);
  });

  test.each(["gen", "/gen", "gen/", "gen/*", "gen/**", "/gen/**/*", "**/gen/**", "g*n/", "*", "/*\n!/src"])(
    "whatever the line of the .gitignore is: %j",
    (line) => {
      write("gen/a/x.go");
      write(".gitignore", `${line}\n`);
      expect(counts("gen/x.go", {})).toBe(false);
      expect(counts("gen/x.go", { roots: [".", "gen"] })).toBe(true);
      expect(counts("gen/a/x.go", { roots: [".", "gen"] })).toBe(true);
    },
  );

  test("also where its own ignore file hides all that is in it", () => {
    write("gen/.gitignore", "*\n");
    expect(counts("gen/x.go", {})).toBe(false);
    expect(counts("gen/x.go", { roots: [".", "gen"] })).toBe(true);
  });

  test("but not what is ignored in it for another reason", () => {
    write(".gitignore", "gen/\n*.db\n/src/local/\n");
    const roots = [".", "gen", "src"];
    expect(counts("gen/x.db", { roots })).toBe(false);
    expect(counts("src/local/x.go", { roots })).toBe(false);
    expect(counts("gen/node_modules/x.js", { roots })).toBe(false);
    expect(counts("gen/x.go", { roots, excludeDirs: ["gen"] })).toBe(false);
  });
});

describe("a file that git ignores counts if include_files", () => {
  test.each([
    ["names it", "x.gen.go"],
    ["names its path", "gen/a/x.gen.go"],
    ["names its directory", "gen/"],
    ["names its directory with ./", "./gen"],
    ["has a glob for its directory", "gen/**"],
    ["has a glob for its path", "gen/**/*.go"],
    ["has a glob for its path, in braces", "gen/**/*.{go,rs}"],
    ["has a glob for one level", "gen/a/*"],
  ])("%s: %s", (what, pattern) => {
    write("gen/a/x.gen.go");
    write(".gitignore", what === "names it" ? "*.gen.go\n" : "gen/\n*.gen.go\n");
    expect(counts("gen/a/x.gen.go", { includeFiles: [".txt", pattern] })).toBe(true);
    expect(counts("gen/a/x.gen.txt", { includeFiles: [".txt", "gen/**/*.go"] })).toBe(what === "names it");
  });

  test("has a glob for its name, but not only an ending or nothing but wildcards", () => {
    write(".gitignore", "*.gen.go\n");
    expect(counts("a/x.gen.go", { includeFiles: ["*.gen.go"] })).toBe(true);
    expect(counts("a/x.gen.go", { includeFiles: ["*.go"] })).toBe(true);
    expect(counts("a/x.gen.go", { includeFiles: [".go"] })).toBe(false);
    expect(counts("a/x.gen.go", { includeFiles: ["*"] })).toBe(false);
    expect(counts("a/x.gen.go", { includeFiles: ["*.gen.go", "!x.*"] })).toBe(false);
  });

  test("a glob without a directory opens nothing that is pruned", () => {
    write(".gitignore", "dist/\n");
    expect(counts("dist/a.html", { includeFiles: ["*.html"] })).toBe(false);
    expect(counts("node_modules/a.html", { includeFiles: ["**/*.html"] })).toBe(false);
    expect(counts("dist/node_modules/a.html", { includeFiles: ["dist/**/*.html"] })).toBe(false);
  });

  test("of the built-in ignores a glob brings back what it says, and never the litter of editors and systems", () => {
    expect(counts("logs/app.log", { includeFiles: ["*.log"] })).toBe(true);
    expect(counts("logs/app.log", { includeFiles: ["logs/**"] })).toBe(false);
    expect(counts("node_modules/mine/a.js", { includeFiles: ["node_modules/mine/**"] })).toBe(true);
    for (const name of [".#main.go", ".main.go.swp", "._main.go", "4913", "main.go~"]) {
      expect(counts(`src/${name}`, { includeFiles: ["*.go", "src/**", "*main*"] }), name).toBe(false);
    }
  });
});

// ── properties ─────────────────────────────────────────────────────────────────────────────────────────────────────

const directories = [".", "src", "gen", "gen/a", "gen/a/b", "src/gen", "other", "dist"] as const;
const paths = directories.flatMap((directory) =>
  ["x.go", "x.txt", "x.gen.go", ".env"].map((name) => join(directory, name)),
);
const root = fc
  .tuple(
    fc.constantFrom(...directories, ...paths),
    fc.constantFrom("", "./", " "),
    fc.constantFrom("", "/", "/**", " "),
  )
  .map(([path, before, after]) => `${before}${path}${/\.\w+$/.test(path) ? "" : after}`);
const ignoreLine = fc.constantFrom(
  ..."gen/ gen /gen gen/* gen/** **/gen/ * *.go *.gen.go !*.go !gen/ !*/ src/gen/ gen/a/ /dist .env *.txt /* !/src a b/".split(
    " ",
  ),
);
const ignoreFile = fc.array(ignoreLine, { maxLength: 5 }).map((lines) => `${lines.join("\n")}\n`);
const include = fc.constantFrom(
  ..."/x.go x.txt .go .txt *.go gen/ gen/** gen/**/*.go src/gen/*.go *.gen.go !x.gen.go !gen/** .env * **/a/*".split(
    " ",
  ),
);

describe("nothing that is named takes a path away:", () => {
  const runs = { numRuns: Number(process.env["RELOAD_TEST_RUNS"] ?? 150) };

  test("not one more root", () => {
    fc.assert(
      fc.property(
        fc.array(root, { minLength: 1, maxLength: 3 }),
        root,
        ignoreFile,
        ignoreFile,
        (roots, more, top, nested) => {
          for (const path of paths) write(path);
          write(".gitignore", top);
          write("gen/.gitignore", nested);
          const before = paths.filter((path) => counts(path, { roots }));
          const after = paths.filter((path) => counts(path, { roots: [...roots, more] }));
          expect(after).toEqual(expect.arrayContaining(before));
        },
      ),
      runs,
    );
  });

  test("not one more pattern of include_files", () => {
    fc.assert(
      fc.property(fc.array(include, { minLength: 1, maxLength: 4 }), include, ignoreFile, (includeFiles, more, top) => {
        fc.pre(includeFiles.some((pattern) => !pattern.startsWith("!")) && !more.startsWith("!"));
        for (const path of paths) write(path);
        write(".gitignore", top);
        const before = paths.filter((path) => counts(path, { includeFiles }));
        const after = paths.filter((path) => counts(path, { includeFiles: [...includeFiles, more] }));
        expect(after).toEqual(expect.arrayContaining(before));
      }),
      runs,
    );
  });

  test("and the order of the roots is all one", () => {
    fc.assert(
      fc.property(fc.array(root, { minLength: 2, maxLength: 4 }), ignoreFile, (roots, top) => {
        for (const path of paths) write(path);
        write(".gitignore", top);
        const one = paths.filter((path) => counts(path, { roots }));
        expect(paths.filter((path) => counts(path, { roots: roots.toReversed() }))).toEqual(one);
      }),
      runs,
    );
  });
});
