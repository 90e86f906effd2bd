import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/demand.ts";
import { treesOf } from "../../src/session/trees.ts";
import { newProject } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

/** What a change of each path comes to, by the matchers that a run would have. */
async function verdicts(air: string, paths: readonly string[]): Promise<Record<string, boolean>> {
  using project = newProject({ ".air.toml": air, ...Object.fromEntries(paths.map((path) => [path, ""])) });
  const { options, problems } = await treesOf(good(await loadIn(project)), () => {});
  expect(problems).toEqual([]);
  const [tree] = options.trees;
  if (tree === undefined) throw new Error("nothing is watched");
  return Object.fromEntries(
    paths.map((path) => [path, judge({ path, kind: "changed" }, tree.views[0]?.matchers ?? [])?.verdict === "rebuild"]),
  );
}

describe("a file of air's restarts for the files that air restarts for:", () => {
  test.each<[string, string, Record<string, boolean>]>([
    [
      "its defaults",
      "",
      {
        "main.go": true,
        "a/b/c.go": true,
        "page.html": true,
        "main_test.go": false,
        "readme.md": false,
        "tmp/x.go": false,
        "assets/x.html": false,
        "testdata/x.go": false,
        "web/assets/x.html": true,
        "web/tmp/x.go": true,
        "node_modules/x/y.html": false,
        "web/node_modules/x/y.html": false,
        ".git/x.go": false,
        ".hidden/x.go": false,
        "a/.hidden/b/x.go": false,
      },
    ],
    [
      "exclude_dir by exact paths",
      '[build]\nexclude_dir = ["web/dist", "a[1]", "b*"]\n',
      {
        "web/dist/x.html": false,
        "dist/x.html": true,
        "x/web/dist/x.html": true,
        "a[1]/x.go": false,
        "a1/x.go": true,
        "bc/x.go": true,
        "b*/x.go": false,
        "assets/x.go": true,
      },
    ],
    [
      "include_dir, and files of other directories that are named",
      '[build]\ninclude_dir = ["cmd", "internal/api"]\ninclude_file = ["conf/app.yaml", "go.mod", ".conf/in/app.yaml"]\n',
      {
        "cmd/x.go": true,
        "cmd/a/x.go": true,
        "internal/api/x.go": true,
        ".conf/in/app.yaml": true,
        "internal/x.go": false,
        "main.go": false,
        "conf/app.yaml": true,
        "conf/other.yaml": false,
        "go.mod": true,
        "sub/go.mod": false,
      },
    ],
    [
      "exclude_file as globs from the root",
      '[build]\nexclude_file = ["*.html", "views/*.go", "./x.go"]\n',
      { "a.html": false, "web/a.html": true, "views/a.go": false, "views/b/a.go": true, "x.go": false, "y/x.go": true },
    ],
    [
      "exclude_regex anywhere in the path",
      '[build]\nexclude_regex = ["_templ", "(^|/)gen/", "^heya\\\\.html$"]\n',
      {
        "a_templ.go": false,
        "a_templ/x.go": false,
        "gen/x.go": false,
        "a/gen/x.go": false,
        "agen/x.go": true,
        "heya.html": false,
        "a/heya.html": true,
        "main_test.go": true,
      },
    ],
    [
      "the last extension alone",
      '[build]\ninclude_ext = ["gz", "templ"]\n',
      { "a.tar.gz": true, "a.templ": true, "a.go": false, gz: false, "a.gzip": false },
    ],
    [
      "every extension, but not the program itself",
      '[build]\nbin = "./out/server --x"\ninclude_ext = ["*"]\n',
      { Makefile: true, "a.md": true, "out/server": false, "out/other": true },
    ],
    [
      "no extension at all",
      '[build]\ninclude_ext = []\ninclude_file = ["a.txt"]\n',
      { "a.go": false, "a.txt": true, "b/a.txt": false },
    ],
    ["no gitignore", "", { ".gitignore.go": true }],
  ])("%s", async (_, air, expected) => {
    expect(await verdicts(air, Object.keys(expected))).toEqual(expected);
  });

  test("a .gitignore says nothing", async () => {
    using project = newProject({ ".air.toml": "", ".gitignore": "*.go\n", "a.go": "" });
    const { options } = await treesOf(good(await loadIn(project)), () => {});
    expect(judge({ path: "a.go", kind: "changed" }, options.trees[0]?.views[0]?.matchers ?? [])?.verdict).toBe(
      "rebuild",
    );
  });

  test("a file outside of root is named in a warning", async () => {
    using project = newProject({ ".air.toml": '[build]\ninclude_file = ["a.txt", "../b.txt"]\n' });
    expect(good(await loadIn(project)).warnings).toMatchObject([
      {
        message: 'build.include_file: "../b.txt" is not below root: it is not watched',
        place: { line: 2, column: 26 },
      },
    ]);
  });
});

/** Whose rule a change of each path is; `undefined`: no rule's, whether it is built or not. */
async function ruleFor(rules: string, paths: readonly string[]): Promise<Record<string, string | undefined>> {
  const air = `[build]\nexclude_dir = ["web/out"]\nexclude_file = ["left.css"]\n${rules}`;
  using project = newProject({ ".air.toml": air, ...Object.fromEntries(paths.map((path) => [path, ""])) });
  const { options, problems } = await treesOf(good(await loadIn(project)), () => {});
  expect(problems).toEqual([]);
  const matchers = options.trees[0]?.views[0]?.matchers ?? [];
  return Object.fromEntries(paths.map((path) => [path, judge({ path, kind: "changed" }, matchers)?.rule]));
}

test("its rules speak first, whatever is left out: by directory, ending or file, but for what exclude_regex matches", async () => {
  const rules = `[[build.rules]]
name = "pages"
cmd = "a"
include_dir = ["./web/", "a[1]"]
include_ext = ["templ", " css "]
include_file = ["web/page.txt", "else/page.txt"]
exclude_regex = ["_gen", '\\.min\\.']
[[build.rules]]
name = "all of it"
cmd = "b"
include_dir = ["gen"]
[[build.rules]]
cmd = "c"
include_ext = ["css"]
include_file = ["top.txt"]
`;
  const expected = {
    "web/a.templ": "/pages",
    "web/deep/er/a.css": "/pages",
    "a[1]/a.css": "/pages",
    "web/out/a.css": "/pages",
    "web/page.txt": "/pages",
    "web/other.txt": undefined,
    "web/a_gen.templ": undefined,
    "web/a.min.css": "/rule-2",
    "else/page.txt": undefined,
    "gen/whatever": "/all of it",
    "main.css": "/rule-2",
    "left.css": "/rule-2",
    "some_test.css": "/rule-2",
    "top.txt": "/rule-2",
    "deep/top.txt": undefined,
    "main.go": undefined,
  };
  expect(await ruleFor(rules, Object.keys(expected))).toEqual(expected);
});
