/** What is no TOML is told with what was most likely meant. */
import { describe, expect, test } from "vitest";
import { complaints, good, loadText } from "./loading.ts";

describe("a slip in the file is told with what to write:", () => {
  test.each<[string, string, string]>([
    ["true in capitals", "[watch]\ngitignore = True", "written true, in small letters"],
    ["yes", "[watch]\ngitignore = yes", "written true"],
    ["OFF", "[watch]\ngitignore = OFF", "written false"],
    ["null", "[proc]\ncmd = null", "leave the key out"],
    ["smart quotes", "[proc]\ncmd = “./server”", 'straight ones: cmd = "./server"'],
    ["smart single quotes", "[proc]\ncmd = ‘./server’", "straight ones: cmd = './server'"],
    ["backticks", "[proc]\ncmd = `./server`", "straight ones"],
    ["a missing closing quote", '[proc]\ncmd = "./server', 'closing quote is missing: "./server"'],
    ["one in a list", '[proc]\nargs = ["a", "b]', 'closing quote is missing: "b"'],
    ["a quote in quotes", "[proc]\ncmd = 'it's'", `use the other kind: "it's"`],
    ["three quotes that are not closed", '[proc]\ncmd = """a\nb', 'begins with """ is not closed'],
    ["a duration without quotes", "[proc]\nstop_timeout = 5s", 'text needs quotes: "5s"'],
    ["one of two units", "[proc]\nstop_timeout = 1m30s", 'text needs quotes: "1m30s"'],
    ["an address without quotes", "[ready]\ntcp = localhost:80", 'text needs quotes: "localhost:80"'],
    ["words without quotes", "[proc]\ncmd = ./a b # c", 'text needs quotes: "./a b"'],
    ["a list of words without quotes", "[proc]\nargs = [go, 5]", 'text needs quotes: ["go", 5]'],
    ["a regular expression", '[watch]\nexclude_regex = ["_test\\.go$"]', "single quotes: '_test\\.go$'"],
    ["a backslash at the end", '[proc]\ncwd = "C:\\tmp\\"', "single quotes: 'C:\\tmp\\'"],
    ["a merge", '<<<<<<< HEAD\n[proc]\n=======\ncmd = "x"', "line 1 is a mark of git's"],
    ["the end of a merge", '[proc]\ncmd = "x"\n>>>>>>> other', "line 3 is a mark of git's"],
    ["YAML", "proc:\n  cmd: ./server", "begins with [proc] on a line of its own"],
    ["YAML with a heading", "---\n- a", "looks like YAML"],
    ["JSON", '{\n  "proc": { "cmd": "x" }\n}', "looks like JSON"],
    ["a colon", '[proc]\ncmd: "x"', 'not by a colon: cmd = "x"'],
    ["a colon, and no quotes", "[proc]\ncmd: x y", 'not by a colon: cmd = "x y"'],
    [":=", '[proc]\ncmd := "x"', 'followed by =: cmd = "x"'],
    ["two equals signs", '[proc]\ncmd == "x"', 'a single =: cmd = "x"'],
    ["no equals sign", "[proc]\ncmd x", 'between them: cmd = "x"'],
    ["no value", "[proc]\ncmd =", "a value is missing after ="],
    ["only a key", "[proc]\ncmd", "a key has a value: cmd = …"],
    ["a header without its end", '[proc\ncmd = "x"', "a table is written [proc]"],
    ["half a header of a list", '[[rule]\ndo = "x"', "a table is written [[rule]]"],
    ["a header and a key on one line", '[proc] cmd = "x"', "[proc] stands on a line of its own"],
    [
      "a table that a dotted key has begun",
      '[build]\nenv.A = "1"\n[build.env]\nB = "2"',
      "dotted key has begun [build.env] on line 2",
    ],
    ["the same from the top", 'proc.cmd = "x"\n[proc]\nargs = []', "dotted key has begun [proc] on line 1"],
    ["a list without a comma", '[proc]\nargs = ["a" "b"]', "a comma is missing"],
    ["a list without its end", '[proc]\nargs = ["a",\n  "b"\nenv.A = 5', "list that begins on line 2 is not closed"],
    ["several values", '[proc]\nargs = "a" "b"', "several are a list"],
    ["a semicolon", '[proc]\ncmd = "x";', "remove the ;"],
    ["a comma behind a number", "[watch]\ndebounce = 5,", "remove the ,"],
    ["another language's comment", "// hi\n[proc]", "a comment begins with #"],
    ["the same behind a value", '[proc]\ncmd = "x" // hi', "a comment begins with #"],
    ["a leading zero", "[ready]\ntcp = 080", "does not begin with 0: 80"],
    ["a number with commas", "[watch]\ndebounce = 1,000", "no commas: 1000"],
    ["a point without digits", "[watch]\ndebounce = .5", "both sides of the point: 0.5"],
    ["an invisible character", '[proc]\u00a0\ncmd = "x"', "U+00A0"],
    ["a key twice", '[proc]\ncmd = "a"\ncmd = "b"', "cmd is there already, on line 2"],
    ["a quote before the key", '[proc]\n"cmd = "x"', 'a quote too many: cmd = "x"'],
    ["a colon in a table", "[proc]\nenv = { A: 1 }", "followed by =: A = 1"],
    ["round brackets", '[watch]\ninclude_files = (".go")', 'in square brackets: [".go"]'],
    ["a line for a shell", "export PORT=1", 'in [proc] env: PORT = "1"'],
    ["a line for JavaScript", 'export default { cmd: "x" }', "looks like JavaScript"],
    ["a table without its beginning", 'proc]\ncmd = "x"', "a table is written [proc]"],
    ["a table twice", '[proc]\ncmd = "a"\n[watch]\n[proc]\n', "[proc] is there already, on line 1"],
  ])("%s", async (_, text, hint) => {
    expect(complaints(await loadText(text))).toMatch(/^\.reload\.toml:\d+:\d+: not valid TOML: /);
    expect(complaints(await loadText(text))).toContain(hint);
  });
});

