/** Who decides about a path, in the order of the contract. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enters, judge, type Matcher } from "../../src/core/demand.ts";
import { assemble, type Patterns } from "../../src/matchers/assemble.ts";
import { builtInIgnores } from "../../src/matchers/built-ins.ts";

let base = "";

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "reload-assemble-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), content);
}

function matchersOf(patterns: Partial<Patterns>): readonly Matcher[] {
  const { matchers, problems } = assemble({
    base,
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
  return matchers;
}

/** `rebuild`, `restart`, or `ignore` with what decided. */
function verdictOn(path: string, patterns: Partial<Patterns>): string {
  const judgement = judge({ path, kind: "changed" }, matchersOf(patterns));
  if (judgement === undefined) return "nobody spoke";
  return judgement.verdict === "ignore"
    ? `ignore: ${judgement.because.pattern} (${judgement.because.source})`
    : judgement.verdict;
}

const isEntered = (directory: string, patterns: Partial<Patterns>): boolean => enters(directory, matchersOf(patterns));

describe("include_files", () => {
  test.each<[string, string, boolean]>([
    [".go", "main.go", true],
    [".go", "a/b/main.go", true],
    [".go", "main.gob", false],
    [".go", "main.go.txt", false],
    [".env", ".env", true],
    [".env", "prod.env", true],
    ["go.mod", "go.mod", true],
    ["go.mod", "deep/er/go.mod", true],
    ["go.mod", "cargo.mod", false],
    ["go.mod", "go.mod/x", false],
    ["*.html", "index.html", true],
    ["*.html", "a/b/.html", true],
    ["**/*.html", "a/index.html", true],
    ["web/**/*.html", "web/index.html", true],
    ["web/**/*.html", "web/a/.b/index.html", true],
    ["web/**/*.html", "other/web/index.html", false],
    ["/*.go", "main.go", true],
    ["/*.go", "a/main.go", false],
    ["./main.go", "main.go", true],
    ["./main.go", "a/main.go", false],
    ["web/dist", "web/dist/app.js", true],
    ["web/", "web/app.js", true],
    ["web/", "a/web/app.js", false],
    ["*.{ts,tsx}", "a/b.tsx", true],
    ["*.{ts,tsx}", "a/b.jsx", false],
    ["test[0-9].go", "a/test7.go", true],
    ["*_?.go", "a/x_y.go", true],
    [".*", "a/.hidden", true],
  ])("%s and %s: %s", (pattern, path, isIncluded) => {
    expect(verdictOn(path, { includeFiles: [pattern] }) === "rebuild").toBe(isIncluded);
  });

  test("the last pattern that matches wins, and `!` takes back", () => {
    const includeFiles = [".go", "!*_test.go", "keep_test.go"];
    expect(verdictOn("a.go", { includeFiles })).toBe("rebuild");
    expect(verdictOn("a_test.go", { includeFiles })).toBe("ignore: !*_test.go ([watch] include_files)");
    expect(verdictOn("keep_test.go", { includeFiles })).toBe("rebuild");
    expect(verdictOn("a.md", { includeFiles })).toContain("not in [watch] include_files");
  });

  test("no pattern at all, or only some that take back, mean every file", () => {
    expect(verdictOn("Makefile", {})).toBe("rebuild");
    expect(verdictOn("Makefile", { includeFiles: ["!*.md"] })).toBe("rebuild");
    expect(verdictOn("a.md", { includeFiles: ["!*.md"] })).toContain("ignore");
  });

  test("a pattern that is none is a problem, and the others hold", () => {
    const { matchers, problems } = assemble({
      base,
      includeFiles: ["", "!", "../a.go", ".go"],
      excludeDirs: [],
      excludeFiles: [],
      excludeRegex: ["[", "x$"],
      gitignore: false,
      named: [],
      restart: [],
    });
    expect(problems.map((problem) => problem.severity)).toEqual(["error", "error", "error", "error"]);
    expect(judge({ path: "a.go", kind: "added" }, matchers)?.verdict).toBe("rebuild");
    expect(judge({ path: "a.gox", kind: "added" }, matchers)?.verdict).toBe("ignore");
  });
});

