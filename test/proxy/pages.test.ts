import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nonceOf, obstacle, policiesOf } from "../../src/proxy/policy.ts";
import { readPrologue } from "../../src/proxy/prologue.ts";
import { until } from "../rig/until.ts";
import { app, ask, front, wire } from "./rig.ts";

const tag = /<script src="__reload\/client\.js\?id=[a-z0-9]+&amp;page=\d+"[^>]*><\/script>/;

async function page(html: string | Buffer, fields: readonly string[] = [], question: readonly string[] = []) {
  await using server = await app((_, response) => {
    response.writeHead(200, ["Content-Type", "text/html; charset=utf-8", ...fields]);
    response.end(html);
  });
  await using proxy = await front();
  proxy.serve(server.port);
  const answer = await ask(proxy.port, { headers: ["Accept", "text/html", ...question] });
  return { ...answer, warnings: proxy.warnings };
}

describe("the script goes into a page", () => {
  test.each([
    ["behind <head>", "<!doctype html><html><head><title>x</title>", /<head><script/],
    ["in upper case", "<!DOCTYPE HTML>\n<HTML LANG='a>b'>\n<HEAD profile=\">\">\n<TITLE>", /<HEAD profile=">"><script/],
    [
      "behind comments that name tags",
      "<!-- <head> --><!doctype html><!-- x --><html><!-- <head> --><head>",
      /--><head><script/,
    ],
    ["where the head is left out", "<!doctype html><title>x</title><p>", /<!doctype html><script/],
    ["where there is only <html>", "<html><body><header>x", /<html><script/],
    ["behind a byte order mark", "\u00ef\u00bb\u00bf<html><head></head>", /<head><script/],
    ["with XHTML's first line", '<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"><head/>', /<head\/><script/],
  ])("%s", async (_, html, where) => {
    const { body } = await page(Buffer.from(html, "latin1"));
    const text = body.toString("latin1");
    expect(text).toMatch(where);
    expect(text.replace(tag, "")).toBe(html);
  });

  test.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ])("that comes as %s, which is opened", async (encoding, compress) => {
    const html = `<!doctype html><html><head></head>${"<p>text</p>".repeat(5_000)}`;
    const { text, headers } = await page(
      compress(html),
      ["Content-Encoding", encoding, "ETag", '"1"'],
      ["Accept-Encoding", "gzip, br, zstd"],
    );
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["etag"]).toBeUndefined();
    expect(text).toMatch(tag);
    expect(text.replace(tag, "")).toBe(html);
  });

  test("whose type is written in another way", async () => {
    await using server = await app((_, response) => {
      response.writeHead(200, { "Content-Type": "TEXT/HTML;charset=utf-8;profile=x" }).end("<html>");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    const answer = await ask(proxy.port);
    expect(answer.text).toMatch(tag);
    expect(answer.headers["content-length"]).toBeUndefined();
  });

  test("and a page that is written slowly is passed on as it comes", async () => {
    let write: ((text: string) => void) | undefined;
    await using server = await app((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      write = (text) => response.write(text);
      response.write("<!doct");
    });
    await using proxy = await front();
    proxy.serve(server.port);
    using client = await wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
    await until("the request", () => write !== undefined);
    write?.("ype html><he");
    write?.("ad><p>one");
    await until("the first part", () => client.text().includes("<p>one"));
    expect(client.text()).toMatch(/<head><script/);
    write?.("<p>two");
    await until("the second part", () => client.text().includes("<p>two"));
  });

  test("wherever the bytes are cut, the place is the same", () => {
    const html = "\u00ef\u00bb\u00bf <!-- <head> --><!DOCTYPE html><html lang='>'><head x=\">\"><title>";
    const whole = readPrologue(html);
    fc.assert(
      fc.property(fc.nat(html.length), (cut) => {
        const part = readPrologue(html.slice(0, cut));
        expect(part.is === "open" || (part.is === whole.is && JSON.stringify(part) === JSON.stringify(whole))).toBe(
          true,
        );
      }),
    );
  });
});

