import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app, startNumber } from "../rig/log.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, processesWith } from "../rig/reload.ts";
import { cli, type Terminal, terminal } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";

const hasPython = process.platform !== "win32" && needs("python3");

const project = (): Project => newProject({ ".reload.toml": '[watch]\ninclude_files = [".txt"]\n', "a.txt": "1" });

const reloadIn = (project: Project, args: readonly string[], env: Record<string, string> = {}): Promise<Terminal> =>
  terminal([process.execPath, cli, ...args], { cwd: project.directory, env: { ...environment(project), ...env } });

const environment = (project: Project): Record<string, string> => ({
  LOG: project.path("app.log"),
  XDG_RUNTIME_DIR: project.directory,
  TERMINAL_MARK: project.directory,
});

const others = (project: Project, terminal: Terminal): number[] =>
  processesWith(`TERMINAL_MARK=${project.directory}`).filter((pid) => pid !== terminal.pid && !isMaker(pid));

const argumentsOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, "utf8");

const isMaker = (pid: number): boolean => argumentsOf(pid).includes("terminal.py");

const stateOf = (pid: number): string | undefined => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];

describe.runIf(hasPython)("in a terminal", () => {
  test("Ctrl-C ends the program in order, then reload with 130", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox, ["--", "node", app], { TRAP: "300" });
    await startNumber(sandbox, 1, () => screen.screen);
    screen.type("\u0003");
    expect(await screen.ended()).toBe(130);
    expect(others(sandbox, screen)).toEqual([]);
    expect(sandbox.read("app.log")).toContain('"is":"end"');
  });

  test("the second Ctrl-C kills at once what the first one waits for, which was said", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox, ["--proc.stop_timeout", "10m", "--", "node", app], { TRAP: "ignore" });
    await startNumber(sandbox, 1, () => screen.screen);
    screen.type("\u0003");
    await screen.shows(/waiting for pid \d+ \(SIGTERM, .*left/);
    screen.type("\u0003");
    expect(await screen.ended()).toBe(130);
    expect(others(sandbox, screen)).toEqual([]);
  });

  test.runIf(process.platform === "linux")("a closed window ends everything, without an abort", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox, ["--", "node", app], { TRAP: "200" });
    await startNumber(sandbox, 1, () => screen.screen);
    screen.hangUp();
    // 129, or the signal itself: a shell shows both as 129.
    expect([129, -1]).toContain(await screen.ended());
    expect(others(sandbox, screen)).toEqual([]);
    expect(sandbox.read("app.log")).toContain('"is":"end"');
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", -1],
    ["SIGQUIT", 131],
  ] as const)(
    "the modes of the terminal are as before after %s, whatever the program did to them",
    async (signal, code) => {
      using sandbox = project();
      const program = "while ! test -e go; do sleep 0.02; done; stty raw -echo <&1; echo raw; exec sleep 1000";
      await using screen = await reloadIn(sandbox, ["--", "sh", "-c", program]);
      // Those in which keys are read come first.
      await until("keys", async () => !(await screen.modes()).canonical);
      sandbox.write("go", "");
      await screen.shows(/^raw/m);
      expect(await screen.modes()).toEqual({ echo: false, canonical: false, signals: false });
      process.kill(screen.pid, signal);
      expect(await screen.ended()).toBe(code);
      await until("the old modes", async () => {
        const modes = await screen.modes();
        return modes.echo && modes.canonical && modes.signals;
      });
      await until("nobody left", () => others(sandbox, screen).length === 0);
    },
  );

  test.runIf(process.platform === "linux")("the modes of the terminal are as before after SIGKILL too", async () => {
    using sandbox = project();
    // With a shell around it: when the leader of a session dies the kernel takes the terminal away from everybody.
    await using screen = await terminal(["sh", "-i"], { cwd: sandbox.directory, env: environment(sandbox) });
    screen.type(`${process.execPath} ${cli} -- sh -c 'stty raw -echo <&1; echo now-r''aw; exec sleep 1000'\r`);
    await screen.shows(/now-raw/);
    const pid =
      processesWith(`TERMINAL_MARK=${sandbox.directory}`).find((each) => argumentsOf(each).includes(`${cli}\0--`)) ?? 0;
    process.kill(pid, "SIGKILL");
    await until("the old modes", async () => {
      const modes = await screen.modes();
      return modes.echo && modes.canonical && modes.signals;
    });
  });

  test("the size of the window is passed on", async () => {
    using sandbox = project();
    const script =
      "process.stdout.on('resize', () => console.log('now', process.stdout.columns)); setInterval(() => {}, 1000); console.log('size', process.stdout.columns)";
    await using screen = await reloadIn(sandbox, ["--", "node", "-e", script]);
    await screen.shows(/size/);
    screen.resize(40, 123);
    await screen.shows(/now .*123/);
  });

  test.runIf(process.platform === "linux" && needs("bash"))(
    "another size of the window that came while reload was stopped is passed on when it goes on",
    async () => {
      using sandbox = project();
      await using screen = await terminal(["bash", "--norc", "-i"], {
        cwd: sandbox.directory,
        env: { ...environment(sandbox), PS1: "$ " },
      });
      await screen.shows(/[#$] /);
      const script =
        "process.stdout.on('resize', () => console.log('now', process.stdout.columns)); setInterval(() => {}, 1000); console.log('up')";
      sandbox.write("p.js", script);
      screen.type(`${process.execPath} ${cli} --verbose -- node p.js\r`);
      await screen.shows(/watching \d/);
      await screen.shows(/up\r?\n/);
      // Whoever is between fork and exec at the Ctrl-Z stops there, and libuv waits for the exec.
      await screen.shows(/run 1 ready/);
      screen.type("\u001a");
      await screen.shows(/Stopped/);
      screen.resize(40, 123);
      screen.type("fg\r");
      await screen.shows(/now .*123/);
    },
  );

  test.runIf(process.platform === "linux")(
    "a program that has turned Ctrl-C into a letter is ended by it",
    async () => {
      using sandbox = project();
      // It has no terminal of its own to read from, but can change the one that it prints to.
      const script = "until test -e end; do sleep 0.02; done; stty -isig <&1; printf deaf; exec sleep 1000";
      await using screen = await reloadIn(sandbox, ["--verbose", "--", "sh", "-c", script]);
      await screen.shows(/watching \d/);
      await until("the keys are read", async () => !(await screen.modes()).canonical);
      sandbox.write("end", "");
      await screen.shows(/deaf/);
      expect(await screen.modes()).toMatchObject({ signals: false });
      screen.type("\u0003");
      expect(await screen.ended()).toBe(130);
      expect(await screen.modes()).toMatchObject({ signals: true });
    },
  );

  test.runIf(process.platform === "linux" && needs("bash"))(
    "Ctrl-Z stops the program as well, and fg continues it",
    async () => {
      using sandbox = project();
      await using screen = await terminal(["bash", "--norc", "-i"], {
        cwd: sandbox.directory,
        env: { ...environment(sandbox), PS1: "$ " },
      });
      await screen.shows(/[#$] /);
      screen.type(`${process.execPath} ${cli} --verbose -- node ${app}\r`);
      const { pid } = await startNumber(sandbox, 1, () => screen.screen);
      // Before that, it may be about to start `stty`: libuv waits for its exec, and a stop comes between.
      await screen.shows(/run 1 ready/);
      screen.type("\u001a");
      await until(
        "it is stopped",
        () => stateOf(pid) === "T",
        () => screen.screen,
      );
      await screen.shows(/Stopped/);
      screen.type("fg\r");
      await until(
        "it goes on",
        () => stateOf(pid) === "S",
        () => screen.screen,
      );
      sandbox.write("a.txt", "2");
      const second = await startNumber(sandbox, 2, () => screen.screen);
      screen.type("\u0003");
      await until("it is gone", () => !isAlive(second.pid));
      // What is typed before reload has ended is for its keys, not for the shell.
      await until(
        "the shell asks again",
        () => /[#$] $/.test(screen.screen),
        () => screen.screen,
      );
      screen.type("exit\r");
      await screen.ended();
    },
  );

  test.runIf(process.platform === "linux")("Ctrl-Z is let pass where nobody could continue it", async () => {
    using sandbox = project();
    // It leads the session of its terminal, as under ssh -t or in a container.
    await using screen = await reloadIn(sandbox, ["--", "node", app]);
    await startNumber(sandbox, 1, () => screen.screen);
    screen.type("\u001a");
    sandbox.write("a.txt", "2");
    await startNumber(sandbox, 2, () => screen.screen);
    screen.type("\u0003");
    expect(await screen.ended()).toBe(130);
  });
});

describe("a reader that goes away", () => {
  test.skipIf(process.platform === "win32")("ends reload and its program, without a stack trace", async () => {
    using sandbox = project();
    const { spawn } = await import("node:child_process");
    const shell = spawn("sh", ["-c", `"$0" "$1" --verbose -- node "$2" 2>&1 | head -1`, process.execPath, cli, app], {
      cwd: sandbox.directory,
      env: { ...process.env, ...environment(sandbox) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let shown = "";
    shell.stdout.on("data", (chunk) => {
      shown += chunk;
    });
    const end = new Promise<void>((resolve) => shell.once("close", () => resolve()));
    // Something to say, until somebody hears that nobody hears.
    let content = 0;
    const writing = setInterval(() => {
      content += 1;
      sandbox.write("a.txt", String(content));
    }, 50);
    await end;
    clearInterval(writing);
    expect(shown.split("\n")).toHaveLength(2);
    await until("nobody left", () => processesWith(`TERMINAL_MARK=${sandbox.directory}`).length === 0);
  });
});
