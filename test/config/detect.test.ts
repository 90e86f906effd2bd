import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { LoadedConfig } from "../../src/config/layers/load.ts";
import { newProject } from "../rig/project.ts";
import { complaints, flag, good, loadIn } from "./loading.ts";

type Files = Readonly<Record<string, string>>;

async function found(files: Files, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
  using project = newProject(files);
  for (const name of Object.keys(files)) if (name.includes(".bin/")) chmodSync(project.path(name), 0o755);
  const loaded = good(await loadIn(project, { env }));
  expect(loaded.kind).toBe("detected");
  expect(loaded.restartPatterns).toEqual([".env*"]);
  expect(loaded.notes.at(-1)).toMatch(/^found an? .* (project|workspace): .* · keep it: reload init$/);
  return loaded;
}

async function refused(files: Files): Promise<string> {
  using project = newProject(files);
  return complaints(await loadIn(project));
}

const mainGo = "package main\n\nfunc main() {}\n";
const module = "module example.com/team/api/v2\n\ngo 1.21\n";

describe("without a file and without COMMAND, a Go project", () => {
  test("is built and run, named after its module", async () => {
    const { config } = await found({ "go.mod": module, "main.go": `// Copyright\n/* package x */\n${mainGo}` });
    expect(config.build.cmd).toBe("go build -ldflags=-w -o ./tmp/api .");
    expect(config.proc.cmd).toEqual(["./tmp/api"]);
    expect(config.watch.include_files).toEqual([".go", ".mod", ".sum", ".tpl", ".tmpl", ".html", "!*_test.go"]);
    expect(config.watch.exclude_dirs).toEqual(["testdata", "vendor"]);
  });

  test("without a main package at the top is the one in cmd", async () => {
    const { config } = await found({
      "go.mod": module,
      "lib.go": "package api\n",
      "gen.go": "//go:build ignore\n\npackage main\n",
      "cmd/server/main.go": mainGo,
      "cmd/internal/x.go": "package internal\n",
    });
    expect(config.build.cmd).toBe("go build -ldflags=-w -o ./tmp/server ./cmd/server");
    expect(config.proc.cmd).toEqual(["./tmp/server"]);
  });

  test("with several programs is asked about, and they are listed", async () => {
    const text = await refused({ "go.mod": module, "cmd/server/main.go": mainGo, "cmd/worker/main.go": mainGo });
    expect(text).toMatch(/several programs can be built here: \.\/cmd\/server, \.\/cmd\/worker/);
    expect(text).toContain('reload -b "go build -ldflags=-w -o ./tmp/worker ./cmd/worker" -- ./tmp/worker');
  });
});

describe("a Go workspace", () => {
  const files = {
    "go.work": 'go 1.21\n\nuse ./lib // its library\nuse (\n\t./api\n\t"tools/gen"\n)\n',
    "api/go.mod": module,
    "api/cmd/server/main.go": mainGo,
    "lib/go.mod": "module example.com/lib\n",
    "lib/lib.go": "package lib\n",
    "tools/gen/go.mod": "module example.com/gen\n",
  };

  test("is the one program of its modules", async () => {
    const { config } = await found(files);
    expect(config).toMatchObject({
      build: { cmd: "go build -ldflags=-w -o ./tmp/server ./api/cmd/server" },
      proc: { cmd: ["./tmp/server"] },
    });
    expect(config.watch.include_files).toContain(".work");
  });

  test("with several programs, or none, says so", async () => {
    expect(await refused({ ...files, "tools/gen/main.go": mainGo })).toMatch(
      /built here: \.\/api\/cmd\/server, \.\/tools\/gen[\s\S]*go build -ldflags=-w -o \.\/tmp\/gen \.\/tools\/gen/,
    );
    expect(await refused({ ...files, "api/cmd/server/main.go": "package server\n" })).toContain("go.work is here, but");
  });
});

