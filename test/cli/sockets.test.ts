import { cpSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** A port that somebody listens on. */
async function takenPort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function freePort(): Promise<number> {
  await using taken = await takenPort();
  return taken.port;
}

/** A connection of its own, as most of those that come during a restart. */
function ask(at: { readonly port: number } | { readonly socketPath: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", agent: false, ...at }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text)).on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

/** Asks without a pause until it is stopped; tells how often it was answered, and what else came of it. */
function load(port: number) {
  let isOver = false;
  let answered = 0;
  const errors: string[] = [];
  const one = async (): Promise<void> => {
    while (!isOver) {
      await ask({ port }).then(
        () => {
          answered += 1;
        },
        (error: Error) => errors.push(error.message),
      );
    }
  };
  const all = [one(), one(), one(), one()];
  return {
    errors,
    async end(): Promise<number> {
      isOver = true;
      await Promise.all(all);
      return answered;
    },
  };
}

const server = `const http = require("node:http");
const open = [];
for (let fd = 3; fd < 3 + Number(process.env.LISTEN_FDS); fd += 1)
  open.push(http.createServer((_, response) =>
    response.end(JSON.stringify({ run: Number(process.env.RELOAD_RUN), isOurs: process.env.LISTEN_PID === String(process.pid), names: process.env.LISTEN_FDNAMES }))
  ).listen({ fd }));
// server.close() of HTTP ends what it has accepted and not read yet.
process.on("SIGTERM", () => { for (const each of open) require("node:net").Server.prototype.close.call(each); });
`;

const config = (listen: string, command = '"node server.cjs"', more = ""): string =>
  `[proc]\ncmd = ${command}\n[sockets]\nlisten = ${listen}\n[watch]\ninclude_files = [".cjs"]\n${more}`;

describe("[sockets]", () => {
  test("nothing is refused over restarts, LISTEN_PID is the program's, and a path is served and cleared away", async () => {
    const port = await freePort();
    using project = newProject({ "server.cjs": server, ".reload.toml": config(`[${port}, "./app.sock"]`) });
    await using program = reload(["--verbose"], { cwd: project.directory });
    // Before there is anybody to accept: it waits.
    await until("the port is open", () => ask({ port }).catch(() => undefined), program.seen);
    await program.says(/watching \d/);
    const busy = load(port);
    const names = `${port}:app.sock`;
    for (let run = 2; run <= 12; run += 1) {
      project.append("server.cjs", "//\n");
      await until(
        `an answer of run ${run}`,
        async () => (await ask({ port })) === JSON.stringify({ run, isOurs: true, names }),
        program.seen,
      );
    }
    expect(await busy.end()).toBeGreaterThan(0);
    expect(busy.errors).toEqual([]);
    expect(await ask({ socketPath: project.path("app.sock") })).toContain('"run":12');
    await program.stop();
    expect(project.has("app.sock")).toBe(false);
  });

  test("neither builds nor checks see a descriptor or a variable; a list is handed them as a string is", async () => {
    const port = await freePort();
    const seen = (to: string): string => `(env; ls -l /proc/self/fd) > ${to}.txt`;
    using project = newProject({
      "server.cjs": server,
      ".reload.toml": config(
        `[${port}]`,
        '["node", "server.cjs"]',
        `[build]\ncmd = "${seen("build")}"\n[ready]\nexec = "${seen("check")}"\n`,
      ),
    });
    await using program = reload([], { cwd: project.directory, env: { LISTEN_FDS: "7", LISTEN_PID: "1" } });
    await program.says(/run 1/);
    expect(await ask({ port })).toBe(JSON.stringify({ run: 1, isOurs: true, names: String(port) }));
    for (const name of ["build.txt", "check.txt"]) {
      expect(project.read(name)).toMatch(/^PATH=/m);
      expect(project.read(name)).not.toMatch(/^LISTEN_| [3-9] -> socket:/m);
    }
  });

  test("an edit opens what is new before it lets the old go; one that cannot be had is refused, and all stays", async () => {
    const [first, second] = [await freePort(), await freePort()];
    await using taken = await takenPort();
    const third = taken.port;
    using project = newProject({ "server.cjs": server, ".reload.toml": config(`[${first}]`) });
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/watching \d/);
    project.write(".reload.toml", config(`[${third}]`));
    await program.says(new RegExp(`sockets\\.listen: 127\\.0\\.0\\.1:${third}: somebody else listens there`));
    expect(await ask({ port: first })).toContain('"run":1');
    project.write(".reload.toml", config(`[${second}]`));
    await until("the second port answers", () => ask({ port: second }).catch(() => undefined), program.seen);
    await until("the first is closed", () =>
      ask({ port: first }).then(
        () => false,
        (error: Error) => error.message.includes("ECONNREFUSED"),
      ),
    );
  });

  test("what cannot be opened, and a command that hands nothing on, are errors at their place, with 2", async () => {
    await using taken = await takenPort();
    const { port } = taken;
    const package_ = JSON.stringify({ scripts: { dev: "NODE_ENV=x tsx watch src/main.ts --port 1" } });
    using project = newProject({ "package.json": package_ });
    const said = async (text: string): Promise<string> => {
      project.write(".reload.toml", text);
      const { code, stderr } = await reloadOnce([], { cwd: project.directory });
      expect(code).toBe(2);
      return stderr;
    };
    expect(await said(config(`["./x.sock", ${port}]`))).toMatch(
      /^\.reload\.toml:4:23: sockets\.listen: .*somebody else/,
    );
    expect(await said(config('["/nowhere/at/all.sock"]'))).toContain("the directory does not exist");
    expect(await said(config('["example.com:80"]'))).toContain("is not an IP address");
    expect(await said(config("[70000]"))).toContain("is not a port");
    expect(await said(config("[3000, 3000]"))).toContain("the same address twice");
    expect(await said(config("[3000]", '"npm run dev"'))).toMatch(
      /^\.reload\.toml:2:7: proc\.cmd: npm does not hand[\s\S]*cmd = "NODE_ENV=x node --import tsx src\/main\.ts --port 1"/,
    );
    expect(await said(config("[3000]", '["npx", "tsx", "a.ts"]'))).toContain('cmd = "node --import tsx a.ts"');
    expect(await said(config("[3000]", '"next start"'))).toContain("give the program itself");
    expect(await said(config("[3000]", '"node a.js"', "[ready]\ntcp = 3000\n"))).toMatch(/:8:7: ready\.tcp: port 3000/);
  });

  const examples = (name: string): Project => {
    const project = newProject();
    cpSync(fileURLToPath(new URL("../../examples/sockets", import.meta.url)), project.directory, { recursive: true });
    project.write("touched.txt", name);
    return project;
  };

  test.each([
    { name: "Node", tool: "node", words: ["node", "server.js"], build: [] },
    { name: "Python", tool: "python3", words: ["python3", "server.py"], build: [] },
    { name: "Go", tool: "go", words: ["./tmp/app"], build: ["--build.cmd", "go build -o tmp/app ."] },
  ])("examples/sockets: nothing is refused over restarts of $name", { timeout: 120_000 }, async (server) => {
    if (!needs(server.tool)) return;
    const port = await freePort();
    using project = examples(server.name);
    await using program = reload(
      ["--verbose", "-w", "touched.txt", "--sockets.listen", `[${port}]`, ...server.build, "--", ...server.words],
      { cwd: project.directory, env: { GOTOOLCHAIN: "local", GOFLAGS: "-mod=mod" } },
    );
    await until("an answer", () => ask({ port }).catch(() => undefined), program.seen, 100_000);
    await program.says(/watching \d/);
    const busy = load(port);
    for (let run = 2; run <= 5; run += 1) {
      project.write("touched.txt", String(run));
      await program.says(new RegExp(`run ${run}\\b`));
      expect(await ask({ port })).toBe(`Hello from ${server.name}\n`);
    }
    expect(await busy.end()).toBeGreaterThan(0);
    // On a busy machine Go drops what it has accepted a moment before it shuts down; the kernel refuses nobody.
    const dropped = server.name === "Go" ? "socket hang up" : "";
    expect(busy.errors.filter((error) => error !== dropped)).toEqual([]);
  });
});
