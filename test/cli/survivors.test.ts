/** Nothing of a run is left behind, and nothing else is ever touched. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import { createServer as createHttpServer, get } from "node:http";
import { connect, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { app, startNumber, starts } from "../rig/log.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, processesWith, type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const isLinux = process.platform === "linux";
const hasSetsid = isLinux && needs("setsid");

const say = `echo "{\\"is\\":\\"start\\",\\"pid\\":$$}" >> "$LOG"`;

interface Setting {
  readonly config?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A project whose program is a shell script that says when it starts. */
function project({ config = "", command = "exec sleep 1000" }: Setting): Project {
  const cmd = JSON.stringify(`${say}; ${command}`);
  return newProject({
    ".reload.toml": `[watch]\ninclude_files = [".txt"]\n${config}\n[proc]\ncmd = ${cmd}\n`,
    "a.txt": "0",
  });
}

function run(project: Project, { args = [], env = {} }: Setting = {}): Reload {
  return reload(["--verbose", ...args], {
    cwd: project.directory,
    env: { LOG: project.path("app.log"), SURVIVOR_MARK: project.directory, XDG_RUNTIME_DIR: project.directory, ...env },
  });
}

/** Everything of `reload`'s, itself aside. */
const children = (project: Project, program: Reload): number[] =>
  processesWith(`SURVIVOR_MARK=${project.directory}`).filter((pid) => pid !== program.pid);

describe.runIf(hasSetsid)("after three restarts and at the end nothing is left", () => {
  const shapes: [string, string][] = [
    ["of a child in a session of its own", "setsid sleep 1000 & sleep 1001; true"],
    ["of a daemon, in a session of its own and reparented", "(setsid sleep 1000 &); sleep 1001; true"],
    [
      "of a daemon that ignores the signal and has children",
      `(setsid sh -c 'trap "" TERM; sleep 1000 & sleep 1001; true' &); exec sleep 1002`,
    ],
    ["of a program that is stopped", "sleep 1000 & kill -STOP $! $$; wait"],
  ];
  test.each(shapes)("%s", async (_, command) => {
    using sandbox = project({ command });
    await using program = run(sandbox);
    await startNumber(sandbox, 1, program.seen);
    await program.says(/watching \d/);
    for (let restart = 1; restart <= 3; restart += 1) {
      const before = await until("all of it", () =>
        children(sandbox, program).length >= 2 ? children(sandbox, program) : undefined,
      );
      sandbox.write("a.txt", String(restart));
      await startNumber(sandbox, 1 + restart, program.seen);
      expect(before.filter(isAlive)).toEqual([]);
    }
    expect((await program.stop()).code).toBe(143);
    expect(children(sandbox, program)).toEqual([]);
  });

  test("with no ps, no pgrep and no kill on the PATH", async () => {
    using sandbox = project({ command: "(setsid sleep 1000 &) ; sleep 1001 & sleep 1002; true" });
    for (const tool of ["sh", "sleep", "setsid"]) symlinkSync(`/bin/${tool}`, sandbox.path(tool));
    await using program = run(sandbox, { env: { PATH: sandbox.directory } });
    await startNumber(sandbox, 1, program.seen);
    await program.says(/watching \d/);
    const before = await until("all of it", () =>
      children(sandbox, program).length >= 4 ? children(sandbox, program) : undefined,
    );
    sandbox.write("a.txt", "1");
    await startNumber(sandbox, 2, program.seen);
    expect(before.filter(isAlive)).toEqual([]);
    expect((await program.stop()).code).toBe(143);
    expect(children(sandbox, program)).toEqual([]);
    expect(program.stderr).not.toMatch(/ENOENT|\n {4}at /);
  });

  test("of a server, so that its port is free for the next one", async () => {
    const port = await freePort();
    const server = `require("net").createServer().listen(${port}, "127.0.0.1").on("error", (e) => { console.error("IN USE"); process.exit(1) })`;
    using sandbox = project({ command: `${process.execPath} -e '${server}'; true`, config: `[ready]\ntcp = ${port}` });
    await using program = run(sandbox);
    for (let restart = 1; restart <= 3; restart += 1) {
      await startNumber(sandbox, restart, program.seen);
      await until("it answers", () => answers(port), program.seen);
      await program.says(/watching \d/);
      sandbox.write("a.txt", String(restart));
    }
    await startNumber(sandbox, 4, program.seen);
    expect(program.stderr).not.toContain("IN USE");
    expect(program.stderr).not.toContain("is taken by");
  });
});

