/** Words that people try on the command line. */
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
});