describe("what people bring from elsewhere is told with our word for it:", () => {
  test.each([
    ['[proc]\ncommand = "x"', "did you mean cmd?"],
    ['[proc]\ncmd = "x"\nworking_dir = "x"', "did you mean cwd?"],
    ['[proc]\ncmd = "x"\nrestart = "always"', "did you mean on_exit?"],
    ['[run]\ncmd = "x"', "did you mean [proc]?"],
    ['[healthcheck]\nurl = "x"', "did you mean [ready]?"],
    ["[watch]\ndelay = 5", "did you mean debounce?"],
    ['[watch]\nextensions = ["go"]', "did you mean include_files?"],
    ["[proxy]\nport = 5", "did you mean listen?"],
    ['[watch]\ngitignore = "false"', "did you mean false?"],
    ['[watch]\npoll = "yes"', "did you mean true?"],
    ['[build]\ntimeout = "5 minutes"', 'did you mean "5m"?'],
    ['[watch]\ndebounce = "200 ms"', 'did you mean "200ms"?'],
    ['[proc]\nenv = ["A=1", "B="]', 'did you mean { A = "1", B = "" }?'],
    ["[proc]\nstop_signal = 15", 'did you mean "SIGTERM"?'],
    ['[ready]\nhttp = "localhost:3000/health"', 'did you mean "http://localhost:3000/health"?'],
    ["[ready]\nhttp = 3000", 'did you mean "http://localhost:3000/"?'],
    ['[proxy]\ntarget = "http://localhost:3000/"', 'did you mean "localhost:3000"?'],
    ['[ready]\ntcp = "http://127.0.0.1:80"', 'did you mean "127.0.0.1:80"?'],
  ])("%j", async (text, hint) => {
    expect(complaints(await loadText(text))).toContain(hint);
  });
});

test("a number among variables is what was written, however large", async () => {
  const { config } = good(
    await loadText(
      '[proc]\ncmd = "x"\nenv = { A = 9223372036854775807, B = -9223372036854775808, C = 18446744073709551615 }\n[build]\nenv.D = 0xdeadbeefdeadbeef\n',
    ),
  );
  expect(config.proc.env).toEqual({
    A: "9223372036854775807",
    B: "-9223372036854775808",
    C: "18446744073709551615",
  });
  expect(config.build.env).toEqual({ D: "0xdeadbeefdeadbeef" });
});

test("so is a date, and each other kind of number", async () => {
  const { config } = good(
    await loadText(
      '[proc]\ncmd = "x"\nenv = { A = 2026-01-31, B = 07:32:00, C = 1979-05-27T07:32:00Z, D = 1.50, E = 1e3, F = -0.0, G = 0o17, H = inf, I = 1_000 }\n',
    ),
  );
  expect(Object.values(config.proc.env)).toEqual([
    "2026-01-31",
    "07:32:00",
    "1979-05-27T07:32:00Z",
    "1.50",
    "1e3",
    "-0.0",
    "0o17",
    "inf",
    "1_000",
  ]);
});

test("a number that is too large for a key says so", async () => {
  expect(complaints(await loadText('[proc]\ncmd = "x"\nstop_timeout = 9223372036854775807\n'))).toMatch(
    /^\.reload\.toml:3:16: proc\.stop_timeout: .* is too long/,
  );
});
