import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { faulty, plant } from "../rig/faults.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, processesWith, reloadOnce } from "../rig/reload.ts";
import { cli, terminal } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

const config = `[build]
cmd = "echo building; ! grep BAD main.txt"
[proc]
cmd = "echo run $RELOAD_RUN says hello; echo and more >&2; exec sleep 1000"
[watch]
include_files = [".txt"]
`;

/** A project whose `reload` in the background is ended with the test. */
function project(text = config): Project & AsyncDisposable {
  const own = newProject({ ".reload.toml": text, "main.txt": "1" });
  return {
    ...own,
    async [Symbol.asyncDispose]() {
      await ask(own.directory, "stop");
      own[Symbol.dispose]();
    },
  };
}

test("it returns when it is ready, stays, and builds the next save", async () => {
  await using own = project();
  const begun = await ask(own.directory, "--background");
  expect(begun).toMatchObject({ code: 0, stderr: "" });
  expect(begun.stdout).toMatch(/^ready: run 1 · build \d+ms, ready \d+ms\npid \d+ stays in the background: /);
  expect((await ask(own.directory, "status")).stdout).toContain("in the background");
  own.write("main.txt", "2");
  expect((await ask(own.directory, "wait")).stdout).toMatch(/^ready: run 2/);
  const { stdout } = await ask(own.directory, "stop");
  expect(stdout).toBe("stopped\n");
  expect((await ask(own.directory, "status")).code).toBe(2);
});

test("a build that fails is 1 with what it printed; it stays, and the mended save runs", async () => {
  await using own = project();
  own.write("main.txt", "BAD line");
  const begun = await ask(own.directory, "--background");
  expect(begun.code).toBe(1);
  expect(begun.stdout).toContain("BAD line");
  own.write("main.txt", "fine");
  expect((await ask(own.directory, "wait")).code).toBe(0);
});

test("a run that is late is 3, and it stays", async () => {
  await using own = project(`${config}[ready]\nlog = "never"\ntimeout = "100ms"\n`);
  const begun = await ask(own.directory, "--background");
  expect(begun.code).toBe(3);
  expect((await ask(own.directory, "status")).code).toBe(0);
});

test("what is wrong before anything starts is said, with 2, and nothing stays", async () => {
  await using own = project("[wach]\n");
  const begun = await ask(own.directory, "--background");
  expect(begun).toMatchObject({ code: 2, stdout: "" });
  expect(begun.stderr).toContain(".reload.toml:1:2");
  expect((await ask(own.directory, "status")).code).toBe(2);
  expect((await ask(own.directory, "--background", "--once")).code).toBe(2);
});

test("a COMMAND that does not exist has its code, and nothing stays", async () => {
  using own = newProject({ "main.txt": "1" });
  for (let round = 1; round <= 5; round += 1) {
    const begun = await ask(own.directory, "--background", "--", "no-such-program");
    expect(begun).toMatchObject({ code: 127, stderr: expect.stringContaining("no-such-program: no such command") });
    expect(begun.stdout).not.toContain("stays in the background");
    expect((await ask(own.directory, "status")).code).toBe(2);
  }
});

test("a program that takes everything with it is told with what it printed, and nothing stays", async () => {
  await using own = project(config.replace('sleep 1000"', 'sh -c \'echo why >&2; exit 5\'"\non_exit = "quit"'));
  const begun = await ask(own.directory, "--background");
  expect(begun).toMatchObject({
    code: 5,
    stdout: expect.stringMatching(/^failed: run · run 1 ended \(code 5\)\n[\s\S]*why\n$/),
  });
  expect(begun.stderr).toBe("error: it has ended with 5 before it was ready\n");
  expect((await ask(own.directory, "status")).code).toBe(2);
});

test("what is odd about the configuration is said by the one that returns", async () => {
  await using own = project();
  const begun = await reloadOnce(["--background"], {
    cwd: own.directory,
    env: { RELOAD_BUILD_CMDD: "x", TMPDIR: "/no/such/directory" },
  });
  expect(begun).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ready: run 1/) });
  expect(begun.stderr).toMatch(/^RELOAD_BUILD_CMDD: warning: .*\n {2}did you mean RELOAD_BUILD_CMD\?\n$/);
  // Node makes it for what it has compiled.
  expect(existsSync("/no")).toBe(false);
});

