/** Lines whose program stands inside of something that is not installed where these tests run: each comes to that program, without its watcher. */
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { complaints, good, loadIn } from "./loading.ts";

const member = (scripts: object): string => JSON.stringify({ name: "x", scripts });

type Row = readonly [script: string, cmd: readonly string[], cwd?: string];
const node = ["node", "server.js"] as const;

test.each<Row>([
  // Node's own way to run a script, without what stands before and behind it for npm.
  ["node --run api", [...node, "--api"]],
  ["node --run=api -- --port 3", [...node, "--api", "--port", "3"]],
  // A program that puts variables in front of a line for a shell, or of words.
  ['infisical run --env=dev --command "nodemon server.js"', ["infisical", "run", "--env=dev", "--", ...node]],
  ["doppler run --command='nodemon server.js'", ["doppler", "run", "--", ...node]],
  [
    "dotenvx run -f .env -- tsx watch server.ts",
    ["dotenvx", "run", "-f", ".env", "--", "node", "--import", "tsx", "server.ts"],
  ],
  // What is not installed is fetched, as it is today; what is run inside of it is not.
  ["npx -y nodemon@3 server.js", node],
  ["npx ts-node-x@2 a.ts", ["npx", "-p", "ts-node-x@2", "ts-node-x", "a.ts"]],
  ["npx -y @swc-node/cli a.ts", ["npx", "-y", "@swc-node/cli", "a.ts"]],
  ["npx tsx@latest watch server.ts", ["node", "--import", "tsx", "server.ts"]],
  ["NODE_OPTIONS='--import tsx' node --watch server.ts", ["node", "server.ts"]],
  // Members of a workspace, by name.
  ["bun --filter x dev", ["node", "a.js"], "apps/x"],
  ["bun run --filter './apps/*' dev", ["node", "a.js"], "apps/x"],
  ["(cd apps/x && node --watch a.js)", ["node", "a.js"], "apps/x"],
])("%s", async (dev, cmd, cwd) => {
  using project = newProject({
    "package.json": JSON.stringify({
      scripts: { dev, api: "node --watch server.js --api", preapi: "exit 1" },
      workspaces: ["apps/*"],
    }),
    "apps/x/package.json": member({ dev: "node --watch a.js" }),
    "node_modules/tsx/package.json": "{}",
    ".env": "",
  });
  const { config } = good(await loadIn(project));
  expect(config.proc).toMatchObject({ cmd, cwd });
  expect(config.build.cmd).toBeUndefined();
});

test("what a service of variables is in front of is in front of what is run before the program too, but not of a compiler", async () => {
  using project = newProject({
    "package.json": member({ dev: "doppler run -- npm run api", api: "prisma generate && tsc && node dist/index.js" }),
    "package-lock.json": "{}",
  });
  const { config } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual(["doppler", "run", "--", "node", "dist/index.js"]);
  expect(config.build.cmd).toMatch(/doppler run -- prisma generate && .* && tsc$/);
});

test("a group in parentheses is looked into where it makes files, and is run as it is elsewhere", async () => {
  using project = newProject({
    "package.json": member({ dev: "(tsc && cp -r views dist) && (cd web && npm run build) && node dist/index.js" }),
  });
  const { config } = good(await loadIn(project));
  expect(config.build.cmd).toMatch(/\( cd web && npm run build \).* && tsc && cp -r views dist$/);
});

test.each<[string, string, object]>([
  ["node .", "tsc", { main: "dist/index.js" }],
  ["node dist/index.js", "rimraf dist && tsc", {}],
  ["node -r source-map-support/register .", "lb-tsc", { main: "./dist/index.js" }],
])(
  "a script that is run in front of it makes the files of %s: they are made before each start, and once",
  async (start, build, more) => {
    using project = newProject({
      "package.json": JSON.stringify({ scripts: { start, build, prestart: "npm run build" }, ...more }),
    });
    const { config } = good(await loadIn(project));
    const compiler = build.replace(/^.*&& /, "");
    expect(config.build.cmd).toMatch(new RegExp(`(?:^|&& )${compiler}$`));
    expect(String(config.build.cmd).split(compiler)).toHaveLength(2);
    expect(config.watch.exclude_dirs).toContain("/dist");
  },
);

