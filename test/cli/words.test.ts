/** Words that people try on the command line. */
import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reloadOnce } from "../rig/reload.ts";

async function asked(words: readonly string[], file = '[proc]\ncmd = "echo it runs"\n') {
  using project = newProject({ ".reload.toml": file });
  const { code, stdout, stderr } = await reloadOnce(words, { cwd: project.directory });
  return { code, stdout, stderr };
}

describe("what people try", () => {
  test.each([[["help"]], [["-c", "x", "help"]]])("%j prints the help", async (words) => {
    const { code, stdout } = await asked(words);
    expect(stdout).toMatch(/^reload: save, and it runs\n/);
    expect(code).toBe(0);
  });

  test("version prints the version", async () => {
    expect(await asked(["version"])).toEqual(await asked(["--version"]));
  });

  test.each([
    ["--exclude-dirs", "--watch.exclude_dirs"],
    ["--stop-timeout", "--proc.stop_timeout"],
  ])("%s is told with its table", async (word, meant) => {
    const { code, stderr } = await asked([word, "1", "--", "true"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`did you mean ${meant}?`)]);
  });

  test("help after -- is a program", async () => {
    expect((await asked(["--once", "--", "help"])).code).toBe(127);
  });

  test.each<[readonly string[], string]>([
    [["--poll=1s"], 'poll = "1s"'],
    [["--poll"], "poll = true"],
    [["--poll=false"], "poll = false"],
    [["--clear=true"], "clear = true"],
    [["--clear=false"], "clear = false"],
    [["--clear=off"], "clear = false"],
    [["--once=true"], "clear = false"],
  ])("%j is taken as it is meant", async (words, line) => {
    const { code, stdout, stderr } = await asked([...words, "config"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(line);
  });

  test("a switch that is off is off", async () => {
    const { stdout, code } = await asked(["--once=true", "--quiet=false", "--postpone=false", "--json=false"]);
    expect([code, stdout]).toEqual([0, "it runs\n"]);
  });

  test("a value that stands apart is taken for COMMAND, which says so", async () => {
    const { stderr, code } = await asked(["--once", "--poll", "1s"]);
    expect(stderr).toContain("--poll takes its value with =: --poll=1s");
    expect(code).toBe(127);
  });

  test.each<[readonly string[], RegExp]>([
    [["--once=maybe"], /--once=maybe: this option is a switch\n.*--once=false/],
    [["--rule", "x"], /unknown option '--rule'\n.*\[\[rule\]\] can only be set in a file/],
    [["--rule.match", "x"], /--rule\.match: unknown key\n.*\[\[rule\]\] can only be set in a file/],
    [["-C", "nowhere"], /--cwd: nowhere does not exist/],
    [["--service=x"], /unknown option '--service=x'\n.*--service\.NAME\.proc\.cmd VALUE/],
    [["--proc", "x"], /unknown option '--proc'\n.*--proc\.cmd VALUE/],
    [["--poll=soon"], /--poll: watch\.poll: "soon" is n/],
    [["logs"], /no reload runs here or above\n.*start one: reload/],
    [["--bild.cmd", "x", "--watch.debonce", "1"], /--build\.cmd\?[\s\S]*--watch\.debounce\?[\s\S]*2 errors/],
  ])("%j says what to write", async (words, message) => {
    const { code, stderr } = await asked(words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test.each([
    ["status --jsn", "unknown option '--jsn'", "did you mean --json?"],
    ["status -f", "reload status takes no -f", "reload logs -f follows"],
    ["-w src status", "reload status takes no -w", "reload logs -f follows"],
    ["start --background", "reload start takes no --background", "reload --background starts one that stays"],
    ["stop --once", "reload stop takes no --once", "reload help stop"],
    ["stop --force", "reload stop takes no --force", "killed after [proc] stop_timeout"],
    ["stop -9", "-9 is not the name of a service", "reload help stop"],
    ["stop 812", "812 is not the name of a service", "did you mean --pid 812?"],
    ["restart --proc.cmd=x", "reload restart takes no --proc.cmd", "from its file, or from its start"],
    ["wait 10s", "10s is not the name of a service", "did you mean --timeout 10s?"],
    ["logs 50", "50 is not the name of a service", "did you mean --lines 50, or --run 50?"],
    ["logs --tail 5", "unknown option '--tail'", "did you mean --lines?"],
    ["logs --only api", "reload logs takes no --only", "names stand behind the command"],
    ["pause 10m", "reload pause takes no word (10m)", "did you mean --for 10m?"],
    ["rollback --to 3", "unknown option '--to'", "reload rollback 2"],
    ["init -y", "unknown option '-y'", "it asks nothing"],
    ["config --debug", "unknown option '--debug'", "did you mean --verbose?"],
    ["--stop", "unknown option '--stop'", "did you mean reload stop?"],
    ["--detach", "unknown option '--detach'", "did you mean --background?"],
    ["help ps", "there is no command ps", "did you mean reload help status?"],
    ["help up", "there is no command up", "reload help lists them"],
    ["-w", "-w needs a value", "--watch PATH"],
  ])("reload %s says what to write", async (line, wrong, advice) => {
    const { code, stdout, stderr } = await asked(line.split(" "));
    const [first, second] = stderr.split("\n");
    expect([code, stdout, first]).toEqual([2, "", `error: ${wrong}`]);
    expect(second).toContain(advice);
  });

  test.each([
    ["stauts", "reload status"],
    ["stat-us", "reload status"],
    ["up", "reload"],
    ["up -d", "reload --background"],
    ["run npm test", "reload npm test"],
    ["down", "reload stop"],
    ["rs api", "reload restart api"],
    ["daemon", "reload --background"],
  ])("reload %s, where there is no such program, names the command", async (line, meant) => {
    using project = newProject();
    const { code, stderr } = await reloadOnce(line.split(" "), { cwd: project.directory, env: { PATH: "/nowhere" } });
    expect(code).toBe(127);
    expect(stderr).toContain(`\ndid you mean ${meant}?\n`);
  });

  test.each([
    ["app.js --port 1", "app.js is a file: reload node app.js --port 1", 127],
    ["./app.js", "./app.js is a file: reload node ./app.js", 126],
    ["src/main.ts", "src/main.ts is a file: reload tsx src/main.ts", 126],
    ["src", "src is a directory: reload -C src works there, reload -w src watches it", 127],
    ["src/", "src/ is a directory: reload -C src/ works there, reload -w src/ watches it", 126],
  ])("reload %s, which is no program, says what to write", async (line, meant, expected) => {
    using project = newProject({ "app.js": "", "src/main.ts": "" });
    const { code, stderr } = await reloadOnce(["--once", "--", ...line.split(" ")], {
      cwd: project.directory,
      env: { PATH: "/nowhere" },
    });
    expect([code, stderr]).toEqual([expected, expect.stringContaining(`${meant}\n`)]);
  });

  test("a program that alone may have been meant for us is run, and a line says so; with arguments it is run", async () => {
    using project = newProject({ ps: "#!/bin/sh\necho a program\n" });
    chmodSync(project.path("ps"), 0o755);
    const env = { PATH: `${project.directory}:${process.env["PATH"]}` };
    const alone = await reloadOnce(["--once", "ps"], { cwd: project.directory, env });
    expect(alone).toMatchObject({ code: 0, stdout: "a program\n" });
    expect(alone.stderr).toContain("ps is run as a program; was reload status meant?\n");
    const asked = await reloadOnce(["--once", "ps", "-a"], { cwd: project.directory, env });
    expect(asked).toMatchObject({ code: 0, stdout: "a program\n", stderr: expect.not.stringContaining("meant") });
  });
});
