import { spawn } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { holderOf, isFree, untilFree } from "../../src/adapters/port.ts";
import { until } from "../rig/until.ts";
import { drive } from "./process-rig.ts";

async function listenOn(host: string | undefined, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ port, host }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}

describe("a port", () => {
  test.each([["127.0.0.1"], ["0.0.0.0"], ["::"], ["::1"], ["127.0.0.2"], ["::ffff:127.0.0.1"]])(
    "is taken when somebody listens on %s",
    async (host) => {
      const { server, port } = await listenOn(host);
      expect(await isFree(port)).toBe(false);
      await new Promise((resolve) => server.close(resolve));
      expect(await isFree(port)).toBe(true);
    },
  );

  test.runIf(process.platform === "linux")("is held by a process that can be named", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    expect(holderOf(port)?.pid).toBe(process.pid);
    await new Promise((resolve) => server.close(resolve));
    expect(holderOf(port)).toBeUndefined();
  });

  test("is waited for, and its holder is named once", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    const told: string[] = [];
    const free = untilFree(port, 0, new AbortController().signal, (who) => told.push(who));
    await until("it is told", () => told.length > 0);
    server.close();
    expect(await free).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`pid ${process.pid} (`);
  });

  test.each([["127.0.0.1"], ["0.0.0.0"], ["::"], ["::1"]])(
    "that somebody else takes while the old run ends is not free, on %s",
    async (host) => {
      const { server, port } = await listenOn(host);
      const told: string[] = [];
      const free = untilFree(port, 1, new AbortController().signal, (who) => told.push(who));
      await until("it is told", () => told.length > 0);
      server.close();
      expect(await free).toBe(true);
    },
  );

  test.runIf(process.platform === "linux")("that answers nobody, since its queue is full, is not free", async () => {
    const deaf = `const server = require("net").createServer();
      server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () =>
        process.stdout.write(server.address().port + "\\n", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)))`;
    const child = spawn(process.execPath, ["-e", deaf], { stdio: ["ignore", "pipe", "inherit"] });
    const over = new AbortController();
    const waiting: Socket[] = [];
    try {
      const port = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
      for (let count = 0; count < 4; count++) waiting.push(connect(port, "127.0.0.1").on("error", () => {}));
      await until("the queue is full", () => waiting.filter(({ connecting }) => !connecting).length === 2);
      const told: string[] = [];
      const free = untilFree(port, 1, over.signal, (who) => told.push(who));
      await until("it is told", () => told.length > 0);
      expect(told[0]).toContain(`pid ${child.pid} (`);
      over.abort();
      expect(await free).toBe(false);
    } finally {
      for (const socket of waiting) socket.destroy();
      child.kill("SIGKILL");
    }
  });

  test("that gets free within the grace is waited for without a word", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    const told: string[] = [];
    const free = untilFree(port, 10_000, new AbortController().signal, (who) => told.push(who));
    setTimeout(() => server.close(), 50);
    expect(await free).toBe(true);
    expect(told).toEqual([]);
  });
});

describe("a run whose port is taken", () => {
  test("is not started before the port is free", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    await using its = drive("sleep 1000", { port: { number: port, graceMs: 0, isFinal: false } });
    const { reason } = await its.fact("notReady");
    expect(reason).toContain(`port ${port} is taken by pid ${process.pid}`);
    expect(its.alive()).toEqual([]);
    server.close();
    await its.fact("runStarted");
  });

  test("and that is stopped while it waits is never started", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    await using its = drive("sleep 1000", { port: { number: port, graceMs: 0, isFinal: false } });
    await its.fact("notReady");
    its.running.stop(false);
    await its.fact("runGone");
    server.close();
    expect(its.facts.map(({ type }) => type)).toEqual(["notReady", "runGone"]);
  });

  test("is not ready, once and for all, when nobody would wait", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    await using its = drive("sleep 1000", { port: { number: port, graceMs: 0, isFinal: true } });
    await its.fact("runLate");
    server.close();
  });
});

describe("readiness", () => {
  const server = (port: number): string[] => [
    "node",
    "-e",
    `setTimeout(() => require("net").createServer().listen(${port}, "::1"), 200)`,
  ];
  const freePort = async (): Promise<number> => {
    const { server: its, port } = await listenOn("::1");
    await new Promise((resolve) => its.close(resolve));
    return port;
  };

  test("by tcp comes when it listens, also on ::1 alone", async () => {
    const port = await freePort();
    const [first = "", ...rest] = server(port);
    await using its = drive([first, ...rest], { ready: { by: "tcp", host: undefined, port } });
    await its.fact("runReady");
  });

  test("by log comes with the line, whichever stream it is on, cut wherever it is", async () => {
    await using its = drive("printf 'Listen' >&2; sleep 0.1; printf 'ing on 80' >&2; sleep 1000", {
      ready: { by: "log", pattern: /Listening on \d+/ },
      onOutput: () => undefined,
    });
    await its.fact("runReady");
  });

  test("by exec comes when the command succeeds; one that hangs goes with the run", async () => {
    await using its = drive("sleep 1000", { ready: { by: "exec", command: "sleep 1001; true" } });
    await its.grown(3);
    its.running.stop(false);
    await its.fact("runGone");
    expect(its.alive()).toEqual([]);
  });

  test("that comes too late is told to be late, and then to have come", async () => {
    await using its = drive("sleep 0.5; echo here; sleep 1000", {
      ready: { by: "log", pattern: /here/ },
      readyTimeoutMs: 50,
      onOutput: () => undefined,
    });
    await its.fact("runReady");
    expect(its.facts.map(({ type }) => type)).toEqual(["runStarted", "runLate", "runReady"]);
  });
});
