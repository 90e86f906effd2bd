/** What no one has thought of: requests and answers made at random, and bytes as they stand on the wire, directly and through the proxy. */
import { type RequestListener, request } from "node:http";
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  oneof,
  option,
  record,
  stringMatching,
  tuple,
  uint8Array,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { type App, app, front, wire } from "./rig.ts";

type Fields = readonly [name: string, value: string][];
interface Body {
  readonly chunks: readonly Buffer[];
  /** Otherwise its length is said. */
  readonly isChunked: boolean;
  readonly trailers: Fields;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly fields: Fields;
  readonly body: Body | undefined;
}

const name = oneof(
  constantFrom("Cookie", "Set-Cookie", "Via", "ETag", "Authorization", "Accept-Encoding", "Range", "x-DUP", "X-Dup"),
  stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/).map((text) => `x${text}`),
);
const value = oneof(
  constant(""),
  stringMatching(/^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]{0,40}[\x21-\x7e\x80-\xff])?$/),
);
const fields = array(tuple(name, value), { maxLength: 12 });
const body = option(
  record<Body>({
    chunks: array(
      uint8Array({ minLength: 1, maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
      { maxLength: 4 },
    ),
    isChunked: constantFrom(true, false),
    trailers: array(tuple(name, value), { maxLength: 2 }),
  }),
  { nil: undefined },
);
const asked = record({
  method: constantFrom("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "PROPFIND"),
  path: stringMatching(/^\/[\x21-\x7e]{0,40}$/),
  fields,
  body,
});
const answered = record({
  status: constantFrom(200, 201, 204, 206, 301, 304, 400, 404, 418, 500, 502, 503, 599),
  reason: stringMatching(/^[A-Za-z][A-Za-z ']{0,15}$/),
  hints: array(
    tuple(
      name,
      value.filter((text) => text !== ""),
    ),
    { maxLength: 2 },
  ),
  fields,
  body,
});

/** What is of one hop, or added by a proxy; when it was said is of the moment. */
const isLeftOut = (field: string): boolean =>
  /^(?:connection|keep-alive|transfer-encoding|date|x-forwarded-(?:for|host|proto))$/i.test(field);
const listed = (raw: readonly string[]): string[] =>
  Array.from({ length: raw.length / 2 }, (_, at) => [raw[at * 2] ?? "", raw[at * 2 + 1] ?? ""] as const)
    .filter(([field]) => !isLeftOut(field))
    .map(([field, text]) => `${field}: ${text}`);

const lengthOf = ({ chunks }: Body): string => String(chunks.reduce((sum, { length }) => sum + length, 0));
/** How a body is said to come: a trailer comes behind chunks alone. */
const framed = (body: Body | undefined): string[] =>
  body === undefined ? [] : body.isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", lengthOf(body)];

/** All that a client hears, and all that the application has heard. */
function exchanged(port: number, asked: Asked): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const seen: unknown[] = [];
    const outgoing = request({
      host: "127.0.0.1",
      port,
      method: asked.method,
      path: asked.path,
      agent: false,
      headers: ["Host", "localhost:1234", ...asked.fields.flat(), ...framed(asked.body)],
    });
    outgoing.on("information", ({ statusCode, rawHeaders }) => seen.push(statusCode, listed(rawHeaders)));
    outgoing.on("error", reject);
    outgoing.on("response", async (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      answer.on("end", () => {
        const { statusCode, statusMessage, rawHeaders, rawTrailers } = answer;
        const text = Buffer.concat(chunks).toString("base64");
        resolve([...seen, statusCode, statusMessage, listed(rawHeaders), text, rawTrailers]);
      });
    });
    for (const chunk of asked.body?.chunks ?? []) outgoing.write(chunk);
    if (asked.body?.isChunked === true) outgoing.addTrailers(asked.body.trailers);
    outgoing.end();
  });
}

test("300 requests and answers, whatever they are", { timeout: 120_000 }, async () => {
  let plan: { status: number; reason: string; hints: Fields; fields: Fields; body: Body | undefined } | undefined;
  let heard: unknown;
  await using server = await app((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method, url, rawHeaders, rawTrailers } = incoming;
      heard = [method, url, listed(rawHeaders), Buffer.concat(chunks).toString("base64"), rawTrailers];
      if (plan === undefined) return response.end();
      if (plan.hints.length > 0)
        response.writeEarlyHints({ link: "</a>; rel=preload", ...Object.fromEntries(plan.hints) });
      response.writeHead(plan.status, plan.reason, [...plan.fields.flat(), ...framed(plan.body)]);
      for (const chunk of plan.body?.chunks ?? []) response.write(chunk);
      if (plan.body?.isChunked === true) response.addTrailers(plan.body.trailers);
      return response.end();
    });
  });
  await using proxy = await front();
  proxy.serve(server.port);
  await assert(
    asyncProperty(asked, answered, async (question, answer) => {
      plan = answer;
      const direct = await exchanged(server.port, question);
      const heardDirectly = heard;
      const through = await exchanged(proxy.port, question);
      expect(through).toEqual(direct);
      expect(heard).toEqual(heardDirectly);
    }),
    { numRuns: 300 },
  );
});

