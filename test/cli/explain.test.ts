import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/demand.ts";
import { assemble } from "../../src/matchers/assemble.ts";
import { explainPath } from "../../src/matchers/explain.ts";
import { begin, everything, makePlace, optionsFor, treeAt } from "../adapters/watch-rig.ts";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { cli } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";

const toml = `[watch]
include_files = [".go", "*.html"]
exclude_dirs = ["gen"]
[proc]
cmd = "true"
`;

function explain(args: readonly string[], files: Readonly<Record<string, string>>) {
  using project = newProject(files);
  const ended = spawnSync("node", [cli, "explain", ...args], { cwd: project.directory, encoding: "utf8" });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

const files = {
  ".reload.toml": toml,
  ".gitignore": "# made\n/out/\n*.tmp.go\n",
  "main.go": "",
  "gen/x.go": "",
  "out/a/b.go": "",
  "node_modules/m/i.go": "",
  "README.md": "",
};

describe("reload explain says for each service that looks there", () => {
  const services = {
    ".reload.toml": `[watch]
exclude_files = ["*.skip"]
[service.api]
root = "api"
[service.api.proc]
cmd = "a"
[service.web]
root = "web"
[service.web.watch]
include_files = ["*.json"]
[service.web.proc]
cmd = "w"
[service.whole.proc]
cmd = "x"
`,
    "api/main.go": "",
    "web/page.json": "",
    "web/page.skip": "",
  };

  test("what it does, and where what decides stands", () => {
    const { code, out } = explain(["web/page.json", "web/page.skip", "../elsewhere"], services);
    expect([code, out.trimEnd().split("\n")]).toEqual([
      0,
      [
        "web/page.json: web: restarts: *.json ([watch] include_files, .reload.toml:10:18)",
        "web/page.json: whole: restarts: * (every file is watched)",
        "web/page.skip: web: ignored: *.skip ([watch] exclude_files, .reload.toml:2:18)",
        "web/page.skip: whole: ignored: *.skip ([watch] exclude_files, .reload.toml:2:18)",
        "../elsewhere: not watched: no service looks there",
      ],
    ]);
  });

  test("also for programs, and for those that --only names", () => {
    const { out } = explain(["--json", "--only", "api", "api/main.go"], services);
    expect(JSON.parse(out)).toMatchObject({ path: "api/main.go", service: "api", verdict: "rebuild" });
  });
});

describe("reload explain names", () => {
  test.each([
    ["main.go", "main.go: restarts: .go ([watch] include_files, .reload.toml:2:18)"],
    ["not/there/yet.html", "not/there/yet.html: restarts: *.html ([watch] include_files, .reload.toml:2:25)"],
    ["README.md", "README.md: ignored: .go, *.html (not in [watch] include_files)"],
    ["gen/x.go", "gen/x.go: ignored: nothing in gen is looked at: gen ([watch] exclude_dirs, .reload.toml:3:17)"],
    ["out/a/b.go", "out/a/b.go: ignored: nothing in out is looked at: /out/ (.gitignore:2)"],
    ["x.tmp.go", "x.tmp.go: ignored: *.tmp.go (.gitignore:3)"],
    ["node_modules/m/", "node_modules/m/: ignored: nothing in node_modules is looked at: node_modules (built-in: "],
    [".reload.toml", ".reload.toml: applied while reload runs: it is the configuration itself"],
    ["tmp/main", "tmp/main: ignored: nothing in tmp is looked at: tmp (tmp_dir)"],
    ["/etc/passwd", "/etc/passwd: not watched: it lies outside of "],
    [".", ".: looked into: what lies in it is judged file by file"],
  ])("%s", (path, expected) => {
    const { code, out } = explain([path], files);
    expect(out).toContain(expected);
    expect(code).toBe(0);
  });

  test("files that reload reads itself, rules with their places, and that a build comes first", () => {
    const { out } = explain([".env", "api.proto", "conf/a.yaml", "main.go"], {
      ...files,
      ".reload.toml": `env_files = [".env"]
[build]
cmd = "true"
[proc]
cmd = "true"
[[rule]]
match = ["*.thrift", "*.proto"]
do = "restart"
[[rule]]
name = "settings"
match = "conf/*.yaml"
do = "signal"
`,
      ".env": "A=1\n",
    });
    expect(out.trimEnd().split("\n")).toEqual([
      ".env: restarts, if a value in it has changed: env_files (.reload.toml:1:14)",
      "api.proto: restarts, without a build: *.proto ([[rule]] *.thrift, *.proto, .reload.toml:7:22)",
      "conf/a.yaml: sends a signal: conf/*.yaml ([[rule]] settings, .reload.toml:11:9)",
      "main.go: builds and restarts: * (every file is watched)",
    ]);
  });

  test("what decides for the reload that runs here, with all that it was started with", async () => {
    using project = newProject({ "app.js": "", "sub/page.tmpl": "", "package.json": '{ "main": "app.js" }' });
    await using running = reload(["-e", "tmpl", "--", "sleep", "1000"], { cwd: project.directory });
    await running.says(/run 1/);
    const asked = async (...words: readonly string[]): Promise<string> =>
      (await reloadOnce(["explain", ...words], { cwd: project.path("sub") })).stdout;
    await until("somebody to talk to", async () =>
      (await asked("page.tmpl")).startsWith("page.tmpl: restarts: .tmpl ([watch] include_files, --ext)"),
    );
    expect(await asked("../app.js")).toBe("../app.js: ignored: .tmpl (not in [watch] include_files)\n");
  });

  test("where a pattern of the command line comes from", () => {
    expect(explain(["-i", "*.html", "a.html"], files).out).toContain(
      "a.html: ignored: *.html ([watch] exclude_files, --ignore)",
    );
  });

  test.each(["txt,md", "txt md", ".txt, .md", "{txt,md}", "*.{txt,md}", ".{txt,md}", "txt|md", "*.txt *.md"])(
    "endings as people write them: -e %j",
    (written) => {
      const { out } = explain(["-e", written, "a.txt", "sub/b.md", "c.go"], { ...files, "a.txt": "" });
      expect(out).toMatch(/^a\.txt: (?!ignored)/m);
      expect(out).toMatch(/^sub\/b\.md: (?!ignored)/m);
      expect(out).toMatch(/^c\.go: ignored/m);
    },
  );

  test("what a link leads to, where it is a root or links are followed", () => {
    using project = newProject({ "app/a.txt": "", "far/deep/x.txt": "" });
    symlinkSync("../far", project.path("app/out"));
    const asked = (...args: readonly string[]): string =>
      spawnSync("node", [cli, "explain", "--proc.cmd", "true", ...args, "out/deep/x.txt"], {
        cwd: project.path("app"),
        encoding: "utf8",
      }).stdout;
    expect(asked()).toMatch(/^out\/deep\/x\.txt: not watched/);
    for (const args of [
      ["-w", ".", "-w", "out"],
      ["-w", "out"],
      ["--watch.follow_symlinks", "true"],
    ])
      expect(asked(...args), args.join(" ")).toMatch(/^out\/deep\/x\.txt: restarts/);
    expect(asked("-w", "out", "--watch.exclude_dirs", "deep")).toMatch(/^out\/deep\/x\.txt: ignored: /);
  });

  test("of several roots that hold a path the one in which it counts for most", () => {
    const { out } = explain(["shared/lib/x.go"], {
      "shared/lib/x.go": "",
      "app/main.go": "",
      ".reload.toml":
        'root = "app"\n[proc]\ncmd = "true"\n[watch]\ninclude_dirs = ["../shared", "../shared/lib"]\nexclude_dirs = ["lib"]\ninclude_files = [".go"]\n',
    });
    expect(out).toMatch(/^shared\/lib\/x\.go: restarts: \.go /);
  });

  test("each path on a line, as objects with --json", () => {
    const { out } = explain(["--json", "main.go", "gen/x.go"], files);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      {
        path: "main.go",
        verdict: "rebuild",
        watched: true,
        matcher: "include_files",
        pattern: ".go",
        source: "[watch] include_files",
        place: ".reload.toml:2:18",
        prunedAt: null,
        schema: null,
      },
      {
        path: "gen/x.go",
        verdict: "ignore",
        watched: true,
        matcher: "exclude",
        pattern: "gen",
        source: "[watch] exclude_dirs",
        place: ".reload.toml:3:17",
        prunedAt: "gen",
        schema: null,
      },
    ]);
  });

  test("what is wrong with the configuration, and nothing else", () => {
    const { code, out, err } = explain(["main.go"], { ".reload.toml": "[wach]" });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(".reload.toml:1:2");
  });
});

