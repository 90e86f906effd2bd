import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

/** Each command writes a line: what happened, in which order. */
const log = (word: string): string => `echo ${word} >> log`;

const file = (more: string): string => `[build]
cmd = "${log("build")}"
full_bin = "exec sh -c 'echo $$ > pid; echo run >> log; while :; do sleep 0.05; done'"
include_ext = ["txt"]
${more}
`;

const lines = (project: Project): string[] =>
  project
    .read("log")
    .split("\n")
    .filter((line) => line !== "");

async function begun(project: Project, args: readonly string[] = []) {
  const program = reload(args, { cwd: project.directory });
  await until(
    "the first run, watched",
    async () => lines(project).includes("run") && (await ask(project.directory, "wait")).code === 0,
    program.seen,
  );
  return program;
}

describe("an .air.toml", () => {
  test("with pre_cmd and post_cmd: one before each build, the other at the end", async () => {
    using project = newProject({
      ".air.toml": file(`pre_cmd = ["${log("pre1")}", "${log("pre2")}"]\npost_cmd = ["${log("post")}"]`),
    });
    await using program = await begun(project);
    project.write("a.txt", "1");
    expect((await ask(project.directory, "wait")).code).toBe(0);
    await until("the second run", () => lines(project).filter((line) => line === "run").length === 2);
    program.signal("SIGINT");
    await program.ended;
    const cycle = ["pre1", "pre2", "build", "run"];
    expect(lines(project)).toEqual([...cycle, ...cycle, "post"]);
  });

  test("whose pre_cmd fails: it is told, what comes after it in the list is left out, and the build goes on", async () => {
    using project = newProject({ ".air.toml": file(`pre_cmd = ["${log("pre1")}", "exit 3", "${log("pre3")}"]`) });
    await using program = await begun(project);
    await program.says(/hook pre_cmd failed after .* \(code 3\), and the build goes on/);
    expect(lines(project)).toEqual(["pre1", "build", "run"]);
  });

  test("whose pre_cmd fails, with stop_on_error: nothing is built", async () => {
    using project = newProject({ ".air.toml": file('pre_cmd = ["exit 3"]\nstop_on_error = true') });
    expect((await reloadOnce(["--once"], { cwd: project.directory })).code).toBe(1);
    expect(project.has("log")).toBe(false);
  });

  test("whose pre_cmd ends the program: that is no failure of the run", async () => {
    using project = newProject({
      ".air.toml": file(
        'pre_cmd = ["if test -f pid; then p=$(cat pid); kill $p; while kill -0 $p; do sleep 0.01; done 2>/dev/null; fi"]',
      ),
    });
    await using program = await begun(project, ["--hooks.after_fail", log("fail")]);
    project.write("a.txt", "1");
    await until("the second run", () => lines(project).filter((line) => line === "run").length === 2, program.seen);
    await program.says(/○.*run 1 ended with SIGTERM/);
    process.kill(Number(project.read("pid")), "SIGKILL");
    // One that nobody meant to end is told as ever.
    await until("after_fail", () => lines(project).includes("fail"), program.seen);
    expect(lines(project)).toEqual(["build", "run", "build", "run", "fail"]);
  });

  test("with post_cmd: at the end, before the program is ended", async () => {
    using project = newProject({
      ".air.toml": `[build]
cmd = "true"
full_bin = "trap 'echo ended >> log; exit' TERM INT; echo run >> log; while :; do sleep 0.05; done"
post_cmd = ["${log("post")}"]
`,
    });
    await using program = await begun(project);
    expect((await program.stop()).code).toBe(143);
    expect(lines(project)).toEqual(["run", "post", "ended"]);
  });

  test("whose post_cmd fails: one line, and no other exit code", async () => {
    using project = newProject({
      ".air.toml": file(`post_cmd = ["${log("post1")}", "exit 4", "${log("post3")}"]`),
    });
    const { code, stderr } = await reloadOnce(["--once", "--for", "50ms"], { cwd: project.directory });
    expect([code, lines(project).at(-1)]).toEqual([0, "post1"]);
    expect(stderr).toMatch(/hook post_cmd failed after .* \(code 4\)/);
  });

  test("with rules: what matches one runs its command and nothing else, a failure stops nothing", async () => {
    using project = newProject({
      "web/a.css": "0",
      "b.bad": "0",
      ".air.toml": file(`[[build.rules]]
name = "styles"
cmd = "${log("styles")}"
include_dir = ["web"]
[[build.rules]]
cmd = "${log("bad")}; exit 3"
include_ext = ["bad"]`),
    });
    await using program = await begun(project);
    project.write("web/a.css", "1");
    await until("the rule", () => lines(project).includes("styles"), program.seen);
    expect((await ask(project.directory, "wait")).code).toBe(0);
    expect((await ask(project.directory, "explain", "web/a.css")).stdout).toBe(
      "web/a.css: runs its rule, and nothing else: /web/** ([[rule]] styles, .air.toml:5:9)\n",
    );
    project.write("b.bad", "1");
    await program.says(/rule rule-1 failed after .* \(code 3\), and nothing is stopped by it/);
    project.write("a.txt", "1");
    await until("the second run", () => lines(project).filter((line) => line === "run").length === 2, program.seen);
    expect(lines(project)).toEqual(["build", "run", "styles", "bad", "build", "run"]);
  });
});
