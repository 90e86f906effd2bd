import { describe, expect, test } from "vitest";
import { app, entries, startNumber } from "../rig/log.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { cli, type Terminal, terminal } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";

const hasPython = process.platform !== "win32" && needs("python3");

const project = (config: string): Project =>
  newProject({ ".reload.toml": `${config}[watch]\ninclude_files = [".txt"]\n`, "a.txt": "1" });

const reloadIn = (project: Project, ...args: string[]): Promise<Terminal> =>
  terminal([process.execPath, cli, ...args], {
    cwd: project.directory,
    env: { LOG: project.path("app.log"), XDG_RUNTIME_DIR: project.directory },
  });

describe.runIf(hasPython)("with stdin = true in a terminal", () => {
  const own = "[proc]\nstdin = true\n";

  test("the program may open /dev/tty, and is asked anew after a restart", async () => {
    using sandbox = project(own);
    await using screen = await reloadIn(
      sandbox,
      "--",
      "sh",
      "-c",
      "read name </dev/tty; echo hello-$name; exec sleep 1000",
    );
    await screen.shows(/running · run 1/);
    screen.type("ann\r");
    await screen.shows(/hello-ann/);
    sandbox.write("a.txt", "2");
    await screen.shows(/running · run 2/);
    screen.type("ben\r");
    await screen.shows(/hello-ben/);
  });

  test("Ctrl-C reaches it from the terminal, once, and nothing else is sent", async () => {
    using sandbox = project(own);
    await using screen = await reloadIn(sandbox, "--", "node", app);
    await startNumber(sandbox, 1, () => screen.screen);
    screen.type("\u0003");
    expect(await screen.ended()).toBe(130);
    expect(entries(sandbox).filter(({ is }) => is === "asked")).toMatchObject([{ signal: "SIGINT" }]);
  });

  test.runIf(process.platform === "linux" && needs("bash"))(
    "a shell with job control, which ignores SIGTERM, is ended at once with its jobs, and gives the terminal back",
    async () => {
      using sandbox = project(`${own}stop_timeout = "10m"\n`);
      await using screen = await reloadIn(sandbox, "--", "bash", "--norc", "-i");
      await screen.shows(/running · run 1/);
      screen.type("sleep 1000 & echo job-$((40 + 2))\r");
      await screen.shows(/job-42/);
      sandbox.write("a.txt", "2");
      await screen.shows(/running · run 2/);
      screen.type("echo sum-$((20 + 3))\r");
      await screen.shows(/sum-23/);
      expect(screen.screen).not.toContain("had taken the terminal");
    },
  );

  test.runIf(process.platform === "linux" && needs("bash"))(
    "a shell that had to be killed while it had the terminal leaves a line",
    async () => {
      using sandbox = project(`${own}stop_timeout = "0s"\n`);
      await using screen = await reloadIn(sandbox, "--", "bash", "--norc", "-i");
      await screen.shows(/running · run 1/);
      screen.type("echo sum-$((20 + 3))\r");
      await screen.shows(/sum-23/);
      sandbox.write("a.txt", "2");
      await screen.shows(/had taken the terminal[\s\S]*kill \d+/);
    },
  );
});

describe.runIf(hasPython)("what a program has done to the terminal is undone before the next one starts:", () => {
  test("raw mode", async () => {
    using sandbox = project("[proc]\nstdin = true\n");
    const script = "stty -a | grep -o -- '-icanon\\|icanon'; stty raw -echo; printf 'set-r''aw'; exec sleep 1000";
    await using screen = await reloadIn(sandbox, "--", "sh", "-c", script);
    await screen.shows(/set-raw/);
    sandbox.write("a.txt", "2");
    await screen.shows(/running · run 2[\s\S]*set-raw/);
    expect(screen.screen).not.toMatch(/-icanon/);
    screen.type("q");
    await screen[Symbol.asyncDispose]();
  });

  test("the alternate screen, a hidden cursor, the mouse, bracketed paste, also if it ends by itself", async () => {
    using sandbox = project("");
    const script =
      "printf '\\033[?1049h\\033[?25l\\033[?1000h\\033[?2004h\\033[?2048hdrawn'; test -e end || exec sleep 1000";
    await using screen = await reloadIn(sandbox, "--", "sh", "-c", script);
    const undone = /drawn[\s\S]*\[\?1049l[\s\S]*\[\?25h[\s\S]*\[\?1000l[\s\S]*\[\?2004l[\s\S]*\[\?2048l/g;
    await screen.shows(/drawn/);
    sandbox.write("end", "");
    sandbox.write("a.txt", "2");
    await screen.shows(/run 2 ended with code 0/);
    await until("the second is undone", () => screen.screen.split("drawn")[2]?.includes("[?1049l") === true);
    expect(screen.screen.split("drawn")[1]).toMatch(/\[\?1049l[\s\S]*\[\?25h[\s\S]*\[\?1000l[\s\S]*\[\?2004l/);
    expect(screen.screen).toMatch(undone);
    // Said on the alternate screen, it would vanish with it.
    expect(screen.screen.split("drawn")[2]).toMatch(/\[\?1049l[\s\S]*run 2 ended with code 0/);
  });
});

describe.skipIf(process.platform === "win32")("where nothing is typed", () => {
  test("a pipe goes to the program, and its end does not end reload", async () => {
    using sandbox = project("");
    await using program = reload(["--", "cat"], { cwd: sandbox.directory, stdin: { text: "from a pipe\n" } });
    await program.says(/run 1 ended with code 0/);
    expect(program.stdout).toBe("from a pipe\n");
    sandbox.write("a.txt", "2");
    await program.says(/run 2/);
  });

  test("a program that watches for the end of its input lives, also beside an empty one", async () => {
    using sandbox = project("");
    const script = "process.stdin.on('end', () => process.exit(7)).resume(); console.log('up')";
    await using program = reload(["--", "node", "-e", script], { cwd: sandbox.directory, stdin: "ignore" });
    await until("it is up", () => program.stdout.includes("up"), program.seen);
    sandbox.write("a.txt", "2");
    await program.says(/running · run 2/);
    expect(program.stderr).not.toContain("code 7");
  });
});