/** What came back, without what is of one hop or of the moment. */
const comparable = (text: string): string => text.replaceAll(/^(?:Connection|Keep-Alive|Date): .*\r\n/gim, "");

const echo: RequestListener = (incoming, response) => {
  let text = "";
  incoming.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  incoming.on("end", () => {
    const { method, url, rawHeaders } = incoming;
    const kept = rawHeaders.flatMap((field, at) =>
      at % 2 === 0 && !isLeftOut(field) ? [field, rawHeaders[at + 1]] : [],
    );
    const seen = JSON.stringify([method, url, kept, text]);
    response.writeHead(200, { "Content-Length": Buffer.byteLength(seen) }).end(seen);
  });
};

const host = "Host: localhost\r\n";
const close = "Connection: close\r\n";
const wires: Readonly<Record<string, string>> = {
  "a field with white space around it": `GET / HTTP/1.1\r\n${host}X-A:\t  one two \t\r\nX-B:\r\n${close}\r\n`,
  "chunks with extensions": `POST / HTTP/1.1\r\n${host}${close}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2;c="d"\r\nde\r\n0\r\n\r\n`,
  "an empty line before the request": `\r\nGET / HTTP/1.1\r\n${host}${close}\r\n`,
  "three requests in one go": `GET /1 HTTP/1.1\r\n${host}\r\nPOST /2 HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabcHEAD /3 HTTP/1.1\r\n${host}${close}\r\n`,
  "bodies in chunks, one behind the other": `POST /1 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nPUT /2 HTTP/1.1\r\n${host}${close}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
};
/** Not one of these is to be passed on in a form that the application would have refused. */
const refused: Readonly<Record<string, string>> = {
  "a folded field": `GET / HTTP/1.1\r\n${host}X-A: 1\r\n 2\r\n${close}\r\n`,
  "white space before the colon": `GET / HTTP/1.1\r\n${host}X-A : 1\r\n${close}\r\n`,
  "two lengths": `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n${close}\r\nab`,
  "a length and chunks": `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n${close}\r\n1\r\na\r\n0\r\n\r\n`,
  "chunks that are not the last coding": `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, gzip\r\n${close}\r\n0\r\n\r\n`,
  "a length that is none": `POST / HTTP/1.1\r\n${host}Content-Length: +1\r\n${close}\r\na`,
  "a version that is none": `GET / HTTP/1.7\r\n${host}${close}\r\n`,
};

async function said({ port }: Pick<App, "port">, bytes: string): Promise<string> {
  using client = await wire(port, bytes);
  await until("the end of the connection", () => client.isClosed);
  return client.text();
}

describe("on the wire, as without the proxy:", () => {
  for (const [what, bytes] of Object.entries(wires)) {
    test(what, async () => {
      await using server = await app(echo);
      await using proxy = await front();
      proxy.serve(server.port);
      const direct = await said(server, bytes);
      expect(direct).toMatch(/^HTTP\/1\.1 200/);
      expect(comparable(await said(proxy, bytes))).toBe(comparable(direct));
    });
  }
  for (const [what, bytes] of Object.entries(refused)) {
    test(`${what} is refused`, async () => {
      let asks = 0;
      await using server = await app((incoming, response) => {
        asks += 1;
        incoming.on("error", () => {});
        response.end();
      });
      await using proxy = await front();
      proxy.serve(server.port);
      expect(await said(proxy, bytes)).toMatch(/^HTTP\/1\.1 400/);
      expect(asks).toBe(0);
    });
  }
});
