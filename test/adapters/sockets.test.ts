import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { handing, whereToExec } from "../../src/adapters/sockets/handing.ts";
import { type OpenSocket, openSockets, type SocketAddress } from "../../src/adapters/sockets/sockets.ts";
import type { Command } from "../../src/core/command.ts";
import { needs } from "../rig/needs.ts";
import { until } from "../rig/until.ts";

const directory = mkdtempSync(join(tmpdir(), "reload-sockets-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const closeAll = (sockets: readonly OpenSocket[]): void => {
  for (const socket of sockets) socket.close();
};

async function opened(addresses: readonly SocketAddress[]): Promise<readonly OpenSocket[] & Disposable> {
  const result = await openSockets(addresses);
  if (!result.ok) throw new Error(result.message);
  return Object.assign([...result.sockets], { [Symbol.dispose]: () => closeAll(result.sockets) });
}

/** Starts a command with the sockets as a run gets them. */
function start(command: Command, sockets: readonly OpenSocket[], env: NodeJS.ProcessEnv = {}) {
  const handed = handing(command, sockets);
  const [file, ...args] = typeof handed.command === "string" ? ["/bin/sh", "-c", handed.command] : handed.command;
  const child = spawn(file ?? "", args, {
    stdio: ["ignore", "pipe", "inherit", ...handed.descriptors],
    env: { ...process.env, ...env, ...handed.env },
    detached: true,
  });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    text: () => text,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.pid !== undefined && child.exitCode === null) {
        process.kill(-child.pid, "SIGKILL");
        await ended;
      }
    },
  };
}

/** One byte there and back over a connection that may have to wait. */
function ask(at: { port: number } | { path: string }): { readonly answer: Promise<string>; readonly socket: Socket } {
  const socket = connect({ host: "127.0.0.1", ...at });
  const answer = new Promise<string>((resolve, reject) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
  return { answer, socket };
}

const server = join(directory, "server.cjs");
writeFileSync(
  server,
  `const net = require("node:net");
for (let fd = 3; fd < 3 + Number(process.env.LISTEN_FDS); fd += 1)
  net.createServer((socket) => socket.end(process.argv[2] + " " + fd + " " + (process.env.LISTEN_PID === String(process.pid)) + " " + process.env.LISTEN_FDNAMES)).listen({ fd });`,
);

describe("sockets that outlive the runs", () => {
  test("a connection that comes while nothing runs waits, and one run after the other answers", async () => {
    const port = await freePort();
    using sockets = await opened([{ is: "port", host: "127.0.0.1", port }]);
    for (const run of ["first", "second", "third"]) {
      const early = ask({ port });
      await new Promise((resolve) => early.socket.once("connect", resolve));
      await using _ = start(["node", server, run], sockets);
      expect(await early.answer).toBe(`${run} 3 true ${port}`);
      expect(await ask({ port }).answer).toContain(run);
    }
  });

  test("several, with a path among them, arrive in order and by name", async () => {
    const port = await freePort();
    const path = join(directory, "app.sock");
    using sockets = await opened([
      { is: "port", host: "127.0.0.1", port },
      { is: "path", path },
    ]);
    await using _ = start(["node", server, "both"], sockets);
    expect(await ask({ path }).answer).toBe(`both 4 true ${port}:app.sock`);
    expect(await ask({ port }).answer).toBe(`both 3 true ${port}:app.sock`);
    closeAll(sockets);
    expect(existsSync(path)).toBe(false);
  });

  test("a socket file that was left behind is taken, one that is in use is not", async () => {
    const path = join(directory, "stale.sock");
    const left = spawn("node", [
      "-e",
      `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`,
    ]);
    await new Promise((resolve) => left.once("exit", resolve));
    expect(existsSync(path)).toBe(true);
    using sockets = await opened([{ is: "path", path }]);
    expect(sockets.map(({ name }) => name)).toEqual(["stale.sock"]);
    expect(await openSockets([{ is: "path", path }])).toMatchObject({ ok: false, code: "EADDRINUSE" });
    expect(existsSync(path)).toBe(true);
    const file = join(directory, "file");
    writeFileSync(file, "kept");
    expect(await openSockets([{ is: "path", path: file }])).toMatchObject({
      ok: false,
      code: "EADDRINUSE",
      message: `${file}: something else lies there`,
    });
    expect(existsSync(file)).toBe(true);
  });

  test("a port that somebody has, an address that is not ours, and a directory that is not there are told", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const taken = await openSockets([{ is: "port", host: "127.0.0.1", port }]);
    expect(taken).toMatchObject({
      ok: false,
      at: 0,
      code: "EADDRINUSE",
      message: `127.0.0.1:${port}: somebody else listens there`,
    });
    await new Promise((resolve) => other.close(resolve));
    // It was bound and let go: the next one may have it.
    using again = await opened([{ is: "port", host: "127.0.0.1", port }]);
    expect(again).toHaveLength(1);
    expect(await openSockets([{ is: "port", host: "203.0.113.1", port: 0 }])).toMatchObject({
      ok: false,
      code: "EADDRNOTAVAIL",
    });
    expect(await openSockets([{ is: "path", path: join(directory, "none", "x") }])).toMatchObject({
      ok: false,
      code: "ENOENT",
    });
    const long = join(directory, "x".repeat(108));
    expect(await openSockets([{ is: "path", path: long }])).toMatchObject({ ok: false, code: "ENAMETOOLONG" });
    expect(readdirSync(directory).filter((name) => name.startsWith("xx"))).toEqual([]);
  });

  test.skipIf(!needs("python3"))("Python accepts on them", async () => {
    const port = await freePort();
    using sockets = await opened([{ is: "port", host: "127.0.0.1", port }]);
    const script = `import socket,os
s=socket.socket(fileno=3); s.setblocking(True)
while True:
    c,_=s.accept(); c.sendall(str(os.environ["LISTEN_PID"]==str(os.getpid())).encode()); c.close()`;
    const early = ask({ port });
    await using _ = start(`exec_me=1 python3 -c '${script}'`, sockets);
    expect(await early.answer).toBe("True");
  });
});

