/** Bytes on the wire that no usual server or client of Node's would send. */
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { front, wire } from "./rig.ts";

interface Bare extends AsyncDisposable {
  readonly port: number;
  /** What it was sent. */
  seen(): string;
}

/** Answers with these bytes as soon as it has heard something. */
async function bare(answer: string): Promise<Bare> {
  let seen = "";
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
      socket.write(answer, "latin1");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen: () => seen,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const get = (more = ""): string => `GET /x HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const post = (more: string, body: string): string => `POST /x HTTP/1.1\r\nHost: localhost\r\n${more}\r\n${body}`;
const old = "GET /x HTTP/1.0\r\nHost: localhost\r\n\r\n";
const chunk = "1\r\nx\r\n0\r\n\r\n";
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const inChunks = (more: string): string =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${more}\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n`;

describe("passed on:", () => {
  test.each<[what: string, request: string, answer: string, client: RegExp, app?: RegExp]>([
    ["a request that announces trailers and has no body", get("Trailer: X-Sum\r\n"), ok, /^HTTP\/1.1 200 .*ok$/s],
    ["one that has a length", post("Trailer: X-Sum\r\nContent-Length: 1\r\n", "x"), ok, /^HTTP\/1.1 200 .*ok$/s, /x$/],
    [
      "a HEAD whose answer announces trailers",
      get().replace("GET", "HEAD"),
      "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nX-End: 1\r\n\r\n",
      /^HTTP\/1.1 200 OK\r\nX-End: 1\r\n/,
    ],
    ["trailers that are announced beside a length", get(), ok.replace("\r\n", "\r\nTrailer: X-Sum\r\n"), /ok$/],
    ["trailers to HTTP/1.1", get(), inChunks("Trailer: X-Sum\r\n"), /Trailer: X-Sum\r\n.*\r\nX-Sum: 1\r\n\r\n$/s],
    ["trailers to HTTP/1.0, which knows none", old, inChunks("Trailer: X-Sum\r\n"), /^(?!.*(?:X-Sum|chunked)).*ok$/s],
    [
      "early hints to HTTP/1.1",
      get(),
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok}`,
      /^HTTP\/1.1 103 .*HTTP\/1.1 200 .*ok$/s,
    ],
    [
      "not to HTTP/1.0",
      old,
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${ok}`,
      /^HTTP\/1.1 200 (?!.*103).*ok$/s,
    ],
    ["nor a 100 that nobody waits for", old, `HTTP/1.1 100 Continue\r\n\r\n${ok}`, /^HTTP\/1.1 200 .*ok$/s],
    [
      "how a body is packed, said on two lines: it ends with chunked, as it is sent",
      post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", chunk),
      ok,
      /^HTTP\/1.1 200 .*ok$/s,
      /\r\nTransfer-Encoding: gzip, chunked\r\n.*1\r\nx\r\n0\r\n\r\n$/s,
    ],
    ["a reason with bytes above 127", get(), ok.replace("OK", "caf\xe9"), /^HTTP\/1.1 200 caf\xe9\r\n.*ok$/s],
  ])("%s", async (_, request, answer, client, app = /./) => {
    await using server = await bare(answer);
    await using proxy = await front();
    proxy.serve(server.port);
    using one = await wire(proxy.port, request);
    await until(String(client), () => client.test(one.text()), one.text);
    await until(String(app), () => app.test(server.seen()), server.seen);
    expect(proxy.warnings).toEqual([]);
  });
});

describe("an answer that cannot be passed on is a 502 that says why:", () => {
  test.each([
    ["a status below 100", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n", /Invalid status code/],
    ["a control character in the reason", ok.replace("OK", "O\x01K"), /Invalid character/],
    ["a length beside chunks", inChunks("Content-Length: 2\r\n"), /Parse Error/],
    ["two lengths", ok.replace("\r\n", "\r\nContent-Length: 3\r\n"), /Parse Error/],
    ["no HTTP", "hello\r\n", /Parse Error/],
  ])("%s", async (_, answer, why) => {
    await using server = await bare(answer);
    await using proxy = await front();
    proxy.serve(server.port);
    using one = await wire(proxy.port, post("Content-Length: 1\r\n", "x"));
    await until("a 502", () => /^HTTP\/1.1 502 Bad Gateway\r\n.*gave no answer \(.*\)/s.test(one.text()), one.text);
    expect(one.text()).toMatch(why);
  });
});

describe("a request whose end nobody can tell gets 400, and nothing of it is passed on:", () => {
  test.each([
    ["a coding that nobody knows", post("Transfer-Encoding: xchunked\r\n", chunk)],
    ["identity", post("Transfer-Encoding: identity\r\n", "")],
    ["chunked, and then something else", post("Transfer-Encoding: chunked, gzip\r\n", chunk)],
    ["the same on two lines", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", chunk)],
    ["chunks in HTTP/1.0", post("Transfer-Encoding: chunked\r\n", chunk).replace("HTTP/1.1", "HTTP/1.0")],
    ["a length beside chunks", post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", chunk)],
    ["two lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "x")],
    ["a length with a sign", post("Content-Length: +1\r\n", "x")],
    ["no length where one is named", post("Content-Length: \r\n", get())],
    ["a blank behind the name", post("Transfer-Encoding : chunked\r\n", chunk)],
    ["a vertical tab for a blank", post("Transfer-Encoding:\x0bchunked\r\n", chunk)],
    ["a bare CR", get("X: a\rTransfer-Encoding: chunked\r\n")],
    ["lines that end with LF alone", "GET / HTTP/1.1\nHost: localhost\n\n"],
  ])("%s", async (_, request) => {
    await using server = await bare(ok);
    await using proxy = await front();
    proxy.serve(server.port);
    using one = await wire(proxy.port, request);
    await until("the end", () => one.isClosed, one.text);
    expect(one.text()).toMatch(/^HTTP\/1.1 400 /);
    expect(one.text().match(/HTTP\/1.1/g)).toHaveLength(1);
    expect(server.seen()).toBe("");
  });
});

test("a mistake behind an answer that has begun ends the connection, and is not answered into the middle of it", async () => {
  await using server = await bare("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun");
  await using proxy = await front();
  proxy.serve(server.port);
  using one = await wire(proxy.port, get());
  await until("a beginning", () => one.text().endsWith("begun"), one.text);
  one.socket.write("no HTTP at all\r\n\r\n");
  await until("the end", () => one.isClosed, one.text);
  expect(one.text()).toMatch(/begun$/);
});