describe("what a build started on purpose", () => {
  test.runIf(hasSetsid)("lives on, through ten restarts and the end", async () => {
    using sandbox = project({
      config: `[build]\ncmd = "[ -e server ] || { setsid sleep 1000 >/dev/null 2>&1 & echo $! > server; }"`,
    });
    await using program = run(sandbox);
    await startNumber(sandbox, 1, program.seen);
    await program.says(/watching \d/);
    const server = Number(sandbox.read("server"));
    for (let restart = 1; restart <= 10; restart += 1) {
      sandbox.write("a.txt", String(restart));
      await startNumber(sandbox, 1 + restart, program.seen);
    }
    await program.stop();
    expect(isAlive(server)).toBe(true);
    process.kill(server, "SIGKILL");
  });
});

describe.runIf(isLinux)("after kill -9 of reload", () => {
  const tree = hasSetsid ? "(setsid sleep 1000 &); sleep 1001 & sleep 1002; true" : "sleep 1001 & sleep 1002; true";

  // From before the first start until long after it, in a build as well as in a stop.
  const offsets = Array.from({ length: 12 }, (_, index) => index * 23);
  test.each(offsets)(
    "in the middle of a restart, %i ms after the save, nothing is alive two seconds later",
    async (ms) => {
      using sandbox = project({
        command: `trap 'sleep 0.06; exit' TERM; ${tree}`,
        config: '[build]\ncmd = "sleep 0.05; true"\n',
      });
      await using program = run(sandbox);
      await startNumber(sandbox, 1, program.seen);
      await program.says(/watching \d/);
      sandbox.write("a.txt", "1");
      await new Promise((resolve) => setTimeout(resolve, ms));
      program.signal("SIGKILL");
      await program.ended;
      await until("nobody", () => children(sandbox, program).length === 0, program.seen, 2_000);
    },
  );

  test("the next one starts as if nothing had been, and a second one beside it is refused with its pid", async () => {
    using sandbox = project({ command: tree });
    await using first = run(sandbox);
    await startNumber(sandbox, 1, first.seen);
    first.signal("SIGKILL");
    await first.ended;
    await using next = run(sandbox);
    await startNumber(sandbox, 2, next.seen);
    await using second = run(sandbox);
    expect((await second.ended).code).toBe(2);
    expect(second.stderr).toContain(`(pid ${next.pid})`);
    await next.stop();
    expect(children(sandbox, next)).toEqual([]);
  });

  test("and of its guardian the next one ends what is left, and nobody else", async () => {
    using sandbox = project({ command: tree });
    const stranger = spawn("sleep", ["1000"], { stdio: "ignore", env: { RELOAD_SESSION: "somebody-else-run1." } });
    await using first = run(sandbox);
    await startNumber(sandbox, 1, first.seen);
    const guardian = readFileSync(`/proc/${first.pid}/task/${first.pid}/children`, "utf8")
      .trim()
      .split(" ")
      .map(Number)
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("reload-guardian"));
    first.signal("SIGSTOP");
    process.kill(guardian ?? 0, "SIGKILL");
    first.signal("SIGKILL");
    await until("it is dead", () => !isAlive(first.pid));
    const left = children(sandbox, first);
    expect(left.length).toBeGreaterThan(0);
    await using next = run(sandbox);
    await startNumber(sandbox, 2, next.seen);
    expect(left.filter(isAlive)).toEqual([]);
    expect(next.stderr).toContain("sleep 100");
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
    stranger.kill("SIGKILL");
  });
});

describe.runIf(isLinux)("Ctrl-C", () => {
  // Builds, stops and starts follow each other all the time: whatever the offset, it falls into one of them.
  const offsets = Array.from({ length: 40 }, (_, index) => index * 11);
  test.concurrent.each(offsets)(
    "%i ms after a save leaves nothing alive and exits with 130",
    { timeout: 120_000 },
    async (ms) => {
      using sandbox = project({
        command: "trap 'sleep 0.05; exit' TERM; sleep 1000 & (sleep 1001 &) ; wait",
        config: '[build]\ncmd = "sleep 0.1 & sleep 0.08; true"\n',
      });
      await using program = run(sandbox);
      await startNumber(sandbox, 1, program.seen);
      sandbox.write("a.txt", "1");
      await new Promise((resolve) => setTimeout(resolve, ms));
      program.signal("SIGINT");
      expect((await program.ended).code, program.seen()).toBe(130);
      // A finished build's own are its own: the sleep that it left ends by itself.
      const left = children(sandbox, program).filter((pid) => !/sleep\x000\.1/.test(commandOf(pid)));
      expect(left.map(commandOf)).toEqual([]);
    },
  );
});

