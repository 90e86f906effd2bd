import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { type Answer, app, ask, front, type Question, wire } from "./rig.ts";

const noise = randomBytes(300_000);

/** Says back what it got, in a form in which nothing is lost. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const seen = {
      method: request.method,
      url: request.url,
      rawHeaders: request.rawHeaders,
      rawTrailers: request.rawTrailers,
      body: Buffer.concat(chunks).toString("base64"),
    };
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(seen));
  });
};

const shapes: Record<string, { question?: Question; answer?: RequestListener }> = {
  "a path that could be normalised": { question: { path: "/a/../b/%2e%2e/c//d\\e?x=1&x=2#not" } },
  "a path that begins with two slashes": { question: { path: "//evil.test/x" } },
  "a path that looks like a user and a host": { question: { path: "//x@evil.test/%" } },
  "a head of 15 KB": { question: { headers: ["Cookie", `a=${"b".repeat(15_000)}`] } },
  "a field that says how a body is packed": {
    question: { method: "POST", headers: ["Transfer-Encoding", "gzip, chunked"], body: [Buffer.from("x")] },
  },
  "duplicate and oddly written fields": {
    question: { headers: ["X-One", "1", "x-one", "2", "ACCEPT", "*/*", "X-Latin", "caf\u00e9", "X-Empty", ""] },
  },
  "cookies on several lines": { question: { headers: ["Cookie", "a=1", "Cookie", "b=2; c=3"] } },
  "a JSON body": {
    question: {
      method: "POST",
      headers: ["Content-Type", "application/json", "Content-Length", "9"],
      body: Buffer.from('{"a":"b"}'),
    },
  },
  "a body in chunks": {
    question: { method: "PUT", headers: ["Transfer-Encoding", "chunked"], body: [noise.subarray(0, 7), noise] },
  },
  "a GET with a body": { question: { headers: ["Content-Length", "3"], body: Buffer.from("abc") } },
  "DELETE without a body": { question: { method: "DELETE", path: "/x" } },
  "OPTIONS *": { question: { method: "OPTIONS", path: "*" } },
  "an unusual method": { question: { method: "PROPFIND" } },
  "HEAD with a length": {
    question: { method: "HEAD" },
    answer: (_, response) => response.writeHead(200, { "Content-Length": "12345" }).end(),
  },
  "204": { answer: (_, response) => response.writeHead(204).end() },
  "304 with its validators": {
    answer: (_, response) =>
      response.writeHead(304, { ETag: '"x"', "Last-Modified": "Sat, 28 Nov 2026 10:00:00 GMT" }).end(),
  },
  "206 of a range": {
    question: { headers: ["Range", "bytes=0-9"] },
    answer: (_, response) =>
      response.writeHead(206, { "Content-Range": "bytes 0-9/300000" }).end(noise.subarray(0, 10)),
  },
  "a redirect with its place": {
    answer: (_, response) => response.writeHead(302, { Location: "http://elsewhere.test/x?y" }).end("moved"),
  },
  "duplicate answer fields": {
    answer: (_, response) =>
      response
        .writeHead(200, ["Set-Cookie", "a=1", "X-A", "1", "set-cookie", "b=2", "X-A", "2", "Content-Length", "2"])
        .end("ok"),
  },
  "no Date where there is none": {
    answer: (_, response) => {
      response.sendDate = false;
      response.writeHead(200, { "Content-Length": "2" }).end("ok");
    },
  },
  "a reason of its own": { answer: (_, response) => response.writeHead(299, "Quite Fine").end("x") },
  "trailers of an answer": {
    answer: (_, response) => {
      response.writeHead(200, { Trailer: "X-Sum" });
      response.write("body");
      response.addTrailers([["X-Sum", "42"]]);
      response.end();
    },
  },
  "binary without a type": { answer: (_, response) => response.end(noise) },
  "compressed JSON": {
    question: { headers: ["Accept-Encoding", "gzip, br, zstd"] },
    answer: (request, response) =>
      response
        .writeHead(200, {
          "Content-Type": "application/json",
          "Content-Encoding": "gzip",
          "X-Asked": request.headers["accept-encoding"],
        })
        .end(gzipSync('{"a":1}')),
  },
  "an answer that is packed for the way": {
    answer: (_, response) => response.writeHead(200, { "Transfer-Encoding": "gzip, chunked" }).end(gzipSync("packed")),
  },
  "a style sheet with its ETag": {
    answer: (_, response) => response.writeHead(200, { "Content-Type": "text/css", ETag: '"1"' }).end("a{}"),
  },
  "a fragment of HTML": {
    answer: (_, response) => response.writeHead(200, { "Content-Type": "text/html", ETag: '"1"' }).end("<li>one</li>"),
  },
  "HTML to be saved": {
    answer: (_, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html", "Content-Disposition": "attachment" })
        .end("<!doctype html><head>"),
  },
  "a 500 of the app": {
    answer: (_, response) => response.writeHead(500, { "Content-Type": "application/json" }).end("{}"),
  },
};

