/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { request as ask } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ShownFailure } from "../../src/proxy/served.ts";
import { cert, key } from "../proxy/certificate.ts";
import { app, front } from "../proxy/rig.ts";
import { until } from "../rig/until.ts";
import { hasBrowser, type Opened, openBrowser } from "./chromium.ts";

/** A page that is long, has a part that scrolls by itself, a field, a style sheet and an image. */
const html = (
  text: string,
): string => `<!doctype html><html><head><title>t</title><link rel="stylesheet" href="/app.css"></head>
<body><h1>${text}</h1><input id="name"><div id="box" style="height:100px;overflow:auto"><p style="height:2000px">inner</p></div>
<img src="/dot.svg"><p style="height:4000px">long</p></body></html>`;

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

async function site(text: string, fields: Readonly<Record<string, string>> = {}) {
  let colour = "rgb(255, 0, 0)";
  let streams = 0;
  const server = await app((request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (path === "/app.css") response.writeHead(200, { "Content-Type": "text/css" }).end(`h1{color:${colour}}`);
    else if (path === "/dot.svg") response.writeHead(200, { "Content-Type": "image/svg+xml" }).end(svg);
    else if (path === "/favicon.ico") response.writeHead(204).end();
    else response.writeHead(200, { "Content-Type": "text/html", ...fields }).end(html(text));
    streams += 1;
  });
  return {
    port: server.port,
    paint(next: string) {
      colour = next;
    },
    get asked() {
      return streams;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const heading = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.querySelector("h1")?.textContent ?? null);
const overlay = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.querySelector("reload-overlay")?.shadowRoot?.querySelector("main")?.textContent ?? null);
const broken = (output: string): ShownFailure[] => [{ service: "", stage: "build", message: "build failed", output }];

/** A reload of the page takes away what is being asked: then it is asked again. */
const seen = <T>(ask: () => Promise<T>): Promise<T | undefined> => ask().catch(() => undefined);

describe.skipIf(!hasBrowser())("in a real browser", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openBrowser();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test("a page loads again when the new run serves, never before, and stays where it was", async () => {
    await using first = await site("first");
    await using second = await site("second");
    await using proxy = await front();
    proxy.serve(first.port, { page: 1 });
    const page = await opened.context.newPage();
    await page.goto(`http://localhost:${proxy.port}/deep/er?x=1`);
    expect(await heading(page)).toBe("first");
    await page.evaluate(() => {
      scrollTo(0, 1234);
      document.querySelector("#box")?.scrollTo(0, 567);
      document.querySelector<HTMLInputElement>("#name")?.focus({ preventScroll: true });
    });
    await until("a listener", () => proxy.proxy.listeners === 1);
    proxy.serve(undefined, { page: 1 });
    proxy.serve(undefined, { page: 2 });
    expect(await heading(page)).toBe("first");
    proxy.serve(second.port, { page: 2 });
    await until("the new page", async () => (await seen(() => heading(page))) === "second");
    const place = () =>
      page.evaluate(() => [scrollY, document.querySelector("#box")?.scrollTop, document.activeElement?.id]);
    await until(
      "the old place",
      async () => JSON.stringify(await seen(place)) === '[1234,567,"name"]',
      () => "",
    );
    await page.close();
  });

  test("a changed style sheet is swapped in place: no reload, what was typed and scrolled stays", async () => {
    await using server = await site("styled");
    await using proxy = await front();
    proxy.serve(server.port, { page: 1 });
    const page = await opened.context.newPage();
    await page.goto(`http://localhost:${proxy.port}/`);
    await until("a listener", () => proxy.proxy.listeners === 1);
    await page.fill("#name", "half-filled");
    await page.evaluate(() => {
      scrollTo(0, 300);
      Object.assign(window, { mark: 1 });
    });
    server.paint("rgb(0, 0, 255)");
    proxy.serve(server.port, { page: 1, restyled: [{ path: "static/app.css", version: 2 }] });
    await until("the new colour", () =>
      page.evaluate(() => getComputedStyle(document.querySelector("h1") ?? document.body).color === "rgb(0, 0, 255)"),
    );
    expect(
      await page.evaluate(() => [scrollY, document.querySelector<HTMLInputElement>("#name")?.value, "mark" in window]),
    ).toEqual([300, "half-filled", true]);
    proxy.serve(server.port, {
      page: 1,
      restyled: [
        { path: "static/app.css", version: 2 },
        { path: "x/dot.svg", version: 3 },
      ],
    });
    await until("the new image", () => page.evaluate(() => document.images[0]?.src.endsWith("?reload=3") === true));
    await until("one sheet", () => page.evaluate(() => document.styleSheets.length === 1));
    await page.close();
  });

  test("what failed is shown over the page with its whole text, escaped, and the fix clears it in all tabs", async () => {
    await using server = await site("app");
    await using proxy = await front();
    const output =
      "\u001b[1m./main.go:12:5:\u001b[0m \u001b[31mundefined: <script>alert(1)</script>\u001b[0m\nnext line";
    proxy.serve(server.port, { page: 1, failures: broken(output) });
    const url = `http://localhost:${proxy.port}/`;
    const early = await opened.context.newPage();
    await early.goto(url);
    await until("the error", async () => (await overlay(early))?.includes("undefined: <script>alert(1)</script>"));
    expect(await overlay(early)).toContain("./main.go:12:5: undefined");
    const late = await opened.context.newPage();
    await late.goto(url);
    await until("the error in a tab opened later", async () => (await overlay(late))?.includes("next line"));
    proxy.serve(server.port, { page: 1, failures: broken("another mistake") });
    for (const page of [early, late])
      await until("the second error alone", async () => {
        const text = await overlay(page);
        return text?.includes("another mistake") && !text.includes("undefined");
      });
    proxy.serve(server.port, { page: 1 });
    for (const page of [early, late]) await until("no error", async () => (await overlay(page)) === null);
    await early.close();
    await late.close();
  });

  test("an overlay that is dismissed stays away until the next failure, and gives the focus back", async () => {
    await using server = await site("app");
    await using proxy = await front();
    proxy.serve(server.port, { page: 1 });
    const page = await opened.context.newPage();
    await page.goto(`http://localhost:${proxy.port}/`);
    await until("a listener", () => proxy.proxy.listeners === 1);
    await page.focus("#name");
    for (let round = 0; round < 10; round += 1) {
      proxy.serve(server.port, { page: 1, failures: broken(`mistake ${round}`) });
      await until("the overlay", async () => (await overlay(page))?.includes(`mistake ${round}`));
      await page.keyboard.press("Escape");
      expect(await overlay(page)).toBe(null);
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("name");
      expect(await page.evaluate(() => document.querySelectorAll("reload-overlay").length)).toBe(0);
    }
    await page.close();
  });

  test("eight tabs share one stream, the ninth page loads, and the next tab takes over from one that closes", async () => {
    await using server = await site("tabs");
    await using next = await site("next");
    await using proxy = await front();
    proxy.serve(server.port, { page: 1 });
    const pages = await Promise.all(Array.from({ length: 8 }, () => opened.context.newPage()));
    for (const page of pages) await page.goto(`http://localhost:${proxy.port}/`);
    await until("one listener", () => proxy.proxy.listeners === 1);
    await pages.shift()?.close();
    const ninth = await opened.context.newPage();
    await ninth.goto(`http://localhost:${proxy.port}/`);
    pages.push(ninth);
    await until("one listener again", () => proxy.proxy.listeners === 1);
    proxy.serve(next.port, { page: 2 });
    for (const page of pages)
      await until("the new page in every tab", async () => (await seen(() => heading(page))) === "next");
    for (const page of pages) await page.close();
    await until("no listener", () => proxy.proxy.listeners === 0);
  });

  test("a service worker that passes pages on keeps none of them out; one that hands out old pages is asked once", async () => {
    const worker = (text: string) =>
      app((request, response) => {
        if (request.url === "/passes.js")
          response
            .writeHead(200, { "Content-Type": "text/javascript" })
            .end(
              'addEventListener("activate",e=>e.waitUntil(clients.claim()));addEventListener("fetch",e=>e.respondWith(fetch(e.request)))',
            );
        else if (request.url === "/keeps.js")
          response
            .writeHead(200, { "Content-Type": "text/javascript" })
            .end(
              'addEventListener("fetch",e=>e.request.mode==="navigate"&&e.respondWith(caches.open("x").then(async c=>{const n=await c.match("n");await c.put("n",new Response(1+Number(n?await n.text():0)));const k=await c.match(e.request);if(k)return k;const r=await fetch(e.request);await c.put(e.request,r.clone());return r})))',
            );
        else response.writeHead(200, { "Content-Type": "text/html" }).end(html(text));
      });
    await using first = await worker("first");
    await using second = await worker("second");
    for (const [script, shown] of [
      ["passes.js", "second"],
      ["keeps.js", "first"],
    ] as const) {
      await using proxy = await front();
      proxy.serve(first.port, { page: 1 });
      const page = await opened.context.newPage();
      await page.goto(`http://localhost:${proxy.port}/`);
      await page.evaluate(async (address) => {
        await navigator.serviceWorker.register(address);
        await navigator.serviceWorker.ready;
      }, `/${script}`);
      await page.reload();
      expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
      await until("a listener", () => proxy.proxy.listeners === 1);
      await page.evaluate(() => Object.assign(window, { isBefore: true }));
      proxy.serve(second.port, { page: 2 });
      const isAfter = () => page.evaluate(() => !("isBefore" in window) && document.querySelector("h1")?.textContent);
      await until(`the ${shown} page`, async () => (await seen(isAfter)) === shown);
      if (script === "keeps.js") {
        // What is told next finds it where it is: it has listened again, and was not loaded again.
        const loads = () =>
          page.evaluate(async () => (await (await caches.open("x")).match("n"))?.text().then((text) => Number(text)));
        await until("a listener again", () => proxy.proxy.listeners === 1);
        const before = await loads();
        for (const output of ["one", "two"]) {
          proxy.serve(second.port, { page: 2, failures: broken(output) });
          await until(`overlay ${output}`, async () => ((await seen(() => overlay(page))) ?? "")?.includes(output));
        }
        expect(await loads()).toBe(before);
      }
      await page.close();
    }
  });

  test("30 navigations in one tab leave at most one stream", async () => {
    await using server = await site("walk");
    await using proxy = await front();
    proxy.serve(server.port, { page: 1 });
    const page = await opened.context.newPage();
    for (let round = 0; round <= 30; round += 1) await page.goto(`http://localhost:${proxy.port}/${round}`);
    await until("one listener", () => proxy.proxy.listeners === 1);
    await page.close();
  });

  test("a strict Content-Security-Policy with a nonce or 'self' is enough, for the overlay as well", async () => {
    for (const policy of [
      "default-src 'self'; style-src 'self'",
      "default-src 'none'; script-src 'nonce-abc'; connect-src 'self'; style-src 'self'",
    ]) {
      await using server = await site("strict", { "Content-Security-Policy": policy });
      await using proxy = await front();
      proxy.serve(server.port, { page: 1, failures: broken("styled text") });
      const page = await opened.context.newPage();
      const violations: string[] = [];
      page.on("console", (message) => {
        if (/reload-overlay|__reload/.test(message.text())) violations.push(message.text());
      });
      await page.goto(`http://localhost:${proxy.port}/`);
      await until("the overlay", async () => (await overlay(page))?.includes("styled text"));
      const position = await page.evaluate(
        () => getComputedStyle(document.querySelector("reload-overlay") ?? document.body).position,
      );
      expect(position).toBe("fixed");
      expect(violations).toEqual([]);
      expect(proxy.warnings).toEqual([]);
      await page.close();
    }
  });

  test("behind TLS and a path that is taken away, the page's own origin is asked", async () => {
    await using server = await site("far");
    await using later = await site("nearer");
    await using proxy = await front();
    proxy.serve(server.port, { page: 1 });
    const outer = createTlsServer({ key, cert }, (request, response) => {
      const { url = "", method, headers } = request;
      if (!url.startsWith("/outside/")) {
        response.writeHead(404).end();
        return;
      }
      const path = url.slice("/outside".length);
      const inner = ask({ port: proxy.port, host: "127.0.0.1", path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      request.pipe(inner.on("error", () => response.destroy()));
      response.on("close", () => inner.destroy());
    });
    await new Promise<void>((resolve) => outer.listen(0, "127.0.0.1", resolve));
    const address = outer.address();
    const context = await opened.browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`https://localhost:${typeof address === "object" ? address?.port : 0}/outside/deep/er`);
    expect(await heading(page)).toBe("far");
    await until("a listener", () => proxy.proxy.listeners === 1);
    proxy.serve(later.port, { page: 2 });
    await until("the new page", async () => (await seen(() => heading(page))) === "nearer");
    await context.close();
    outer.closeAllConnections();
    outer.close();
  });

  test("an application that is down: what a page asks in vain never loads it again, and nothing is left of it", async () => {
    await using server = await site("steady");
    await using proxy = await front();
    proxy.serve(server.port, { page: 1 });
    const page = await opened.context.newPage();
    await page.goto(`http://localhost:${proxy.port}/`);
    await until("a listener", () => proxy.proxy.listeners === 1);
    await page.evaluate(() => Object.assign(window, { mark: 1 }));
    proxy.serve(undefined, { page: 1, isComing: false });
    const statuses = await page.evaluate(async () => {
      const all: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        all.push(await fetch("/api").then(({ status }) => status));
        await new Promise<void>((resolve) => {
          const socket = new WebSocket(`ws://${location.host}/ws`);
          socket.onclose = () => resolve();
        });
      }
      return all;
    });
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(await page.evaluate(() => "mark" in window)).toBe(true);
    expect(proxy.proxy.held).toBe(0);
    proxy.serve(server.port, { page: 1 });
    expect(await page.evaluate(() => fetch("/api").then(({ status }) => status))).toBe(200);
    expect(await page.evaluate(() => "mark" in window)).toBe(true);
    await page.close();
  });

  test("a page that waits for the first run shows why, and loads by itself when it serves", async () => {
    await using server = await site("at last");
    await using proxy = await front({ holdMs: 50 });
    proxy.serve(undefined, { isComing: false, failures: broken("main.go:1: oops") });
    const page = await opened.context.newPage();
    await page.goto(`http://localhost:${proxy.port}/`);
    expect(await page.textContent("pre")).toContain("main.go:1: oops");
    proxy.serve(server.port, { page: 1 });
    await until("the page", async () => (await seen(() => heading(page))) === "at last");
    await page.close();
  });

  test("the proxy that is started anew on the same address makes old pages load again", async () => {
    await using server = await site("before");
    await using later = await site("after");
    const first = await front();
    first.serve(server.port, { page: 7 });
    const page = await opened.context.newPage();
    await page.goto(`http://localhost:${first.port}/`);
    await until("a listener", () => first.proxy.listeners === 1);
    const { port } = first;
    await first[Symbol.asyncDispose]();
    await using second = await front({}, {}, port);
    second.serve(later.port, { page: 1 });
    await until("the new page", async () => (await seen(() => heading(page))) === "after");
    await page.close();
  });
});