test("what is waited for in a file beside its compiler is made before", async () => {
  using project = newProject({
    "package.json": member({ dev: 'concurrently "tsc -w" "wait-on dist/a.js && nodemon dist/a.js"' }),
  });
  expect(good(await loadIn(project)).config.build.cmd).toBe("tsc");
  project.write(
    "package.json",
    member({ dev: 'concurrently "tsc -w" "wait-on tcp:5432 && nodemon dist/a.js"', start: "x" }),
  );
  expect(good(await loadIn(project)).config.build.cmd).toMatch(/wait-on tcp:5432 .* && tsc$/);
});

test("several programs keep what stands around them, and each line can be run in a terminal", async () => {
  using project = newProject({
    "package.json": member({ dev: 'cross-env DEBUG=x concurrently "vite" "nodemon server.js"' }),
    "node_modules/.bin/vite": "",
  });
  const text = complaints(await loadIn(project));
  expect(text).toMatch(/npx vite +vite watches by itself/);
  expect(text).toMatch(/reload -E DEBUG=x node server\.js/);
});

test("rollup that watches with its options in one word makes files and runs nothing", async () => {
  using project = newProject({
    "package.json": member({ dev: "rollup -cw", start: "node dist/index.js" }),
  });
  expect(good(await loadIn(project)).config).toMatchObject({
    build: { cmd: "rollup -c" },
    proc: { cmd: ["node", "dist/index.js"] },
  });
});

test.each([
  ["export $(cat .env | xargs) && nodemon server.js", [".env"]],
  ["export $(grep -v '^#' .env | xargs) && nodemon server.js", [".env"]],
  ["env $(cat .env | xargs) A=1 nodemon server.js", [".env"]],
  ["set -a && . ./.env && nodemon server.js", ["./.env"]],
  ["set -a; source ./exported.env; set +a; nodemon server.js", ["./exported.env"]],
  [". ./exported.env && nodemon server.js", ["./exported.env"]],
])("an env file that a shell reads is one of ours: %s", async (dev, files) => {
  using project = newProject({
    "package.json": member({ dev }),
    ".env": "A=1\n# no\nB='two words'\n",
    "exported.env": "export A=1\n",
  });
  const { config } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual([...node]);
  expect(config.env_files).toEqual(files);
  expect(config.build.cmd).toBeUndefined();
});

test.each([
  // Without \`set -a\` nothing of it is passed on.
  ". ./.env && nodemon server.js",
  ". ./secrets.sh && nodemon server.js",
  "export $(./secrets.sh) && nodemon server.js",
  "nodemon server.js || nodemon other.js",
])("what only a shell can tell is run as it is: %s", async (dev) => {
  using project = newProject({ "package.json": member({ dev }), ".env": "A=1\n", "secrets.sh": "A=$(pass a)\n" });
  expect(good(await loadIn(project)).config.proc.cmd).toEqual(["npm", "run", "dev"]);
});

test.each([
  ["test -f .env || cp .env.example .env; nodemon server.js", "{ test -f .env || cp .env.example .env || true; }"],
  ["[ -f .env ] || cp .env.example .env && NODE_ENV=x nodemon server.js", "{ [ -f .env ] || cp .env.example .env; }"],
  ["cp -n .env.example .env; nodemon server.js", "{ cp -n .env.example .env || true; }"],
])("what is decided in front of it is done once, and may fail where a semicolon stands: %s", async (dev, line) => {
  using project = newProject({ "package.json": member({ dev }) });
  const { config, notes } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual([...node]);
  expect(config.build.cmd).toContain(`{ ${line} && mkdir -p`);
  expect(notes[0]).toMatch(/^once, before the first start: [^{}]*$/);
});

test("containers are said, with the command to run", async () => {
  using project = newProject({ "package.json": member({ dev: "docker compose up --build" }) });
  expect(complaints(await loadIn(project))).toMatch(
    /starts docker compose, which runs containers[\s\S]*npm run dev +runs it/,
  );
  project.write("package.json", member({ dev: "docker compose up -d && nodemon server.js" }));
  expect(good(await loadIn(project)).config.proc.cmd).toEqual([...node]);
});

test("packages that are not installed are said, with what installs them", async () => {
  using project = newProject({
    "package.json": JSON.stringify({ scripts: { dev: "tsx watch a.ts" }, devDependencies: { tsx: "4" } }),
    "pnpm-lock.yaml": "",
  });
  const said = "its packages are not installed: pnpm install";
  expect(good(await loadIn(project)).notes[0]).toBe(said);
  project.write("node_modules/.keep", "");
  expect(good(await loadIn(project)).notes).not.toContain(said);
});