/** Chunks are of one hop; whatever else is done to a body on its way has to be known to whoever reads it. */
const isOfHop = (name = "", value = ""): boolean =>
  ["connection", "keep-alive"].includes(name.toLowerCase()) ||
  (name.toLowerCase() === "transfer-encoding" && value === "chunked");

/** What the contract allows to differ is taken out. */
function comparable({ status, message, rawHeaders, body, rawTrailers }: Answer): unknown {
  const fields: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (!isOfHop(name, rawHeaders[at + 1])) fields.push(`${name}: ${name === "Date" ? "" : rawHeaders[at + 1]}`);
  }
  return { status, message, fields, body: body.toString("base64"), rawTrailers };
}

/** As the app saw it, without what a proxy adds. */
function asSeen(answer: Answer): unknown {
  const seen = JSON.parse(answer.text) as { rawHeaders: string[] };
  const fields: string[] = [];
  for (let at = 0; at < seen.rawHeaders.length; at += 2) {
    const name = (seen.rawHeaders[at] ?? "").toLowerCase();
    if (!isOfHop(name, seen.rawHeaders[at + 1]) && !name.startsWith("x-forwarded-"))
      fields.push(`${seen.rawHeaders[at]}: ${seen.rawHeaders[at + 1]}`);
  }
  return { ...seen, rawHeaders: fields };
}