describe("LISTEN_PID names the program", () => {
  test.each([
    ["node server.js", "node server.js"],
    ["  A=1 B='x y' node server.js --x > log 2>&1", "node server.js --x > log 2>&1"],
    ["uvicorn main:app --fd 3", "uvicorn main:app --fd 3"],
    ["'my program' \"a;b\" 'c|d'", "'my program' \"a;b\" 'c|d'"],
    ["$HOME/bin/app $PORT", "$HOME/bin/app $PORT"],
  ])("%s is run by exec", (line, rest) => {
    const at = whereToExec(line);
    expect(at === undefined ? undefined : line.slice(at)).toBe(rest);
  });

  test.each([
    "a && b",
    "a | b",
    "a; b",
    "(a)",
    "cd x",
    "a $(b)",
    "a `b`",
    "A=1",
    "if x",
    "a &",
    "> x",
    "",
    "a 'b",
    "# a",
    "exec a",
  ])("%s is left to the shell", (line) => expect(whereToExec(line)).toBeUndefined());

  test("an array, a string and a string with operators", async () => {
    const path = join(directory, "pid.sock");
    using sockets = await opened([{ is: "path", path }]);
    for (const [command, isFit] of [
      [["node", server, "x"], true],
      [`node ${server} x`, true],
      [`true && node ${server} x`, false],
    ] as const) {
      await using _ = start(command, sockets);
      expect(await ask({ path }).answer).toBe(`x 3 ${isFit} pid.sock`);
    }
    await using seen = start(`true && printenv LISTEN_PID || echo unset $LISTEN_FDS`, sockets);
    await until("what it printed", () => seen.text().trim() === "unset 1", seen.text);
  });
});