describe("a Rust project", () => {
  const cargo = '[package]\nname = "my-api"\nversion = "0.1.0"\n';

  test("is built and its binary run", async () => {
    const { config } = await found({ "Cargo.toml": cargo, "src/main.rs": "fn main() {}" });
    expect(config).toMatchObject({
      build: { cmd: "cargo build" },
      proc: { cmd: ["./target/debug/my-api"] },
      watch: { exclude_dirs: ["target", "/tests", "/examples", "/benches"] },
    });
  });

  test("in a workspace builds into the directory of the workspace", async () => {
    using project = newProject({
      "Cargo.toml": '[workspace]\nmembers = ["api"]\n',
      "api/Cargo.toml": cargo,
      "api/src/main.rs": "",
    });
    const loaded = good(await loadIn(project, { cwd: project.path("api") }));
    expect(loaded.config.proc.cmd).toEqual(["../target/debug/my-api"]);
  });

  test("is the only program of a workspace, or the one that default-run names there", async () => {
    const files = {
      "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n',
      "crates/api/Cargo.toml": cargo,
      "crates/api/src/main.rs": "",
      "crates/lib/Cargo.toml": '[package]\nname = "lib"\n',
      "crates/lib/src/lib.rs": "",
      "crates/old/Cargo.toml": '[package]\nname = "old"\n',
      "crates/old/src/main.rs": "",
    };
    expect((await found(files)).config).toMatchObject({
      build: { cmd: "cargo build -p my-api" },
      proc: { cmd: ["./target/debug/my-api"] },
    });
    const two = { ...files, "crates/lib/src/bin/tool.rs": "" };
    expect(await refused(two)).toMatch(
      /my-api, tool[\s\S]*cargo build -p lib --bin tool[\s\S]*the Cargo.toml of its package/,
    );
    const named = { ...two, "crates/lib/Cargo.toml": '[package]\nname = "lib"\ndefault-run = "tool"\n' };
    expect((await found(named)).config).toMatchObject({
      build: { cmd: "cargo build -p lib --bin tool" },
      proc: { cmd: ["./target/debug/tool"] },
    });
  });

  test("has the programs that are named, and others only where they are looked for", async () => {
    const named = (more: string): string =>
      `[package]\nname = "api"\n${more}[[bin]]\nname = "server"\npath = "src/main.rs"\n`;
    const files = { "src/main.rs": "", "src/bin/other.rs": "" };
    const { config } = await found({ ...files, "Cargo.toml": named("autobins = false\n") });
    expect(config).toMatchObject({ build: { cmd: "cargo build" }, proc: { cmd: ["./target/debug/server"] } });
    expect(await refused({ ...files, "Cargo.toml": named("") })).toContain("built here: server, other");
  });

  test("builds where CARGO_TARGET_DIR says", async () => {
    const { config } = await found({ "Cargo.toml": cargo, "src/main.rs": "" }, { CARGO_TARGET_DIR: "out" });
    expect(config.proc.cmd).toEqual(["./out/debug/my-api"]);
    expect(config.watch.exclude_dirs).toEqual(["target", "/tests", "/examples", "/benches", "/out"]);
  });

  test("builds where .cargo/config.toml says, the nearest first", async () => {
    using project = newProject({
      ".cargo/config.toml": '[build]\ntarget-dir = "built"\ntarget = "x86_64-unknown-linux-musl"\n',
      "a/Cargo.toml": cargo,
      "a/src/main.rs": "",
      "b/.cargo/config.toml": '[build]\ntarget-dir = "own"\ntarget = ["wasm.json"]\n',
      "b/Cargo.toml": cargo,
      "b/src/main.rs": "",
    });
    const program = async (cwd: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> =>
      good(await loadIn(project, { cwd: project.path(cwd), env })).config.proc.cmd;
    expect(await program("a")).toEqual(["../built/x86_64-unknown-linux-musl/debug/my-api"]);
    expect(await program("b")).toEqual(["./own/wasm/debug/my-api"]);
    expect(await program("b", { CARGO_TARGET_DIR: "t", CARGO_BUILD_TARGET: "u" })).toEqual(["./t/u/debug/my-api"]);
    project.write("home/config.toml", '[build]\ntarget-dir = "/var/cargo"\n');
    project.write(".cargo/config.toml", "");
    expect(await program("a", { CARGO_HOME: project.path("home") })).toEqual([
      expect.stringMatching(/^(\.\.\/)+var\/cargo\/debug\/my-api$/),
    ]);
  });

  test("with several programs is run as default-run says, else asked about", async () => {
    const files = { "src/main.rs": "", "src/bin/worker.rs": "" };
    const { config } = await found({
      ...files,
      "Cargo.toml": cargo.replace("version", 'default-run = "worker"\nversion'),
    });
    expect(config).toMatchObject({
      build: { cmd: "cargo build --bin worker" },
      proc: { cmd: ["./target/debug/worker"] },
    });
    expect(await refused({ ...files, "Cargo.toml": cargo })).toMatch(/my-api, worker[\s\S]*default-run = "my-api"/);
  });
});

describe("a Node project", () => {
  const pkg = (fields: object): Files => ({ "package.json": JSON.stringify(fields) });

  test("runs the first of its scripts that people develop with, without the watcher in it", async () => {
    const { config, notes } = await found({
      ...pkg({ scripts: { start: "node dist/a.js", dev: "NODE_ENV=development nodemon src/index.js --port 3000" } }),
      "src/index.js": "",
    });
    expect(config.proc).toMatchObject({
      cmd: ["node", "src/index.js", "--port", "3000"],
      env: { NODE_ENV: "development" },
    });
    expect(notes).toEqual([
      "found a Node project: node src/index.js --port 3000 (script dev, without nodemon) · keep it: reload init",
    ]);
    expect((await found(pkg({ scripts: { start: "node a.js", "start:dev": "node b.js" } }))).config.proc.cmd).toEqual([
      "node",
      "b.js",
    ]);
    expect(config.watch.include_files).toEqual(expect.arrayContaining([".js", ".mts", ".json", "!*.test.*"]));
  });

  test("is called by its framework", async () => {
    for (const [dependency, what] of [
      ["express", "an Express project"],
      ["@nestjs/core", "a Nest project"],
      ["hono", "a Hono project"],
    ] as const) {
      const { notes } = await found(pkg({ scripts: { dev: "node a.js" }, dependencies: { [dependency]: "*" } }));
      expect(notes.at(-1)).toContain(`found ${what}: node a.js`);
    }
  });

  test.each([
    ["vite", "vite"],
    ["vite --port 3000", "vite"],
    ["next dev --turbo", "next dev"],
    ["NODE_ENV=development wrangler dev", "wrangler dev"],
    ["webpack serve --open", "webpack serve"],
    ["react-scripts start", "react-scripts start"],
    ["npm run pages", "vite"],
  ])("whose script %s watches by itself is said so, with the command to run", async (dev, name) => {
    const text = await refused(
      pkg({ scripts: { dev, pages: "vite", build: "vite build", start: "vite preview", api: "nodemon api.js" } }),
    );
    expect(text).toContain(`script "dev" starts ${name}, which watches and reloads by itself`);
    expect(text).toMatch(/npm run dev\s+runs it, without reload/);
    expect(text).toMatch(/reload npm run api\s+nodemon api\.js/);
    expect(text).not.toContain("preview");
  });

  test("with several programs in one script lists them, each with its command", async () => {
    const dev = 'concurrently "vite" "npm:server" "tailwindcss -w"';
    const text = await refused(pkg({ scripts: { dev, server: "NODE_ENV=development tsx watch server.ts" } }));
    expect(text).toContain('script "dev" starts several programs at once');
    expect(text).toMatch(/vite\s+vite watches by itself/);
    expect(text).toMatch(/reload -E NODE_ENV=development tsx server\.ts\s+again on every change/);
    expect(text).toContain("all of them, without reload: npm run dev");
  });

  test.each(["reload", "reload -- node x.js", "npx reload-dev --once", "npm run again"])(
    "passes over the script %s, which runs reload",
    async (dev) => {
      const loaded = await found(pkg({ scripts: { dev, again: "reload", start: "node a.js" } }));
      expect(loaded.config.proc.cmd).toEqual(["node", "a.js"]);
      expect(loaded.notes[0]).toBe('script "dev" is passed over: it runs reload itself');
    },
  );

  test.each([
    ["for f in a b; do node $f; done", "it is more than a list of commands"],
    ["{ node a.js; } && { node b.js; }", "it is more than a list of commands"],
    ["(node a.js", "it is more than a list of commands"],
    ["a=(x y) node a.js", "it is more than a list of commands"],
    ["node a.js (node b.js)", "it is more than a list of commands"],
    ['node "a.js', "it is more than a list of commands"],
    ["node a.js || node b.js", "it decides with || what to run"],
    ["$RUNNER a.js", "only a shell can tell what $RUNNER is"],
    ["node a.js $npm_package_version", "it needs variables of its package manager"],
    ["npm run dev", 'script "dev" calls itself'],
  ])("whose script %s cannot be read runs it as it is, with a line", async (dev, why) => {
    const loaded = await found(pkg({ scripts: { dev } }));
    expect(loaded.config.proc.cmd).toEqual(["npm", "run", "dev"]);
    expect(loaded.notes[0]).toBe(`script "dev" is run as it is, since ${why}: ${dev}`);
  });

  test("goes through its own package manager when it has to", async () => {
    const script = { scripts: { dev: "a || b" } };
    expect((await found({ ...pkg(script), "pnpm-lock.yaml": "" })).config.proc.cmd).toEqual(["pnpm", "run", "dev"]);
    expect((await found(pkg({ ...script, packageManager: "yarn@4.0.0" }))).config.proc.cmd).toEqual([
      "yarn",
      "run",
      "dev",
    ]);
  });

  test("runs what bun init writes with bun, and a project of tsx that bun installs for with tsx", async () => {
    const files = { "index.ts": "", "bun.lock": "", "node_modules/tsx/package.json": "{}" };
    expect((await found({ ...pkg({ module: "index.ts" }), ...files })).config.proc.cmd).toEqual(["bun", "index.ts"]);
    const ofTsx = pkg({ module: "index.ts", devDependencies: { tsx: "^4" } });
    expect((await found({ ...ofTsx, ...files })).config.proc.cmd).toEqual(["node", "--import", "tsx", "index.ts"]);
  });

  test("takes over what a watcher was told to look at, and how it ends its program", async () => {
    const { config } = await found(
      pkg({ scripts: { dev: "tsx watch --include './views/**/*.hbs' --exclude ./gen a.ts" } }),
    );
    expect(config.watch.include_files).toContain("views/**/*.hbs");
    expect(config.watch.include_files).toContain(".ts");
    expect(config.watch.exclude_files).toContain("/gen");
    const node = await found(pkg({ scripts: { dev: "node --watch --watch-kill-signal SIGINT a.js" } }));
    expect(node.config.proc).toMatchObject({ cmd: ["node", "a.js"], stop_signal: "SIGINT" });
  });

  test("leaves to a shell what only a shell can tell", async () => {
    const cmd = async (dev: string): Promise<unknown> =>
      (await found({ ...pkg({ scripts: { dev } }), "server.js": "", "a.js": "" })).config.proc.cmd;
    expect(await cmd("nodemon server.js --port $PORT")).toBe("node server.js --port $PORT");
    expect(await cmd("A=$B tsx watch a.ts | pino-pretty")).toBe("A=$B tsx a.ts | pino-pretty");
    expect(await cmd("doppler run -- nodemon a.js")).toEqual(["doppler", "run", "--", "node", "a.js"]);
  });

  test("prepares once what its script prepares once, and builds only what its program needs", async () => {
    const once = await found(
      pkg({ scripts: { dev: "prisma generate && npm run build && tsx watch src/a.ts", build: "vite build" } }),
    );
    expect(once.config.build.cmd).toMatch(/\|\| \{ prisma generate && vite build && mkdir/);
    expect(once.notes[0]).toBe("once, before the first start: prisma generate && vite build");
    const besides = await found(
      pkg({ scripts: { dev: "npm run css & nodemon a.js", css: "tailwindcss -i a.css -o b.css" } }),
    );
    expect(besides.config.proc.cmd).toEqual(["node", "a.js"]);
    expect(besides.notes[0]).toBe("once, before the first start: tailwindcss -i a.css -o b.css");
    const built = await found(pkg({ scripts: { dev: "nodemon dist/a.js", build: "tsc -p . && cp -r views dist" } }));
    expect(built.config).toMatchObject({
      build: { cmd: "tsc -p . && cp -r views dist" },
      proc: { cmd: ["node", "dist/a.js"] },
      watch: { exclude_dirs: ["__tests__", "/dist"] },
    });
    const watched = await found(pkg({ scripts: { dev: "tsc -w", start: "NODE_ENV=production node dist/a.js" } }));
    expect(watched.config).toMatchObject({ build: { cmd: "tsc" }, proc: { cmd: ["node", "dist/a.js"], env: {} } });
    expect(watched.notes[0]).toContain("it makes files and runs nothing (tsc --watch)");
  });

  test.each([
    ['nodemon --exec "node made.js && node server.js"', "node made.js"],
    ["nodemon -x 'npm start'", "node made.js"],
    ["chokidar src -c 'node made.js; node server.js'", "{ node made.js || true; }"],
    ["node made.js && nodemon -x 'eslint . && node server.js'", "eslint ."],
  ])("does before each start what its watcher does again: %s", async (dev, line) => {
    const scripts = { dev, prestart: "node made.js", start: "node server.js" };
    const { config } = await found({ "package.json": JSON.stringify({ scripts }), "server.js": "" });
    const steps = String(config.build.cmd).split(/(?<=once; \}; \}) && /);
    expect(steps.at(-1)).toBe(line);
    expect(steps).toHaveLength(dev.startsWith("node made") ? 2 : 1);
    expect(config.proc.cmd).toEqual(["node", "server.js"]);
  });

  test("takes nodemon's own configuration over", async () => {
    const { config } = await found({
      ...pkg({ scripts: { dev: "nodemon" }, main: "a.js" }),
      "nodemon.json": JSON.stringify({
        watch: ["src"],
        ext: "js,graphql",
        ignore: ["src/generated"],
        signal: "SIGHUP",
      }),
      "src/x.js": "",
      "src/generated/y.js": "",
      "a.js": "",
    });
    expect(config).toMatchObject({
      proc: { cmd: ["node", "a.js"], stop_signal: "SIGHUP" },
      watch: { include_dirs: ["src"], include_files: [".js", ".graphql"] },
    });
    expect(config.watch.exclude_dirs).toContain("src/generated");
    for (const ext of ["*", ""]) {
      const all = await found({
        ...pkg({ scripts: { dev: "nodemon a.js" }, nodemonConfig: { ext } }),
        "a.js": "",
      });
      expect(all.config.watch.include_files).toEqual(["*"]);
    }
  });

  test("without a script runs main or its like", async () => {
    const { config } = await found({ ...pkg({ main: "src/app.js" }), "src/app.js": "" });
    expect(config.proc.cmd).toEqual(["node", "src/app.js"]);
    const typed = await found({ ...pkg({ main: "app.ts" }), "app.ts": "", "node_modules/tsx/package.json": "{}" });
    expect(typed.config.proc.cmd).toEqual(["node", "--import", "tsx", "app.ts"]);
  });

  test("with a TypeScript entry and no tsx uses Node's own type stripping, or says what is missing", async () => {
    using project = newProject({ ...pkg({ main: "app.ts" }), "app.ts": "" });
    const loaded = await loadIn(project);
    if (loaded.ok) expect(loaded.config.proc.cmd).toEqual(expect.arrayContaining(["node", "app.ts"]));
    else expect(complaints(loaded)).toMatch(/app\.ts is TypeScript.*\n.*install tsx: npm install -D tsx/);
  });

  test("with no script to develop with lists those that are there", async () => {
    const text = await refused(pkg({ scripts: { worker: "node worker.js", lint: "eslint ." } }));
    expect(text).toMatch(/reload npm run worker\s+node worker\.js/);
    expect(text).not.toContain("eslint");
  });
});