describe("what is excluded", () => {
  test("directories, at any depth or anchored, with all that is in them", () => {
    const excludeDirs = ["vendor", "/gen", "web/dist", "*.egg-info"];
    for (const path of ["vendor/a.go", "deep/vendor/x/a.go", "gen/a.go", "web/dist/x/a.js", "p.egg-info/a"]) {
      expect(verdictOn(path, { excludeDirs })).toContain("[watch] exclude_dirs");
    }
    for (const path of ["vendor", "a/gen/b.go", "a/web/dist/b.js", "vendors/a.go"]) {
      expect(verdictOn(path, { excludeDirs })).toBe("rebuild");
    }
    expect(isEntered("deep/vendor", { excludeDirs })).toBe(false);
    expect(isEntered("a/gen", { excludeDirs })).toBe(true);
  });

  test("files, by gitignore's rules, but no directory of that name", () => {
    const excludeFiles = ["*_test.go", "/main.go", "docs/**"];
    expect(verdictOn("a/b_test.go", { excludeFiles })).toContain("exclude_files");
    expect(verdictOn("main.go", { excludeFiles })).toContain("exclude_files");
    expect(verdictOn("a/main.go", { excludeFiles })).toBe("rebuild");
    expect(verdictOn("docs/a/b.md", { excludeFiles })).toContain("exclude_files");
    expect(verdictOn("x_test.go/a.go", { excludeFiles })).toBe("rebuild");
    // What names one directory is that directory, whichever list it stands in.
    for (const directory of ["docs", "./docs", "docs/", "docs/*", "/docs", "a/../docs", "docs\\"])
      expect(verdictOn("docs/a/b.md", { excludeFiles: [directory] }), directory).toContain("exclude_files");
    expect(verdictOn("docs/a/b.md", { excludeFiles: ["*", "!*.md"] })).toBe("rebuild");
  });

  test("by regular expression on the path from the base", () => {
    expect(verdictOn("a/b.gen.go", { excludeRegex: ["^a/.*\\.gen\\."] })).toContain("exclude_regex");
    expect(verdictOn("b.gen.go", { excludeRegex: ["^a/.*\\.gen\\."] })).toBe("rebuild");
  });

  test("the directory for output, whatever is named in it", () => {
    const patterns = { tmpDir: "./tmp/", named: ["tmp/a.go"] };
    expect(verdictOn("tmp/a.go", patterns)).toBe("ignore: tmp (tmp_dir)");
    expect(isEntered("tmp", patterns)).toBe(false);
    expect(isEntered("a/tmp", patterns)).toBe(true);
  });

  test("not what only begins like a dump of memory", () => {
    for (const name of ["core.2d.js", "core.1.ts", "core.12345678"])
      expect(verdictOn(`a/${name}`, {}), name).toBe("rebuild");
    expect(verdictOn("a/core.4711", {})).toContain("built-in");
  });

  test("what is built in, all of it to be taken back", () => {
    for (const { directories, files } of builtInIgnores) {
      for (const pattern of directories) {
        const name = pattern.replace("*", "x");
        expect(isEntered(name, {}), name).toBe(false);
        expect(isEntered(`a/${name}`, { excludeDirs: [`!${pattern}`] }), name).toBe(true);
      }
      for (const pattern of files) {
        const name = pattern
          .replace(/\[(.).*?\]/g, "$1")
          .replace(/\*/g, "x")
          .replace(/\?/g, "y");
        expect(verdictOn(`a/${name}`, {}), name).toContain("built-in");
        const taken = pattern.startsWith("#") ? `!\\${pattern}` : `!${pattern}`;
        expect(
          verdictOn(`a/${name}`, { excludeFiles: [taken, `!${name.startsWith("#") ? `\\${name}` : name}`] }),
          name,
        ).toBe("rebuild");
      }
    }
  });

  test.each([
    ".main.go.swp",
    ".main.go.swo",
    ".main.go.swx",
    "4913",
    "main.go~",
    ".#main.go",
    "#main.go#",
    ".main.go.kate-swp",
    "main.go___jb_tmp___",
    ".DS_Store",
    "app.log",
    "app.sqlite3-wal",
  ])("what editors and systems leave: %s", (name) => {
    expect(verdictOn(`src/${name}`, { includeFiles: [".go", "*"] })).toContain("built-in");
  });

  test("nothing that a source is called", () => {
    for (const name of [
      "main.go",
      "Makefile",
      ".env",
      ".gitignore",
      "a#b",
      "x.swift",
      "log.go",
      "dist/app.js",
      "build/x",
      "a.orig",
      "target/x",
      "4913.go",
      ".eslintrc",
      "data.db",
    ]) {
      expect(verdictOn(name, {}), name).toBe("rebuild");
    }
  });
});

