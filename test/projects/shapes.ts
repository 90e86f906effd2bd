/** Scripts and layouts as they are found out there, each with the command that its people run. */
import { dev, js, nest, pkg, type Shape, ts } from "./shape.ts";
import { others } from "./shapes-of-starters.ts";
import { workspaces } from "./shapes-of-workspaces.ts";

const usual: readonly Shape[] = [
  // ── plain
  dev("node server.js"),
  dev("node .", { more: { main: "server.js" } }),
  dev("node --inspect=0 server.js"),
  dev("NODE_ENV=development PORT=3000 node server.js --port 3000"),
  dev('node server.js "two words" \'$HOME\' "it\'s"'),
  dev("node -r ./setup.js server.js", { files: { "setup.js": "" } }),
  dev("node --env-file=.env server.js"),
  // ── node --watch
  dev("node --watch server.js"),
  dev("node --watch --env-file=.env server.js --verbose"),
  dev("node --env-file .env --watch server.js"),
  dev("node --watch-path=./src --watch server.js"),
  dev("node --watch-path src src/index.js"),
  dev("node --inspect=0 --watch --watch-preserve-output server.js"),
  dev("NODE_ENV=development node --watch -r ./setup.js src/index.js", { files: { "setup.js": "" } }),
  dev("node --import tsx --watch src/index.ts"),
  // ── tsx
  dev("tsx watch src/index.ts"),
  dev("tsx watch --clear-screen=false src/index.ts"),
  dev("tsx --watch src/index.ts", { apart: "tsx gives --watch to Node, which starts itself again" }),
  dev("tsx src/index.ts"),
  dev("tsx watch --env-file=.env src/index.ts --port 3000"),
  dev("tsx watch --ignore ./data --include ./views src/index.ts"),
  dev("NODE_ENV=development tsx watch --inspect=0 src/index.ts"),
  dev("npx tsx watch src/index.ts"),
  dev("tsx watch -r ./setup.cjs src/index.ts", { files: { "setup.cjs": "" } }),
  dev("tsx watch --tsconfig tsconfig.json src/index.ts"),
  dev("tsx watch src/index.ts | cat"),
  // ── nodemon
  dev("nodemon server.js"),
  dev("nodemon", { more: { main: "src/index.js" } }),
  dev("nodemon", { scripts: { start: "node server.js --from-start" } }),
  dev("nodemon server"),
  dev("nodemon --inspect=0 server.js --port 3000"),
  dev("nodemon -w src -e js,ts src/index.js"),
  dev("nodemon src/index.ts"),
  dev("nodemon --exec ts-node src/index.ts"),
  dev('nodemon --exec "node -r ./setup.js" server.js', { files: { "setup.js": "" } }),
  dev('nodemon --watch src --ext ts,json --exec "ts-node --transpile-only src/index.ts"'),
  dev("nodemon --exec 'tsx' src/index.ts"),
  dev('nodemon -x "npm start"', { scripts: { start: "node server.js" } }),
  dev("nodemon -q --delay 100ms -i data server.js"),
  dev("nodemon", {
    files: {
      "nodemon.json": JSON.stringify({
        watch: ["src"],
        ext: "ts",
        exec: "ts-node src/index.ts",
        env: { NODE_ENV: "development" },
      }),
    },
  }),
  dev("nodemon --config tools/nodemon.json", {
    files: { "tools/nodemon.json": JSON.stringify({ watch: ["src"], exec: "node src/index.js --configured" }) },
  }),
  dev("nodemon", { more: { nodemonConfig: { exec: "node --trace-warnings server.js" } } }),
  dev("nodemon server.js", { files: { "nodemon.json": JSON.stringify({ execMap: { js: "node --trace-warnings" } }) } }),
  dev("nodemon -- server.js --flag"),
  dev("nodemon --signal SIGTERM server.js"),
  // ── ts-node-dev, node-dev and others
  dev("ts-node-dev --respawn --transpile-only src/index.ts"),
  dev("tsnd --respawn -T --exit-child --ignore-watch node_modules src/index.ts --port 1"),
  dev("ts-node src/index.ts"),
  dev("node-dev server.js"),
  dev("node-dev --respawn --notify=false server.js"),
  dev("supervisor -q -w src server.js"),
  dev("supervisor -- server.js --flag"),
  dev("onchange -i -k 'src/**/*.js' -- node server.js --changed"),
  dev("chokidar 'src/**/*.js' --initial -c 'node server.js --changed'"),
  // ── variables
  dev("cross-env NODE_ENV=development nodemon server.js"),
  dev("cross-env A=1 B='two words' node --watch server.js"),
  dev('cross-env-shell A=1 "node server.js --shell"'),
  dev("cross-env A=1 npm run start:it", { scripts: { "start:it": "nodemon server.js" } }),
  dev("dotenv -e .env -- node --watch server.js"),
  dev("dotenv -- tsx watch src/index.ts"),
  dev("dotenv -e .env.local -e .env -- node server.js", { files: { ".env.local": "BOTH=local\n" } }),
  dev("dotenv -v A=1 -- node server.js"),
  dev("env-cmd -f .env nodemon server.js"),
  dev("env-cmd nodemon server.js"),
  dev("env A=1 node --watch server.js"),
  dev("export A=1 && node --watch server.js"),
  dev('A=1 B="two words" nodemon server.js'),
  // ── other scripts
  dev("npm run start:dev", { scripts: { "start:dev": "nodemon server.js" } }),
  dev("npm start -- --port 3000", { scripts: { start: "node server.js" } }),
  dev("npm run watch --silent", { scripts: { watch: "node --watch server.js" } }),
  dev("run-s prepare:it serve:it", { scripts: { "prepare:it": "node -e 0", "serve:it": "nodemon server.js" } }),
  dev("npm-run-all prepare:it serve:it", {
    scripts: { "prepare:it": "node -e 0", "serve:it": "node --watch server.js" },
  }),
  dev("nodemon server.js", { scripts: { predev: "node -e 0" } }),
  dev("cd api && npm run dev", {
    files: { "api/package.json": pkg({ dev: "nodemon main.js --api" }), "api/main.js": js },
  }),
  dev("npm --prefix api run dev", {
    files: { "api/package.json": pkg({ dev: "nodemon main.js --api" }), "api/main.js": js },
  }),
  dev("npm run dev -w api", {
    files: {
      "api/package.json": JSON.stringify({ name: "api", version: "1.0.0", scripts: { dev: "node --watch main.js" } }),
      "api/main.js": js,
    },
    more: { workspaces: ["api"] },
  }),
  dev("npm run dev -ws --if-present", {
    files: {
      "apps/api/package.json": JSON.stringify({
        name: "api",
        version: "1.0.0",
        scripts: { dev: "node --watch main.js --member" },
      }),
      "apps/api/main.js": js,
      "apps/lib/package.json": JSON.stringify({ name: "lib", version: "1.0.0" }),
    },
    more: { workspaces: ["apps/*"] },
  }),
  dev("sh -c 'node --watch server.js'"),
  dev("exec node server.js"),
  // ── compiled
  dev("tsc && node dist/index.js"),
  dev('tsc-watch --onSuccess "node dist/index.js --watched"'),
  dev('tsup src/index.ts --watch --onSuccess "node dist/index.js --bundled"'),
  dev('concurrently "tsc -w" "nodemon dist/index.js"', { first: "tsc" }),
  dev("concurrently -k -n ts,node 'npm:watch:*'", {
    scripts: { "watch:ts": "tsc --watch", "watch:node": "node --watch dist/index.js" },
    first: "tsc",
  }),
  dev("tsc -w & nodemon dist/index.js", { first: "tsc" }),
  dev("run-p watch:ts watch:node", {
    scripts: { "watch:ts": "tsc -w --preserveWatchOutput", "watch:node": "nodemon -w dist dist/index.js" },
    first: "tsc",
  }),
  dev("run-p watch:*", {
    scripts: { "watch:ts": "tsc -w --preserveWatchOutput", "watch:node": "nodemon -w dist dist/index.js --globbed" },
    first: "tsc",
  }),
  dev("npm run build && node --watch dist/index.js", { scripts: { build: "rimraf dist && tsc" } }),
  dev("nodemon dist/index.js", { scripts: { build: "tsc" }, first: "tsc" }),
  dev("esbuild src/index.ts --platform=node --outdir=dist && node dist/index.js --esbuild"),
  dev("swc app -d dist --strip-leading-paths && node dist/main.js --swc", {
    files: {
      "app/main.ts": ts.replace("export { port };", ""),
      ".swcrc": JSON.stringify({ jsc: { parser: { syntax: "typescript" } }, module: { type: "commonjs" } }),
    },
  }),
  dev("nest start --watch", { files: nest }),
  dev("nest start --watch --preserveWatchOutput -- --port 3000", { files: nest }),
  dev("nest start --debug 0 --watch", { files: nest, scripts: { start: "nest start" } }),
  // ── frameworks with a program of their own
  dev("fastify start -w -l info -p 0 app.js", {
    files: { ".env": "", "app.js": `module.exports = async (fastify, options) => { ${js} };\n` },
  }),
  // ── more of those that are found out there
  dev("NODE_ENV=development npx nodemon --legacy-watch server.js --later-1"),
  dev("nodemon -e js,json --ignore 'test/*' --ignore docs/ server.js --later-2"),
  dev("nodemon --trace-warnings server.js --later-3"),
  dev('nodemon --watch "src/**" --ext "ts,json" --ignore "src/**/*.spec.ts" --exec "ts-node src/index.ts --later-4"'),
  dev("nodemon --exec 'npx ts-node' src/index.ts --later-5"),
  dev("nodemon --exec node --inspect=0 server.js --later-6"),
  dev('nodemon --exec "npm run build && node dist/index.js --later-7"', { scripts: { build: "tsc" }, builds: true }),
  dev("env-cmd -f ./.env cross-env A=1 tsx watch src/index.ts --later-8"),
  dev("cross-env NODE_OPTIONS=--trace-warnings nodemon server.js --later-9"),
  dev("dotenv -e .env -- cross-env A=1 nodemon -x tsx src/index.ts --later-10"),
  dev("tsx --env-file=.env --watch src/index.ts --later-12"),
  dev("node --watch --import=tsx src/index.ts --later-13"),
  dev("node --no-warnings --enable-source-maps --watch server.js --later-14"),
  dev("node --watch-path=src --watch-path=lib server.js --later-15", { files: { "lib/a.js": "" } }),
  dev("rimraf dist && tsc && node dist/index.js --later-16", { builds: true }),
  dev('concurrently --kill-others "npm run watch:ts" "npm run watch:js"', {
    scripts: { "watch:ts": "tsc -w", "watch:js": "nodemon --watch dist dist/index.js --later-18" },
    first: "tsc",
  }),
  dev("npm run build & node --watch server.js --later-19", { scripts: { build: "tsc" } }),
  dev("tsc-watch --noClear --onSuccess 'node --enable-source-maps dist/index.js --later-20'"),
  dev("ts-node-dev --poll --rs --cls --respawn --files src/index.ts --later-21"),
  dev("esbuild src/index.ts --bundle --platform=node --outfile=dist/index.js && node --watch dist/index.js --later-22"),
  dev("npm-run-all -s prepare:it -p serve:it", {
    scripts: { "prepare:it": "node -e 0", "serve:it": "nodemon server.js --later-23" },
  }),
  dev('tsc && (concurrently "tsc -w" "nodemon dist/index.js --later-24")', { builds: true }),
  dev("(cd src && node -e 0) && (NODE_ENV=development nodemon server.js --later-25)"),
  dev("npx -y tsx watch src/index.ts --later-26"),
  dev("npx tsx@4 watch src/index.ts --later-27"),
  dev('concurrently "tsc -w" "sleep 4 && nodemon dist/index.js --later-28"', {
    builds: true,
    files: { "package-lock.json": "{}" },
  }),
  dev("node . --later-29", {
    scripts: { predev: "npm run build", build: "tsc" },
    more: { main: "dist/index.js" },
    builds: true,
  }),
  // ── other names
  {
    name: "start:dev before start",
    files: { "package.json": pkg({ start: "node x.js", "start:dev": "nodemon server.js --dev" }), "server.js": js },
    tool: "npm run start:dev",
  },
  {
    name: "develop",
    files: { "package.json": pkg({ develop: "node --watch server.js", start: "node x.js" }), "server.js": js },
    tool: "npm run develop",
  },
  {
    name: "serve",
    files: { "package.json": pkg({ serve: "nodemon server.js", build: "tsc" }), "server.js": js },
    tool: "npm run serve",
  },
  {
    name: "watch",
    files: { "package.json": pkg({ watch: "nodemon server.js --watch-script", start: "node x.js" }), "server.js": js },
    tool: "npm run watch",
  },
  {
    name: "start alone",
    files: { "package.json": pkg({ start: "node server.js", test: "vitest" }), "server.js": js },
    tool: "npm start",
  },
  {
    name: "no script, main",
    files: { "package.json": pkg({}, { main: "server.js" }), "server.js": js },
    tool: "node server.js",
  },
];

export const shapes: readonly Shape[] = [...usual, ...others, ...workspaces];

/** Two may have one script. */
export function idOf(shape: Shape, index: number): string {
  const before = shapes.slice(0, index).filter(({ name }) => name === shape.name).length;
  return before === 0 ? shape.name : `${shape.name} (${before + 1})`;
}