describe("a Python project", () => {
  const fastapi = "from fastapi import FastAPI\n\napp = FastAPI()\n";
  const flask = "from flask import Flask\n\napp = Flask(__name__)\n";
  const factory =
    "from flask import Flask\n\n\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n";
  const venv = (...programs: readonly string[]): Files =>
    Object.fromEntries(["python", ...programs].map((name) => [`.venv/bin/${name}`, "#!/bin/sh\n"]));

  const usual: Readonly<Record<string, { host: string; port: number }>> = {
    uvicorn: { host: "127.0.0.1", port: 8000 },
    flask: { host: "127.0.0.1", port: 5000 },
  };
  const ports = {
    "port=8080, reload": { host: "0.0.0.0", port: 8080 },
    "debug=True, port=5001": { host: "127.0.0.1", port: 5001 },
  };
  test.each<[string, Files, string, readonly string[]]>([
    [
      "Django",
      { "manage.py": "import django\n", "main.py": fastapi },
      "Django",
      ["python", "manage.py", "runserver", "--noreload"],
    ],
    ["main.py", { "main.py": fastapi }, "FastAPI", ["uvicorn", "main:app"]],
    [
      "another name, with a type",
      { "app.py": "api: FastAPI = fastapi.FastAPI(\n)\n" },
      "FastAPI",
      ["uvicorn", "app:api"],
    ],
    ["a package", { "app/__init__.py": "", "app/main.py": fastapi }, "FastAPI", ["uvicorn", "app.main:app"]],
    [
      "a directory that is no package, with neighbours",
      { "api/main.py": `import routes\n${fastapi}`, "api/routes.py": "" },
      "FastAPI",
      ["uvicorn", "--app-dir", "api", "main:app"],
    ],
    ["src", { "src/main.py": fastapi }, "FastAPI", ["uvicorn", "--app-dir", "src", "main:app"]],
    [
      "a package in src",
      { "src/shop/__init__.py": "", "src/shop/main.py": fastapi },
      "FastAPI",
      ["uvicorn", "--app-dir", "src", "shop.main:app"],
    ],
    [
      "a factory",
      {
        "shop/__init__.py": "",
        "shop/main.py": fastapi.replace("app = FastAPI()", "def create_app():\n    return FastAPI()"),
      },
      "FastAPI",
      ["uvicorn", "--factory", "shop.main:create_app"],
    ],
    [
      "what another module makes",
      {
        "main.py": "from shop.web import create_app\n\napp = create_app()\n",
        "shop/web.py": "def create_app():\n    return FastAPI()\n",
      },
      "FastAPI",
      ["uvicorn", "main:app"],
    ],
    [
      "pyproject.toml",
      {
        "pyproject.toml": '[tool.fastapi]\nentrypoint = "shop.web:api"\n',
        "shop/web.py": "api = FastAPI()\n",
        "main.py": fastapi,
      },
      "FastAPI",
      ["uvicorn", "shop.web:api"],
    ],
    [
      "a script that starts uvicorn",
      {
        "main.py": `${fastapi}if __name__ == "__main__":\n    uvicorn.run("main:app", host="0.0.0.0", port=8080, reload=True)\n`,
      },
      "FastAPI",
      ["uvicorn", "main:app"],
    ],
    ["Starlette", { "main.py": "app = Starlette(routes=[])\n" }, "Starlette", ["uvicorn", "main:app"]],
    ["Flask", { "app.py": flask }, "Flask", ["flask", "run", "--debug", "--no-reload"]],
    ["Flask in main.py", { "main.py": flask }, "Flask", ["flask", "--app", "main", "run", "--debug", "--no-reload"]],
    [
      "Flask's factory",
      { "flaskr/__init__.py": factory },
      "Flask",
      ["flask", "--app", "flaskr", "run", "--debug", "--no-reload"],
    ],
    [
      "Flask with a reloader of its own",
      { "app.py": `${flask}if __name__ == "__main__":\n    app.run(debug=True, port=5001)\n` },
      "Flask",
      ["flask", "run", "--debug", "--no-reload"],
    ],
    ["Flask that runs itself", { "app.py": `${flask}app.run(port=5001)\n` }, "Flask", ["python", "app.py"]],
    [
      "Quart",
      { "main.py": "app = Quart(__name__)\n" },
      "Quart",
      ["quart", "--app", "main", "run", "--debug", "--no-reload"],
    ],
    [
      "Flask in a file of any name",
      { "hello.py": flask, "test_hello.py": flask },
      "Flask",
      ["flask", "--app", "hello", "run", "--debug", "--no-reload"],
    ],
    [
      "Flask named by .flaskenv",
      { ".flaskenv": "FLASK_APP=shop.web:make()\n" },
      "Flask",
      ["flask", "run", "--debug", "--no-reload"],
    ],
    ["a comment", { "main.py": '# app = FastAPI()\n"""\napp = FastAPI()\n"""\n' }, "Python", ["python", "main.py"]],
    ["main.py before app.py", { "main.py": "", "app.py": "" }, "Python", ["python", "main.py"]],
  ])("is found as it is run: %s", async (_, files, what, words) => {
    const { config, notes } = await found({ ...files, ...venv("uvicorn", "flask", "quart") });
    const [program = ""] = words;
    const command = program === "uvicorn" ? [...words, "--fd", "3"] : words;
    expect(config.proc.cmd).toEqual([`./.venv/bin/${command[0]}`, ...command.slice(1)]);
    const listen = Object.entries(ports).find(([part]) => JSON.stringify(files).includes(part))?.[1] ?? usual[program];
    const [place] = config.sockets.listen;
    expect(place).toEqual(listen === undefined ? undefined : { is: "port", ...listen });
    const where = listen === undefined ? "" : ` (on http://${listen.host}:${listen.port}, open during restarts too)`;
    expect(notes.at(-1)).toContain(`found a ${what} project: ${command.join(" ")}${where} · keep it`);
    expect(config.proc.env["WERKZEUG_SERVER_FD"]).toBe(program === "flask" ? "3" : undefined);
    expect(config.watch.include_files).toEqual([".py", "pyproject.toml", "!test_*.py", "!*_test.py", "!conftest.py"]);
  });

  test("listens where the plain command would, and by itself where that cannot be handed to it", async () => {
    const gunicorn = "app = falcon.App()\nimport falcon\n";
    const at = async (files: Files, env: NodeJS.ProcessEnv): Promise<unknown> => {
      const { config } = await found({ ...files, ...venv("uvicorn", "flask", "gunicorn") }, env);
      return config.sockets.listen[0];
    };
    const port = (number: number, host = "127.0.0.1") => ({ is: "port", host, port: number });
    expect(await at({ "main.py": fastapi }, { UVICORN_PORT: "9001", PORT: "1" })).toEqual(port(9001));
    expect(await at({ "main.py": fastapi }, { UVICORN_HOST: "::1" })).toEqual(port(8000, "::1"));
    expect(await at({ "main.py": fastapi }, { UVICORN_HOST: "example.com" })).toBeUndefined();
    expect(await at({ "main.py": fastapi }, { UVICORN_UDS: "./x.sock" })).toBeUndefined();
    expect(await at({ "main.py": fastapi }, { RELOAD_PROXY_LISTEN: "9000" })).toBeUndefined();
    // With a socket runs start cold.
    expect(await at({ "main.py": fastapi }, { RELOAD_PROC_WARM: "true" })).toBeUndefined();
    expect(await at({ "app.py": flask }, { FLASK_RUN_PORT: "9002" })).toEqual(port(9002));
    expect(await at({ "app.py": flask, ".flaskenv": "FLASK_RUN_PORT=9003" }, {})).toBeUndefined();
    expect(await at({ "app.py": gunicorn }, {})).toEqual(port(8000));
    expect(await at({ "app.py": gunicorn }, { PORT: "9004" })).toEqual(port(9004, "0.0.0.0"));
    expect(await at({ "app.py": gunicorn, "gunicorn.conf.py": "" }, {})).toBeUndefined();
    expect(await at({ "main.py": fastapi, "requirements.txt": "fastapi\nhypercorn\n" }, {})).toEqual(port(8000));
    const django = {
      "manage.py":
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings.dev")\nexecute_from_command_line(sys.argv)\n',
      "site/settings/dev.py": "from .base import *\n",
      "site/settings/base.py": 'INSTALLED_APPS = ["django.contrib.admin"]\n',
    };
    const task = (words: string): Files => ({
      ...django,
      "pyproject.toml": `[tool.taskipy.tasks]\ndev = "python manage.py runserver ${words}"\n`,
    });
    expect(await at(django, {})).toEqual(port(8000));
    expect(await at(task("--settings=site.settings.dev 0.0.0.0:9005"), {})).toEqual(port(9005, "0.0.0.0"));
    expect(await at(task("--ipv6"), {})).toBeUndefined();
    expect(await at({ ...django, "site/settings/base.py": 'INSTALLED_APPS = ["daphne"]\n' }, {})).toBeUndefined();
    expect(await at({ ...django, "shop/management/commands/runserver.py": "" }, {})).toBeUndefined();
    expect(
      await at({ ...django, "manage.py": `${django["manage.py"]}Command.default_port = "8080"\n` }, {}),
    ).toBeUndefined();
  });

  test.each<[string, string, readonly string[], number | undefined, Readonly<Record<string, string>>]>([
    [
      '[tool.pdm.scripts]\ndev = "uvicorn shop.main:app --reload --reload-dir shop --port 9000 --log-level debug"\n',
      "dev of pyproject.toml, without uvicorn --reload",
      ["uvicorn", "shop.main:app", "--log-level", "debug", "--fd", "3"],
      9000,
      {},
    ],
    [
      '[tool.poe.tasks.serve]\ncmd = "fastapi dev shop/main.py --port 9001"\n',
      "serve of pyproject.toml, without fastapi dev",
      ["uvicorn", "shop.main:app", "--fd", "3"],
      9001,
      {},
    ],
    [
      '[tool.hatch.envs.default.scripts]\ndev = "python -m flask --app shop.main run --debug -p 9002"\n',
      "dev of pyproject.toml, without flask run --debug",
      ["flask", "--app", "shop.main", "run", "--debug", "--no-reload"],
      9002,
      { WERKZEUG_SERVER_FD: "3", WERKZEUG_RUN_MAIN: "true" },
    ],
    [
      '[tool.taskipy.tasks]\nstart = "DEBUG=1 poetry run python manage.py runserver 9003"\n',
      "start of pyproject.toml, without runserver",
      ["python", "manage.py", "runserver", "9003", "--noreload"],
      undefined,
      { DEBUG: "1" },
    ],
    [
      '[tool.rye.scripts]\ndev = ["gunicorn", "--reload", "shop.main:app"]\n',
      "dev of pyproject.toml, without gunicorn --reload",
      ["gunicorn", "shop.main:app"],
      undefined,
      {},
    ],
    ['[tool.pdm.scripts]\ndev = "python -m shop"\n', "dev of pyproject.toml", ["python", "-m", "shop"], undefined, {}],
    // Not a program of Python, and a line for a shell: what lies there is looked at.
    [
      '[tool.poe.tasks]\ndev = "docker compose up"\nstart = "a && b"\n',
      "on http://127.0.0.1:8000, open during restarts too",
      ["uvicorn", "shop.main:app", "--fd", "3"],
      8000,
      {},
    ],
  ])("runs what its pyproject.toml names, without the reloader in it: %s", async (text, how, words, port, env) => {
    const files = { "pyproject.toml": text, "shop/__init__.py": "", "shop/main.py": fastapi };
    const { config, notes } = await found({ ...files, ...venv("uvicorn", "flask", "gunicorn") });
    expect(config.proc.cmd).toEqual([`./.venv/bin/${words[0]}`, ...words.slice(1)]);
    expect(config.proc.env).toEqual(env);
    expect(config.sockets.listen).toEqual(port === undefined ? [] : [{ is: "port", host: "127.0.0.1", port }]);
    expect(notes.at(-1)).toContain(`(${how}`);
  });

  test("in a directory below that is a project of its own runs there, with what is installed there", async () => {
    const { config } = await found({
      "backend/pyproject.toml": "[project]\nname = 'shop'\n",
      "backend/app/main.py": `from app.api import router\n${fastapi}`,
      "backend/.venv/bin/python": "",
      "backend/.venv/bin/uvicorn": "",
      "frontend/index.html": "",
    });
    expect(config.proc).toMatchObject({ cmd: ["./.venv/bin/uvicorn", "app.main:app", "--fd", "3"], cwd: "backend" });
    expect(config.watch.exclude_dirs).toEqual(["/backend/tests"]);
  });

  test("of streamlit, and one of named programs alone, is said", async () => {
    expect(await refused({ "app.py": "import streamlit as st\n" })).toMatch(
      /app\.py is for streamlit, which watches[\s\S]*streamlit run app\.py +runs it, without reload/,
    );
    expect(await refused({ "pyproject.toml": '[project.scripts]\nshop = "shop.cli:main"\n' })).toMatch(
      /reload shop +shop\.cli:main/,
    );
  });

  test("with two applications that are equally likely is asked about, and they are listed", async () => {
    const text = await refused({ "shop/main.py": fastapi, "admin/main.py": fastapi, ...venv("uvicorn") });
    expect(text).toContain("several applications lie here: admin/main.py, shop/main.py");
    expect(text).toContain("reload uvicorn shop.main:app");
  });

  test("runs in its own virtual environment, or in the one of poetry", async () => {
    const { config } = await found({ "app.py": "", "venv/bin/python": "", "venv/pyvenv.cfg": "" });
    expect(config).toMatchObject({
      proc: { cmd: ["./venv/bin/python", "app.py"] },
      watch: { exclude_dirs: ["/tests", "/venv"] },
    });
    using project = newProject({
      "main.py": fastapi,
      "poetry.lock": "",
      "pyproject.toml": '[tool.poetry]\nname = "My Shop"\n',
    });
    using home = newProject();
    const hash = createHash("sha256").update(project.directory).digest("base64url").slice(0, 8);
    home.write(`pypoetry/virtualenvs/my_shop-${hash}-py3.11/bin/uvicorn`, "");
    const env = { HOME: home.directory, XDG_CACHE_HOME: home.directory };
    expect(good(await loadIn(project, { env })).config.proc.cmd).toEqual([
      home.path(`pypoetry/virtualenvs/my_shop-${hash}-py3.11/bin/uvicorn`),
      "main:app",
      "--fd",
      "3",
    ]);
  });
});

