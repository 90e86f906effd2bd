/** What is written by what is carried out calls for it again: stopped, and named with the file and what to do. */
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
    expect(JSON.parse(event)).toMatchObject({ paths: ["3.a"], ignored: true, rules: ["*.a", "*.b", "*.c"] });
    expect((await settled(project)).code).toBe(0);
    expect(lines(project)).toEqual(["*.a", "*.b", "*.c", "*.a", "*.b", "*.c", "build"]);
  });
});
