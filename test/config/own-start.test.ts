/** A bundler whose configuration starts the program: that is the program, and a build does not start it a second time. */
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { complaints, good, loadIn } from "./loading.ts";

const config = (value: string): string => `export default defineConfig({ entry: ["a.ts"], onSuccess: ${value} });\n`;

test.each([
  ["tsup", { dev: "tsup --watch" }],
  ["tsdown", { dev: "tsdown -w" }],
  ["tsup", { dev: "tsup --watch", start: "node dist/index.js" }],
  ["tsup", { start: "node dist/index.js", build: "tsup" }],
])("%s: %j", async (bundler, scripts) => {
  using project = newProject({
    "package.json": JSON.stringify({ scripts }),
    [`${bundler}.config.ts`]: config('"node dist/index.js"'),
  });
  const { proc, build } = good(await loadIn(project)).config;
  expect(proc.cmd).toEqual(["node", "dist/index.js"]);
  expect(build.cmd).toMatch(new RegExp(`${bundler} --on-success true$`));
});

test("one that starts it by code is said, and one that copies files is a build", async () => {
  const files = { "package.json": JSON.stringify({ scripts: { dev: "tsup --watch", start: "node dist/index.js" } }) };
  using spawning = newProject({ ...files, "tsup.config.ts": config('async () => { spawn("node", ["dist"]) }') });
  expect(JSON.stringify(complaints(await loadIn(spawning)))).toContain("tsup --watch, which watches and reloads");
  using copying = newProject({ ...files, "tsup.config.ts": config('"cp -r views dist"') });
  expect(good(await loadIn(copying)).config.build.cmd).toMatch(/tsup$/);
});