describe("nothing goes into", () => {
  test.each([
    ["a fragment", "<li>one", []],
    ["a fragment with a header", "<header>one</header>", []],
    ["an empty answer", "", []],
    ["what htmx asks for", "<!doctype html><head>", ["HX-Request", "true"]],
    ["what Datastar asks for", "<!doctype html><head>", ["Datastar-Request", "true"]],
    ["what a script fetches", "<!doctype html><head>", ["Sec-Fetch-Dest", "empty"]],
  ])("%s", async (_, html, question) => {
    const { text, headers } = await page(html, ["ETag", '"1"'], question);
    expect(text).toBe(html);
    expect(headers["etag"]).toBe('"1"');
  });

  test("a page in an encoding that cannot be read, and it is said once", async () => {
    await using server = await app((_, response) =>
      response.writeHead(200, { "Content-Type": "text/html", "Content-Encoding": "zstd" }).end("\u0001"),
    );
    await using proxy = await front();
    proxy.serve(server.port);
    await ask(proxy.port);
    expect((await ask(proxy.port)).headers["content-encoding"]).toBe("zstd");
    expect(proxy.warnings).toHaveLength(1);
  });
});

describe("a Content-Security-Policy", () => {
  test("gives its nonce to the script, and is not changed", async () => {
    const policy = "default-src 'self'; script-src 'nonce-abc123' 'strict-dynamic'";
    const { text, headers, warnings } = await page("<!doctype html><head>", ["Content-Security-Policy", policy]);
    expect(text).toContain('nonce="abc123"');
    expect(headers["content-security-policy"]).toBe(policy);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["script-src 'none'", "script-src 'none'"],
    ["script-src 'sha256-x'; connect-src 'self'", "script-src 'sha256-x'"],
    ["script-src 'self'; connect-src https://api.test", "connect-src https://api.test"],
    ["default-src https:", "default-src https:"],
    ["script-src 'self' 'strict-dynamic'", "script-src 'self' 'strict-dynamic'"],
  ])("%s is in the way, and named", async (policy, directive) => {
    const { warnings } = await page("<!doctype html><head>", ["Content-Security-Policy", policy]);
    expect(warnings.join()).toContain(directive);
  });

  test("in a <meta> counts as well", async () => {
    const { warnings } = await page(
      `<!doctype html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'">`,
    );
    expect(warnings.join()).toContain("default-src 'none'");
  });

  test("that allows our own host is not in the way", () => {
    for (const policy of [
      "default-src 'self'",
      "script-src http://localhost:3000; connect-src *",
      "img-src 'none'",
      "script-src 'nonce-a'; connect-src localhost:*",
    ])
      expect(obstacle(policiesOf([policy]), "localhost:3000")).toBeUndefined();
    expect(nonceOf(["script-src 'self'"])).toBeUndefined();
  });
});

test("a page that listens is told the whole state when it comes, and each change", async () => {
  await using server = await app((_, response) => response.end());
  await using proxy = await front();
  proxy.serve(server.port, { page: 3 });
  using client = await wire(proxy.port, "GET /deep/__reload/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until("the first state", () => client.text().includes('"page":3'));
  proxy.serve(server.port, { page: 4, failures: [{ service: "", stage: "build", message: "m", output: "<b>" }] });
  await until("the second state", () => client.text().includes('"page":4'));
  expect(client.text()).toContain('"output":"<b>"');
  client.socket.destroy();
  await until("nobody listens", () => proxy.proxy.listeners === 0);
});

test("a page that reads nothing of what it is told is let go: it is told everything when it asks again", async () => {
  await using server = await app((_, response) => response.end());
  await using proxy = await front();
  proxy.serve(server.port);
  using client = await wire(proxy.port, "GET /__reload/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until("the first state", () => client.text().includes('"page":'));
  client.socket.pause();
  for (let round = 0; round < 1_000 && proxy.proxy.listeners === 1; round += 1) {
    const output = `${round} `.padEnd(64 * 1024, ".");
    proxy.serve(server.port, { failures: [{ service: "", stage: "build", message: "m", output }] });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(proxy.proxy.listeners).toBe(0);
});
