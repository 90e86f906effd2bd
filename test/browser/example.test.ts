/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { hasBrowser, type Opened, openBrowser } from "./chromium.ts";

const textOf = (page: Page, selector: string): Promise<string | null> =>
  page.evaluate((text) => document.querySelector(text)?.textContent ?? null, selector).catch(() => null);
const overlay = (page: Page): Promise<string | null> =>
  page
    .evaluate(() => document.querySelector("reload-overlay")?.shadowRoot?.querySelector("main")?.textContent ?? null)
    .catch(() => null);

describe.skipIf(!hasBrowser())("examples/live", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openBrowser();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test("eight tabs follow the source: a style sheet in place, a mistake over each of them, the fix in all", async () => {
    using project = newProject();
    cpSync(fileURLToPath(new URL("../../examples/live", import.meta.url)), project.directory, { recursive: true });
    await using program = reload(["--verbose"], { cwd: project.directory, env: { PORT: undefined } });
    const [, url = ""] = await program.says(/open (http:\S+)/);
    const tabs = await Promise.all(Array.from({ length: 8 }, () => opened.context.newPage()));
    const [first] = tabs;
    if (first === undefined) throw new Error("no tab");
    const inAll = async (what: string, is: (page: Page) => Promise<boolean>): Promise<void> => {
      for (const tab of tabs) await until(`${what} in tab ${tabs.indexOf(tab)}`, () => is(tab), program.seen);
    };
    // A browser opens six connections to a host, and the page of the example needs one for itself: so in one tab only.
    for (const tab of tabs.slice(1)) await tab.route(/localhost:\d+\/events$/, (route) => route.abort());
    for (const tab of tabs) await tab.goto(url);
    await inAll("the page", async (tab) => (await textOf(tab, "h1")) === "Hello from reload");
    await until("an event", async () => (await textOf(first, "#events"))?.startsWith("run 1"), program.seen);
    await program.says(/watching \d/);

    await first.fill("#field", "half-filled");
    project.write("style.css", project.read("style.css").replace("rgb(20, 90, 160)", "rgb(1, 2, 3)"));
    await inAll("the colour", (tab) =>
      tab.evaluate(() => getComputedStyle(document.querySelector("h1") ?? document.body).color === "rgb(1, 2, 3)"),
    );
    expect(await first.inputValue("#field")).toBe("half-filled");

    const source = project.read("server.js");
    project.write("server.js", source.replace('"Hello"', '"broken'));
    await inAll(
      "the mistake",
      async (tab) => (await overlay(tab))?.includes("run 2 ended (code 1)What it printed is in its terminal") === true,
    );
    project.write("server.js", source.replace('"Hello"', '"Good morning"'));
    await inAll("the fix", async (tab) => (await textOf(tab, "h1")) === "Good morning from reload");
    await inAll("no overlay", async (tab) => (await overlay(tab)) === null);
    await until(
      "an event of the new run",
      async () => (await textOf(first, "#events"))?.startsWith("run 3"),
      program.seen,
    );
    // Its stream was closed for it, so that it could end by itself.
    expect(program.stderr).not.toMatch(/waiting for pid|killed/);
    for (const tab of tabs) await tab.close();
  });
});
