import { Ajv } from "ajv";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { decodeTable } from "../../src/config/keys/decode.ts";
import { allKeys } from "../../src/config/keys/keys.ts";
import { compileGlob } from "../../src/matchers/glob.ts";
import { schema } from "../generate/schema.ts";

const validate = new Ajv({
  strict: true,
  strictTuples: false,
  allowUnionTypes: true,
  formats: { regex: isRegex },
}).compile(schema());

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Values of all sorts: each key is tried with every one of them. */
const values: readonly unknown[] = [
  ...[true, false, 0, 1, 80, 65_535, 65_536, -1, 1.5, 2 ** 31],
  ...[
    "",
    " ",
    "x",
    "auto",
    "./server --x",
    "500ms",
    "2s",
    "1m30s",
    "1.5s",
    "500",
    "fast",
    "s",
    "SIGTERM",
    "SIGKILL",
    "TERM",
  ],
  ...["wait", "restart", "quit", "finish", "keep", "stop", "native", "chokidar", "start-first", "debug", "silent"],
  ...[
    "localhost:80",
    "[::1]:80",
    "host:",
    ":80",
    "/health",
    "http://localhost:1/x",
    "https://x",
    "ftp://x",
    "(",
    "a|b",
  ],
  ...[["!"], ["/"], ["../x"], ["./.."], [".."], ["..."], ["!a", "*.go"]],
  ...[[], ["a"], ["a", "b"], [1], ["a", 2], ["("], [""], [[]]],
  ...[{}, { A: "b" }, { A: 1, B: true }, { A: [] }, { "a=b": "c" }],
];

describe("schema.json", () => {
  test.each([...allKeys().values()])("agrees with the decoder about every value of $name", (key) => {
    for (const value of values) {
      const table = key.section === "" ? { [key.leaf]: value } : { [key.section]: { [key.leaf]: value } };
      const isGood = decodeTable(table).complaints.length === 0;
      expect(validate(table), `${key.name} = ${JSON.stringify(value)}: the decoder says ${isGood}`).toBe(isGood);
    }
  });

  test("and the decoder take the patterns that the matchers take", () => {
    const pieces = ["!", "/", "./", "..", "../", "a", "*.go", ".go", "a/../b", "", "..a"];
    for (const first of pieces)
      for (const second of pieces)
        for (const third of pieces) {
          const pattern = first + second + third;
          const isGood = decodeTable({ watch: { include_files: [pattern] } }).complaints.length === 0;
          expect(typeof compileGlob(pattern) !== "string", pattern).toBe(isGood);
          expect(validate({ watch: { include_files: [pattern] } }), pattern).toBe(isGood);
        }
  });

  test("takes the article's file, and refuses unknown keys and tables", () => {
    expect(
      validate(
        parse(
          'root = "."\ntmp_dir = "tmp"\n[build]\ncmd = "go build"\n[proc]\ncmd = "./main"\n[watch]\ninclude_files = [".go"]\n',
        ),
      ),
    ).toBe(true);
    expect(validate(parse('rot = "."\n'))).toBe(false);
    expect(validate(parse('[bild]\ncmd = "x"\n'))).toBe(false);
    expect(validate(parse('[build]\ncdm = "x"\n'))).toBe(false);
    expect(validate(parse("[proxy]\nlisten = 3000\n"))).toBe(true);
    expect(validate(parse("[proxy]\nlisten = 70000\n"))).toBe(false);
  });
});
