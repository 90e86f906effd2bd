/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { hasBrowser, type Opened, openBrowser } from "./chromium.ts";

const server = `require("node:http").createServer((request, response) => {
  response.writeHead(200, { "Content-Type": "text/html" });
  const inner = request.url === "/" ? '<iframe src="/inner"></iframe>' : "";
  response.end('<!doctype html><html><head><title>t</title></head><body><h1>VERSION</h1><input id="name">' + inner + '</body></html>');
}).listen(process.env.PORT);
`;
const version = (text: string): string => server.replace("VERSION", text);

const service = (name: string): string => `[service.${name}]
root = "${name}"
build.cmd = "! grep 'FAIL' server.cjs >&2"
proc.cmd = ["node", "server.cjs"]
proxy.target = "auto"
`;
const config = (more = ""): string => `${service("api")}${service("web")}${more}`;

/** What fails: the titles, and all of the text. `undefined`: the page is being loaded. */
const overlay = (page: Page) =>
  page
    .evaluate(() => {
      const main = document.querySelector("reload-overlay")?.shadowRoot?.querySelector("main");
      if (main === undefined || main === null) return { titles: [], text: "" };
      return { titles: [...main.querySelectorAll("h2")].map((it) => it.textContent), text: main.textContent };
    })
    .catch(() => undefined);

describe.skipIf(!hasBrowser())("several things that fail", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openBrowser();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test("are all shown in every tab, each until it is mended", async () => {
    using project = newProject({
      ".reload.toml": config(),
      "api/server.cjs": version("one"),
      "web/server.cjs": version("one"),
    });
    await using program = reload([], { cwd: project.directory, env: { PORT: undefined } });
    const [, url = ""] = await program.says(/api: open (http:\S+)/);
    const tabs = [await opened.context.newPage(), await opened.context.newPage()];
    for (const tab of tabs) await tab.goto(url);
    await program.says(/watching|web .*ready/);
    const shows = async (...titles: RegExp[]): Promise<void> => {
      for (const tab of tabs)
        await until(
          `the titles ${titles.join()}`,
          async () => {
            const own = await overlay(tab);
            return (
              own?.titles.length === titles.length &&
              titles.every((title) => own.titles.some((text) => title.test(text ?? "")))
            );
          },
          program.seen,
        );
    };
    const [first] = tabs;
    if (first === undefined) throw new Error("no tab");
    await first.focus("#name");

    project.write(
      "web/server.cjs",
      `${version("two")}// FAIL <img src=x onerror="document.title='hit'">\u001b]0;x\u0007\n`,
    );
    await shows(/^web · build/);
    project.write("api/server.cjs", `${version("two")}// FAIL api\n`);
    await shows(/^web · build/, /^api · build/);
    project.write(".reload.toml", config("[log]\nlevel = 7\n"));
    await shows(/^web · build/, /^api · build/, /^config · .*reload\.toml:\d+:\d+: /);
    const late = await opened.context.newPage();
    tabs.push(late);
    await late.goto(url);
    await shows(/^web · build/, /^api · build/, /^config · /);
    const text = (await overlay(late))?.text ?? "";
    expect(text).toContain(`// FAIL <img src=x onerror="document.title='hit'">`);
    expect(text).not.toMatch(/[\u0007\u001b]/);
    expect(await late.title()).toBe("t");

    // A page within a page shows nothing of it, and does not take the focus of the page around it.
    const inner = first.frames().find((frame) => frame.url().endsWith("/inner"));
    await until("the script in the frame", () => inner?.evaluate(() => document.querySelector("script") !== null));
    expect(await inner?.evaluate(() => document.querySelector("reload-overlay"))).toBe(null);
    await first.bringToFront();
    await first.keyboard.press("Escape");
    expect(await overlay(first)).toEqual({ titles: [], text: "" });
    tabs.shift();

    project.write(".reload.toml", config());
    await shows(/^web · build/, /^api · build/);
    // What was dismissed does not come back because a part of it is mended, but with the next failure.
    expect(await overlay(first)).toEqual({ titles: [], text: "" });
    project.write("web/server.cjs", `${version("three")}// FAIL again\n`);
    tabs.push(first);
    await shows(/^web · build/, /^api · build/);
    project.write("web/server.cjs", version("three"));
    await shows(/^api · build/);
    project.write("api/server.cjs", version("three"));
    await shows();
    for (const tab of tabs)
      await until("the new page", async () => (await tab.textContent("h1").catch(() => "")) === "three", program.seen);
    for (const tab of tabs) await tab.close();
  });
});
