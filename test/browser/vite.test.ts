/// <reference lib="dom" />
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { hasBrowser, type Opened, openBrowser } from "./chromium.ts";

/** The one that the tests themselves run on. */
const ofVitest = createRequire(createRequire(import.meta.url).resolve("vitest/package.json"));
const vite = join(dirname(ofVitest.resolve("vite/package.json")), "bin/vite.js");

const component = (text: string): string =>
  `export const text = ${JSON.stringify(text)};
const show = (its) => { document.querySelector("h1").textContent = its; };
show(text);
if (import.meta.hot) import.meta.hot.accept((next) => show(next.text));
`;

describe.skipIf(!hasBrowser())("Vite behind the proxy", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openBrowser();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test("replaces a component in the page without a reload, and the page loads again when Vite itself is restarted", async () => {
    using project = newProject({
      "index.html":
        '<!doctype html><html><head><title>v</title></head><body><h1></h1><script type="module" src="/main.js"></script></body></html>',
      "main.js": 'import "./component.js";\n',
      "component.js": component("one"),
      "vite.config.mjs": 'export default { define: { MODE: "1" } };\n',
      "package.json": '{ "type": "module", "private": true }',
      ".reload.toml": `[proc]
cmd = "exec node '${vite}' --host 127.0.0.1 --port $PORT --strictPort"
[watch]
include_files = ["vite.config.mjs"]
[proxy]
target = "auto"
`,
    });
    await using program = reload(["--verbose"], { cwd: project.directory, env: { PORT: undefined } });
    const [, url = ""] = await program.says(/open (http:\S+)/);
    const page = await opened.context.newPage();
    const sockets: string[] = [];
    page.on("websocket", (socket) => void sockets.push(socket.url()));
    await page.goto(url);
    const heading = (): Promise<string | null> => page.textContent("h1").catch(() => null);
    await until("the component", async () => (await heading()) === "one", program.seen);
    await program.says(/watching \d/);
    await until("Vite's own connection, through the proxy", () => sockets.length > 0);
    expect(sockets[0]).toContain(new URL(url).host);
    await page.evaluate(() => Object.assign(window, { mark: 1 }));
    await until(
      "the component that was saved",
      async () => {
        // Vite watches by itself, from a moment on that only it knows; a file seen while it is empty accepts nothing.
        project.replace("component.js", component("two"));
        return (await heading()) === "two";
      },
      program.seen,
    );
    expect(await page.evaluate(() => "mark" in window)).toBe(true);
    expect(program.stderr).not.toMatch(/run 2/);
    project.write("vite.config.mjs", 'export default { define: { MODE: "2" } };\n');
    await until("another page", () => page.evaluate(() => !("mark" in window)).catch(() => false), program.seen);
    await until("the component again", async () => (await heading()) === "two", program.seen);
    await page.close();
  });
});
