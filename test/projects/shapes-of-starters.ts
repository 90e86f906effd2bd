/** Scripts of starters and frameworks, and of people who write theirs by hand. */
import { dev, js, nest, type Shape } from "./shape.ts";

const member = (name: string, script: string): string =>
  JSON.stringify({ name, version: "1.0.0", scripts: { dev: script } });

const inFile = { FROM_FILE: "file", BOTH: "file" };

export const others: readonly Shape[] = [
  // ── what generators write
  dev("DEBUG=app:* nodemon ./bin/www", { files: { "bin/www": js } }),
  dev("node ./bin/www", { files: { "bin/www": js } }),
  dev("nodemon src/"),
  dev("nodemon dist", { first: "tsc", scripts: { build: "tsc" } }),
  dev(
    'npm run build:ts && concurrently -k -p "[{name}]" -n "TypeScript,App" -c "yellow.bold,cyan.bold" "npm:watch:ts" "npm:dev:start"',
    {
      scripts: {
        "build:ts": "tsc",
        "watch:ts": "tsc -w",
        "dev:start": "fastify start --ignore-watch=.ts$ -w -l info -p 0 -P dist/app.js",
      },
      files: {
        "src/app.ts": `import { renameSync, writeFileSync } from "node:fs"; export default async () => { ${js.slice(js.indexOf(";") + 1)} };\n`,
        "src/index.ts": "export {};\n",
        ".env": "",
      },
      first: "tsc",
    },
  ),
  dev("cross-env PAYLOAD_CONFIG_PATH=src/payload.config.ts nodemon", {
    files: {
      "nodemon.json": JSON.stringify({ watch: ["src"], ext: "ts", exec: "ts-node src/index.ts -- -I", stdin: false }),
    },
  }),
  dev("nest start -b swc -w", {
    files: {
      ...nest,
      ".swcrc": JSON.stringify({
        jsc: { parser: { syntax: "typescript", decorators: true }, target: "es2022" },
        module: { type: "commonjs" },
      }),
    },
  }),
  dev("nest start --watch --exec 'node --trace-warnings'", { files: nest }),
  dev("node -r source-map-support/register .", {
    scripts: {
      predev: "npm run rebuild",
      rebuild: "npm run clean && npm run build",
      clean: "rimraf dist",
      build: "tsc",
    },
    more: { main: "dist/index.js" },
    builds: true,
  }),
  // ── watchers called in other ways
  dev("node ./node_modules/nodemon/bin/nodemon.js server.js"),
  dev("node node_modules/.bin/nodemon server.js --by-file"),
  dev("./node_modules/.bin/nodemon server.js --by-path"),
  dev("npm exec -- tsx watch src/index.ts --by-exec"),
  dev("npm exec nodemon -- server.js --by-exec"),
  dev('npm exec -c "nodemon server.js --by-call"'),
  dev("pnpm exec nodemon server.js --by-exec"),
  dev("pnpm nodemon server.js --by-pnpm"),
  dev("yarn nodemon server.js --by-yarn"),
  dev("npx -p tsx tsx watch src/index.ts --by-package"),
  dev("nice -n 5 nodemon server.js --niced", { front: "nice -n 5" }),
  dev("nodemon '--watch' 'src' \"server.js\" --quoted"),
  dev("nodemon --ext js,html,ejs --watch views server.js", { files: { "views/a.ejs": "" } }),
  dev("nodemon -r ./setup.js server.js a_setting=b", { files: { "setup.js": "" } }),
  dev("nodemon src/index.ts --mapped", { files: { "nodemon.json": JSON.stringify({ execMap: { ts: "tsx" } }) } }),
  dev("nodemon", {
    files: {
      "nodemon.json": JSON.stringify({ watch: ["src"], ext: "ts,json", exec: "npm run start:ts", delay: "100" }),
    },
    scripts: { "start:ts": "ts-node src/index.ts --by-script" },
  }),
  dev("nodemon --exec ts-node -r tsconfig-paths/register src/index.ts"),
  dev("node -r ts-node/register/transpile-only -r tsconfig-paths/register src/index.ts"),
  dev("node -r esbuild-register --watch src/index.ts"),
  dev("node -r @swc-node/register src/index.ts"),
  dev("cross-env NODE_OPTIONS='--require ts-node/register' nodemon -x node src/index.ts"),
  dev("nodemon --exec babel-node src/index.js", { files: { "babel.config.json": "{}" } }),
  dev("nodemon --watch src --exec babel-node -- src/index.js", { files: { "babel.config.json": "{}" } }),
  dev("vite-node --watch src/index.ts", { brought: { ...inFile, NODE_ENV: "development" } }),
  dev("node --watch -- server.js --port 3"),
  dev("node --env-file-if-exists=.env --watch src/index.js"),
  dev("tsx watch --env-file .env ./src --of-directory"),
  dev("node-dev --notify=false -r ./setup.js src", { files: { "setup.js": "" } }),
  dev("dotenv -c development -- nodemon server.js --cascading", {
    files: { ".env.development": "BOTH=development\n" },
  }),
  dev("dotenvx run --quiet -- node --watch server.js --dotenvx", { front: "dotenvx run --quiet --", brought: inFile }),
  dev("env-cmd -e development -- nodemon server.js", {
    front: "env-cmd -e development --",
    brought: { A: "1" },
    files: { ".env-cmdrc.json": JSON.stringify({ development: { A: "1" } }) },
  }),
  dev("NODE_OPTIONS='--trace-warnings --enable-source-maps' nodemon server.js --in-options"),
  // ── what stands in front of them
  dev("ulimit -n 512 && nodemon server.js --limited"),
  dev("unset FROM_SHELL; nodemon server.js --unset"),
  dev("set NODE_ENV=development&& nodemon server.js --windows-1"),
  dev("set NODE_ENV=development & nodemon server.js --windows-2"),
  dev("SET DEBUG=app:* & npm start", { scripts: { start: "node server.js --windows-3" } }),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell reads it.
  dev("PORT=${PORT:-3000} nodemon server.js --defaulted", { brought: { PORT: "3000" } }),
  dev("clear; nodemon server.js --cleared"),
  dev("echo starting && nodemon server.js --announced"),
  dev("echo a | cat >/dev/null; nodemon server.js --piped-before"),
  dev("(tsc -w > tsc.log &) && nodemon dist/index.js --subshell", { first: "tsc" }),
  dev("tsc --watch & sleep 1; node --watch dist/index.js --waiting", { first: "tsc" }),
  dev("cd api; npm run dev", {
    files: { "api/package.json": member("api", "nodemon main.js --semicolon"), "api/main.js": js },
  }),
  // ── what stands behind them
  dev("nodemon server.js --forgiven || true"),
  dev('nodemon --exec "ts-node src/index.ts --failing || exit 1"'),
  dev("nodemon server.js --with-an-end; echo done"),
  dev("time -p nodemon server.js --timed"),
  dev("supervisor -n error -e js src/index.js"),
  dev("./with-env.sh nodemon server.js --by-own-front", {
    files: { "with-env.sh": '#!/bin/sh\nA=1 exec "$@"\n' },
    executable: "with-env.sh",
    front: "./with-env.sh",
    brought: { A: "1" },
  }),
  // ── made before they run
  dev("tsc && tsc-alias && node dist/index.js --aliased"),
  dev('tsc-watch --onSuccess "npm start"', { scripts: { start: "NODE_ENV=production node dist/index.js --by-start" } }),
  dev("node build.mjs && node dist/index.js --built-by-file", {
    files: {
      "build.mjs":
        'import { mkdirSync, copyFileSync } from "node:fs"; mkdirSync("dist", { recursive: true }); copyFileSync("src/index.js", "dist/index.js");\n',
    },
    builds: true,
  }),
  dev("esbuild src/index.ts --platform=node --outdir=dist --watch=forever & node --watch dist/index.js --beside", {
    first: "esbuild src/index.ts --platform=node --outdir=dist",
  }),
  dev("npm run build -- --watch & npm run start", {
    scripts: { build: "tsc", start: "node --watch dist/index.js --passed-on" },
    first: "tsc",
  }),
  dev("nodemon -e ts --exec 'npm run build && npm start'", {
    scripts: { build: "tsc", start: "node dist/index.js --both-scripts" },
    builds: true,
  }),
  dev("tsup src/index.ts --format cjs --watch src --onSuccess='node dist/index.js --inline'"),
  dev("sh dev.sh", {
    files: { "dev.sh": "#!/bin/sh\nset -e\n# what it needs\nexport A=1\nnode -e 0\nnodemon server.js --of-file\n" },
  }),
  dev("./scripts/dev.sh", {
    files: {
      "scripts/dev.sh": '#!/usr/bin/env bash\ncd "$(dirname "$0")/.."\nexec tsx watch src/index.ts --of-executable\n',
    },
    executable: "scripts/dev.sh",
  }),
  dev("make dev", { files: { Makefile: ".PHONY: dev\n\ndev: # it\n\t@A=1 nodemon server.js --of-make\n" } }),
  dev("{ node -e 0; nodemon server.js --braces; }"),
  dev("export A=$SHELL/a && nodemon server.js --exported", { brought: { A: "/bin/sh/a" } }),
  dev("A=1 && nodemon server.js --not-exported"),
  // ── workspaces and runners
  dev("yarn workspace @app/api dev", {
    files: {
      "packages/api/package.json": member("@app/api", "nodemon main.js --yarn"),
      "packages/api/main.js": js,
      "yarn.lock": "",
    },
    more: { workspaces: ["packages/*"], private: true },
  }),
  dev("pnpm --filter api run dev", {
    files: {
      "pnpm-workspace.yaml": "packages: [apps/*]\n",
      "apps/api/package.json": member("api", "nodemon main.js --flow"),
      "apps/api/main.js": js,
    },
  }),
  dev("pnpm run --filter=./apps/api dev", {
    files: {
      "pnpm-workspace.yaml": "packages:\n  - apps/*\n",
      "apps/api/package.json": member("api", "nodemon main.js --behind"),
      "apps/api/main.js": js,
    },
  }),
  dev("pnpm -r --parallel --stream dev", {
    files: {
      "pnpm-workspace.yaml": "packages:\n  - apps/*\n",
      "apps/api/package.json": member("api", "nodemon main.js --recursive"),
      "apps/api/main.js": js,
    },
  }),
  dev("npm run dev --workspace=apps/api", {
    files: { "apps/api/package.json": member("api", "nodemon main.js --by-place"), "apps/api/main.js": js },
    more: { workspaces: ["apps/*"] },
  }),
  dev('npm-run-all "dev:* -- --port {1}" -- 8080', { scripts: { "dev:api": "nodemon server.js --placed" } }),
  dev('run-p "dev:api -- --port 3"', { scripts: { "dev:api": "nodemon server.js --given" } }),
  dev("concurrently -P 'nodemon server.js --passed {1}' -- 8080"),
  dev("wireit", { more: { wireit: { dev: { command: "node --watch server.js --wireit", service: true } } } }),
  dev("wireit", {
    scripts: { build: "wireit" },
    more: {
      wireit: {
        dev: { command: "node dist/index.js --wireit", dependencies: ["build"], env: { A: "1" } },
        build: { command: "tsc", files: ["src/**"], output: ["dist/**"] },
      },
    },
    builds: true,
  }),
];
