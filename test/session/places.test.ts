/** Where an error is, in what real interpreters and compilers print. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { headline, placesIn } from "../../src/session/control/places.ts";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";

/** What the program prints when it runs into its fault. */
function printed(program: string, name: string, text: string): { readonly output: string; readonly path: string } {
  using project = newProject({ [name]: text });
  const { stdout, stderr } = spawnSync(program, [project.path(name)], { encoding: "utf8" });
  return { output: `${stdout}${stderr}`, path: project.path(name) };
}

describe("the place of an error is found in what is printed by", () => {
  test.each([
    ["a.cjs", "const a = 1;\nlet x = ;\n", ":2: SyntaxError: Unexpected token ';'"],
    ["b.cjs", "function main() { gone(); }\nmain();\n", ":1:19: ReferenceError: gone is not defined"],
    [
      "c.mjs",
      'import fs from "node:fs";\nfs.readFileSync("/gone");\n',
      ":2:4: Error: ENOENT: no such file or directory",
    ],
    ["d.mjs", 'import "./gone.mjs";\n', ": Error [ERR_MODULE_NOT_FOUND]: Cannot find module"],
    ["e.cjs", "(async () => { await null; throw new TypeError('no'); })();\n", ":1:34: TypeError: no"],
  ])("Node: %s", (name, text, expected) => {
    const { output, path } = printed(process.execPath, name, text);
    // On some systems the way to a project has blanks in it.
    expect(headline(placesIn(output))).toContain(`${path}${expected}`);
  });

  test.runIf(needs("python3")).each([
    ["a.py", 'import json\ndef main():\n    json.loads("{")\nmain()\n', ":3: json.decoder.JSONDecodeError: "],
    ["b.py", "x = = 3\n", ":1: SyntaxError: invalid syntax"],
    ["c.py", 'class Odd(Exception): pass\nraise Odd("it is so")\n', ":2: Odd: it is so"],
  ])("Python: %s", (name, text, expected) => {
    const { output, path } = printed("python3", name, text);
    expect(headline(placesIn(output))).toContain(`${path}${expected}`);
  });

  // As go 1.24, rustc 1.9x and tsc 5.9 print it.
  test.each([
    [
      "panic: assignment to entry in nil map\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:4 +0x2e\nexit status 2\n",
      "/app/main.go:4: panic: assignment to entry in nil map",
    ],
    ["# app\n./main.go:12:5: undefined: x\n", "./main.go:12:5: undefined: x"],
    [
      "\nthread 'main' (77) panicked at src/main.rs:1:55:\nindex out of bounds\nstack backtrace:\n   1: core::panic\n             at /rustc/5/library/core/src/panicking.rs:80:14\n",
      "src/main.rs:1:55: index out of bounds",
    ],
    [
      "error[E0425]: cannot find value `x`\n --> src/main.rs:3:5\n",
      "src/main.rs:3:5: error[E0425]: cannot find value `x`",
    ],
    ["src/a.ts(12,5): error TS2322: Type\n", "src/a.ts:12:5: TS2322: Type"],
    ["all is well\nlistening on http://127.0.0.1:8080\n", undefined],
  ])("compilers and programs: %j", (output, expected) => {
    expect(headline(placesIn(output))).toBe(expected);
  });
});