describe("where nobody could talk to it", () => {
  const uid = process.getuid?.() ?? 0;
  test.each([
    [
      "no directory is to be had",
      ["mkdirSync", `/reload-${uid}`],
      ["mkdirSync", "/.reload"],
      /^error: one that stays could not be talked to: .*reload-/,
    ],
    [
      "its socket cannot be opened",
      ["listen", ".sock"],
      ["listen", ".sock"],
      /^warning: it cannot be talked to: permission denied\n$/,
    ],
  ] as const)("because %s it says so, with 2, and nothing stays", async (_, first, second, said) => {
    await using own = project();
    plant(
      own,
      [first, second].map(([call, path]) => ({ call, path, code: "EACCES" })),
    );
    const { program, env } = faulty(own);
    const begun = await reloadOnce(["--background"], {
      cwd: own.directory,
      env,
      ...(program === undefined ? {} : { program }),
    });
    expect(begun).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(said) });
    expect(processesWith(own.directory)).toEqual([]);
  });
});

test("Ctrl-C while it waits ends the waiting: it says that what was started stays", async () => {
  await using own = project(config.replace("echo building;", "until test -f go; do sleep 0.05; done;"));
  await using shell = await terminal(["node", cli, "--background"], { cwd: own.directory });
  await until("it builds", async () => /building/.test((await ask(own.directory, "status")).stdout));
  shell.type("\u0003");
  await shell.shows(/pid \d+ stays in the background/);
  expect(await shell.ended()).toBe(130);
  own.write("go", "");
  expect((await ask(own.directory, "wait")).stdout).toMatch(/^ready: run 1/);
});

test("a program that is being stopped by hand is waited for by nobody: what has failed is told at once, and the rest stays", async () => {
  await using own = project(`[service.slow.proc]
cmd = "trap '' TERM; exec sleep 1000"
stop_timeout = "100s"
[service.broken.build]
cmd = "until test -f gone; do sleep 0.05; done; exit 1"
[service.broken.proc]
cmd = "exec sleep 1000"
`);
  const beginning = ask(own.directory, "--background");
  const slow = async (): Promise<{ state: string; pid: number } | undefined> => {
    const { code, stdout } = await ask(own.directory, "status", "--json");
    if (code !== 0) return undefined;
    return (JSON.parse(stdout) as { services: { name: string; state: string; pid: number }[] }).services[0];
  };
  const state = await until("it runs", async () => {
    const found = await slow();
    return found?.state === "ready" ? found : undefined;
  });
  const stopping = ask(own.directory, "stop", "slow");
  await until("it is being stopped", async () => (await slow())?.state === "stopping");
  own.write("gone", "");
  const begun = await beginning;
  expect(begun.code).toBe(1);
  expect(begun.stdout).toMatch(/^broken: failed: build .*\npid \d+ stays in the background/);
  expect((await slow())?.state).toBe("stopping");
  process.kill(state.pid, "SIGKILL");
  expect((await stopping).code).toBe(0);
  // What was stopped by hand is as it was meant to be.
  expect(await ask(own.directory, "--background")).toMatchObject({ code: 1 });
  expect(await ask(own.directory, "stop", "broken")).toMatchObject({ code: 0 });
  expect(await ask(own.directory, "--background")).toMatchObject({ code: 0 });
});

test("a second one waits for the one that is there", async () => {
  await using own = project();
  const [first, second] = [await ask(own.directory, "--background"), await ask(own.directory, "--background")];
  expect(second.code).toBe(0);
  const pid = (text: string): string | undefined => /pid (\d+)/.exec(text)?.[1];
  expect(pid((await ask(own.directory, "status")).stdout)).toBe(pid(first.stdout));
  own.write("main.txt", "BAD");
  expect((await ask(own.directory, "--background")).code).toBe(1);
});

