import { renameSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

/** Each command writes a line: what happened, in which order. */
const log = (word: string): string => `echo ${word} >> log`;

const head = (more: string): string => `[build]
cmd = "${log("build")}"
[proc]
cmd = "echo run$RELOAD_RUN >> log; trap 'echo hup$(cat app.yaml) >> log' HUP; while :; do sleep 0.05; done"
[watch]
include_files = [".txt"]
${more}`;

const lines = (project: Project): string[] =>
  project
    .read("log")
    .split("\n")
    .filter((line) => line !== "");

async function begun(project: Project, args: readonly string[] = []) {
  const program = reload(["--verbose", ...args], { cwd: project.directory });
  await until(
    "the first run, watched",
    async () => lines(project).includes("run1") && (await ask(project.directory, "wait")).code === 0,
    program.seen,
  );
  return program;
}

/** Everything that was saved has been answered. */
const settled = (project: Project) => ask(project.directory, "wait");

describe("[[rule]]", () => {
  test("what a rule generates joins the same cycle: one build, one restart, at the start as well", async () => {
    using project = newProject({
      ".reload.toml": head(`[[rule]]
match = "*.tmpl"
run = "${log("gen")}; cp a.tmpl gen.txt"
[[rule]]
match = "gen.txt"
run = ["${log("second")}", "cp gen.txt other.txt"]
`),
      "a.tmpl": "1",
    });
    await using _ = await begun(project);
    expect(lines(project)).toEqual(["gen", "second", "build", "run1"]);
    project.write("a.tmpl", "2");
    expect((await settled(project)).code).toBe(0);
    expect(lines(project).slice(4)).toEqual(["gen", "second", "build", "run2"]);
    expect(project.read("other.txt")).toBe("2");
  });

  test("one that is added while all runs is carried out at once; one that makes nothing waits for a change", async () => {
    using project = newProject({ ".reload.toml": head(""), "a.templ": "1", "n.md": "1" });
    await using _ = await begun(project);
    project.write(".reload.toml", head(`[[rule]]\nmatch = "*.templ"\nrun = "${log("gen")}"\n`));
    await settled(project);
    expect(lines(project)).toEqual(["build", "run1", "gen", "build", "run2"]);
    project.write(".reload.toml", head(`[[rule]]\nmatch = "*.md"\ndo = "restart"\n`));
    await settled(project);
    project.write("n.md", "2");
    await settled(project);
    expect(lines(project).slice(5)).toEqual(["run3"]);
  });

  test("a rule that fails keeps what comes after it from happening, and the run stays", async () => {
    using project = newProject({
      ".reload.toml": head(`[[rule]]\nmatch = "*.tmpl"\nrun = "${log("gen")}; ! grep BAD a.tmpl"\n`),
      "a.tmpl": "1",
    });
    await using program = await begun(project);
    project.write("a.tmpl", "BAD");
    const failed = await settled(project);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/^failed: rule · /)]);
    expect(lines(project).slice(3)).toEqual(["gen"]);
    await program.says(/rule \S+ failed .*run 1 stays/);
    project.write("a.tmpl", "2");
    expect((await settled(project)).code).toBe(0);
    expect(lines(project).slice(4)).toEqual(["gen", "build", "run2"]);
  });

  test("do = signal keeps the run, and sends the signal once for all rules that name it", async () => {
    using project = newProject({
      ".reload.toml": head('[[rule]]\nmatch = "app.yaml"\ndo = "signal"\n[[rule]]\nmatch = "*.conf"\ndo = "signal"\n'),
      "app.yaml": "1",
      "x.conf": "1",
    });
    await using program = await begun(project);
    project.write("app.yaml", "2");
    project.write("x.conf", "2");
    await until("the signal", () => lines(project).includes("hup2"));
    await program.says(/● app\.yaml(?:, x\.conf)? changed → SIGHUP sent to run 1/);
    project.write("main.txt", "1");
    await settled(project);
    expect(lines(project)).toEqual(["build", "run1", "hup2", "build", "run2"]);
  });

  test("do = refresh and do = ignore leave the run alone, and are told; a command beside ignore is all that happens", async () => {
    using project = newProject({
      ".reload.toml": head(
        `[[rule]]\nmatch = "*.css"\ndo = "refresh"\n[[rule]]\nmatch = "quiet.txt"\ndo = "ignore"\n[[rule]]\nmatch = "*.scss"\ndo = "ignore"\nat_start = false\nrun = "${log("scss")}; cp a.scss a.css"\n`,
      ),
      "a.css": "1",
      "a.scss": "1",
      "quiet.txt": "1",
    });
    const events = project.path("../events.json");
    await using _ = await begun(project, [`--json=${events}`]);
    project.write("a.scss", "2");
    await until("the sheet is told", () => project.read("../events.json").includes('"event":"refresh"'));
    project.write("quiet.txt", "2");
    await settled(project);
    expect(lines(project)).toEqual(["build", "run1", "scss"]);
    const refreshed = project
      .read("../events.json")
      .split("\n")
      .filter((line) => line.includes('"refresh"') && line.includes("a.css"));
    expect(refreshed.length).toBeGreaterThan(0);
    rmSync(events);
  });

  test("do = restart builds nothing; the first rule that matches decides; ! takes back", async () => {
    using project = newProject({
      ".reload.toml": head(
        '[[rule]]\nmatch = ["*.json", "!big.json"]\ndo = "restart"\n[[rule]]\nmatch = "*.json"\ndo = "ignore"\n',
      ),
      "a.json": "1",
      "big.json": "1",
    });
    await using _ = await begun(project);
    project.write("a.json", "2");
    await settled(project);
    expect(lines(project)).toEqual(["build", "run1", "run2"]);
    project.write("big.json", "2");
    await settled(project);
    expect(lines(project)).toHaveLength(3);
  });

  test("a rule that writes what starts it is named, and does not go on for ever", async () => {
    using project = newProject({
      ".reload.toml": head(`[[rule]]\nmatch = "*.gen"\nrun = "${log("gen")}; date +%N > own.gen"\nat_start = false\n`),
      "own.gen": "1",
    });
    await using program = await begun(project);
    project.write("own.gen", "2");
    await settled(project);
    await settled(project);
    const rounds = lines(project).filter((line) => line === "gen").length;
    // As often as with a build that writes what somebody has saved by hand as well.
    expect(rounds).toBeLessThanOrEqual(7);
    await program.says(/own\.gen/);
    // It has come to rest: another save is answered as ever.
    project.write("main.txt", "1");
    expect((await settled(project)).code).toBe(0);
    expect(lines(project).filter((line) => line === "gen").length).toBeLessThanOrEqual(rounds + 1);
  });

  test("a rule's file behind a ..data link that is swapped is one signal, with the new content", async () => {
    using project = newProject({
      ".reload.toml": head('[[rule]]\nmatch = "conf/app.yaml"\ndo = "signal"\n').replace(
        "cat app.yaml",
        "cat conf/app.yaml",
      ),
      "conf/..v1/app.yaml": "1",
      "conf/..v2/app.yaml": "2",
    });
    symlinkSync("..v1", project.path("conf/..data"));
    symlinkSync("..data/app.yaml", project.path("conf/app.yaml"));
    await using _ = await begun(project);
    symlinkSync("..v2", project.path("conf/..tmp"));
    renameSync(project.path("conf/..tmp"), project.path("conf/..data"));
    await until("the signal", () => lines(project).includes("hup2"));
    expect(lines(project).filter((line) => line.startsWith("hup"))).toEqual(["hup2"]);
  });

  test.each([
    ['[[rule]]\nrun = "x"\n', /a rule needs match/],
    ['[[rule]]\nmatch = "*.x"\ndoo = "refresh"\n', /unknown key doo in \[\[rule\]\].*did you mean do\?/s],
    ['[[rule]]\nmatch = "*.x"\ndo = "reload"\n', /"reload"/],
    ['[[rule]]\nmatch = "*.x"\nsignal = "SIGFOO"\ndo = "signal"\n', /SIGFOO/],
    ['[[rule]]\nmatch = "*.x"\nsignal = "SIGHUP"\n', /do = "signal"/],
    ['[[rule]]\nmatch = "*.x"\nname = "a"\n[[rule]]\nmatch = "*.y"\nname = "a"\n', /two rules have the name a/],
    ['rule = "x"\n', /\[\[rule\]\]/],
    ["[hooks]\nbefore_build = 5\n", /before_build/],
    ['[hooks]\nbefore_bild = "x"\n', /did you mean before_build\?/],
  ])("what is wrong is told at its line, and nothing is started: %j", async (toml, message) => {
    using project = newProject({
      ".reload.toml": `${toml.startsWith("rule") ? toml : ""}[proc]\ncmd = "${log("run")}"\n${toml.startsWith("rule") ? "" : toml}`,
    });
    const ended = await reloadOnce(["--once"], { cwd: project.directory });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^\.reload\.toml:\d+:\d+: /m);
    expect(project.has("log")).toBe(false);
  });
});

