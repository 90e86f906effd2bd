import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostOf, isAllowedHost, isKnownOrigin } from "../../src/proxy/hosts.ts";
import { until } from "../rig/until.ts";
import { app, ask, front, wire } from "./rig.ts";

async function rawAnswer(port: number, text: string): Promise<string> {
  using client = await wire(port, text);
  await until("the end of the connection", () => client.isClosed);
  return client.text();
}

describe("the host that was asked for", () => {
  const good = [
    "localhost",
    "LOCALHOST:3000",
    "app.localhost",
    "127.0.0.1:80",
    "[::1]:3000",
    "localhost.",
    "192.168.1.5",
  ];
  const bad = [
    "evil.test",
    "localhost#evil",
    "%6cocalhost",
    "localhost:3000@evil.com",
    "127.1",
    "0x7f.1",
    "2130706433",
    "[::1",
    "a b",
    "localhost.evil.test",
    "xn--",
    "[fe80::1%25eth0]",
    "localhost,evil.test",
    "",
  ];
  test.each(good)("may be %s", (host) => {
    const name = hostOf(host);
    expect(name !== undefined && isAllowedHost(name, [])).toBe(true);
  });
  test.each(bad)("may not be %s", (host) => {
    const name = hostOf(host);
    expect(name !== undefined && isAllowedHost(name, [])).toBe(false);
  });
  test("may be one of allowed_hosts, with all below it where it begins with a dot", () => {
    expect(isAllowedHost("dev.test", ["dev.test"])).toBe(true);
    expect(isAllowedHost("a.dev.test", ["dev.test"])).toBe(false);
    expect(isAllowedHost("a.dev.test", [".dev.test"])).toBe(true);
    expect(isAllowedHost("evildev.test", [".dev.test"])).toBe(false);
  });
  test("never throws, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const name = hostOf(text);
        if (name !== undefined) expect(text.toLowerCase()).toContain(name);
        isKnownOrigin(text, { asked: text, allowed: [] });
      }),
    );
  });
});

