import { spawnSync } from "node:child_process";
import { Agent } from "node:http";
import { expect, test } from "vitest";
import { app, ask, front, type Wire, wire } from "../proxy/rig.ts";
import { until } from "../rig/until.ts";

/** Both ends of each connection are in this process. */
function hasDescriptors(wanted: number): boolean {
  const limit = spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).stdout.trim();
  if (limit === "unlimited" || Number(limit) >= wanted) return true;
  process.stderr.write(`skipped: many connections, for which ulimit -n has to be ${wanted} and is ${limit}\n`);
  return false;
}

test.skipIf(!hasDescriptors(12_000))(
  "10,000 idle connections: there is room for some, and who is connected goes on",
  {
    timeout: 300_000,
  },
  async () => {
    await using server = await app((_, response) => response.end("alive"));
    await using proxy = await front();
    proxy.serve(server.port);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(proxy.port, { agent })).text).toBe("alive");
    const idle: Wire[] = [];
    for (let round = 0; round < 20; round += 1)
      idle.push(...(await Promise.all(Array.from({ length: 500 }, () => wire(proxy.port)))));
    const closed = (): number => idle.filter(({ isClosed }) => isClosed).length;
    await until("the end of those for which there is no room", () => closed() >= 5_900);
    expect(closed()).toBeLessThan(5_910);
    expect((await ask(proxy.port, { agent })).text).toBe("alive");
    agent.destroy();
    for (const each of idle) each.socket.destroy();
    await until("room again", async () => (await ask(proxy.port).catch(() => undefined))?.text === "alive");
  },
);

test("a head that never ends is given up after half a minute, or two of them", { timeout: 300_000 }, async () => {
  await using server = await app((_, response) => response.end("alive"));
  await using proxy = await front();
  proxy.serve(server.port);
  using slow = await wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  using silent = await wire(proxy.port);
  const drip = setInterval(() => slow.socket.write("a"), 1_000);
  await until("the end of both", () => slow.isClosed && silent.isClosed, undefined, 120_000);
  clearInterval(drip);
  expect(slow.text()).toMatch(/^HTTP\/1\.1 408/);
  expect((await ask(proxy.port)).text).toBe("alive");
});
