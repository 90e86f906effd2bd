/** What is written by what is carried out calls for it again: stopped, and named with the file and what to do. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

const lines = (project: Project): string[] =>
  project
    .read("log")
    .split("\n")
    .filter((line) => line !== "");

const settled = (project: Project) => ask(project.directory, "wait");

async function begun(project: Project, args: readonly string[] = []) {
  const program = reload(args, { cwd: project.directory });
  await until("the first run", async () => (await settled(project)).code === 0, program.seen);
  return program;
}

const stays = "exec sleep 1000";
const head = `[build]\ncmd = "echo build >> log"\n[proc]\ncmd = "${stays}"\n[watch]\ninclude_files = [".txt"]\n`;
const rule = (match: string, output: string, more = ""): string =>
  `[[rule]]\nmatch = "${match}"\nrun = "echo '${match}' >> log; date +%s%N > ${output}"\n${more}`;

describe("rules that start each other", () => {
  test.each([
    ["", "rebuild"],
    ['do = "restart"\n', "restart"],
    ['do = "refresh"\n', "refresh"],
    ['do = "ignore"\n', "ignore"],
  ])("are stopped and named, with the file and what to do: two of them, the second with %j", async (more) => {
    using project = newProject({
      ".reload.toml": `${head}${rule("*.a", "x.b", "at_start = false\n")}${rule("*.b", "y.a", `at_start = false\n${more}`)}`,
      "in.a": "1",
      log: "",
    });
    await using program = await begun(project);
    project.write("in.a", "2");
    await program.says(
      /▲ rule \*\.a and rule \*\.b start each other: y\.a changes whenever rule \*\.b runs; rule \*\.a is not run for it again\n.*if rule \*\.b writes it: add "!y\.a" to match of rule \*\.a; else save it once more/,
    );
    expect((await settled(project)).code).toBe(0);
    expect(lines(project)).toEqual(["build", "*.a", "*.b", "*.a", "*.b", "build"]);
    const said = program.stderr.length;
    project.write("in.a", "3");
    expect((await settled(project)).code).toBe(0);
    expect(lines(project).slice(6)).toEqual(["*.a", "*.b", "*.a", "*.b", "build"]);
    expect(program.stderr.slice(said)).not.toContain("start each other");
  });

  test("are named all three where three go in a circle, as an event too", async () => {
    using project = newProject({
      ".reload.toml": `${head}${rule("*.a", "1.b")}${rule("*.b", "2.c")}${rule("*.c", "3.a")}`,
      "in.a": "1",
      log: "",
    });
    await using program = await begun(project, ["--json"]);
    const event = await until("the event", () => /.*"event":"loop".*/.exec(program.stdout)?.[0], program.seen);
    expect(JSON.parse(event)).toMatchObject({
      paths: ["3.a"],
      ignored: true,
      circle: ["rule *.a", "rule *.b", "rule *.c"],
    });
    expect((await settled(project)).code).toBe(0);
    expect(lines(project)).toEqual(["*.a", "*.b", "*.c", "*.a", "*.b", "*.c", "build"]);
  });
});

test("a file that is saved while its rule runs is carried out for, whichever it is, and built", async () => {
  using project = newProject({
    ".reload.toml": `[build]
cmd = "cat all.gen > built"
[proc]
cmd = "${stays}"
[watch]
include_files = [".txt"]
[[rule]]
match = "*.tmpl"
run = "cat a.tmpl b.tmpl > all.gen; echo ran >> log; while [ -e hold ]; do sleep 0.01; done"
`,
    "a.tmpl": "a1",
    "b.tmpl": "b1",
    log: "",
  });
  await using program = await begun(project);
  for (const round of ["2", "3"]) {
    const before = lines(project).length;
    project.write("hold", "");
    project.write("a.tmpl", `a${round}`);
    await until("the rule", () => lines(project).length > before, program.seen);
    project.write("b.tmpl", `b${round}`);
    // It has been seen, for whoever waits is not answered before everything was looked at.
    const answer = settled(project);
    rmSync(project.path("hold"));
    expect((await answer).code).toBe(0);
    expect(project.read("built")).toBe(`a${round}b${round}`);
  }
});

test.each([
  ["after_ready", ""],
  ["after_fail", 'before_build = "exit 3"\n'],
])("a hook %s that writes what is watched is named within a few rounds, with the line to add", async (hook, more) => {
  using project = newProject({ ".reload.toml": `${head}[hooks]\n${hook} = "date +%s%N > made.txt"\n${more}`, log: "" });
  await using program = reload([], { cwd: project.directory });
  const named = new RegExp(
    `made\\.txt changes whenever hook ${hook} runs, and has it run again\\n.*if the hook writes it: exclude_files = \\["made\\.txt"\\] under \\[watch\\]`,
  );
  await until("it is named", () => named.test(program.stderr), program.seen, 30_000);
  const rounds = program.stderr.split("made.txt changed →").length - 1;
  expect(rounds).toBeLessThanOrEqual(12);
});

test("services whose rules start each other are stopped, and named with the service", async () => {
  const service = (name: string, match: string, output: string): string =>
    `[service.${name}.proc]\ncmd = "${stays}"\n${rule(match, output, "at_start = false\n").replace("[[rule]]", `[[service.${name}.rule]]`)}`;
  using project = newProject({
    ".reload.toml": `[watch]\ninclude_files = [".txt"]\n${service("api", "*.a", "x.b")}${service("web", "*.b", "y.a")}`,
    "in.a": "1",
    log: "",
  });
  await using program = await begun(project);
  project.write("in.a", "2");
  await program.says(
    /start each other: (?:x\.b|y\.a) changes whenever rule \*\.[ab] of (?:api|web) runs; rule \*\.[ab] is not run for it again/,
  );
  expect((await settled(project)).code).toBe(0);
  const ran = lines(project).length;
  expect(ran).toBeLessThanOrEqual(40);
  project.write("main.txt", "1");
  expect((await settled(project)).code).toBe(0);
  expect(lines(project)).toHaveLength(ran);
});