describe("what is refused", () => {
  test("a foreign host, with the key that would allow it", async () => {
    let asked = 0;
    await using server = await app((_, response) => {
      asked += 1;
      response.end();
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const text = await rawAnswer(proxy.port, "GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n");
    expect(text).toMatch(/^HTTP\/1\.1 403/);
    expect(text).toContain("[proxy] allowed_hosts");
    expect(asked).toBe(0);
  });

  test.each([
    ["an absolute target", "GET http://169.254.169.254/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
    ["CONNECT", "CONNECT evil.test:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    [
      "a length beside chunks",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["two lengths", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400],
    ["a folded field", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400],
    ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["a head of 100 KB", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(100_000)}\r\n\r\n`, 431],
    ["a host that is none", "GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n", 400],
    [
      "an upgrade with an absolute target",
      "GET http://evil.test/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      400,
    ],
    [
      "a WebSocket of a foreign page",
      "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      403,
    ],
    [
      "a WebSocket of a page without an origin",
      "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      403,
    ],
    [
      "a WebSocket of a page on another machine, which has an address and no name",
      "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://203.0.113.9\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      403,
    ],
    ["two hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\nConnection: close\r\n\r\n", 400],
    ["HTTP/2 without an offer", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", 400],
    [
      "the event stream for a foreign page",
      "GET /__reload/events HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.test\r\nConnection: close\r\n\r\n",
      403,
    ],
    [
      "the event stream for null",
      "GET /__reload/events HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nConnection: close\r\n\r\n",
      403,
    ],
    [
      "the script from another site",
      "GET /__reload/client.js HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nConnection: close\r\n\r\n",
      403,
    ],
    [
      "a POST to what is ours",
      "POST /__reload/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      405,
    ],
  ])("%s", async (_, text, status) => {
    let asked = 0;
    await using server = await app((request, response) => {
      asked += 1;
      request.resume();
      response.end();
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const answer = await rawAnswer(proxy.port, text);
    if (status === 0) expect(answer).toBe("");
    else expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(asked).toBe(0);
    expect(answer.toLowerCase()).not.toContain("access-control-allow-origin");
  });

  test("a page of the address that is asked may open a WebSocket, whatever address that is", async () => {
    await using server = await app((_, response) => response.end());
    server.server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 418 Mine\r\nContent-Length: 0\r\n\r\n"));
    await using proxy = await front();
    proxy.serve(server.port);
    const text = await rawAnswer(
      proxy.port,
      "GET / HTTP/1.1\r\nHost: 192.168.1.5:3000\r\nOrigin: http://192.168.1.5:3000\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    expect(text).toMatch(/^HTTP\/1\.1 418 Mine/);
  });

  test("a request inside of another one: a Connection that lists the length or the host takes nothing away", async () => {
    const seen: string[] = [];
    await using server = await app((request, response) => {
      seen.push(`${request.url} ${request.headers.host}`);
      request.resume().on("end", () => response.end("one"));
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const inner = "GET /inner HTTP/1.1\r\nHost: evil.test\r\n\r\n";
    const text = await rawAnswer(
      proxy.port,
      `POST /outer HTTP/1.1\r\nHost: localhost\r\nConnection: close, Content-Length, Host\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    );
    expect(text).toMatch(/one$/);
    expect(seen).toEqual(["/outer localhost"]);
  });

  test("a program that changes the protocol although nobody offered to is not joined to anybody", async () => {
    await using server = await app((request) => {
      request.socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    expect((await ask(proxy.port, { method: "POST" })).status).toBe(502);
  });

  test("no other site may read anything: nothing that is ours says so, not even to a known origin", async () => {
    await using proxy = await front();
    const fields = "Host: localhost\r\nOrigin: http://localhost:5173\r\nAccess-Control-Request-Method: GET\r\n";
    for (const [start, status] of [
      ["GET /__reload/events", 200],
      ["GET /__reload/client.js", 200],
      ["OPTIONS /__reload/events", 405],
      ["GET http://evil.test/", 400],
    ] as const) {
      using client = await wire(proxy.port, `${start} HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`);
      await until("the head of an answer", () => client.text().includes("\r\n\r\n"));
      expect(client.text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
      expect(client.text()).not.toMatch(/access-control/i);
    }
    proxy.serve(undefined, { isComing: false });
    const away = await ask(proxy.port, { headers: ["Origin", "http://localhost:5173"] });
    expect(away.status).toBe(503);
    expect(away.rawHeaders.join(" ")).not.toMatch(/access-control/i);
  });

  test("nothing is read from disk: only two addresses are the proxy's own", async () => {
    await using server = await app((request, response) => response.end(`app ${request.url}`));
    await using proxy = await front();
    proxy.serve(server.port);
    for (const path of [
      "/__reload/../package.json",
      "/__reload/client.js.map",
      "/__reload/client.js/../../x",
      "/__reload/",
      "/__reload/client.js%00",
    ])
      expect((await ask(proxy.port, { path })).text).toBe(`app ${path}`);
  });

  test("without live reload nothing is the proxy's own", async () => {
    await using server = await app((request, response) => response.end(`app ${request.url}`));
    await using proxy = await front({ liveReload: false });
    proxy.serve(server.port);
    expect((await ask(proxy.port, { path: "/__reload/events" })).text).toBe("app /__reload/events");
  });

  test("malformed requests and resets do not end the proxy", async () => {
    await using server = await app((_, response) => response.end("alive"));
    await using proxy = await front();
    proxy.serve(server.port);
    for (let round = 0; round < 50; round += 1) {
      const client = await wire(
        proxy.port,
        round % 2 === 0
          ? "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
          : "\u0000\u0001garbage\r\n\r\n",
      );
      client.socket.resetAndDestroy();
    }
    expect((await ask(proxy.port)).text).toBe("alive");
  });
});
