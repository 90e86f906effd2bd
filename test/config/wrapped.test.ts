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
  // One that no table knows, and that starts a watcher.
  ["varlock run -- tsx watch server.ts", ["varlock", "run", "--", "node", "--import", "tsx", "server.ts"]],
  // What brings a version or the variables of a directory.
  ["direnv exec . nodemon server.js", ["direnv", "exec", ".", ...node]],
  ["volta run --node 20 node --watch server.js", ["volta", "run", "--node", "20", ...node]],
  ["fnm exec --using=20 nodemon server.js", ["fnm", "exec", "--using=20", ...node]],
  ["mise exec node@20 -- node --watch server.js", ["mise", "exec", "node@20", "--", ...node]],
  ["phase exec nodemon server.js", ["phase", "exec", ...node]],
  ["phase run --env dev nodemon server.js", ["phase", "run", "--env", "dev", ...node]],
  ["genkit start -- tsx --watch server.ts", ["genkit", "start", "--", "node", "--import", "tsx", "server.ts"]],
  ["tool --runner nodemon", ["tool", "--runner", "nodemon"]],
  // A shell that reads its profile first gives way to the program.
  ["bash -lc 'nodemon server.js'", ["bash", "-lc", 'exec "$0" "$@"', ...node]],
  ["bash -ec 'nodemon server.js'", node],
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

test.each([
  ["concurrently 'tsc --noEmit -w' 'nodemon server.js'", "tsc --noEmit -w"],
  ["tsc --watch --noEmit & nodemon server.js", "tsc --watch --noEmit"],
  ['concurrently "npm:types" "npm:api -- --port 3"', "npm run types"],
])("what looks at types beside a program is left out, and said: %s", async (dev, left) => {
  using project = newProject({
    "package.json": member({ dev, types: "vue-tsc -w --noEmit", api: "nodemon server.js" }),
  });
  const { config, notes } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual([...node, ...(dev.includes("--port") ? ["--port", "3"] : [])]);
  expect(notes[0]).toBe(`${left} is left out: it looks at types and runs nothing`);
});

test("what is of others only runs beside a program", async () => {
  using project = newProject({ "package.json": member({ dev: "stripe listen & nodemon server.js & gql-codegen -w" }) });
  expect(complaints(await loadIn(project))).toMatch(
    /^ +stripe listen +only runs\n +reload node server\.js +again on every change\n +gql-codegen -w +gql-codegen -w watches by itself$/m,
  );
});

test.each([
  ["pnpm -F api dev", ["node", "a.js"], "apps/api"],
  ["pnpm --filter @shop/api... dev", ["node", "a.js"], "apps/api"],
])("a member of a workspace is found as pnpm finds it: %s", async (dev, cmd, cwd) => {
  using project = newProject({
    "package.json": member({ dev }),
    "pnpm-workspace.yaml": "packages:\n  - apps/*\n",
    "apps/api/package.json": JSON.stringify({
      name: "@shop/api",
      scripts: { dev: "node --watch a.js" },
      dependencies: { "@shop/lib": "workspace:*" },
    }),
    "apps/lib/package.json": JSON.stringify({ name: "@shop/lib" }),
    "apps/web/package.json": JSON.stringify({ name: "@shop/web", scripts: { dev: "vite" } }),
  });
  expect(good(await loadIn(project)).config.proc).toMatchObject({ cmd, cwd });
});

