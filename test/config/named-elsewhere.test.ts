/** What a program is run by stands in files of other tools: a Pipfile, a justfile, bacon.toml, manage.py. Their own tools were seen to run the same. */
import { describe, expect, test } from "vitest";
import { lookForNode } from "../../src/config/projects/node.ts";
import { newProject } from "../rig/project.ts";
import { complaints, good, loadIn } from "./loading.ts";

type Files = Readonly<Record<string, string>>;

async function found(files: Files) {
  using project = newProject(files);
  const { config, notes } = good(await loadIn(project));
  const words = [config.proc.cmd ?? []].flat().join(" ");
  return { config, notes, words: words.replace(/^.*\.venv\/bin\//, "") };
}

async function said(files: Files): Promise<string> {
  using project = newProject(files);
  return complaints(await loadIn(project));
}

const venv = Object.fromEntries(["python", "uvicorn", "flask"].map((name) => [`.venv/bin/${name}`, ""]));
const fastapi = "from fastapi import FastAPI\napi = FastAPI()\n";

describe("a Python project", () => {
  test.each<[string, string]>([
    ["Pipfile", "[scripts]\n"],
    ["hatch.toml", "[envs.default.scripts]\n"],
  ])("has scripts in %s", async (file, table) => {
    const { words, config } = await found({
      ...venv,
      [file]: `${table}test = "pytest"\ndev = "uvicorn web:api --reload --port 9002"\n`,
      "web.py": fastapi,
    });
    expect(words).toBe("uvicorn web:api --fd 3");
    expect(config.sockets.listen).toMatchObject([{ port: 9002 }]);
  });

  test("with a manage.py of Flask is none of Django", async () => {
    const cli = "from flask.cli import FlaskGroup\nfrom shop import app\ncli = FlaskGroup(app)\ncli()\n";
    const shop = "from flask import Flask\napp = Flask(__name__)\n";
    expect((await found({ ...venv, "manage.py": cli, "shop/__init__.py": shop })).words).toBe(
      "flask --app shop run --debug --no-reload",
    );
  });

  test.each([
    ["from apiflask import APIFlask\napp = APIFlask(__name__)\n", "flask run --debug --no-reload"],
    ["from flask_openapi3 import OpenAPI\napp = OpenAPI(__name__)\n", "flask run --debug --no-reload"],
    ["from blacksheep import Application\napp = Application()\n", "uvicorn app:app --fd 3"],
    ["import socketio\napp = socketio.ASGIApp(socketio.AsyncServer())\n", "uvicorn app:app --fd 3"],
    [`${fastapi}app = socketio.ASGIApp(server, api)\n`, "uvicorn app:app --fd 3"],
    [`${fastapi}app = socketio.ASGIApp(server, other_asgi_app=api)\n`, "uvicorn app:app --fd 3"],
    [`${fastapi}app = CORSMiddleware(api, allow_origins=["*"])\n`, "uvicorn app:app --fd 3"],
    // What is mounted in it is not what is served, wherever it stands.
    [
      "import socketio\nfrom fastapi import FastAPI\nsocket_app = socketio.ASGIApp(socketio.AsyncServer())\napp = FastAPI()\napp.mount('/ws', socket_app)\n",
      "uvicorn app:app --fd 3",
    ],
    [
      "import socketio\nfrom shop import make_app\nfrom fastapi import FastAPI\nws = socketio.ASGIApp(socketio.AsyncServer())\napp = make_app(FastAPI())\napp.mount('/ws', ws)\n",
      "uvicorn app:app --fd 3",
    ],
    [
      "from aiohttp import web\nfrom fastapi import FastAPI\nother = web.Application()\napi = FastAPI()\n",
      "uvicorn app:api --fd 3",
    ],
    [`${fastapi}app = make_other("api")\n`, "uvicorn app:api --fd 3"],
    [`${fastapi}other = CORSMiddleware(apis)\n`, "uvicorn app:api --fd 3"],
  ])("serves what is outermost, by the server of what it is made of: %j", async (text, words) => {
    expect((await found({ ...venv, "app.py": text })).words).toBe(words);
  });

  test("of streamlit has any name, where there is one", async () => {
    const page = { "pages/1_More.py": "import streamlit\n", "helpers.py": "x = 1\n" };
    expect(await said({ ...page, "Home.py": "import streamlit as st\n" })).toMatch(/streamlit run Home\.py +runs it/);
  });
});

describe("a Rust project", () => {
  const files = { "Cargo.toml": '[package]\nname = "shop"\n', "src/main.rs": "", "src/bin/tool.rs": "" };

  test.each<[string, string, string, string]>([
    ["justfile", "dev:\n    cargo watch -x 'run --bin shop -- --port 3'\n", "--bin shop", "debug/shop --port 3"],
    ["justfile", "dev:\n  cargo watch -q -c -w src -x check -x 'run --bin tool'\n", "--bin tool", "debug/tool"],
    ["Makefile", "watch:\n\tcargo watch -- cargo run --bin=shop\n", "--bin shop", "debug/shop"],
    ["Makefile", "watch:\n\tRUST_LOG=debug cargo watch -s 'cargo run --bin shop'\n", "--bin shop", "debug/shop"],
    ["Makefile", "dev:\n\twatchexec -r -e rs -- cargo run --bin tool -F web\n", "--bin tool -F web", "debug/tool"],
    ["Makefile", "dev:\n\tcargo run --release --bin shop\n", "--bin shop --release", "release/shop"],
    [
      "bacon.toml",
      '[jobs.run]\ncommand = ["cargo", "run", "--bin", "tool", "--", "-v"]\n',
      "--bin tool",
      "debug/tool -v",
    ],
  ])("is run as %s says: %j", async (file, text, flags, program) => {
    const { config, words } = await found({ ...files, [file]: text });
    expect(config.build.cmd).toBe(`cargo build ${flags}`);
    expect(words).toBe(`./target/${program}`);
    expect(config.proc.env).toEqual(text.includes("RUST_LOG") ? { RUST_LOG: "debug" } : {});
  });

  test("of one program gets its words too, and is not built for release where that is for others", async () => {
    const { "src/bin/tool.rs": _, ...one } = files;
    expect((await found({ ...one, justfile: "run:\n  cargo run -- serve\n" })).words).toBe("./target/debug/shop serve");
    expect((await found({ ...one, Makefile: "run:\n\tcargo run --release\n" })).words).toBe("./target/debug/shop");
    expect((await found({ ...one, Makefile: "run:\n\tcargo run\n" })).notes.join()).not.toContain("Makefile");
  });

  test.each([
    ["Makefile", "run:\n\tcargo run --example web\n"],
    ["Makefile", "run:\n\tcargo run --bin other\n"],
    ["justfile", "dev:\n  cargo watch -x test\n"],
    ["bacon.toml", "[jobs"],
  ])("is asked about where %s does not tell: %j", async (file, text) => {
    expect(await said({ ...files, [file]: text })).toContain("several programs can be built here: shop, tool");
  });
});

test.each([
  ["wails.json", "Wails", "wails dev"],
  ["encore.app", "Encore", "encore run"],
  [".buffalo.dev.yml", "Buffalo", "buffalo dev"],
])("a Go project with %s is run by its own tool", async (file, name, line) => {
  const text = await said({ "go.mod": "module shop\n", "main.go": "package main\n", [file]: "" });
  expect(text).toContain(`go.mod is of a project for ${name}, which watches and reloads by itself`);
  expect(text).toMatch(new RegExp(`${line} +runs it, without reload`));
});

test.each([
  [{ serve: "vite preview", start: "node server.js" }, "node server.js"],
  [{ serve: "serve -s build", watch: "nodemon server.js --watched", start: "node x.js" }, "node server.js --watched"],
  // It is all there is.
  [{ start: "serve -s build" }, "serve -s build"],
])("what serves what was built is passed over where another script follows: %j", async (scripts, words) => {
  const project = await found({ "package.json": JSON.stringify({ scripts }), "server.js": "" });
  expect(project.words).toBe(words);
  expect(project.notes.some((line) => line.includes("it serves what was built"))).toBe(words.startsWith("node"));
});

describe("a script that starts the lines of a Procfile", () => {
  const files = (script: string) => ({
    "package.json": JSON.stringify({ scripts: { dev: script } }),
    "Procfile.local": "web: nodemon server.js\nworker: node worker.js --jobs\n",
    "dev.env": "A=1\n",
  });

  test.each([
    "foreman start -f Procfile.local",
    "overmind s -f Procfile.local",
    "nf start -j Procfile.local",
    "honcho start -f Procfile.local",
    "hivemind Procfile.local",
  ])("lists them: %s", async (script) => {
    const text = await said(files(script));
    expect(text).toMatch(/reload -E PORT=5000 node server\.js +again on every change/);
    expect(text).toMatch(/reload -E PORT=5100 node worker\.js --jobs +again on every change/);
  });

  test("has a service for each, called as there", async () => {
    using project = newProject({
      ...files("foreman start -f Procfile.local"),
      "Procfile.local": "web: nodemon server.js\ncss: tailwindcss -i a -o b --watch\ndb: redis-server\n",
    });
    expect(complaints(await loadIn(project))).toMatch(/redis-server +only runs/);
    const finding = lookForNode(project.directory, {});
    const made = finding?.is === "unclear" ? finding.services : undefined;
    expect(made?.names).toEqual(["web", "css", "db"]);
    expect(made?.settings).toContainEqual({ name: "service.db.proc.env", raw: { PORT: "5200" } });
  });

  test.each<[string, string, string]>([
    ["foreman start -f Procfile.local worker", "node worker.js --jobs", "5100"],
    ["nf start web -j Procfile.local -p 7000 -e dev.env", "node server.js", "7000"],
    ["overmind start -l worker -f Procfile.local", "node worker.js --jobs", "5100"],
    ["honcho start -f Procfile.local worker", "node worker.js --jobs", "5000"],
  ])("runs the one that is named: %s", async (script, words, port) => {
    const project = await found(files(script));
    expect(project.words).toBe(words);
    expect(project.config.proc.env).toEqual({ PORT: port });
    expect(project.config.env_files).toEqual(script.includes("dev.env") ? ["dev.env"] : []);
  });

  test.each(["foreman check", "foreman start -m web=2 -f Procfile.local", "nf start"])(
    "is run as it is where that does not tell: %s",
    async (script) => {
      expect((await found(files(script))).words).toBe(script);
    },
  );
});
