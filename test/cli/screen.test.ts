/** What a person sees: the rows of a real terminal, wide and narrow, letter by letter. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { cli } from "../rig/terminal.ts";
import { openScreen, type Screen, type ScreenSize } from "../rig/tmux.ts";

const config = `[build]
cmd = "while test -e held; do sleep 0.02; done; ! grep -n BAD main.go >&2"

[proc]
cmd = "sleep 1000"

[watch]
include_files = [".go"]
`;

/** @param set variables that tmux sets for itself as well */
const open = (project: Project, size: ScreenSize, ...set: readonly string[]): Promise<Screen> =>
  openScreen(["env", ...set, process.execPath, cli], project.directory, size, { XDG_RUNTIME_DIR: project.directory });

/** How long something took differs each time, and a stop is told only where it took long. */
const timeless = (text: string): string => text.replace(/ → stop \S+/g, "").replace(/\b\d+(?:ms|\.\ds)\b/g, "N");

describe.runIf(process.platform !== "win32" && needs("tmux", ["-V"]))("on the screen", () => {
  test("a session is one line per change, and a build that takes long has a line that moves and goes", async () => {
    using project = newProject({ ".reload.toml": config, "main.go": "1" });
    await using screen = await open(project, { columns: 80, rows: 24 });
    await screen.shows(/run 1$/);
    project.write("held", "");
    project.write("main.go", "BAD");
    expect(await screen.shows(/build 2s/)).toMatch(/run 1\n\n○ main\.go changed → build 2s$/);
    rmSync(project.path("held"));
    await screen.shows(/build failed/);
    project.write("main.go", "2");
    await screen.shows(/run 2$/);
    await screen.press("e");
    expect(timeless(await screen.shows(/run 2\n1:BAD\n✖/))).toMatchInlineSnapshot(`
      "● started → build N → running · run 1
      1:BAD
      ✖ main.go changed → build failed after N (code 1) · run 1 stays
      ● main.go changed → build N → running · run 2
      1:BAD
      ✖ main.go changed → build failed after N (code 1) · run 1 stays"
    `);
    await screen.press("q");
    expect(await screen.shows(/Pane is dead/)).toContain("(status 0,");
  });

  test.each([
    ["lines for letters", "\\033(0"],
    ["the other character set", "\\033)0\\016"],
    ["underlined", "\\033[4m"],
  ])("what a killed program left is undone: %s", async (_, left) => {
    const cmd = JSON.stringify(`test -e once || printf '${left}drawn'; touch once; exec sleep 1000`);
    const watched = '[watch]\ninclude_files = [".go"]\n';
    using project = newProject({ ".reload.toml": `${watched}[proc]\ncmd = ${cmd}\n`, "main.go": "1" });
    await using screen = await open(project, { columns: 80, rows: 24 });
    await screen.shows(/drawn[\s\S]*run 1$/);
    project.write("main.go", "2");
    await screen.shows(/run 2$/);
    const line = (await screen.styled()).split("\n").find((each) => each.includes("main.go"));
    expect(line).not.toMatch(/\u000e|\u001b\[(?:\d+;)*4m/);
  });

  test("at 40 columns nothing is cut off, no word is broken, and the line that moves is one row", async () => {
    using project = newProject({ ".reload.toml": config, "main.go": "1", "handlers/some_long_name_test.go": "1" });
    await using screen = await open(project, { columns: 40, rows: 24 });
    await screen.shows(/run 1$/);
    project.write("held", "");
    project.write("handlers/some_long_name_test.go", "2");
    expect(await screen.shows(/build \ds$/)).toMatch(/run 1\n\n○ build \ds$/);
    rmSync(project.path("held"));
    await screen.shows(/run 2$/);
    project.write("main.go", "BAD");
    await screen.shows(/build failed/);
    await screen.press("?");
    const shown = await screen.shows(/turns the keys off/);
    expect(shown).toMatch(/^r {2}restart \(while something is being\n {2}stopped: kill it now\)$/m);
    expect(timeless(shown.replaceAll(/\n {2}(?=\S)/g, " "))).toMatchInlineSnapshot(`
      "● started → build N → running · run 1
      ● handlers/some_long_name_test.go changed → build N → running · run 2
      1:BAD
      ✖ main.go changed → build failed after N (code 1) · run 2 stays
      r  restart (while something is being stopped: kill it now)
      b  build and restart
      p  pause: collect changes without acting on them; again: act
      c  clear the screen
      e  show the last error again
      o  open the address of the proxy (of several: each)
      q  quit (Ctrl-C too)
      ?  this help
      What you type goes to the program with [proc] stdin = true; [ui] keys = false turns the keys off."
    `);
  });

  test.each([
    ["ACCESSIBLE=1", "", ", "],
    ["TERM=dumb", "○ ", " → "],
  ])("with %s nothing moves: what takes long is said once", async (set, sign, then) => {
    using project = newProject({ ".reload.toml": config, "main.go": "1" });
    await using screen = await open(project, { columns: 80, rows: 24 }, set);
    await screen.shows(/run 1$/);
    project.write("held", "");
    project.write("main.go", "2");
    const said = `${sign}main.go changed${then}build goes on`;
    await screen.shows(new RegExp(`run 1\n${said}$`));
    rmSync(project.path("held"));
    const shown = await screen.shows(/run 2$/);
    expect(shown.split(said)).toHaveLength(2);
    if (sign === "") expect(shown).not.toMatch(/[●○→·]/);
  });
});