const hooks = `[hooks]
before_build = ["${log("before1")}", "${log("before2")}"]
after_build = [["sh", "-c", "${log("after")}"]]
after_ready = "${log("ready$RELOAD_RUN")}"
after_fail = "${log("fail-$RELOAD_STAGE")}"
at_end = "${log("end")}"
`;

describe("[hooks]", () => {
  test("come in their order, each list one after the other, and at_end once", async () => {
    using project = newProject({ ".reload.toml": head(hooks) });
    await using program = await begun(project);
    await until("after_ready", () => lines(project).includes("ready1"));
    expect(lines(project)).toEqual(["before1", "before2", "build", "after", "run1", "ready1"]);
    project.write("main.txt", "1");
    await settled(project);
    await until("after_ready", () => lines(project).includes("ready2"));
    expect((await program.stop()).code).toBe(143);
    expect(lines(project).slice(6)).toEqual(["before1", "before2", "build", "after", "run2", "ready2", "end"]);
  });

  test("before_build and after_build run without a build; one that fails keeps the run, and after_fail knows the stage", async () => {
    using project = newProject({
      ".reload.toml": head(hooks.replace(log("before2"), "! grep BAD main.txt")).replace(/\[build\]\n.*\n/, ""),
      "main.txt": "1",
    });
    await using program = await begun(project);
    expect(lines(project).slice(0, 3)).toEqual(["before1", "after", "run1"]);
    await until("after_ready", () => lines(project).includes("ready1"));
    project.write("main.txt", "BAD");
    expect((await settled(project)).stdout).toMatch(/^failed: hook · /);
    await until("after_fail", () => lines(project).includes("fail-hook"));
    await program.says(/hook before_build failed .*run 1 stays/);
    expect(lines(project).filter((line) => line.startsWith("run"))).toEqual(["run1"]);
  });

  test("before_build that writes what is watched, each time anew, is named and does not go on for ever", async () => {
    using project = newProject({ ".reload.toml": head('[hooks]\nbefore_build = "date +%N > made.txt"\n') });
    await using program = await begun(project);
    await program.says(
      /made\.txt changes with every build; not building for it again\n.*if the hook writes it: exclude_files/,
    );
    await settled(project);
    const before = lines(project);
    project.write("main.txt", "1");
    await settled(project);
    expect(lines(project).slice(before.length)).toEqual(["build", expect.stringMatching(/^run/)]);
  });

  test("after_fail is told of a build and of a run that dies", async () => {
    using project = newProject({
      ".reload.toml": head(hooks)
        .replace(log("build"), "! grep BAD main.txt")
        .replace('fail-$RELOAD_STAGE >> log"', 'fail-$RELOAD_STAGE >> log; printenv RELOAD_ERROR > why"'),
      "main.txt": "1",
    });
    await using _ = await begun(project);
    project.write("main.txt", "BAD");
    await until("after_fail of the build", () => lines(project).includes("fail-build"));
    await until("what it printed", () => project.read("why") === "build failed (code 1)\nBAD\n");
    project.write(".reload.toml", project.read(".reload.toml").replace("while :;", "exit 3; while :;"));
    project.write("main.txt", "1");
    await until("after_fail of the run", () => lines(project).includes("fail-run"));
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "at_end runs exactly once after %s, at many moments",
    async (signal) => {
      for (let offset = 0; offset < 6; offset += 1) {
        using project = newProject({ ".reload.toml": `${head(hooks)}` });
        await using program = reload([], { cwd: project.directory });
        await until("a moment", () => lines(project).length >= offset, program.seen);
        if (offset === 0) await program.says(/./).catch(() => undefined);
        program.signal(signal);
        await program.ended;
        expect(lines(project).filter((line) => line === "end")).toEqual(["end"]);
        expect(lines(project).at(-1)).toBe("end");
      }
    },
  );

  test("--once carries out hooks and rules, and a failure of one is 1", async () => {
    using project = newProject({
      ".reload.toml": head(`${hooks}[[rule]]\nmatch = "*.tmpl"\nrun = "${log("gen")}"\n`),
      "a.tmpl": "1",
    });
    expect((await reloadOnce(["--once", "--for", "50ms"], { cwd: project.directory })).code).toBe(0);
    expect(lines(project)).toEqual(["gen", "before1", "before2", "build", "after", "run1", "ready1", "end"]);
    project.write(".reload.toml", project.read(".reload.toml").replace(log("gen"), "exit 4"));
    rmSync(project.path("log"));
    expect((await reloadOnce(["--once"], { cwd: project.directory })).code).toBe(1);
    expect(lines(project).filter((line) => !line.startsWith("fail"))).toEqual(["end"]);
  });

  test("one that is edited while it runs is carried out once more, and the program is started once", async () => {
    const edited = (word: string): string =>
      head(`[hooks]\nbefore_build = "${log(word)}; while [ -e hold ]; do sleep 0.02; done"\n`);
    using project = newProject({ ".reload.toml": edited("old"), hold: "" });
    await using program = reload([], { cwd: project.directory });
    await until("the hook", () => lines(project).includes("old"), program.seen);
    project.write(".reload.toml", edited("new"));
    await program.says(/configuration 2: /);
    rmSync(project.path("hold"));
    await until("the run", () => lines(project).some((line) => line.startsWith("run")), program.seen);
    expect((await settled(project)).code).toBe(0);
    expect(lines(project)).toEqual(["old", "new", "build", "run1"]);
  });

  test("a hook is ended as a whole tree when reload ends", async () => {
    using project = newProject({
      ".reload.toml": head('[hooks]\nafter_ready = "sleep 1000 & echo pid$! >> log; wait"\n'),
    });
    await using program = await begun(project);
    const pid = await until("the hook", () => /pid(\d+)/.exec(project.read("log"))?.[1]);
    await program.stop();
    await until("its end", () => !isAlive(Number(pid)));
  });
});