test("of several that begin at the same moment one stays, and all wait for it", async () => {
  await using own = project();
  const begun = await Promise.all([1, 2, 3].map(() => ask(own.directory, "--background")));
  for (const one of begun) expect(one).toMatchObject({ code: 0, stderr: "" });
  for (const { stdout } of begun) expect(stdout).toMatch(/^ready: run 1/);
  expect(begun.filter(({ stdout }) => stdout.includes("stays in the background"))).toHaveLength(1);
});

test("it lives on when the terminal closes that it was started from", async () => {
  await using own = project();
  await using shell = await terminal(["node", cli, "--background"], { cwd: own.directory });
  const [, pid] = await shell.shows(/pid (\d+) stays/);
  expect(await shell.ended()).toBe(0);
  shell.hangUp();
  expect(isAlive(Number(pid))).toBe(true);
  expect((await ask(own.directory, "wait")).code).toBe(0);
});

test("logs shows the current run, an earlier one, builds, and what comes", async () => {
  await using own = project();
  await ask(own.directory, "--background");
  const first = await ask(own.directory, "logs");
  expect(first).toMatchObject({ code: 0, stdout: "run 1 says hello\nand more\n" });
  own.write("main.txt", "2");
  await ask(own.directory, "wait");
  expect((await ask(own.directory, "logs")).stdout).toBe("run 2 says hello\nand more\n");
  expect((await ask(own.directory, "logs", "--run", "1", "-n", "1")).stdout).toBe("and more\n");
  expect((await ask(own.directory, "logs", "--build")).stdout).toBe("building\nbuilding\n");
  const line = JSON.parse((await ask(own.directory, "logs", "--json", "-n", "1")).stdout) as unknown;
  expect(line).toMatchObject({ job: "run/2", text: expect.any(String) as string, at: expect.any(Number) as number });
  await using following = await terminal(["node", cli, "logs", "-f"], { cwd: own.directory });
  await following.shows(/run 2 says hello/);
  own.write("main.txt", "3");
  await following.shows(/run 3 says hello/);
  following.type("\u0003");
  expect(await following.ended()).toBe(130);
  expect((await ask(own.directory, "logs", "-n", "x")).code).toBe(2);
});

test("in a terminal what runs print passes through unread, unless [log] keep says so; builds are kept", async () => {
  await using own = project();
  await using program = await terminal(["node", cli], { cwd: own.directory });
  await program.shows(/run 1 says hello/);
  await until("somebody to talk to", async () => (await ask(own.directory, "status")).code === 0);
  const unread = await ask(own.directory, "logs");
  expect(unread.code).toBe(2);
  expect(unread.stderr).toContain("[log] keep = true");
  expect((await ask(own.directory, "logs", "--build")).stdout).toBe("building\n");
  // Of one that ends by itself nobody else can say more than how.
  own.write(".reload.toml", config.replace("exec sleep 1000", "exit 3"));
  expect(await ask(own.directory, "wait")).toMatchObject({
    code: 1,
    stdout: "failed: run · run 2 ended (code 3)\nwhat it printed passed through unread; [log] keep = true keeps it\n",
  });
  own.write(".reload.toml", `${config}[log]\nkeep = true\n`);
  await ask(own.directory, "wait");
  await program.shows(/run 3 says hello/);
  expect((await ask(own.directory, "logs")).stdout).toContain("run 3 says hello");
});

test("nothing of it is left in the runtime directory", async () => {
  await using own = project();
  const begun = await ask(own.directory, "--background");
  const pid = Number(/pid (\d+)/.exec(begun.stdout)?.[1]);
  const state = `/tmp/reload-${process.getuid?.()}`;
  const before = readdirSync(state).filter((name) => name.endsWith(".sock"));
  await ask(own.directory, "stop");
  await until("its end", () => !isAlive(pid));
  const after = readdirSync(state);
  const gone = before.filter((name) => !after.includes(name));
  expect(gone.length).toBeGreaterThan(0);
  for (const socket of gone) {
    const session = socket.replace(/\.sock$/, "");
    expect(after.filter((name) => name.startsWith(session))).toEqual([]);
  }
});