test("a pattern of scripts needs no quotes", async () => {
  using project = newProject({
    "package.json": member({
      dev: "concurrently npm:dev:*",
      "dev:a": "node --watch a.js",
      "dev:b": "node --watch b.js",
    }),
  });
  expect(complaints(await loadIn(project))).toMatch(/reload node a\.js.*\n.*reload node b\.js/);
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
  [". ./.env && nodemon server.js", ". ./.env && exec node server.js"],
  [". ./secrets.sh && nodemon server.js", ". ./secrets.sh && exec node server.js"],
  ["set -a; . ./secrets.sh; nodemon server.js", "set -a && . ./secrets.sh; exec node server.js"],
  ["export $(./secrets.sh) && nodemon server.js", "export $(./secrets.sh) && exec node server.js"],
  ["export A=1 B=$HOME/b && nodemon server.js | pino-pretty", "export A=1 B=$HOME/b && node server.js | pino-pretty"],
  ["A=$(cat a) && C=$A nodemon server.js --a $A", "A=$(cat a) && C=$A node server.js --a $A"],
  ["ulimit -n 4096; umask 022 && nodemon server.js", "ulimit -n 4096; umask 022 && exec node server.js"],
  ['eval "$(direnv export bash)" && nodemon server.js', 'eval "$(direnv export bash)" && exec node server.js'],
  ["ulimit -n 4096 || true; nodemon server.js", "ulimit -n 4096; exec node server.js"],
  ["CA=~/ca.pem nodemon server.js", "CA=~/ca.pem node server.js"],
  [
    "nice -n 5 sh -c 'ulimit -n 9; nodemon server.js'",
    ["nice", "-n", "5", "sh", "-c", "ulimit -n 9; exec node server.js"],
  ],
])("what only a shell can tell stays with the program, without its watcher: %s", async (dev, cmd) => {
  using project = newProject({ "package.json": member({ dev }), ".env": "A=1\n", "secrets.sh": "A=$(pass a)\n" });
  const { config } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual(cmd);
  expect(config.build.cmd).toBeUndefined();
});

test.each([
  ["nodemon server.js || nodemon other.js", "it decides with || what to run"],
  [". ./secrets.sh && cd api && nodemon server.js", "it changes its directory where only a shell can tell"],
  ["[ -f .env ] && export A=1; nodemon server.js", "only a shell can tell what [ -f .env ] && export A=1 does"],
  ["sh dev.sh", "dev.sh is more than a list of commands"],
  ["wireit", "wireit runs scripts of other packages for it"],
])("what cannot be read is run as it is, and a watcher in it is said: %s", async (dev, why) => {
  using project = newProject({
    "package.json": JSON.stringify({
      scripts: { dev },
      wireit: { dev: { command: "nodemon server.js", dependencies: ["../lib:build"] } },
    }),
    "secrets.sh": "A=$(pass a)\n",
    "dev.sh": "for a in 1 2; do\n  nodemon server.js\ndone\n",
  });
  const { config, notes } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual(["npm", "run", "dev"]);
  expect(notes[0]).toBe(`script "dev" is run as it is, since ${why}: ${dev}`);
  if (dev !== "wireit") expect(notes[1]).toMatch(/^nodemon watches by itself, so that two restart the same program/);
});

test.each([
  ["dev.sh", "#!/bin/sh\n# all of it\nset -euo pipefail\n\nexport A=1 # why\nexec nodemon \\\n  server.js\n"],
  ["bin/dev", '#!/usr/bin/env bash\ncd "$(dirname "$BASH_SOURCE")/.."\nA=1 nodemon server.js'],
  ["Makefile", "dev:\n\t@A=1 nodemon server.js\n\nother:\n\tfalse\n"],
  ["justfile", "# it\ndev:\n    A=1 nodemon server.js\n"],
])("what stands in a file is read there: %s", async (file, text) => {
  const calls: Readonly<Record<string, string>> = {
    "dev.sh": "bash dev.sh",
    "bin/dev": "./bin/dev",
    Makefile: "make dev",
    justfile: "just dev",
  };
  using project = newProject({ "package.json": member({ dev: calls[file] }), [file]: text });
  const { config } = good(await loadIn(project));
  expect(config.proc).toMatchObject({ cmd: [...node], env: { A: "1" } });
});

test.each([
  ["dev.sh", 'nodemon server.js "$@"\n', "sh dev.sh", ["sh", "dev.sh"]],
  ["Makefile", "dev: build\n\tnodemon server.js\n", "make dev", ["make", "dev"]],
  ["Makefile", "dev:\n\tnodemon $(MAIN)\n", "make dev", ["make", "dev"]],
])("but not where it needs more than what stands there: %s", async (file, text, dev, cmd) => {
  using project = newProject({ "package.json": member({ dev }), [file]: text });
  expect(good(await loadIn(project)).config.proc.cmd).toEqual(cmd);
});