describe("what is named outright", () => {
  beforeEach(() => {
    write(".git/HEAD", "");
    write(".gitignore", ".env\nsecret.json\ngen/\n*.local\n");
    write(".reloadignore", "docs/\n");
  });

  test("wins over gitignore, but only what is named", () => {
    expect(verdictOn(".env", {})).toBe("ignore: .env (.gitignore:1)");
    expect(verdictOn(".env", { includeFiles: [".go", ".env"] })).toBe("rebuild");
    expect(verdictOn("prod.env", { includeFiles: [".env"] })).toBe("rebuild");
    expect(verdictOn("secret.json", { includeFiles: ["secret.json"] })).toBe("rebuild");
    expect(verdictOn("secret.json", { includeFiles: [".json"] })).toBe("ignore: secret.json (.gitignore:2)");
    expect(verdictOn("secret.json", { includeFiles: ["*.json"] })).toBe("rebuild");
    expect(verdictOn("secret.json", { includeFiles: ["secret.json", "!secret.json"] })).toContain("ignore");
    expect(verdictOn("gen/a/b.go", { named: ["gen/a/b.go"] })).toBe("rebuild");
    expect(verdictOn("gen/a/c.go", { named: ["gen/a/b.go"] })).toBe("ignore: gen/ (.gitignore:3)");
  });

  test("is reached through a pruned directory, which is not entered otherwise", () => {
    expect(isEntered("gen", {})).toBe(false);
    expect(isEntered("gen", { named: ["gen/a/b.go"] })).toBe(true);
    expect(isEntered("gen/a", { named: ["gen/a/b.go"] })).toBe(true);
    expect(isEntered("gen/b", { named: ["gen/a/b.go"] })).toBe(false);
    expect(isEntered("node_modules", { includeFiles: ["node_modules/mine/index.js"] })).toBe(true);
    expect(isEntered("node_modules/other", { includeFiles: ["node_modules/mine/index.js"] })).toBe(false);
    expect(isEntered("node_modules", { excludeDirs: ["node_modules"], named: ["node_modules/mine"] })).toBe(false);
  });

  test("a directory: what lies in it is judged afresh", () => {
    const patterns = { includeDirs: ["gen", "src"] };
    expect(verdictOn("gen/a.go", patterns)).toBe("rebuild");
    expect(verdictOn("gen/a.local", patterns)).toBe("ignore: *.local (.gitignore:4)");
    expect(verdictOn("src/a.go", patterns)).toBe("rebuild");
    expect(verdictOn("other/a.go", patterns)).toContain("include_dirs");
    expect(isEntered("other", patterns)).toBe(false);
    expect(isEntered("src/deep", patterns)).toBe(true);
    expect(verdictOn("a.go", { includeDirs: ["."] })).toBe("rebuild");
  });

  test("restarts only, if it is among what only restarts", () => {
    const patterns = { restart: [".env*"], includeFiles: [".go"] };
    expect(verdictOn(".env", patterns)).toBe("restart");
    expect(verdictOn(".env.local", patterns)).toBe("restart");
    expect(verdictOn("main.go", patterns)).toBe("rebuild");
  });

  test(".reloadignore speaks before .gitignore, and gitignore = false silences both", () => {
    expect(verdictOn("docs/a.md", {})).toBe("ignore: docs/ (.reloadignore:1)");
    expect(verdictOn("docs/a.md", { gitignore: false })).toBe("rebuild");
    expect(verdictOn("secret.json", { gitignore: false })).toBe("rebuild");
  });

  test("the user's own matcher speaks before everything but tmp_dir", () => {
    const plugin: Matcher = {
      name: "mine",
      judge: ({ path }) =>
        path.endsWith(".json") ? { verdict: "restart", because: { pattern: "json", source: "mine" } } : undefined,
    };
    expect(verdictOn("secret.json", { plugin })).toBe("restart");
    expect(verdictOn("secret.json", { plugin, excludeFiles: ["secret.json"] })).toBe("restart");
    expect(verdictOn("tmp/secret.json", { plugin, tmpDir: "tmp" })).toContain("tmp_dir");
  });
});

