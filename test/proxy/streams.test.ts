import { createHash } from "node:crypto";
import { createServer, IncomingMessage } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { createFlights } from "../../src/proxy/flights.ts";
import { createLines } from "../../src/proxy/lines.ts";
import { joinLines } from "../../src/proxy/upgrade.ts";
import { until } from "../rig/until.ts";
import { app, front, wire } from "./rig.ts";

const offer =
  "GET /ws?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: vite-hmr\r\n\r\n";

/** Takes up the offer and says everything back. */
async function echo() {
  const server = createServer();
  let open = 0;
  server.on("upgrade", (request, socket, head) => {
    open += 1;
    socket.on("close", () => {
      open -= 1;
    });
    socket.on("error", () => {});
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${request.headers["sec-websocket-protocol"]}\r\nX-Url: ${request.url}\r\n\r\n`,
    );
    if (head.length > 0) socket.write(head);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return open;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a WebSocket is joined byte for byte, with what was sent behind the offer", async () => {
  await using server = await echo();
  await using proxy = await front();
  proxy.serve(server.port);
  using client = await wire(proxy.port, `${offer}\u0081\u0002hi`);
  await until("the echo", () => client.text().endsWith("\u0081\u0002hi"));
  expect(client.text()).toContain("101 Switching Protocols");
  expect(client.text()).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  expect(client.text()).toContain("Sec-WebSocket-Protocol: vite-hmr");
  expect(client.text()).toContain("X-Url: /ws?x=1");
  client.socket.write("\u0000\u00ff more", "latin1");
  await until("the second echo", () => client.text().endsWith("\u0000\u00ff more"));
});

test("a WebSocket waits for a run as a request does, and ends with that run", async () => {
  await using server = await echo();
  await using proxy = await front();
  using client = await wire(proxy.port, offer);
  await until("a held offer", () => proxy.proxy.held === 1);
  proxy.serve(server.port, { upstream: { run: 5, host: undefined, port: server.port } });
  await until("101", () => client.text().includes("101 Switching"));
  expect(server.open).toBe(1);
  await proxy.proxy.drain(5, 60_000);
  await until("both ends closed", () => client.isClosed && server.open === 0);
});

test("an offer with a body is answered as a request without an offer, and h2c is left out of a list", async () => {
  await using server = await app((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => response.end(`${request.headers.upgrade} ${body}`));
  });
  server.server.on("upgrade", (request, socket) =>
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n${request.headers.upgrade}`),
  );
  await using proxy = await front();
  proxy.serve(server.port);
  using first = await wire(
    proxy.port,
    "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello",
  );
  await until("the end of the connection", () => first.isClosed);
  expect(first.text()).toMatch(/undefined hello$/);
  using second = await wire(
    proxy.port,
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c, websocket\r\n\r\n",
  );
  await until("the end of the second", () => second.isClosed);
  expect(second.text()).toMatch(/websocket$/);
});

test("an offer that is to wait for what is on disk is told why it cannot be, and which run took it up", async () => {
  let isReady = false;
  await using server = await echo();
  await using proxy = await front(
    {},
    {
      fresh: async () =>
        isReady ? { is: "ready" } : { is: "failed", detail: "main.go:1:1: oops", members: { stage: "build" } },
    },
  );
  proxy.serve(server.port, { upstream: { run: 9, host: undefined, port: server.port } });
  const waiting = offer.replace("\r\n\r\n", "\r\nCookie: reload-wait=1\r\nReload-Run: ?\r\n\r\n");
  using failed = await wire(proxy.port, waiting);
  await until("the end of the connection", () => failed.isClosed);
  expect(failed.text()).toMatch(/^HTTP\/1\.1 503 .*application\/problem\+json.*"stage":"build"/s);
  isReady = true;
  using client = await wire(proxy.port, waiting);
  await until("101", () => client.text().includes("\r\n\r\n"));
  expect(client.text()).toMatch(/^HTTP\/1\.1 101 .*Reload-Run: 9/s);
});

test("a client that resets its WebSocket leaves nothing open behind the proxy", async () => {
  await using server = await echo();
  await using proxy = await front();
  proxy.serve(server.port);
  const client = await wire(proxy.port, offer);
  await until("101", () => client.text().includes("101 Switching"));
  client.socket.resetAndDestroy();
  await until("the other end closed", () => server.open === 0);
});

test("what a run says at last on a WebSocket arrives whole, also where the client reads it later", async () => {
  let hasEnded = false;
  await using server = await app((_, response) => response.end());
  server.server.on("upgrade", (_, socket) => {
    socket.on("close", () => {
      hasEnded = true;
    });
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nfirst, ");
    socket.end("last words");
  });
  let text = "";
  let read = (): void => {};
  // A connection that takes one thing, and no more before it is read.
  const client = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      text += chunk.toString("latin1");
      if (hasEnded) done();
      else read = done;
    },
  });
  const request = Object.assign(new IncomingMessage(new Socket()), { method: "GET", url: "/ws" });
  const lines = createLines();
  const headers = ["Host", "localhost", "Connection", "Upgrade", "Upgrade", "websocket"];
  const upstream = { run: 1, host: undefined, port: server.port };
  const joined = joinLines(
    { request, socket: client, head: Buffer.alloc(0), upstream, headers, extra: [] },
    lines,
    createFlights(),
  );
  await until("the end on the side of the run", () => hasEnded);
  expect((await joined).is).toBe("answered");
  read();
  await until("the end of the connection", () => client.writableFinished || client.destroyed);
  expect(text).toMatch(/first, last words$/);
  lines.close();
});

test("a run that says no to an offer is heard", async () => {
  await using server = await app((_, response) => response.end());
  server.server.on("upgrade", (_, socket) =>
    socket.end("HTTP/1.1 401 Unauthorized\r\nX-Why: token\r\nContent-Length: 2\r\n\r\nno"),
  );
  await using proxy = await front();
  proxy.serve(server.port);
  using client = await wire(proxy.port, offer);
  await until("the end of the connection", () => client.isClosed);
  expect(client.text()).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  expect(client.text()).toContain("X-Why: token");
  expect(client.text()).toMatch(/no$/);
});

test("events pass one by one, and a client that goes away is known to the application", async () => {
  let isClosed = false;
  let send: (text: string) => void = () => {};
  await using server = await app((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    send = (text) => response.write(text);
    response.on("close", () => {
      isClosed = true;
    });
  });
  await using proxy = await front();
  proxy.serve(server.port);
  const client = await wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until("the head before any event", () => client.text().includes("text/event-stream"));
  for (const number of [1, 2, 3]) {
    send(`data: ${number}\n\n`);
    await until(`event ${number}`, () => client.text().includes(`data: ${number}`));
  }
  client.socket.destroy();
  await until("the end on the other side", () => isClosed);
});

test("a body that the run cuts is cut for the client as well", async () => {
  await using server = await app((_, response) => {
    response.writeHead(200, { "Content-Length": "10" });
    response.write("half");
    setImmediate(() => response.destroy());
  });
  await using proxy = await front();
  proxy.serve(server.port);
  using client = await wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until("the end of the connection", () => client.isClosed);
  expect(client.text()).toMatch(/half$/);
});
