/** Projects of several programs, and directories in which nothing is run: what is listed, and what `reload init` makes of it. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { initConfig } from "../../src/commands/init.ts";
import { palette } from "../../src/report/colour.ts";
import { newProject, type Project } from "../rig/project.ts";
import { complaints, good, loadIn } from "./loading.ts";

type Files = Readonly<Record<string, string>>;

const pkg = (scripts: Readonly<Record<string, string>>, more: object = {}): string =>
  JSON.stringify({ scripts, ...more });
const goMain = "package main\n\nfunc main() {}\n";
const goModule = "module example.com/shop\n\ngo 1.21\n";
const cargo = (name: string): string => `[package]\nname = "${name}"\nversion = "0.1.0"\n`;

const workspace = (dev: string, more: Files = {}): Files => ({
  "package.json": pkg({ dev }, { workspaces: ["apps/*"] }),
  "apps/api/package.json": pkg({ dev: "tsx watch src/index.ts" }, { name: "@shop/api" }),
  "apps/web/package.json": pkg({ dev: "vite" }, { name: "@shop/web" }),
  "apps/lib/package.json": pkg({ build: "tsc" }, { name: "@shop/lib", main: "dist/index.js" }),
  ...more,
});
const pnpm = { "pnpm-lock.yaml": "", "pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n" };
const yarn = { "yarn.lock": "" };
const together: Files = {
  "package.json": pkg({
    dev: "run-p dev:*",
    "dev:api": "PORT=4000 tsx watch src/index.ts",
    "dev:worker": "node --watch worker.js",
    "dev:css": "tailwindcss -i a.css -o b.css --watch",
  }),
};

async function initIn(project: Project): Promise<string> {
  let said = "";
  const stream = { colors: palette(false), write: (text: string) => (said += text) };
  const code = await initConfig({
    cwd: project.directory,
    env: {},
    force: false,
    stdout: stream,
    stderr: stream,
  });
  expect(said).toContain("wrote .reload.toml");
  expect(code).toBe(0);
  return readFileSync(project.path(".reload.toml"), "utf8");
}

const members = ["reload -C apps/api tsx src/index.ts", /cd apps\/web && \S+ run dev +vite watches by itself/];

describe("several programs are listed, each with its command:", () => {
  test.each<[string, Files, readonly (string | RegExp)[], readonly string[]]>([
    ["npm run -ws", workspace("npm run dev --workspaces --if-present"), members, ["api", "web"]],
    ["npm run -w twice", workspace("npm run dev -w @shop/api -w @shop/web"), members, ["api", "web"]],
    ["pnpm -r --parallel", workspace("pnpm -r --parallel dev", pnpm), members, ["api", "web"]],
    ["pnpm run --parallel", workspace("pnpm run --parallel dev", pnpm), members, ["api", "web"]],
    ["pnpm --filter PATTERN", workspace('pnpm --filter "./apps/*" dev', pnpm), members, ["api", "web"]],
    ["pnpm --filter twice", workspace("pnpm -F @shop/api -F @shop/web dev", pnpm), members, ["api", "web"]],
    ["yarn workspaces run", workspace("yarn workspaces run dev", yarn), members, ["api", "web"]],
    ["yarn workspaces foreach", workspace("yarn workspaces foreach -Api run dev", yarn), members, ["api", "web"]],
    [
      "run-p with a pattern that a shell leaves as it is",
      together,
      [
        "reload -E PORT=4000 tsx src/index.ts",
        "reload node worker.js",
        /npm run dev:css +tailwindcss --watch makes files/,
      ],
      ["api", "worker", "css"],
    ],
    [
      "concurrently",
      {
        "package.json": pkg({
          dev: 'concurrently -n a,b "npm run server" "vite --port 3000"',
          server: "nodemon server.js",
        }),
        "server.js": "",
      },
      ["reload node server.js", /vite --port 3000 +vite watches by itself/],
      ["server", "vite"],
    ],
    [
      "go.work",
      {
        "go.work": "go 1.21\nuse ./api\nuse ./worker\n",
        "api/go.mod": goModule,
        "api/main.go": goMain,
        "worker/go.mod": goModule,
        "worker/cmd/worker/main.go": goMain,
      },
      ['reload -b "go build -ldflags=-w -o ./tmp/worker ./worker/cmd/worker" -- ./tmp/worker'],
      ["api", "worker"],
    ],
    [
      "programs of Go that lie elsewhere",
      { "go.mod": goModule, "services/shop/main.go": goMain, "services/bank/main.go": goMain },
      ['reload -b "go build -ldflags=-w -o ./tmp/bank ./services/bank" -- ./tmp/bank'],
      ["bank", "shop"],
    ],
    [
      "a Cargo workspace",
      {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
        "crates/api/Cargo.toml": cargo("api"),
        "crates/api/src/main.rs": "",
        "crates/cli/Cargo.toml": cargo("cli"),
        "crates/cli/src/main.rs": "",
      },
      ['reload -b "cargo build -p cli --bin cli" -- ./target/debug/cli'],
      ["api", "cli"],
    ],
  ])("%s", async (_, files, lines, names) => {
    using project = newProject(files);
    const text = complaints(await loadIn(project));
    for (const line of lines)
      expect(text).toMatch(typeof line === "string" ? RegExp(line.replaceAll(/[.$*+?()[\]{}|\\]/g, "\\$&")) : line);
    expect(text).toContain("all of them in one reload: reload init");
    await initIn(project);
    const loaded = good(await loadIn(project));
    expect([...loaded.services.keys()]).toEqual(names);
    expect(loaded.warnings).toEqual([]);
  });
});

test("a program of a Go module is not started again for what is beside the main of another one", async () => {
  using project = newProject({ "go.mod": goModule, "cmd/api/main.go": goMain, "cmd/worker/main.go": goMain });
  const text = await initIn(project);
  expect(text).toMatch(/\[service\.api\.watch\]\nexclude_dirs = \["testdata", "vendor", "\/cmd\/worker"\]/);
  expect(text).toMatch(/\[service\.worker\.watch\]\nexclude_dirs = \["testdata", "vendor", "\/cmd\/api"\]/);
});

test("a service of a workspace runs in its own directory, and what watches by itself is not watched", async () => {
  using project = newProject(workspace("pnpm -r dev", pnpm));
  const text = await initIn(project);
  expect(text).toMatch(
    /\[service\.api\]\nroot = "apps\/api"\n\[service\.api\.proc\]\ncmd = \["tsx", "src\/index\.ts"\]/,
  );
  expect(text).toMatch(/\[service\.web\]\nwatch = false/);
});

describe("one program of several packages is run:", () => {
  test.each([
    ["pnpm --filter @shop/api dev", pnpm],
    ["npm run dev -w @shop/api", {}],
    ["yarn workspace @shop/api dev", yarn],
    ["npm run api -ws --if-present", {}],
  ])("%s", async (dev, more) => {
    const made = workspace(dev, more);
    using project = newProject({
      ...made,
      "apps/api/package.json": pkg({ dev: "nodemon index.js", api: "node --watch index.js" }, { name: "@shop/api" }),
      "apps/api/index.js": "",
    });
    const { config } = good(await loadIn(project));
    expect(config.proc).toMatchObject({ cmd: ["node", "index.js"], cwd: "apps/api" });
  });
});

describe("where nothing is run, what lies there is said:", () => {
  test.each<[string, Files, readonly RegExp[]]>([
    [
      "projects below",
      {
        "backend/go.mod": goModule,
        "backend/main.go": goMain,
        "frontend/package.json": pkg({ dev: "next dev" }),
        "lib/package.json": JSON.stringify({ main: "index.js" }),
        "lib/index.js": "",
      },
      [
        /^ *projects lie below:$/m,
        /reload -C backend +a Go project: go build -ldflags=-w -o \.\/tmp\/shop \., then \.\/tmp\/shop$/m,
        /cd frontend && npm run dev +watches by itself/,
        /all of them in one reload: reload init/,
      ],
    ],
    [
      "the packages of a runner of packages",
      workspace("turbo run dev"),
      [/starts turbo/, /reload -C apps\/api +a Node project: tsx src\/index\.ts/, /cd apps\/web && npm run dev/],
    ],
    [
      "Django in directories of their own",
      { "site/manage.py": "import django\n", "blog/manage.py": "import django\n" },
      [/reload -C blog +a Django project/, /reload -C site +a Django project/],
    ],
    [
      "make",
      { Makefile: "all: x\n\tcc\nrun: build\n\t@./server --port 3000\n" },
      [/reload make run +\.\/server --port 3000/],
    ],
    ["just", { justfile: "dev port='3000':\n  cargo run\n" }, [/reload just dev +cargo run/]],
    [
      "task",
      { "Taskfile.yml": "version: '3'\ntasks:\n  dev:\n    cmds:\n      - ./serve\n" },
      [/reload task dev +\.\/serve/],
    ],
    ["a Procfile", { Procfile: "web: node server.js\n" }, [/reload init --from Procfile/]],
    [
      "composer",
      { "composer.json": JSON.stringify({ scripts: { dev: ["a", "php -S :80"], test: "phpunit" } }) },
      [/reload composer run dev +a && php -S :80/],
    ],
    ["Rails", { "bin/rails": "" }, [/reload -w config -w lib -- bin\/rails server +Rails reads app\/ anew by itself/]],
    ["packages of nx", { "nx.json": "{}", "package.json": "{}" }, [/npx nx serve NAME +nx watches/]],
    ["WSGI", { "wsgi.py": "" }, [/reload -e py -- gunicorn wsgi/]],
    [
      "Angular",
      { "package.json": pkg({ start: "ng serve", watch: "ng build --watch --configuration development" }) },
      [/script "start" starts ng serve, which watches and reloads by itself/],
    ],
    [
      "Deno with a program of npm",
      { "deno.json": JSON.stringify({ tasks: { dev: "deno run -A npm:vite@7" } }) },
      [/task "dev" starts vite, which watches/, /deno task dev +runs it, without reload/],
    ],
  ])("%s", async (_, files, lines) => {
    using project = newProject(files);
    const text = complaints(await loadIn(project));
    for (const line of lines) expect(text).toMatch(line);
    expect(text).not.toContain("reload -C lib");
  });

  test("and beside the only Python project below, which is run; init writes all of them", async () => {
    const main = "from fastapi import FastAPI\napp = FastAPI()\n";
    const fastapi = { "backend/requirements.txt": "fastapi\n", "backend/main.py": main };
    using both = newProject({ ...fastapi, "api/go.mod": goModule, "api/main.go": goMain });
    expect(good(await loadIn(both)).notes.join("\n")).toMatch(
      /found a FastAPI project.*\nprojects lie below: api, backend · all of them in one/,
    );
    expect(await initIn(both)).toMatch(/^\[service\.api\][\s\S]*^\[service\.backend\]/m);
    using alone = newProject(fastapi);
    expect(good(await loadIn(alone)).notes.join("\n")).not.toContain("projects lie below");
    expect(await initIn(alone)).not.toContain("[service");
  });

  test.each([
    ["by the same name", "main.py"],
    ["by another name", "app.py"],
  ])("and several Python projects below, of which none is guessed: %s; init writes all of them", async (_, name) => {
    const main = "from fastapi import FastAPI\napp = FastAPI()\n";
    using project = newProject({
      "backend/requirements.txt": "fastapi\n",
      "backend/main.py": main,
      "admin/pyproject.toml": "",
      [`admin/${name}`]: "from flask import Flask\napp = Flask(__name__)\n",
    });
    const text = complaints(await loadIn(project));
    expect(text).toMatch(/several projects lie below: admin, backend$/m);
    expect(text).toMatch(/reload -C admin +a Flask project$/m);
    expect(text).toMatch(/reload -C backend +a FastAPI project$/m);
    expect(text).toMatch(/all of them in one reload: reload init/);
    expect(await initIn(project)).toMatch(/^\[service\.admin\][\s\S]*^\[service\.backend\]/m);
  });

  test("but not all that lies in a home directory", async () => {
    using project = newProject({ "api/go.mod": goModule, "api/main.go": goMain });
    const text = complaints(await loadIn(project, { env: { HOME: project.directory } }));
    expect(text).not.toContain("lie below");
  });
});

test("the only main package of a Go module is run, wherever it lies, but not those aside", async () => {
  using project = newProject({
    "go.mod": goModule,
    "cmd/shop/server/main.go": goMain,
    "tools/gen/main.go": goMain,
    "examples/a/main.go": goMain,
    "other/go.mod": goModule,
    "other/main.go": goMain,
  });
  expect(good(await loadIn(project)).config.build.cmd).toBe("go build -ldflags=-w -o ./tmp/server ./cmd/shop/server");
});