describe("patterns in the forms that people write", () => {
  test.each([
    "dist",
    "dist/",
    "./dist",
    "./dist/",
    "/dist",
    "dist/**",
    "dist/*",
    "dist/**/*",
    "./dist/**",
    "**/dist/**",
    "  dist  ",
    "dist//",
    "build,dist",
    "build, dist/**",
    "{dist,build}",
    "{dist,build}/**",
    "d{is,at}t",
    "d{i{s,t},a}t",
    "x/../dist",
    ".\\dist",
  ])("exclude_dirs: %j is the directory dist with all that is in it", (pattern) => {
    for (const path of ["dist/x.txt", "dist/a/b/x.txt"])
      expect(verdictOn(path, { excludeDirs: [pattern] })).toBe(`ignore: ${pattern} ([watch] exclude_dirs)`);
    expect(isEntered("dist", { excludeDirs: [pattern] })).toBe(false);
    expect(verdictOn("src/x.txt", { excludeDirs: [pattern] })).toBe("rebuild");
    expect(verdictOn("distant/x.txt", { excludeDirs: [pattern] })).toBe("rebuild");
  });

  test("an absolute path is one from the base, also by way of a link or `~`, and other patterns are anchored", () => {
    symlinkSync(base, `${base}-link`);
    try {
      const under = (path: string, there: string = base): Partial<Patterns> => ({
        base: there,
        excludeDirs: [path],
        excludeFiles: [path],
      });
      expect(verdictOn("web/dist/x", under(join(base, "web/dist")))).toContain("exclude_dirs");
      expect(verdictOn("web/dist/x", under(join(base, "web/dist/**")))).toContain("exclude_dirs");
      expect(verdictOn("web/x.txt", under(join(base, "web/*.txt")))).toContain("exclude_files");
      expect(verdictOn("a/web/dist/x", under(join(base, "web/dist")))).toBe("rebuild");
      expect(verdictOn("dist/x", under(join(base, "dist"), `${base}-link`))).toContain("exclude_dirs");
      expect(verdictOn("dist/x", under(`~/${relative(homedir(), join(base, "dist"))}`))).toContain("exclude_dirs");
      expect(verdictOn("src/a.go", { includeFiles: [join(base, "src/*.go")] })).toBe("rebuild");
      expect(verdictOn("dist/x", under("/elsewhere/dist"))).toBe("rebuild");
    } finally {
      rmSync(`${base}-link`);
    }
  });

  test("what takes back comes in the same forms", () => {
    for (const pattern of ["!keep/**", "! ./keep", "!keep/", `!${join(base, "keep")}`]) {
      expect(verdictOn("keep/x", { excludeDirs: ["*", pattern] }), pattern).toBe("rebuild");
    }
  });

  test("files with braces, blanks, commas and escapes", () => {
    expect(verdictOn("a/b.test.ts", { excludeFiles: ["*.{test,spec}.{js,ts}"] })).toContain("exclude_files");
    expect(verdictOn("a/b.ts", { excludeFiles: ["*.{test,spec}.{js,ts}"] })).toBe("rebuild");
    expect(verdictOn("v2.txt", { excludeFiles: ["v{1..3}.txt"] })).toContain("exclude_files");
    expect(verdictOn("a,b.txt", { excludeFiles: ["a,b.txt"] })).toContain("exclude_files");
    expect(verdictOn("#x#.txt", { excludeFiles: ["\\#x#.txt"] })).toContain("exclude_files");
    expect(verdictOn("{x}", { excludeFiles: ["{x}"] })).toContain("exclude_files");
    expect(verdictOn("web/dist/a.js", { excludeFiles: ["web\\dist\\*.js"] })).toContain("exclude_files");
    expect(verdictOn("a.html", { includeFiles: [".go, *.html"] })).toBe("rebuild");
    expect(verdictOn("a.tsx", { includeFiles: [".go", " *.{ts,tsx} "] })).toBe("rebuild");
    expect(verdictOn("web/a.html", { includeFiles: ["web//./*.html"] })).toBe("rebuild");
  });

  test.each<[string, string, string]>([
    [".{ts,tsx}", "a/b.tsx", "a/b.js"],
    [".env{,.local}", ".env.local", ".envrc"],
    [".go .html", "a/b.html", "a/b.txt"],
    ["*.go *.html", "a/b.go", "a/b.txt"],
    [".", "a/b.txt", ""],
    ["./...", "a/b.txt", ""],
    ["src/...", "src/a/b.txt", "a/b.txt"],
    ["src/**/", "src/a/b.txt", "a/b.txt"],
    ["src", "src/a/b.txt", "a/b.txt"],
    ["two words", "two words/a.txt", "a.txt"],
  ])("include_files: %j counts %j and not %j", (pattern, inside, outside) => {
    write("src/a/b.txt", "");
    write("two words/a.txt", "");
    expect(verdictOn(inside, { includeFiles: [pattern] })).toBe("rebuild");
    if (outside !== "")
      expect(verdictOn(outside, { includeFiles: [pattern] })).toBe(`ignore: ${pattern} (not in [watch] include_files)`);
  });

  test("a list has no comments: a name may begin with #", () => {
    expect(verdictOn("#x#", { excludeFiles: ["#*#"] })).toBe("ignore: #*# ([watch] exclude_files)");
  });

  test("brackets that are the name of something that is there", () => {
    write("app/[id]/page.tsx", "");
    write("app/(shop)/page.tsx", "");
    write("app/{x}/page.tsx", "");
    for (const name of ["[id]", "(shop)", "{x}"]) {
      expect(verdictOn(`app/${name}/page.tsx`, { includeFiles: [`app/${name}/*.tsx`] }), name).toBe("rebuild");
      expect(verdictOn(`app/${name}/page.tsx`, { includeFiles: [`app/${name}/page.tsx`] }), name).toBe("rebuild");
      expect(verdictOn(`app/${name}/page.tsx`, { excludeDirs: [`app/${name}`] }), name).toContain("exclude_dirs");
    }
    expect(verdictOn("app/i/page.tsx", { includeFiles: ["app/[ij]/*.tsx"] })).toBe("rebuild");
  });

  test("roots that are patterns", () => {
    write("packages/a/src/x.ts", "");
    const patterns = { includeDirs: ["packages/*/src", "lib/**/*.ts"] };
    expect(verdictOn("packages/a/src/deep/x.ts", patterns)).toBe("rebuild");
    expect(verdictOn("packages/a/test/x.ts", patterns)).toContain("include_dirs");
    expect(verdictOn("lib/a/x.ts", patterns)).toBe("rebuild");
    expect(verdictOn("lib/a/x.js", patterns)).toContain("include_dirs");
    expect(isEntered("packages/a", patterns)).toBe(true);
    expect(isEntered("other", patterns)).toBe(false);
  });
});

test("a name with a line end is matched as any other, whatever the form of the pattern", () => {
  for (const pattern of ["**", "src/**", "**/*.ts", "src/*.ts", "src/**/*.ts", "src/a*b.ts", "{src,lib}/**", ".ts"])
    expect(verdictOn("src/a\nb.ts", { includeFiles: [pattern] }), pattern).toBe("rebuild");
  for (const excludeFiles of ["*.ts", "src/*.ts", "**/a*", "src/**"])
    expect(verdictOn("src/a\nb.ts", { excludeFiles: [excludeFiles] }), excludeFiles).toContain("ignore");
});
