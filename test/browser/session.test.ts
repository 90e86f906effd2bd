/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { hasBrowser, type Opened, openBrowser } from "./chromium.ts";

const server = `const http = require("node:http"), fs = require("node:fs");
http.createServer((request, response) => {
  const path = request.url.split("?")[0];
  if (path === "/app.css") return response.writeHead(200, { "Content-Type": "text/css" }).end(fs.readFileSync("app.css"));
  if (path === "/favicon.ico") return response.writeHead(204).end();
  response.writeHead(200, { "Content-Type": "text/html" }).end('<!doctype html><html><head><title>t</title><link rel="stylesheet" href="/app.css"></head><body><h1>VERSION</h1><input id="name"><p style="height:4000px">long</p></body></html>');
}).listen(process.env.PORT);
`;
const config = `[build]
cmd = "! grep -n 'B&D <b>' server.cjs >&2"
[proc]
cmd = "node server.cjs"
[proxy]
target = "auto"
[[rule]]
match = "app.json"
schema = "schema.json"
do = "refresh"
`;
const version = (text: string): string => server.replace("VERSION", text);

/** A reload of the page takes away what is being asked: then it is asked again. */
const seen = <T>(ask: () => Promise<T>): Promise<T | undefined> => ask().catch(() => undefined);
const heading = (page: Page) => seen(() => page.evaluate(() => document.querySelector("h1")?.textContent ?? null));
const colour = (page: Page) =>
  page.evaluate(() => getComputedStyle(document.querySelector("h1") ?? document.body).color);
const overlay = (page: Page) =>
  seen(() =>
    page.evaluate(
      () => document.querySelector("reload-overlay")?.shadowRoot?.querySelector("main")?.textContent ?? null,
    ),
  );

describe.skipIf(!hasBrowser())("a page behind the proxy of a session", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openBrowser();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test("loads again when the new run answers, takes a style sheet over as it is, and shows what failed until the fix", async () => {
    using project = newProject({
      "server.cjs": version("one"),
      "app.css": "h1{color:rgb(1,2,3)}",
      "app.json": '{ "port": 80 }',
      "schema.json": '{ "type": "object", "properties": { "port": { "type": "integer" } } }',
      ".reload.toml": config,
    });
    await using program = reload(["--verbose"], { cwd: project.directory, env: { PORT: undefined } });
    const [, url = ""] = await program.says(/open (http:\S+)/);
    const page = await opened.context.newPage();
    await page.goto(url);
    expect(await heading(page)).toBe("one");
    await program.says(/watching \d/);

    // A save, asked for by nobody but the page itself.
    project.write("server.cjs", version("two"));
    await until("the new page", async () => (await heading(page)) === "two", program.seen);

    // A style sheet: no new run, no new page.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const fill = (): void => {
            scrollTo(0, 777);
            const field = document.querySelector<HTMLInputElement>("#name");
            if (field !== null) field.value = "half-filled";
            resolve();
          };
          // A page that was loaded again scrolls by itself, once, to where it was.
          const drawn = (): number => requestAnimationFrame(() => requestAnimationFrame(fill));
          if (document.readyState === "complete") drawn();
          else addEventListener("load", drawn);
        }),
    );
    project.write("app.css", "h1{color:rgb(4,5,6)}");
    await until("the new colour", async () => (await colour(page)) === "rgb(4, 5, 6)", program.seen);
    await program.says(/app\.css changed · refreshed/);
    const kept = () => page.evaluate(() => [scrollY, document.querySelector<HTMLInputElement>("#name")?.value]);
    expect(await kept()).toEqual([777, "half-filled"]);
    expect(program.stderr).not.toMatch(/run 3/);

    // A build that fails: over the page, as it was printed, in a tab that is opened later as well.
    project.write("server.cjs", `${version("two")}// B&D <b>\n`);
    await until("the overlay", async () => (await overlay(page))?.includes("// B&D <b>"), program.seen);
    expect(await kept()).toEqual([777, "half-filled"]);
    const later = await opened.context.newPage();
    await later.goto(url);
    await until("the overlay there", async () => (await overlay(later))?.includes("// B&D <b>"), program.seen);
    project.write("server.cjs", version("three"));
    await until("the fix in both", async () => (await heading(page)) === "three" && (await heading(later)) === "three");
    await until("no overlay", async () => (await overlay(page)) === null && (await overlay(later)) === null);

    // A file that is held back from the program: over the page, until it satisfies the schema.
    project.write("app.json", '{ "port": "many" }');
    await until("the overlay", async () => /app\.json.*1:11.*port/s.test((await overlay(page)) ?? ""), program.seen);
    project.write("app.json", '{ "port": 81 }');
    await until("no overlay again", async () => (await overlay(page)) === null, program.seen);

    // From another shell.
    const asked = await reloadOnce(["url"], { cwd: project.directory });
    expect(asked).toMatchObject({ code: 0, stdout: `${url}\n` });
    await page.evaluate(() => {
      document.title = "old";
    });
    expect(await reloadOnce(["refresh"], { cwd: project.directory })).toMatchObject({ code: 0 });
    await until("another page", async () => (await seen(() => page.title())) === "t", program.seen);
    await Promise.all([page.close(), later.close()]);
  });
});
