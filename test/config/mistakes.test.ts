import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import { palette } from "../../src/report/colour.ts";
import { problemText } from "../../src/report/problem.ts";
import { newProject } from "../rig/project.ts";
import { fiveMistakes, output } from "./five-mistakes.ts";
import { complaints, flag, good, loadIn, loadText } from "./loading.ts";

describe("a mistake is told with its place, its line and a caret:", () => {
  const run = '[proc]\ncmd = "x"\n';
  test.each<[string, string, RegExp]>([
    [
      "an unknown key",
      `${run}[build]\ncdm = "x"\n`,
      /^\.reload\.toml:4:1: unknown key cdm in \[build\]\n {2}4 \| cdm = "x"\n {6}\^\^\^\n {6}did you mean cmd\?$/,
    ],
    [
      "an unknown table",
      '[bild]\ncmd = "x"\n',
      /^\.reload\.toml:1:2: unknown table \[bild\]\n {2}1 \| \[bild\]\n {7}\^{4}\n {6}did you mean \[build\]\?$/,
    ],
    [
      "an unknown key with a dot in it",
      `watch.debuonce = 5\n${run}`,
      /:1:7: unknown key debuonce in \[watch\]\n.*\n {12}\^{8}\n.*did you mean debounce\?/,
    ],
    [
      "a key of air's",
      `${run}[build]\nfull_bin = "x"\n`,
      /:4:1: unknown key full_bin.*\n.*\n.*\n.*a key of air: here it is proc\.cmd/,
    ],
    [
      "a misspelt key of air's",
      `${run}[build]\nful_bin = "x"\n`,
      /:4:1: unknown key ful_bin[\s\S]*did you mean full_bin, a key of air/,
    ],
    [
      "a misspelt key of ours, below the wrong header",
      `${run}env_file = ".env"\n`,
      /:3:1: unknown key env_file in \[proc\][\s\S]*did you mean env_files at the top\?/,
    ],
    [
      "a key below the wrong header",
      `${run}root = "."\n`,
      /:3:1: unknown key root in \[proc\]\n.*\n.*\n.*belongs at the top/,
    ],
    [
      "a key of another table",
      `${run}debounce = 5\n`,
      /:3:1: unknown key debounce in \[proc\]\n.*\n.*\n.*is a key of \[watch\]/,
    ],
    [
      "a duration that is none",
      `${run}[watch]\ndebounce = "fast"\n`,
      /:4:12: watch\.debounce: "fast" is not a duration.*nor "auto"\n {2}4 \| debounce = "fast"\n {17}\^{6}$/,
    ],
    ["a duration without a unit", `${run}stop_timeout = "500"\n`, /:3:16: [\s\S]*did you mean 500 or "500ms"\?/],
    ["a duration below zero", `${run}stop_timeout = -1\n`, /:3:16: proc\.stop_timeout: -1 is not a duration/],
    [
      "a duration that no timer can count to",
      `${run}stop_timeout = "600h"\n`,
      /:3:16: proc\.stop_timeout: "600h" is too long: 596h at most/,
    ],
    [
      "a signal that is none",
      `${run}stop_signal = "SIGFOO"\n`,
      /:3:15: proc\.stop_signal: "SIGFOO" is not a signal on this system\n.*\n *\^{8}$/,
    ],
    ["a signal without its beginning", `${run}stop_signal = "TERM"\n`, /:3:15: [\s\S]*did you mean "SIGTERM"\?/],
    ["a port that is none", `${run}[ready]\ntcp = 65536\n`, /:4:7: ready\.tcp: 65536 is not a port \(1 to 65535\)/],
    [
      "a port that is none, with a host",
      `${run}[ready]\ntcp = "localhost:0"\n`,
      /:4:7: ready\.tcp: "localhost:0" is not a port/,
    ],
    [
      "a URL that is none",
      `${run}[ready]\nhttp = "localhost:80/x"\n`,
      /:4:8: ready\.http: .*neither an http\(s\) URL nor a path/,
    ],
    [
      "a regular expression that is none",
      `${run}[ready]\nlog = "(up"\n`,
      /:4:7: ready\.log: "\(up" is not a regular expression: .*Unterminated group/,
    ],
    [
      "a pattern that is empty",
      `${run}[watch]\ninclude_files = [".go", "!"]\n`,
      /:4:25: watch\.include_files: "!" is empty, and matches nothing/,
    ],
    [
      "a pattern that leads out",
      `${run}[watch]\ninclude_files = ["../x.go"]\n`,
      /:4:18: watch\.include_files: "\.\.\/x\.go" reaches out[\s\S]*include_dirs may name/,
    ],
    [
      "one of several regular expressions",
      `${run}[watch]\nexclude_regex = ["a", "b", "*c"]\n`,
      /:4:28: watch\.exclude_regex: "\*c" is not a regular expression/,
    ],
    [
      "a regular expression that is empty, which would leave everything out",
      `${run}[watch]\nexclude_regex = [""]\n`,
      /:4:18: watch\.exclude_regex: "" is empty, and matches everything/,
    ],
    [
      "a word that is none of those that can stand there",
      `${run}on_exit = "restrat"\n`,
      /:3:11: .*"wait", "restart", "restart-on-failure", "quit"[\s\S]*did you mean "restart"\?/,
    ],
    ["a string for a boolean", `${run}sweep = "yes"\n`, /:3:9: proc\.sweep: "yes" is a string, not true or false/],
    [
      "a string for a list",
      `${run}args = "-v"\n`,
      /:3:8: proc\.args: "-v" is a string, not a list[\s\S]*did you mean \["-v"\]\?/,
    ],
    [
      "a number in a list of strings, three lines on",
      `${run}args = [\n  "a",\n  # comment\n  7,\n]\n`,
      /:6:3: proc\.args: 7 is a number, not a string\n {2}6 \| {3}7,\n {8}\^$/,
    ],
    [
      "a list for a variable",
      `${run}[proc.env]\nA = "1"\nPATHS = ["a"]\n`,
      /:5:1: proc\.env\.PATHS: \["a"\] is a list, not a string\n/,
    ],
    [
      "a value for a table",
      `build = true\n${run}`,
      /:1:9: build is a table, not a boolean\n[\s\S]*write \[build\] on a line of its own/,
    ],
    ["a table for a value", `[root]\nx = 1\n${run}`, /:1:2: root: \{ x = 1 \} is a table, not a path/],
    ["a date", `${run}args = [2024-01-01]\n`, /:3:9: proc\.args: .* is a date, not a string/],
    ["an empty path", `root = ""\n${run}`, /:1:8: root: a path cannot be empty/],
    [
      "a command with an empty first word",
      '[proc]\ncmd = ["", "x"]\n',
      /:2:8: proc\.cmd: the first word of a command cannot be empty/,
    ],
    ["a NUL in a command", '[proc]\ncmd = "a\\u0000b"\n', /:2:7: proc\.cmd: a NUL character is not allowed here/],
    [
      "TOML that is none",
      `${run}[watch\n`,
      /:3:7: not valid TOML: .*\n {2}3 \| \[watch\n {12}\^\n {6}a table is written \[watch\]$/,
    ],
    [
      "a word without quotes",
      "[proc]\ncmd = ./server\n",
      /:2:7: not valid TOML: .*\n.*\n.*\n.*text needs quotes: "\.\/server"/,
    ],
    [
      "a backslash in double quotes",
      '[proc]\ncmd = "tmp\\main.exe"\n',
      /:2:\d+: not valid TOML: .*\n.*\n.*\n.*single quotes: 'tmp\\main\.exe'/,
    ],
    ["a key that stands there twice", `${run}cmd = "y"\n`, /:3:\d+: not valid TOML: /],
    ["a root that does not exist", `root = "gone"\n${run}`, /:1:8: root: "gone" does not exist/],
    ["a cwd that does not exist", `${run}cwd = "gone"\n`, /:3:7: proc\.cwd: "gone" does not exist/],
    [
      "a cwd that is a file",
      `${run}cwd = ".reload.toml"\n[build]\ncmd = "make"\n`,
      /:3:7: proc\.cwd: "\.reload\.toml" is not a directory/,
    ],
    [
      "a cwd with a name that no file system takes",
      `${run}cwd = "${"x".repeat(5_000)}"\n`,
      /:3:7: proc\.cwd: "x+… cannot be looked at/,
    ],
    [
      "a tmp_dir that is the project",
      `tmp_dir = "."\n${run}`,
      /:1:11: tmp_dir: "\." is the root of the project, or above it/,
    ],
    [
      "a tmp_dir above the project",
      `tmp_dir = "../.."\n${run}`,
      /:1:11: tmp_dir: "\.\.\/\.\." is the root of the project, or above it/,
    ],
    [
      "a matcher that is not there",
      `${run}[watch]\nmatcher = "./m.mjs"\n`,
      /:4:11: watch\.matcher: there is no file "\.\/m\.mjs"/,
    ],
    ["a matcher that is a directory", `${run}[watch]\nmatcher = "."\n`, /:4:11: watch\.matcher: there is no file "\."/],
    ["two ways to be ready", `${run}[ready]\ntcp = 1\nlog = "up"\n`, /:5:7: ready\.log: ready\.tcp is set already/],
    [
      "start-first with a port of its own",
      `${run}swap = "start-first"\n[ready]\ntcp = 3000\n`,
      /:3:8: proc\.swap: "start-first" needs a port that two runs can share/,
    ],
    ["nothing to do", "[watch]\n", /:1:1: there is nothing to do: neither \[build\] cmd nor \[proc\] cmd is set/],
    ["watch as a switch that is on", `watch = true\n${run}`, /:1:9: watch: watch is a table of keys, or false/],
    ["what could change a prototype", `${run}[__proto__]\nx = 1\n`, /:3:2: unknown table \[__proto__\]/],
  ])("%s", async (_, text, message) => {
    expect(complaints(await loadText(text))).toMatch(message);
  });

  test("five at once, in the order of the file", async () => {
    const text = await output();
    expect(text.match(/^\.reload\.toml:(\d+):\d+: /gm)).toHaveLength(5);
    expect(fiveMistakes.split("\n")[3]).toContain("cdm");
    expect(text.indexOf("cdm")).toBeLessThan(text.indexOf("[bild]"));
    expect(text).toMatch(/5 errors\n$/);
  });

  test("a link does not hide that tmp_dir is the project", async () => {
    using project = newProject({ ".reload.toml": 'tmp_dir = "link"\n[proc]\ncmd = "x"\n' });
    const { symlinkSync } = await import("node:fs");
    symlinkSync(".", project.path("link"));
    expect(complaints(await loadIn(project))).toMatch(/:1:11: tmp_dir: "link" is the root of the project/);
  });
});

describe("what comes from outside of the file names itself:", () => {
  test.each<[string, Parameters<typeof loadText>[1], RegExp]>([
    [
      "a variable",
      { env: { RELOAD_WATCH_DEBOUNCE: "fast" } },
      /^RELOAD_WATCH_DEBOUNCE: watch\.debounce: "fast" is not a duration/,
    ],
    ["a flag", { flags: [flag("ready.tcp", "99999")] }, /^--ready\.tcp: 99999 is not a port \(1 to 65535\)$/],
    [
      "a shorthand",
      { flags: [{ name: "watch.debounce", text: "fast", spelled: "--debounce" }] },
      /^--debounce: watch\.debounce: "fast" is not a duration/,
    ],
    [
      "an unknown flag",
      { flags: [flag("watch.debuonce", "5")] },
      /^--watch\.debuonce: unknown key\n {2}did you mean --watch\.debounce\?$/,
    ],
    [
      "a table in a variable",
      { env: { RELOAD_PROC_ENV: "x" } },
      /^RELOAD_PROC_ENV: proc\.env: "x" is no table\n.*\{ NAME = "value" \}/,
    ],
    [
      "what begins like a table in a flag",
      { flags: [flag("proc.env", '{A="1"')] },
      /^--proc\.env: .* begins like a table and is none\n.*\{ NAME = "value" \}/,
    ],
    ["a rule in a flag", { flags: [flag("rule", "[]")] }, /^--rule: \[\[rule\]\] comes from files only$/],
    [
      "a variable of the process without a value",
      { flags: [{ name: "proc.env", text: "A", spelled: "-E" }] },
      /^-E: proc\.env: "A" is not KEY=VALUE/,
    ],
    ["a missing file", { configFile: "no-such.toml" }, /^no-such\.toml: no such file$/],
    ["a directory for a file", { configFile: "." }, /^\.: is a directory$/],
    ["a missing profile", { profile: "dev" }, /^\.reload\.dev\.toml: no such file$/],
    [
      "a profile that would lead elsewhere",
      { profile: "../x" },
      /^--profile: "\.\.\/x" cannot be the name of a profile/,
    ],
    ["a tmp_dir of a flag", { flags: [flag("tmp_dir", ".")] }, /^--tmp_dir: tmp_dir: "\." is the root of the project/],
  ])("%s", async (_, given, message) => {
    expect(complaints(await loadText('[proc]\ncmd = "x"\n', given))).toMatch(message);
  });

  test("a variable near to a known one is a warning, one far from all is none of ours", async () => {
    const loaded = await loadText('[proc]\ncmd = "x"\n', {
      env: { RELOAD_WATCH_DEBUONCE: "1", RELOAD_SESSION: "x", RELOAD_RUN: "3", RELOAD_KITCHEN_SINK: "x" },
    });
    expect(loaded).toMatchObject({
      ok: true,
      warnings: [{ severity: "warning", origin: "RELOAD_WATCH_DEBUONCE", hint: "did you mean RELOAD_WATCH_DEBOUNCE?" }],
    });
  });

  test("a list of words with commas is taken as it is written, with a word about it; one of patterns is a list", async () => {
    const text = ".go,*.{js,ts}";
    const loaded = good(await loadText('[proc]\ncmd = "x"\n', { env: { RELOAD_PROC_ARGS: text } }));
    expect(loaded.config.proc.args).toEqual([text]);
    expect(loaded.warnings).toMatchObject([
      { origin: "RELOAD_PROC_ARGS", hint: 'a list is written [".go", "*.{js,ts}"]' },
    ]);
    const patterns = good(await loadText('[proc]\ncmd = "x"\n', { env: { RELOAD_WATCH_INCLUDE_FILES: text } }));
    expect(patterns.config.watch.include_files).toEqual([".go", "*.{js,ts}"]);
    const list = good(await loadText('[proc]\ncmd = "x"\n', { env: { RELOAD_WATCH_INCLUDE_FILES: '["a,b"]' } }));
    expect([list.config.watch.include_files, list.warnings]).toEqual([["a,b"], []]);
  });

  test("a file that is not UTF-8 says where", async () => {
    using project = newProject();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(
      project.path(".reload.toml"),
      Buffer.concat([Buffer.from('[proc]\ncmd = "'), Buffer.from([0xff, 0xfe]), Buffer.from('"\n')]),
    );
    expect(complaints(await loadIn(project))).toMatch(
      /^\.reload\.toml:2:8: is not UTF-8\n {2}2 \| cmd = "\ufffd+"\n {13}\^$/,
    );
  });
});

describe("the frame of a problem", () => {
  const problem = (text: string, column: number, length: number): Problem => ({
    code: "config/bad-value",
    severity: "error",
    message: "m",
    place: { file: "f", line: 3, column, length, text },
  });
  const frame = (text: string, column: number, length: number): string[] =>
    problemText(problem(text, column, length), palette(false))
      .split("\n")
      .slice(1);

  test("has its caret below what is meant, behind tabs and wide characters too", () => {
    expect(frame("\ta = 1", 2, 1)).toEqual(["  3 |     a = 1", "          ^"]);
    expect(frame('x = ["漢字", 5]', 11, 1)).toEqual(['  3 | x = ["漢字", 5]', `${" ".repeat(6)}${" ".repeat(12)}^`]);
  });

  test("shows control characters instead of obeying them", () => {
    const [line] = frame('x = "\u001b[2J"', 5, 3);
    expect(line).toBe('  3 | x = "\\x1b[2J"');
  });

  test("is cut around the place in a very long line", () => {
    const [line = "", caret = ""] = frame(`${"a".repeat(5_000)}BAD${"c".repeat(5_000)}`, 5_001, 3);
    expect(line.length).toBeLessThan(130);
    expect(line.slice(caret.indexOf("^"), caret.indexOf("^") + 3)).toBe("BAD");
  });

  test("is coloured only when it is asked to be", () => {
    expect(problemText(problem("x", 1, 1), palette(true))).toContain("\u001b[31m");
    expect(problemText(problem("x", 1, 1), palette(false))).not.toContain("\u001b");
  });
});