test("two programs of a file that waits for them are two", async () => {
  using project = newProject({
    "package.json": member({ dev: "./dev.sh" }),
    "dev.sh": "#!/bin/sh\nnodemon server.js &\nvite &\nwait\n",
  });
  const said = complaints(await loadIn(project));
  expect(said).toMatch(/reload node server\.js +again on every change\n.*vite watches by itself/);
  expect(said).not.toMatch(/wait /);
});

test("a compiler in the background of a subshell makes files before each start, and never goes on for ever", async () => {
  using project = newProject({ "package.json": member({ dev: "(tsc -w > log &) && nodemon dist/a.js" }) });
  expect(good(await loadIn(project)).config.build.cmd).toBe("tsc");
});

test.each([
  [
    "server.mjs",
    'const vite = await import("vite").then((it) => it.createServer({ server: { middlewareMode: true } }));',
    "Vite",
  ],
  ["server.ts", 'import next from "next";\nconst app = next({ hostname, dev, port });', "Next"],
])("a server that has one inside of it which takes changes over is said: %s", async (file, text, name) => {
  using project = newProject({ "package.json": member({ dev: `tsx ${file}` }), [file]: text });
  expect(complaints(await loadIn(project))).toMatch(
    new RegExp(
      `starts ${name} in ${file}, which .* by itself\\n.*runs it, without reload\\n.*reload -w ${file} npm run dev +again when`,
    ),
  );
  // Its people say what starts it again.
  project.write("package.json", member({ dev: `nodemon --watch ${file} --exec tsx ${file}` }));
  expect(good(await loadIn(project)).config.proc.cmd).toContain(file);
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

test("what is forgiven, or ends the shell, in front of a program is done as it stands there", async () => {
  const commandsOf = async (dev: string): Promise<readonly [build: unknown, program: unknown, atEnd: unknown]> => {
    using project = newProject({ "package.json": member({ dev }), "package-lock.json": "{}" });
    const { config } = good(await loadIn(project));
    return [config.build.cmd, config.proc.cmd, config.hooks.at_end];
  };
  // A build that was done once would leave every later save out.
  expect(await commandsOf("tsc || true; node dist/index.js || exit 1")).toEqual(["tsc", ["node", "dist/index.js"], []]);
  expect((await commandsOf("prisma generate || true && nodemon server.js"))[0]).toMatch(
    /\{ prisma generate \|\| true; \}/,
  );
  expect((await commandsOf("[ -f .env ] || exit 1; nodemon server.js"))[0]).not.toContain("|| true");
  expect(await commandsOf("nodemon server.js; docker compose down")).toEqual([
    undefined,
    node,
    ["docker compose down"],
  ]);
  expect((await commandsOf("nodemon server.js && echo done")).slice(1)).toEqual([node, []]);
});

test("a server that watches by itself is said behind a program that no table knows", async () => {
  using project = newProject({ "package.json": member({ dev: "portless shop next dev" }) });
  expect(complaints(await loadIn(project))).toContain("next dev");
});

test("the file that a program is started from counts whatever its name ends in", async () => {
  using project = newProject({ "package.json": member({ start: "node ./bin/www" }), "bin/www": "" });
  expect(good(await loadIn(project)).config.watch.include_files).toContain("bin/www");
  project.write("package.json", member({ start: "nodemon -e js,ejs bin/www" }));
  expect(good(await loadIn(project)).config.watch.include_files).toContain("bin/www");
  project.write("package.json", member({ start: "node server.js data" }));
  project.write("server.js", "");
  project.write("data", "");
  expect(good(await loadIn(project)).config.watch.include_files).not.toContain("data");
});

test("a script of wireit that another one needs may have a colon in its name", async () => {
  using project = newProject({
    "package.json": JSON.stringify({
      scripts: { dev: "wireit", "build:ts": "wireit" },
      wireit: {
        dev: { command: "node --watch dist/index.js", service: true, dependencies: ["build:ts"] },
        "build:ts": { command: "tsc -p . && tsc-alias" },
      },
    }),
  });
  const { config } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual(["node", "dist/index.js"]);
  expect(config.build.cmd).toBe("tsc -p . && tsc-alias");
});
