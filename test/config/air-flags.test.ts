/** air's own flags, as its users type them, and hints for what is no key: from the tables that files have, all at once. */
import { describe, expect, test } from "vitest";
import { airKeys } from "../../src/config/air/keys.ts";
import { newProject } from "../rig/project.ts";
import { complaints, flag, good, loadIn, loadText } from "./loading.ts";

async function without(flags: Parameters<typeof flag>[], files: Record<string, string> = {}) {
  using project = newProject(files);
  return await loadIn(project, { flags: flags.map((each) => flag(...each)) });
}

describe("air's flags", () => {
  test("without a file mean a project of air's, with air's defaults", async () => {
    const loaded = good(
      await without([
        ["build.bin", "tmp/app"],
        ["build.delay", "100"],
        ["log.time", "true"],
      ]),
    );
    expect(loaded.kind).toBe("air");
    expect(loaded.config).toMatchObject({
      build: { cmd: "go build -o ./tmp/main ." },
      proc: { cmd: "tmp/app" },
      watch: { debounce: 100, include_files: [".go", ".tpl", ".tmpl", ".html"], gitignore: false },
      log: { time: true },
    });
    expect(loaded.effectives.get("proc.cmd")?.origins).toEqual([{ from: "flag", name: "--build.bin" }]);
  });

  test("win over its file; lists have commas, and add to each other", async () => {
    const { config } = good(
      await without(
        [
          ["build.exclude_dir", "a,b"],
          ["build.exclude_dir", "c"],
          ["build.cmd", "make"],
          ["tmp_dir", "out"],
          ["build.args_bin", ""],
        ],
        { ".air.toml": '[build]\nexclude_dir = ["x"]\ncmd = "other"\nargs_bin = ["y"]\ndelay = 5\n' },
      ),
    );
    expect(config).toMatchObject({
      build: { cmd: "make" },
      proc: { cmd: "./out/main" },
      watch: { exclude_dirs: ["/a", "/b", "/c", "/testdata", ".*"], debounce: 5 },
      tmp_dir: "out",
    });
  });

  test("are all of its keys but tables", async () => {
    const texts = { boolean: "true", integer: "1", milliseconds: "1", duration: "1s", string: "x", strings: "x" };
    for (const { name, type } of airKeys) {
      if (type === "list of tables" || name === "root" || name.startsWith("color.")) continue;
      const text = type === "command words" ? "./x" : texts[type];
      const loaded = await without([
        [name, text],
        ["build.rerun_delay", "1"],
      ]);
      expect(loaded.ok, name).toBe(true);
    }
  });

  test.each([
    ["build.delay", "abc", /^--build\.delay: "abc" is not a whole number$/],
    ["misc.clean_on_exit", "yes", /^--misc\.clean_on_exit: "yes" is not true or false$/],
    ["build.rules", "x", /^--build\.rules: .*write \[\[build\.rules\]\] into the file/],
  ])("that air would take for something else are errors: %s %s", async (name, text, message) => {
    expect(complaints(await without([[name, text]]))).toMatch(message);
  });

  test("beside a file of ours are told what they are called, all at once", async () => {
    const text = complaints(
      await loadText('[proc]\ncmd = "x"\n', {
        flags: [flag("build.bin", "x"), flag("proc.stop_timout", "1s"), flag("nothing.like_it", "x")],
      }),
    );
    expect(text).toMatch(/--build\.bin: unknown key\n.*here it is proc\.cmd/);
    expect(text).toMatch(/--proc\.stop_timout: unknown key\n.*did you mean --proc\.stop_timeout\?/);
    expect(text).toMatch(/--nothing\.like_it: unknown key\n.*reload config prints every key/);
    expect(text).toMatch(/3 errors$/);
  });
});

describe("a list from outside of a file", () => {
  const list = async (name: string, text: string) =>
    await loadText('[proc]\ncmd = "x"\n', { flags: [flag(name, text)] });

  test("may have commas where patterns have none, and braces hold together", async () => {
    expect(good(await list("watch.exclude_dirs", "dist, build")).config.watch.exclude_dirs).toEqual(["dist", "build"]);
    expect(good(await list("watch.include_files", ".go,*.{js,ts}")).config.watch.include_files).toEqual([
      ".go",
      "*.{js,ts}",
    ]);
  });

  test.each([
    ["watch.exclude_regex", '["_test\\.go$"]', /begins like a list and is none\n.*single quotes/],
    ["watch.exclude_regex", "[0-9]+", /a single item that begins with \[ is written \['\[0-9\]\+'\]/],
    ["watch.exclude_dirs", "[dist, build]", /a list is written \["a", "b"\]/],
    ["proc.args", '["a"', /begins like a list and is none/],
  ])("that begins like a list is one, or an error: %s %s", async (name, text, message) => {
    expect(complaints(await list(name, text))).toMatch(message);
  });

  test("of regular expressions is never taken apart", async () => {
    expect(good(await list("watch.exclude_regex", "^a{1,2}$")).config.watch.exclude_regex).toEqual(["^a{1,2}$"]);
    expect(good(await list("watch.exclude_regex", "['_test\\.go$']")).config.watch.exclude_regex).toEqual([
      "_test\\.go$",
    ]);
  });
});