const directory = fc.constantFrom("a", "b", "gen", "out", ".hid", "node_modules", "#q", "w x", "a*");
const file = fc.constantFrom("x.go", "y.html", "z.tmp", "w x.go", ".h.go", "!n.go", "gen.go", "[b].go");
const path = fc.tuple(fc.array(directory, { maxLength: 3 }), file).map(([above, name]) => [...above, name].join("/"));
const name = fc.oneof(directory, file);
const pattern = fc.oneof(name, fc.constantFrom("*.go", "/a", "a/b", "**/gen", "!x.go", "*", "!gen", "out/", "a/*/b"));

test("it says what the watcher does, for thousands of paths in random trees", async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { minLength: 60, maxLength: 120, size: "max" }),
      fc.array(pattern, { maxLength: 3 }),
      fc.array(pattern, { maxLength: 3 }),
      fc.array(fc.constantFrom(".go", "*.html", "a/**/b", "!x.go", "gen/x.go"), { maxLength: 3 }),
      async (paths, ignored, excluded, included) => {
        const place = makePlace();
        // Of what happens in both, the system tells in order: what is seen here comes last.
        const marks = makePlace();
        try {
          place.write(".gitignore", `${ignored.join("\n")}\n`);
          for (const leaf of paths) place.write(leaf, "1");
          const patterns = { ...everything, excludeDirs: excluded, includeFiles: included };
          const trees = [
            treeAt(place.root, patterns),
            { ...treeAt(marks.root), label: (path: string) => `mark ${path}` },
          ];
          const own = begin(place, optionsFor("native", { trees }));
          await own.until("watching", () => own.facts.some((fact) => fact.type === "watching"));
          own.forget();
          for (const leaf of paths) place.append(leaf, "2");
          for (const mark of ["1", "2"]) {
            marks.write(mark, mark);
            await own.told(`mark ${mark}`);
          }
          for (const { demand } of own.watching.look().changes.values())
            for (const leaf of demand.keys()) expect(own.changes).toContain(leaf);
          const { matchers } = assemble({ base: place.root, ...patterns });
          const expected = paths.filter((leaf) => explainPath(leaf, false, matchers).verdict !== "ignore");
          const told = paths.filter((leaf) => own.changes.has(leaf));
          expect(told).toEqual(expected);
          for (const leaf of expected)
            expect(judge({ path: leaf, kind: "changed" }, matchers)?.verdict).toBe("rebuild");
          judged += paths.length;
          await own.close();
        } finally {
          place.clean();
          marks.clean();
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(judged).toBeGreaterThan(2_000);
});