describe("a Deno project", () => {
  test("runs its task without the watcher in it, or main.ts", async () => {
    const file =
      '{\n // comment with "quotes"\n "tasks": { "dev": "deno run -A --watch main.ts", "start": "deno run -A main.ts", },\n}\n';
    const loaded = await found({ "deno.jsonc": file });
    expect(loaded.config.proc.cmd).toEqual(["deno", "run", "-A", "main.ts"]);
    expect(loaded.notes[0]).toMatch(/task dev, without deno --watch/);
    expect((await found({ "deno.json": '{"tasks":{"dev":"deno run a.ts"}}' })).config.proc.cmd).toEqual([
      "deno",
      "task",
      "dev",
    ]);
    expect((await found({ "deno.json": "{}", "main.ts": "" })).config.proc.cmd).toEqual([
      "deno",
      "run",
      "--allow-all",
      "main.ts",
    ]);
  });
});

describe("with a COMMAND", () => {
  const files = {
    "package.json": '{"scripts":{"dev":"nodemon a.js","api":"uvicorn main:app"}}',
    "node_modules/.bin/jake": "",
  };

  test.each<[readonly [string, ...string[]], string | undefined]>([
    [["tsx", "src/index.ts"], ".ts"],
    [["node", "a.js"], ".ts"],
    [["npm", "run", "dev"], ".ts"],
    [["npx", "-y", "some-tool"], ".ts"],
    [["jake"], ".ts"],
    [["./node_modules/.bin/x"], ".ts"],
    [["env", "A=1", "node", "a.js"], ".ts"],
    [["sh", "-c", "A=$B node a.js | cat"], ".ts"],
    [["uvicorn", "main:app"], ".py"],
    [["npm", "run", "api"], ".py"],
    [["flask", "run"], ".py"],
    [["python3.12", "-m", "shop"], ".py"],
    [["uv", "run", "main.py"], ".py"],
    [["./.venv/bin/serve"], ".py"],
    [["go", "run", "."], ".go"],
    [["cargo", "run"], ".rs"],
    [["deno", "run", "main.ts"], ".jsonc"],
    [["bundle", "exec", "rails", "server"], ".rb"],
    [["./server"], undefined],
    [["make", "run"], undefined],
    [["sh", "-c", "make && ./server"], undefined],
  ])("%j counts the files of its kind", async (command, ending) => {
    using project = newProject(files);
    const loaded = good(await loadIn(project, { command }));
    expect(loaded.config.proc.cmd).toEqual(command);
    if (ending === undefined) expect(loaded.config.watch.include_files).toEqual([]);
    else expect(loaded.config.watch.include_files).toContain(ending);
    expect(loaded.restartPatterns).toEqual(ending === undefined ? [] : [".env*"]);
  });

  test("gives way to -e, and to a file", async () => {
    using project = newProject(files);
    const flags = [flag("watch.include_files", ".html")];
    const given = good(await loadIn(project, { command: ["node", "a.js"], flags }));
    expect(given.config.watch.include_files).toEqual([".html"]);
    project.write(".reload.toml", '[proc]\ncmd = "x"\n');
    const inFile = good(await loadIn(project, { command: ["node", "a.js"] }));
    expect(inFile.config.watch.include_files).toEqual([]);
  });
});

