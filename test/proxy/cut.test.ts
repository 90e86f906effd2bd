/** Whoever is answered by a run that ends in the middle sees that something is missing, whatever form the answer has. */
import type { RequestListener } from "node:http";
import type { Duplex } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { app, ask, front, wire } from "./rig.ts";

const page = `<!doctype html><html><head><title>x</title></head><body>${"<p>text</p>".repeat(5_000)}`;
const navigation = ["Accept", "text/html", "Sec-Fetch-Dest", "document"];

/** Says this much, and ends as a process does that crashes, once the client has some of it. */
const begun =
  (head: Readonly<Record<string, string>>, body: Buffer | string): RequestListener =>
  (_, response) => {
    response.writeHead(200, head);
    response.write(body);
    crash = () => response.socket?.resetAndDestroy();
  };
let crash: () => void = () => {};

const bodies: Readonly<Record<string, RequestListener>> = {
  "in chunks": begun({ "Content-Type": "text/plain" }, "half of it"),
  "with a length": begun({ "Content-Type": "text/plain", "Content-Length": "1000" }, "half of it"),
  "that is a page": begun({ "Content-Type": "text/html" }, page),
  "that is a page with a length": begun(
    { "Content-Type": "text/html", "Content-Length": String(page.length + 7) },
    page,
  ),
  "that is a compressed page": begun(
    { "Content-Type": "text/html", "Content-Encoding": "gzip" },
    gzipSync(page).subarray(0, -9),
  ),
};

describe("an answer that a run does not finish is broken for the client as well:", () => {
  for (const [name, listener] of Object.entries(bodies)) {
    test(`a body ${name}`, async () => {
      await using server = await app(listener);
      await using proxy = await front();
      proxy.serve(server.port);
      const fields = [...navigation, "Host", "localhost"];
      const lines = Array.from(
        { length: fields.length / 2 },
        (_, at) => `${fields[at * 2]}: ${fields[at * 2 + 1]}\r\n`,
      );
      using client = await wire(proxy.port, `GET / HTTP/1.1\r\n${lines.join("")}\r\n`);
      await until("a beginning", () => /\r\n\r\n./s.test(client.text()));
      crash();
      await until("the end of the connection", () => client.isClosed);
      expect(client.text()).toMatch(/^HTTP\/1\.1 200/);
      expect(client.text()).not.toMatch(/\r\n0\r\n\r\n$/);
      const asked = ask(proxy.port, { headers: navigation }).catch((error: Error) => error);
      const before = crash;
      await until("the same again", () => crash !== before);
      setImmediate(() => crash());
      expect(await asked).toBeInstanceOf(Error);
    });
  }

  test("a body of a no to an offer", async () => {
    let duplex: Duplex | undefined;
    await using server = await app((_, response) => response.end());
    server.server.on("upgrade", (_, socket) => {
      duplex = socket;
      socket.on("error", () => {});
      socket.write("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(
      proxy.port,
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    await until("a beginning", () => client.text().includes("half"));
    duplex?.destroy();
    await until("the end of the connection", () => client.isClosed);
    expect(client.text()).toMatch(/^HTTP\/1\.1 403 [\s\S]*Transfer-Encoding: chunked\r\n[\s\S]*\r\n4\r\nhalf\r\n$/);
  });

  test("a body without a length, for a client that knows no chunks", async () => {
    await using server = await app(bodies["in chunks"] ?? (() => {}));
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(proxy.port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
    let code: string | undefined;
    client.socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    await until("a beginning", () => client.text().includes("half"));
    crash();
    await until("the end of the connection", () => client.isClosed);
    expect(code).toBe("ECONNRESET");
  });
});
