import { spawn } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type Guarded, holderOfPort, isFree, untilFree } from "../../src/adapters/port.ts";
import { addressesOf } from "../../src/adapters/ready/addresses.ts";
import type { GuardedPort } from "../../src/session/run.ts";
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

/** A port that the program itself listens on. */
const own = (number: number, graceMs: number, more: Partial<Guarded> = {}): Guarded => ({
  number,
  graceMs,
  addresses: addressesOf(undefined),
  isOwn: true,
  ...more,
});
const order = (number: number, isFinal: boolean, more: Partial<Guarded> = {}): GuardedPort => ({
  ...own(number, 0, more),
  isFinal,
  told: new Set(),
});

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
    expect(holderOfPort(port)?.pid).toBe(process.pid);
    await new Promise((resolve) => server.close(resolve));
    expect(holderOfPort(port)).toBeUndefined();
  });

  test("is waited for, and its holder is named once", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    const told: string[] = [];
    const free = untilFree(own(port, 0), new AbortController().signal, (who) => told.push(who));
    await until("it is told", () => told.length > 0);
    server.close();
    expect(await free).toBeUndefined();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`pid ${process.pid} (`);
  });

  test.each([["127.0.0.1"], ["0.0.0.0"], ["::"], ["::ffff:127.0.0.1"]])(
    "that somebody else takes while the old run ends is not free, on %s",
    async (host) => {
      const { server, port } = await listenOn(host);
      const told: string[] = [];
      const free = untilFree(own(port, 1), new AbortController().signal, (who) => told.push(who));
      await until("it is told", () => told.length > 0);
      server.close();
      expect(await free).toBeUndefined();
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
      const free = untilFree(own(port, 1), over.signal, (who) => told.push(who));
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
    const free = untilFree(own(port, 10_000), new AbortController().signal, (who) => told.push(who));
    setTimeout(() => server.close(), 50);
    expect(await free).toBeUndefined();
    expect(told).toEqual([]);
  });
});

describe("a run whose port is taken", () => {
  test("is not started before the port is free", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    await using driven = drive("sleep 1000", { port: order(port, false) });
    const { reason } = await driven.fact("notReady");
    expect(reason).toContain(`port ${port} is taken by pid ${process.pid}`);
    expect(driven.alive()).toEqual([]);
    server.close();
    await driven.fact("jobStarted");
  });

  test("and that is stopped while it waits is never started", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    await using driven = drive("sleep 1000", { port: order(port, false) });
    await driven.fact("notReady");
    driven.running.stop(false);
    await driven.fact("runGone");
    server.close();
    expect(driven.facts.map(({ type }) => type)).toEqual(["notReady", "runGone"]);
  });

  test("is not ready, once and for all, when nobody would wait", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    await using driven = drive("sleep 1000", { port: order(port, true) });
    await driven.fact("runLate");
    server.close();
  });
});

describe("a port that somebody has who may not be in the way", () => {
  const over = (): AbortSignal => new AbortController().signal;
  const never = (who: string): void => {
    throw new Error(`waited for ${who}`);
  };

  test.each([["::1"], ["127.0.0.2"]])(
    "at %s is no reason to wait for a program that has 127.0.0.1 to itself",
    async (host) => {
      const { server, port } = await listenOn(host);
      const others = await untilFree(own(port, 0), over(), never);
      if (others === undefined || others === false) throw new Error("nobody was met");
      expect(others.who).toContain(`pid ${process.pid} (`);
      expect(others.isInFront).toBe(false);
      // What answers there is not the program; what is elsewhere may be.
      expect([others.isForeign(host), others.isForeign("127.0.0.1")]).toEqual([true, false]);
      await new Promise((resolve) => server.close(resolve));
      // Who listens there from now on is somebody else than before: the program, perhaps.
      const { server: next } = await listenOn(host, port);
      if (process.platform === "linux") expect(others.isForeign(host)).toBe(false);
      await new Promise((resolve) => next.close(resolve));
    },
  );

  test("is in the way of a check at ::1 if it is there, and not if it is at 127.0.0.1", async () => {
    const { server, port } = await listenOn("127.0.0.1");
    const others = await untilFree(own(port, 0, { addresses: ["::1"] }), over(), never);
    expect(others).toMatchObject({ isInFront: false });
    await new Promise((resolve) => server.close(resolve));
    const { server: next, port: other } = await listenOn("::1");
    const told: string[] = [];
    const end = new AbortController();
    const free = untilFree(own(other, 0, { addresses: ["::1"] }), end.signal, (who) => told.push(who));
    await until("it is told", () => told.length > 0);
    end.abort();
    expect(await free).toBe(false);
    await new Promise((resolve) => next.close(resolve));
  });

  test("in front of a program that listens elsewhere, as a proxy does, is no reason to wait", async () => {
    const { server, port } = await listenOn("0.0.0.0");
    const others = await untilFree(own(port, 0, { isOwn: false }), over(), never);
    if (others === undefined || others === false) throw new Error("nobody was met");
    expect(others.isInFront).toBe(true);
    // The check goes through it.
    expect(others.isForeign("127.0.0.1")).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });

  test("is told once, however often the program is started", async () => {
    const { server, port } = await listenOn("::1");
    const guarded = order(port, false);
    for (const expected of [1, 0]) {
      await using driven = drive("sleep 1000", { port: guarded });
      await driven.fact("runReady");
      expect(driven.facts.filter(({ type }) => type === "warned")).toHaveLength(expected);
    }
    await new Promise((resolve) => server.close(resolve));
  });
});
