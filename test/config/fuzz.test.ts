import { describe, expect, test } from "vitest";
import { load } from "../../src/config/layers/load.ts";
import type { Read } from "../../src/config/text/source.ts";
import { palette } from "../../src/report/colour.ts";
import { problemsText } from "../../src/report/problem.ts";
import { newProject } from "../rig/project.ts";
import { nowhere } from "./loading.ts";

const seeds = {
  ".reload.toml": `root = "."
tmp_dir = "tmp"
env_files = []
[build]
  cmd = "go build -o ./tmp/main ."
  env = { CGO_ENABLED = "0" }
  timeout = "1m30s"
[proc]
  cmd = ["./tmp/main", "--port", "3000"]
  stop_signal = "SIGTERM"
  stop_timeout = 5000
  [proc.env]
  "quoted key" = 'literal'
[ready]
  tcp = "localhost:3000"
[watch]
  include_files = [".go", "!*_test.go"] # comment
  exclude_regex = ['^gen/', """
multi"""]
  debounce = "auto"
`,
  ".air.toml": `root = "."
tmp_dir = "tmp"
[build]
  args_bin = ["server"]
  bin = "./tmp/main"
  cmd = "go build -o ./tmp/main ."
  delay = 1000
  exclude_dir = ["assets", "tmp"]
  exclude_regex = ["_test\\\\.go"]
  include_ext = ["go", "html"]
  kill_delay = "0s"
  send_interrupt = true
[build.linux]
  entrypoint = ["./tmp/main", "--", "web"]
[[build.rules]]
  cmd = "templ generate"
  include_dir = ["web"]
  include_ext = ["templ"]
  exclude_regex = ["_gen"]
[color]
  main = "magenta"
[misc]
  clean_on_exit = false
`,
} as const;

/** The same histories in every run: a failure can be looked at again. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pieces = [
  "[",
  "]",
  "=",
  '"',
  "'",
  "\n",
  "{",
  "}",
  ",",
  ".",
  "#",
  "\\",
  "0",
  "-1",
  "1e400",
  "9999999999999999999",
  "true",
  "nan",
  "\u0000",
  "\ufeff",
  "é",
  "\ud800",
  "[[",
  '"""',
  "'''",
  "__proto__ = 1\n",
  "constructor = 2\n",
  "2024-01-01",
  "\r",
  "\t",
  "[watch]\n",
  "[rule]\n",
  "[[".repeat(200),
];

function mutate(text: string, roll: (below: number) => number): string {
  let result = text;
  for (let count = 1 + roll(4); count > 0; count -= 1) {
    const at = roll(result.length + 1);
    const to = Math.min(result.length, at + roll(12));
    const lines = result.split("\n");
    switch (roll(6)) {
      case 0:
        result = result.slice(0, at) + (pieces[roll(pieces.length)] ?? "") + result.slice(at);
        break;
      case 1:
        result = result.slice(0, at) + result.slice(to);
        break;
      case 2:
        result = result.slice(0, at) + String.fromCharCode(roll(0x180)) + result.slice(at + 1);
        break;
      case 3:
        lines.splice(roll(lines.length), 0, lines[roll(lines.length)] ?? "");
        result = lines.join("\n");
        break;
      case 4:
        result = result.slice(0, at) + result.slice(at, to).repeat(1 + roll(3)) + result.slice(to);
        break;
      default: {
        // A letter less in some word.
        const word = [...result.matchAll(/\w{3,}/g)][roll(40)];
        if (word !== undefined) result = result.slice(0, word.index) + result.slice(word.index + 1);
      }
    }
  }
  return result;
}

describe("10,000 broken files", () => {
  test.each([".reload.toml", ".air.toml"] as const)(
    "like %s: never an exception, never a hang, and every error has its line",
    async (name) => {
      using project = newProject();
      const path = project.path(name);
      const roll = dice(20_261_123);
      let broken = 0;
      for (let round = 0; round < 5_000; round += 1) {
        const text = mutate(seeds[name], roll);
        const read = (asked: string): Read => (asked === path ? { is: "text", text } : { is: "missing" });
        const loaded = await load({ cwd: project.directory, env: nowhere, flags: [], configFile: name }, { read });
        if (loaded.ok) continue;
        broken += 1;
        expect(loaded.problems.length, text).toBeGreaterThan(0);
        for (const { message, place } of loaded.problems) {
          expect(place, `${message}\n${text}`).toBeDefined();
          const line = text.replaceAll("\r\n", "\n").split("\n")[(place?.line ?? 0) - 1];
          expect(line, `${message}\n${text}`).toBeDefined();
          expect(place?.column).toBeLessThanOrEqual((line ?? "").length + 1);
        }
        const shown = problemsText(loaded.problems, palette(false));
        expect(shown).not.toMatch(/\n\s+at .*\.[jt]s:\d+/);
        for (const [first] of shown.matchAll(/^.*: .*$/gm)) expect(first.length).toBeLessThan(2_000);
      }
      expect(broken).toBeGreaterThan(2_000);
    },
  );
});
