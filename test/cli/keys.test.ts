import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { app, startNumber, starts } from "../rig/log.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { commandLine, processesWith, reloadOnce } from "../rig/reload.ts";
import { cli, type Terminal, terminal } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";

const hasPython = process.platform !== "win32" && needs("python3");

const project = (config = ""): Project =>
  newProject({ ".reload.toml": `[watch]\ninclude_files = [".txt"]\n${config}`, "a.txt": "1" });

const reloadIn = (
  project: Project,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Terminal> =>
  terminal([process.execPath, cli, ...args, "--", "node", app], {
    cwd: project.directory,
    env: { LOG: project.path("app.log"), XDG_RUNTIME_DIR: project.directory, ...env },
  });

/** Until then what is typed is echoed, as everywhere. */
const readsKeys = async (screen: Terminal): Promise<void> => {
  await until("keys are read singly", async () => {
    const { echo, canonical, signals } = await screen.modes();
    return !echo && !canonical && signals;
  });
};

describe.runIf(hasPython)("keys", () => {
  test("r restarts, with Enter or without, as nodemon's rs does", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    for (const [index, keys] of ["r", "r\r", "rs\r"].entries()) {
      screen.type(keys);
      await startNumber(sandbox, index + 2, () => screen.screen);
    }
    screen.type("q");
    expect(await screen.ended()).toBe(0);
    expect(starts(sandbox)).toHaveLength(4);
  });

  test("b builds and restarts", async () => {
    using sandbox = project('[build]\ncmd = "echo built >>built"\n');
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    screen.type("b");
    await startNumber(sandbox, 2, () => screen.screen);
    expect(sandbox.read("built")).toBe("built\nbuilt\n");
    screen.type("r");
    await startNumber(sandbox, 3, () => screen.screen);
    expect(sandbox.read("built")).toBe("built\nbuilt\n");
  });

  test("o opens the address of each proxy, and names them where nothing can show them", async () => {
    using project = newProject({
      ".reload.toml": ["api", "web"]
        .map((name) => `[service.${name}]\nproc.cmd = "sleep 1000"\nready.exec = "true"\nproxy.target = "auto"\n`)
        .join(""),
      "bin/xdg-open": '#!/bin/sh\necho "$1" >>opened\n',
    });
    chmodSync(project.path("bin/xdg-open"), 0o755);
    const screens = { PATH: `${project.path("bin")}:${process.env["PATH"]}`, DISPLAY: ":9" };
    for (const env of [screens, { DISPLAY: "", WAYLAND_DISPLAY: "" }]) {
      await using screen = await terminal([process.execPath, cli], {
        cwd: project.directory,
        env: { XDG_RUNTIME_DIR: project.directory, ...env },
      });
      await readsKeys(screen);
      const opened = (): string[] => [...screen.screen.matchAll(/(?:api|web): open http:\S+/g)].map(([line]) => line);
      await until("both addresses", () => opened().length === 2);
      screen.type("o");
      if (env === screens)
        await until("both in the browser", () =>
          opened().every((line) => project.read("opened").includes(`${line.split(" ").at(-1)}\n`)),
        );
      else await until("both are named again", () => opened().length === 4 && new Set(opened()).size === 2);
      screen.type("q");
      expect(await screen.ended()).toBe(0);
    }
  });

  test("Ctrl-C stays a signal, and the terminal is as it was afterwards", async () => {
    using sandbox = project();
    await using screen = await terminal(["sh", "-i"], {
      cwd: sandbox.directory,
      env: { LOG: sandbox.path("app.log"), XDG_RUNTIME_DIR: sandbox.directory },
    });
    screen.type(`${process.execPath} ${cli} -- node ${app}; echo code-$?\r`);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    screen.type("\u0003");
    await screen.shows(/code-130/);
    expect(await screen.modes()).toEqual({ echo: true, canonical: true, signals: true });
  });

  test("r while something is being stopped kills it", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox, ["--proc.stop_timeout", "10m"], { TRAP: "ignore" });
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    sandbox.write("a.txt", "2");
    await screen.shows(/waiting for pid \d+ \(SIGTERM, .*left; r kills now\)/);
    screen.type("r");
    await startNumber(sandbox, 2, () => screen.screen);
    expect(starts(sandbox)).toHaveLength(2);
  });

  test("p collects changes, and p again acts on all of them at once", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    screen.type("p");
    await screen.shows(/paused: changes are collected/);
    sandbox.write("a.txt", "2");
    sandbox.write("b.txt", "2");
    screen.type("p");
    await screen.shows(/no longer paused/);
    const { changed } = await startNumber(sandbox, 2, () => screen.screen);
    expect(changed).toBe("a.txt\nb.txt");
    expect(starts(sandbox)).toHaveLength(2);
  });

  test("what p has paused is paused for as long as reload pause says, which the terminal shows as well", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    const talk = (...args: string[]) => reloadOnce(args, { cwd: sandbox.directory });
    await until("somebody to talk to", async () => (await talk("status")).code === 0);
    screen.type("p");
    await screen.shows(/paused: changes are collected until p or reload resume acts on them, 5m00s at most/);
    expect((await talk("pause", "--for", "1s")).code).toBe(0);
    await screen.shows(/paused by reload pause: .*1\.0s at most/);
    sandbox.write("a.txt", "2");
    await screen.shows(/no longer paused/);
    await startNumber(sandbox, 2, () => screen.screen);
    await talk("pause", "--for", "500h");
    await screen.shows(/500h00m at most/);
    sandbox.write("a.txt", "3");
    expect((await talk("status")).stdout).toContain("paused");
    screen.type("p");
    await screen.shows(/no longer paused[\s\S]*no longer paused/);
    await startNumber(sandbox, 3, () => screen.screen);
  });

  test("? explains them, e shows the last error again, c clears the screen", async () => {
    using sandbox = project('[build]\ncmd = "test ! -e broken"\n');
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    screen.type("?");
    await screen.shows(/r +restart[\s\S]*q +quit/);
    screen.type("e");
    await screen.shows(/nothing has failed so far/);
    sandbox.write("broken", "");
    sandbox.write("a.txt", "2");
    await screen.shows(/build failed/);
    screen.type("e");
    await screen.shows(/build failed[\s\S]*build failed/);
    screen.type("c");
    await screen.shows(/\u001b\[2J/);
  });

  test("what is pasted means nothing, whatever is in it", async () => {
    using sandbox = project();
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    await readsKeys(screen);
    screen.type("qrb\rrs q\r\u001b[A\u001b[200~q\u001b[201~\u0000\u00ff".repeat(200));
    await until("it is read", () => true);
    sandbox.write("a.txt", "2");
    await startNumber(sandbox, 2, () => screen.screen);
    screen.type("?");
    await screen.shows(/q +quit/);
    expect(starts(sandbox)).toHaveLength(2);
  });

  test.each([
    ["with keys = false", "[ui]\nkeys = false\n"],
    ["where the program reads from the terminal", "[proc]\nstdin = true\n"],
  ])("mean nothing %s", async (_, config) => {
    using sandbox = project(config);
    await using screen = await reloadIn(sandbox);
    await startNumber(sandbox, 1, () => screen.screen);
    screen.type("q\rr\r");
    sandbox.write("a.txt", "2");
    await startNumber(sandbox, 2, () => screen.screen);
    expect(await screen.modes()).toEqual({ echo: true, canonical: true, signals: true });
    expect(starts(sandbox)).toHaveLength(2);
    screen.type("\u0003");
    expect(await screen.ended()).toBe(130);
  });

  test.runIf(process.platform === "linux" && needs("bash"))(
    "do not stop a job in the background, and work once it is in the foreground",
    async () => {
      using sandbox = project();
      await using screen = await terminal(["bash", "--norc", "-i"], {
        cwd: sandbox.directory,
        env: { LOG: sandbox.path("app.log"), XDG_RUNTIME_DIR: sandbox.directory, PS1: "$ " },
      });
      screen.type(`${process.execPath} ${cli} -- node ${app} &\r`);
      await startNumber(sandbox, 1, () => screen.screen);
      screen.type("\r");
      sandbox.write("a.txt", "2");
      await startNumber(sandbox, 2, () => screen.screen);
      screen.type("jobs\r");
      await screen.shows(/Running/);
      screen.type("fg\r");
      await screen.shows(/fg[\s\S]*app\.mjs/);
      await readsKeys(screen);
      screen.type("r");
      await startNumber(sandbox, 3, () => screen.screen);
      screen.type("\u001a");
      await screen.shows(/Stopped/);
      expect(await screen.modes()).toMatchObject({ signals: true });
      screen.type("fg\r");
      // The shell's own prompt looks the same.
      sandbox.write("a.txt", "3");
      await startNumber(sandbox, 4, () => screen.screen);
      await readsKeys(screen);
      screen.type("q");
      // What is typed before its end is still for its keys.
      const isReload = (pid: number): boolean => commandLine(pid)?.includes(`${cli} --`) === true;
      await until("it has ended", () => !processesWith(sandbox.path("app.log")).some(isReload));
      screen.type("echo ended-$?\r");
      await screen.shows(/ended-0/);
      screen.type("exit\r");
      await screen.ended();
    },
  );
});
