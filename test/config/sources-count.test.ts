/** What somebody writes counts, whatever a watcher was told to look at and whatever the directory is called. */
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

const tsconfig = JSON.stringify({ compilerOptions: { outDir: "dist", module: "commonjs" } });

async function foundIn(scripts: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
  using project = newProject({
    "package.json": JSON.stringify({ scripts }),
    "tsconfig.json": tsconfig,
    "node_modules/typescript/lib/typescript.js": "",
    "node_modules/.bin/ts-node": "",
    ...files,
  });
  const { watch, build } = good(await loadIn(project)).config;
  return { ...watch, isBuilt: build.cmd !== undefined };
}

test.each([
  "tsc -w & nodemon -w dist dist/index.js",
  'concurrently "tsc -w" "nodemon --watch ./dist -e js dist/index.js"',
  'concurrently "tsc -w" "nodemon --watch dist/**/*.js dist/index.js"',
  'concurrently "tsc -w" "nodemon --ignore src --ext js,json dist/index.js"',
  "tsc -w & node --watch-path=./dist dist/index.js",
  "concurrently 'esbuild src/index.ts --outdir=out --watch' 'nodemon -w out out/index.js'",
  "nodemon -w dist dist/index.js",
])("%s: what is in src, though its watcher looks at outputs", async (dev) => {
  const { include_dirs, include_files, exclude_dirs, isBuilt } = await foundIn(
    { dev, build: "tsc" },
    { "src/index.ts": "", "dist/index.js": "" },
  );
  expect(isBuilt).toBe(true);
  expect(include_dirs).toEqual(["."]);
  expect(include_files).toContain(".ts");
  expect(exclude_dirs).not.toContain("src");
});

test("what a watcher was told to look at counts where those are sources", async () => {
  const dev = 'nodemon -w src -i src/logs -e ts --exec "tsc && node dist/index.js"';
  const { include_dirs, include_files, exclude_dirs } = await foundIn(
    { dev },
    { "src/index.ts": "", "src/logs/a": "" },
  );
  expect({ include_dirs, include_files }).toEqual({ include_dirs: ["src"], include_files: [".ts"] });
  expect(exclude_dirs).toContain("src/logs");
});

test.each([
  ["ts-node bin/www.ts", "bin"],
  ["ts-node-dev --respawn lib/server.ts", "lib"],
  ["nodemon --exec ts-node build/server.ts", "build"],
  ["sass a.scss b.css && node lib/server.js", "lib"],
])("%s: a program of sources in %s", async (dev, directory) => {
  const { exclude_dirs, isBuilt } = await foundIn(
    { dev },
    { [`${directory}/www.ts`]: "", [`${directory}/server.ts`]: "", [`${directory}/server.js`]: "" },
  );
  expect(isBuilt).toBe(true);
  expect(exclude_dirs).not.toContain(`/${directory}`);
});

test("what a build says that it writes does not count", async () => {
  const { exclude_dirs } = await foundIn({ dev: "babel src -d lib && node lib/server.js" }, { "src/server.js": "" });
  expect(exclude_dirs).toContain("/lib");
});