describe("what is found", () => {
  test("is the first that fits: Go before Node, and Python where a package.json has nothing to run", async () => {
    expect(
      (await found({ "go.mod": module, "main.go": mainGo, "package.json": '{"scripts":{"dev":"node x.js"}}' })).config
        .build.cmd,
    ).toContain("go build");
    expect((await found({ "package.json": "{}", "app.py": "" })).config.proc.cmd).toContain("app.py");
    expect((await found({ "package.json": "{ broken", "app.py": "" })).notes[0]).toBe("package.json is not valid JSON");
  });

  test("gives way to flags and variables", async () => {
    using project = newProject({ "go.mod": module, "main.go": mainGo });
    const loaded = good(
      await loadIn(project, { flags: [flag("build.cmd", "make")], env: { RELOAD_WATCH_DEBOUNCE: "9ms" } }),
    );
    expect(loaded.config).toMatchObject({
      build: { cmd: "make" },
      proc: { cmd: ["./tmp/api"] },
      watch: { debounce: 9 },
    });
  });

  test("is nothing in an empty directory: one screen of help", async () => {
    const text = await refused({});
    expect(text).toMatch(/^reload: nothing to run here: no \.reload\.toml, no COMMAND/);
    for (const word of ["reload init", "reload -- ", "-c FILE", "go.mod", "package.json"]) expect(text).toContain(word);
    expect(text.split("\n").length).toBeLessThan(24);
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(100);
  });
});
