import { expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { app, ask, front, wire } from "./rig.ts";

const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

test("requests that are sent ahead of their answers are asked one after the other", async () => {
  const seen: string[] = [];
  const answers: (() => void)[] = [];
  await using server = await app((request, response) => {
    if (request.url === "/other") {
      response.end();
      return;
    }
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    answers.push(() => response.end(`answer ${request.url}`));
  });
  await using proxy = await front();
  proxy.serve(server.port);
  using client = await wire(
    proxy.port,
    `POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na${get("/2")}${get("/3", "Connection: close\r\n")}`,
  );
  for (const count of [1, 2, 3]) {
    await until(`request ${count}`, () => answers.length >= count);
    // What was sent along with it would have been asked before these.
    for (let others = 0; others < 5; others += 1) await ask(proxy.port, { path: "/other" });
    expect(seen).toEqual(["POST /1", "GET /2", "GET /3"].slice(0, count));
    answers[count - 1]?.();
  }
  await until("the end of the connection", () => client.isClosed);
  expect(client.text().match(/answer \/\d/g)).toEqual(["answer /1", "answer /2", "answer /3"]);
});

test("a thousand of them are answered; whoever goes on without reading is cut, and has cost the application one", async () => {
  let asks = 0;
  let isHeld = false;
  await using server = await app((request, response) => {
    asks += 1;
    if (!isHeld) response.end(request.url);
  });
  await using proxy = await front();
  proxy.serve(server.port);
  {
    using client = await wire(proxy.port, `${get("/1").repeat(999)}${get("/last", "Connection: close\r\n")}`);
    await until("the end of the connection", () => client.isClosed);
    expect(client.text().match(/HTTP\/1\.1 200/g)).toHaveLength(1_000);
    expect(client.text()).toMatch(/\/last$/);
    expect(asks).toBe(1_000);
  }
  isHeld = true;
  using client = await wire(proxy.port, get("/1").repeat(5_000));
  await until("the end of the connection", () => client.isClosed);
  expect(client.text()).toBe("");
  expect(asks).toBeLessThanOrEqual(1_001);
});

test("HTTP/2 without an upgrade (gRPC) is told what is spoken here, and so is the user", async () => {
  await using proxy = await front();
  using client = await wire(proxy.port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  await until("the end of the connection", () => client.isClosed);
  expect(client.text()).toMatch(/^HTTP\/1\.1 400 [\s\S]*HTTP\/2 without TLS/);
  expect(proxy.warnings).toEqual([expect.stringContaining("the proxy speaks HTTP/1.1")]);
});