test("a pattern that matches nothing that is there is named once, by reload config and with --verbose", async () => {
  using project = newProject({
    ".reload.toml":
      '[watch]\ninclude_files = [".txt", "srcc/**/*.go"]\nexclude_dirs = ["dist", "old"]\n[proc]\ncmd = "exec sleep 1000"\n',
    "a.txt": "1",
    "dist/b.txt": "1",
  });
  const said =
    /(include_files: srcc\/\*\*\/\*\.go|exclude_dirs: old|include_files: \.txt|exclude_dirs: dist) decides nothing/g;
  const idle = ["include_files: srcc/**/*.go", "exclude_dirs: old"];
  const namedIn = (text: string): (string | undefined)[] => [...text.matchAll(said)].map(([, name]) => name);
  expect(namedIn((await reloadOnce(["config"], { cwd: project.directory })).stdout)).toEqual(idle);
  const { notes } = JSON.parse((await reloadOnce(["config", "--json"], { cwd: project.directory })).stdout);
  expect(namedIn(notes.join("\n"))).toEqual(idle);
  await using program = reload(["--verbose"], { cwd: project.directory });
  await program.says(/exclude_dirs: old decides nothing/);
  project.write("a.txt", "2");
  await program.says(/run 2 ready/);
  expect(namedIn(program.stderr)).toEqual(idle);
});

test("what a rule matches and is nowhere is said by reload config, and nothing of what is there", async () => {
  using project = newProject({
    ".reload.toml": `[proc]
cmd = ["true"]
[[rule]]
match = ["templates/**", "tmplates/**", "!templates/old/**"]
do = "ignore"
[[rule]]
name = "styles"
match = "*.scss"
do = "restart"
`,
    "templates/a.html": "",
    "main.go": "",
  });
  const { stdout } = await reloadOnce(["config"], { cwd: project.directory });
  const idle = [...stdout.matchAll(/^# (.*) decides nothing/gm)].map(([, what]) => what);
  expect(idle, stdout).toEqual(["[[rule]] match: tmplates/**", "[[rule]] styles match: *.scss"]);
});