describe("a port that somebody else has", () => {
  test("is named with its holder, and waited for", async () => {
    const port = await freePort();
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
    using sandbox = project({ config: `[ready]\ntcp = ${port}` });
    await using program = run(sandbox);
    const [, pid] = await program.says(/port \d+ is taken by pid (\d+) \(/);
    expect(Number(pid)).toBe(process.pid);
    expect(starts(sandbox)).toEqual([]);
    // A change is not answered by a start against the wall either, and says it once.
    await program.says(/watching \d/);
    sandbox.write("a.txt", "1");
    await program.says(/run 2: port \d+ is taken/);
    await new Promise((resolve) => holder.close(resolve));
    await startNumber(sandbox, 1, program.seen);
    await program.stop();
    expect(starts(sandbox)).toHaveLength(1);
  });

  test("at ::1 alone is no reason not to start, and no answer of the program's", async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "::1", resolve));
    const server = `setTimeout(() => require("net").createServer().listen(${port}, "127.0.0.1", () => console.log("listens")), 300)`;
    using sandbox = project({ command: `exec ${process.execPath} -e '${server}'`, config: `[ready]\ntcp = ${port}` });
    await using program = run(sandbox);
    await program.says(/pid \d+ \(.*\) listens on port \d+ as well/);
    await program.says(/ready .* · run 1/);
    // It was not ready before it listened.
    expect(program.stdout).toContain("listens");
    await program.stop();
    await new Promise((resolve) => other.close(resolve));
  });

  test("in front of the program, as a proxy, is no reason not to start it", async () => {
    const port = await freePort();
    const proxy = createHttpServer((request, response) => {
      const asked = get({ port, path: request.url, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 500);
        answer.pipe(response);
      });
      asked.on("error", () => response.writeHead(502).end());
    });
    await new Promise<void>((resolve) => proxy.listen(0, resolve));
    const address = proxy.address();
    const front = typeof address === "object" ? address?.port : 0;
    const server = `setTimeout(() => require("http").createServer((_, response) => response.end("ok")).listen(${port}, "127.0.0.1"), 300)`;
    using sandbox = project({
      command: `exec ${process.execPath} -e '${server}'`,
      config: `[ready]\nhttp = "http://localhost:${front}/health"`,
    });
    await using program = run(sandbox);
    await program.says(/port \d+ is taken by pid \d+ .*: started all the same/);
    await program.says(/ready .* · run 1/);
    await program.stop();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });

  test("is the end of --once, with 3", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const address = holder.address();
    const port = typeof address === "object" ? address?.port : 0;
    using sandbox = project({ config: `[ready]\ntcp = ${port}` });
    await using program = run(sandbox, { args: ["--once"] });
    expect((await program.ended).code, program.seen()).toBe(3);
    expect(program.stderr).toContain(`port ${port} is taken by pid ${process.pid} (`);
    expect(starts(sandbox)).toEqual([]);
    await new Promise((resolve) => holder.close(resolve));
  });
});

describe("a program that ends by itself", () => {
  test('is started again and again with on_exit = "restart", ever later; a change restarts at once', async () => {
    using sandbox = project({ command: "exit 1" });
    await using program = run(sandbox, { args: ["--proc.on_exit", "restart"] });
    await startNumber(sandbox, 4, program.seen);
    const waits = [...program.stderr.matchAll(/restarting in ([\d.]+)(ms|s)/g)].map(
      ([, count, unit]) => Number(count) * (unit === "s" ? 1_000 : 1),
    );
    expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000]);
    await until("the fourth wait", () => program.stderr.split("restarting in").length > 4, program.seen);
    const at = performance.now();
    sandbox.write("a.txt", "1");
    await startNumber(sandbox, 5, program.seen);
    expect(performance.now() - at).toBeLessThan(3_900);
  });

  test("by SIGPIPE says so", async () => {
    using sandbox = project({ command: "kill -PIPE $$" });
    await using program = run(sandbox);
    await program.says(/SIGPIPE/);
  });
});

describe("a nested reload", () => {
  test.runIf(isLinux)("goes with the one around it, and all of its own", async () => {
    using sandbox = project({ command: "true" });
    sandbox.write("inner/.reload.toml", "");
    const { cli } = await import("../rig/terminal.ts");
    await using program = run(sandbox, { args: ["--", process.execPath, cli, "-C", "inner", "--", "node", app] });
    await startNumber(sandbox, 1, program.seen);
    await program.says(/watching \d/);
    const before = children(sandbox, program);
    sandbox.write("a.txt", "1");
    await until("another one", () => starts(sandbox).some(({ pid }) => !before.includes(pid)), program.seen);
    await until("the old ones gone", () => before.filter(isAlive).length === 0, program.seen);
    program.signal("SIGKILL");
    await program.ended;
    await until("nobody", () => children(sandbox, program).length === 0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