describe("through the proxy as without it:", () => {
  for (const [name, { question, answer }] of Object.entries(shapes)) {
    test(name, async () => {
      await using server = await app(answer ?? echo);
      await using proxy = await front();
      proxy.serve(server.port);
      const direct = await ask(server.port, question);
      const through = await ask(proxy.port, question);
      if (answer === undefined) expect(asSeen(through)).toEqual(asSeen(direct));
      else expect(comparable(through)).toEqual(comparable(direct));
    });
  }

  test("the app is told who asked, and for which host", async () => {
    await using server = await app(echo);
    await using proxy = await front();
    proxy.serve(server.port);
    const { text } = await ask(proxy.port, { headers: ["X-Forwarded-For", "10.1.1.1", "X-Forwarded-Proto", "https"] });
    const { rawHeaders } = JSON.parse(text) as { rawHeaders: string[] };
    const of = (name: string): string | undefined => rawHeaders[rawHeaders.indexOf(name) + 1];
    expect(of("X-Forwarded-For")).toBe("10.1.1.1, 127.0.0.1");
    expect(of("X-Forwarded-Proto")).toBe("https");
    expect(of("X-Forwarded-Host")).toBe("localhost:1234");
    expect(of("Host")).toBe("localhost:1234");
  });

  test("what is meant for one hop goes no further, in both directions", async () => {
    await using server = await app((request, response) => {
      response
        .writeHead(200, {
          Connection: "close, X-Secret",
          "X-Secret": "1",
          "X-Seen": JSON.stringify(request.rawHeaders),
        })
        .end("x");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const { headers } = await ask(proxy.port, {
      headers: [
        "Connection",
        "keep-alive, X-Hop",
        "X-Hop",
        "1",
        "Proxy-Authorization",
        "Basic x",
        "TE",
        "trailers, deflate",
      ],
    });
    expect(headers["x-secret"]).toBeUndefined();
    const seen = JSON.parse(String(headers["x-seen"])) as string[];
    expect(seen).not.toContain("X-Hop");
    expect(seen).not.toContain("Proxy-Authorization");
    expect(seen[seen.indexOf("TE") + 1]).toBe("trailers");
  });

  test("1xx answers arrive: continue, processing and early hints", async () => {
    await using server = await app((_, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: ["</a.css>; rel=preload", "</b.css>; rel=preload"], "x-hint": "1" });
      response.end("done");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const seen: string[] = [];
    const question: Question = { information: (status, raw) => void seen.push(`${status} ${raw.join(" ")}`) };
    expect((await ask(proxy.port, question)).text).toBe("done");
    const through = [...seen];
    seen.length = 0;
    await ask(server.port, question);
    expect(through.map((line) => line.toLowerCase())).toEqual(seen.map((line) => line.toLowerCase()));
    expect(through).toHaveLength(2);
  });

  test("a body that waits for 100 is sent after the app said so", async () => {
    await using server = await app(echo);
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(
      proxy.port,
      "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
    );
    await until("100 Continue", () => client.text().startsWith("HTTP/1.1 100"));
    client.socket.write("abc");
    await until("the end of the answer", () => client.isClosed);
    expect(client.text()).toContain(Buffer.from("abc").toString("base64"));
  });

  test("an answer with a head of 60 KB and 3,000 fields arrives whole", async () => {
    await using server = await app((_, response) => {
      response
        .writeHead(
          200,
          Array.from({ length: 6_000 }, (__, at) => (at % 2 === 0 ? "X-Many" : "a".repeat(12))),
        )
        .end();
    });
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await until("the end of the connection", () => client.isClosed);
    expect(client.text().match(/^X-Many: a{12}\r$/gm)).toHaveLength(3_000);
  });

  test("an expectation that nobody knows is for the app to answer", async () => {
    await using server = await app((_, response) => response.end());
    server.server.on("checkExpectation", (request, response) => response.end(`${request.headers.expect}`));
    await using proxy = await front();
    proxy.serve(server.port);
    expect((await ask(proxy.port, { headers: ["Expect", "the-unexpected"] })).text).toBe("the-unexpected");
  });

  test("a body that the app does not want: the answer arrives, and the connection goes on", async () => {
    await using server = await app((request, response) => {
      if (request.method === "POST") response.writeHead(413, { Connection: "close" }).end("too much");
      else response.end("next");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const size = 20_000_000;
    using client = await wire(proxy.port, `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`);
    await until("the answer", () => client.text().includes("too much"));
    client.socket.write(Buffer.alloc(size));
    client.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await until("the next answer", () => client.isClosed);
    expect(client.text()).toMatch(/next$/);
  });

  test("a request of HTTP/1.0 that names no host is answered", async () => {
    await using server = await app((_, response) => response.end("old"));
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(proxy.port, "GET / HTTP/1.0\r\n\r\n");
    await until("the end of the connection", () => client.isClosed);
    expect(client.text()).toMatch(/^HTTP\/1\.1 200[\s\S]*old$/);
  });

  test("trailers of a request arrive", async () => {
    await using server = await app(echo);
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(
      proxy.port,
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n",
    );
    await until("the end of the answer", () => client.isClosed);
    expect(client.text()).toContain('"rawTrailers":["X-Sum","7"]');
  });

  test("an HTTP/1.0 client gets no chunks and a closed connection", async () => {
    await using server = await app((_, response) => {
      response.write("one");
      response.end("two");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(proxy.port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
    await until("the end of the connection", () => client.isClosed);
    expect(client.text()).not.toMatch(/transfer-encoding/i);
    expect(client.text()).toMatch(/\r\n\r\nonetwo$/);
  });

  test("an offer of h2c is not taken up, and the request answered, with its body", async () => {
    await using server = await app(echo);
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(
      proxy.port,
      "POST /x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 3\r\n\r\nab",
    );
    client.socket.write("c");
    await until("an answer", () => client.text().includes(Buffer.from("abc").toString("base64")));
    expect(client.text()).toMatch(/^HTTP\/1\.1 200/);
    // The connection goes on.
    client.socket.write("GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until("a second answer", () => client.text().includes("/second"));
  });

  test("an offer of h2c on a connection that is to be closed: answered, and closed", async () => {
    await using server = await app(echo);
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(
      proxy.port,
      "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    );
    await until("the end of the connection", () => client.isClosed);
    expect(client.text()).toMatch(/^HTTP\/1\.1 200/);
  });

  test("50 MB go up and down without being kept", async () => {
    const size = 50 * 1024 * 1024;
    await using server = await app((request, response) => {
      response.writeHead(200, { "Content-Type": "application/octet-stream" });
      request.pipe(response);
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const chunk = Buffer.alloc(1024 * 1024, 7);
    const chunks = Array.from({ length: size / chunk.length }, () => chunk);
    const { body } = await ask(proxy.port, { method: "POST", headers: ["Transfer-Encoding", "chunked"], body: chunks });
    expect(body.length).toBe(size);
  });
});
