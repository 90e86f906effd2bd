import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

describe("the configuration of the article", () => {
  const article = `root = "."
tmp_dir = "tmp"
[build]
  cmd = "go build -o ./tmp/main ."
[proc]
  cmd = "./tmp/main"
[watch]
  include_files = [".go"]
  exclude_dirs = ["tmp", "vendor"]
`;
  const main = (text: string): string => `package main

import (
	"os"
	"os/signal"
)

func main() {
	os.WriteFile("said", []byte("${text}"), 0o644)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt)
	<-asked
}
`;

  test.skipIf(!needs("go"))("works as it stands", async () => {
    using project = newProject({
      ".reload.toml": article,
      "go.mod": "module example.com/article\n\ngo 1.21\n",
      "main.go": main("one"),
    });
    await using program = reload([], { cwd: project.directory, env: { GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" } });
    await until("it says one", () => project.read("said") === "one", program.seen, 60_000);
    project.write("main.go", main("two"));
    await until("it says two", () => project.read("said") === "two", program.seen, 60_000);
    await program.says(/● main\.go changed → build .* → running · run 2/);
  });
});

describe("a mistake in the configuration", () => {
  test.each<[string, string, RegExp]>([
    ["an unknown key", '[build]\nful_bin = "x"\n', /\.reload\.toml:2:1: .*ful_bin/],
    [
      "an unknown table, with the one that was meant",
      '[bild]\ncmd = "x"\n',
      /\.reload\.toml:1:2: .*bild[\s\S]*did you mean .*build/,
    ],
    [
      "a duration that is none",
      '[watch]\ndebounce = "fast"\n',
      /\.reload\.toml:2:12: .*debounce[\s\S]*\n\s*(\d+ \| )?debounce = "fast"\n.*\^/,
    ],
    ["a signal that is none", '[proc]\nstop_signal = "SIGFOO"\n', /\.reload\.toml:2:15: .*SIGFOO/],
    ["a tmp_dir that is the project itself", 'tmp_dir = "."\n', /\.reload\.toml:1:11: .*tmp_dir/],
    ["TOML that is none", "[watch\n", /\.reload\.toml:1:\d+: /],
  ])("%s: where, what, and nothing is started or deleted", async (_, text, message) => {
    using project = newProject({ ".reload.toml": `${text}`, "keep.txt": "keep" });
    const result = await reloadOnce(["--once", "--", "sh", "-c", "echo started > ran"], { cwd: project.directory });
    expect(result.code, result.stderr).toBe(2);
    expect(result.stderr).toMatch(message);
    expect(project.has("ran")).toBe(false);
    expect(project.read("keep.txt")).toBe("keep");
    expect(result.stderr).not.toMatch(/\n {4}at /);
  });

  test("two mistakes are both shown", async () => {
    using project = newProject({ ".reload.toml": '[build]\ncdm = "x"\n[watch]\ndebounce = "fast"\n' });
    const result = await reloadOnce(["--once"], { cwd: project.directory });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/\.reload\.toml:2:1: /);
    expect(result.stderr).toMatch(/\.reload\.toml:4:12: /);
  });
});
