/** Python projects without a file: which server, where it listens, out of which environment, and what is said of those that watch by themselves. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { complaints, good, loadIn } from "./loading.ts";

const installed = Object.fromEntries(
  ["python", "uvicorn", "flask", "quart", "gunicorn"].map((name) => [`.venv/bin/${name}`, ""]),
);
const flask = "from flask import Flask\napp = Flask(__name__)\n";
const fastapi = "from fastapi import FastAPI\napp = FastAPI()\n";

async function found(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) {
  using project = newProject({ ...installed, ...files });
  const { config, notes } = good(await loadIn(project, { env }));
  const [program = "", ...words] = [config.proc.cmd ?? []].flat();
  return { words: [program.replace("./.venv/bin/", ""), ...words], config, notes };
}

describe("the port of a file that starts its server", () => {
  const run = (call: string): string => `${flask}if __name__ == "__main__":\n    app.run(${call}, debug=True)\n`;
  const port = (number: number, host = "127.0.0.1") => [{ is: "port", host, port: number }];

  test.each([
    ["port=8080", {}, 8080],
    ['port=int(os.environ.get("PORT", 8080))', {}, 8080],
    ['port=int(os.getenv("PORT", "8081"))', {}, 8081],
    ['port=int(os.environ.get("PORT") or 8082)', {}, 8082],
    ['port=int(os.environ.get("PORT", 8080))', { PORT: "9000" }, 9000],
  ])("is read: %s with %j", async (call, env, number) => {
    const { config, words } = await found({ "app.py": run(call) }, env);
    expect(config.sockets.listen).toEqual(port(number));
    expect(words).toEqual(["flask", "run", "--debug", "--no-reload"]);
    const uvicorn = await found(
      { "main.py": `${fastapi}if __name__ == "__main__":\n    uvicorn.run("main:app", ${call}, reload=True)\n` },
      env,
    );
    expect(uvicorn.config.sockets.listen).toEqual(port(number));
  });

  test("is said to be unknown where only the program knows it, with what sets it", async () => {
    const { notes } = await found({
      "main.py": `${fastapi}uvicorn.run(app, host=settings.host, port=get(1, 2), reload=True)\n`,
    });
    expect(notes).toContain("main.py has port=get(1, 2), which is not read here: set UVICORN_PORT");
    expect(notes).toContain("main.py has host=settings.host, which is not read here: set UVICORN_HOST");
    expect((await found({ "app.py": run("port=PORT") })).notes).toContain(
      "app.py has port=PORT, which is not read here: set FLASK_RUN_PORT",
    );
  });
});

test("a function that starts the server is not the file that does", async () => {
  const text = "from quart import Quart\napp = Quart(__name__)\n\ndef run() -> None:\n    app.run()\n";
  expect((await found({ "src/blog/__init__.py": text })).words).toEqual([
    "quart",
    "--app",
    "blog",
    "run",
    "--debug",
    "--no-reload",
  ]);
  expect((await found({ "app.py": `${text}\nif __name__ == "__main__":\n    run()\n` })).words).toEqual([
    "python",
    "app.py",
  ]);
});

test("Quart is served by the hypercorn in it, which can be handed a port, but for files that quart reads alone", async () => {
  const files = { "app.py": "from quart import Quart\napp = Quart(__name__)\n", ".venv/bin/hypercorn": "" };
  const { words, config } = await found(files, { QUART_RUN_PORT: "5001" });
  expect(words).toEqual(["hypercorn", "--workers", "0", "--bind", "fd://3", "app:app"]);
  expect(config.proc.env).toEqual({ QUART_DEBUG: "1" });
  expect(config.sockets.listen).toEqual([{ is: "port", host: "127.0.0.1", port: 5001 }]);
  expect((await found({ ...files, ".quartenv": "A=1" })).words).toEqual(["quart", "run", "--debug", "--no-reload"]);
});

test("FastAPI with hypercorn alone is served by that, on a port that stays open", async () => {
  using project = newProject({
    "main.py": fastapi,
    "requirements.txt": "fastapi\nhypercorn\n",
    ".venv/bin/hypercorn": "",
    ".venv/bin/python": "",
  });
  const { config } = good(await loadIn(project));
  expect(config.proc.cmd).toEqual(["./.venv/bin/hypercorn", "--workers", "0", "--bind", "fd://3", "main:app"]);
  expect(config.sockets.listen).toEqual([{ is: "port", host: "127.0.0.1", port: 8000 }]);
});

test.each([
  ["from bottle import Bottle, run\napp = Bottle()\nrun(app, reloader=True)\n", ["python", "app.py"]],
  [
    "import falcon\napp = falcon.App()\nif __name__ == '__main__':\n    make_server('', 8000, app)\n",
    ["python", "app.py"],
  ],
  ["import falcon.asgi\napp = falcon.asgi.App()\n", ["uvicorn", "app:app", "--fd", "3"]],
  ["from bottle import Bottle\napp = Bottle()\n", ["gunicorn", "app:app"]],
])("an application starts itself, or its server does: %j", async (text, words) => {
  const project = await found({ "app.py": text });
  expect(project.words).toEqual(words);
  expect(project.notes.join("\n").includes("a reloader of its own (reloader=True)")).toBe(text.includes("reloader"));
});

test.each([
  ["main.py", "from nicegui import ui\nui.run()\n", "NiceGUI", "python main.py"],
  ["main.py", "from fasthtml.common import *\napp, rt = fast_app()\nserve()\n", "FastHTML", "python main.py"],
  ["app.py", "from dash import Dash\napp = Dash()\napp.run(debug=True)\n", "Dash", "python app.py"],
  ["app.py", "import chainlit as cl\n", "chainlit", "chainlit run app.py -w"],
  ["rxconfig.py", "import reflex as rx\n", "reflex", "reflex run"],
])("%s that watches by itself is said: %j", async (file, text, name, line) => {
  using project = newProject({ [file]: text });
  const said = complaints(await loadIn(project));
  expect(said).toContain(`${file} is for ${name}, which watches and reloads by itself`);
  expect(said).toMatch(new RegExp(`${line} +runs it, without reload`));
});

test("the same without their reloader are run", async () => {
  expect((await found({ "main.py": "from nicegui import ui\nui.run(reload=False)\n" })).words).toEqual([
    "python",
    "main.py",
  ]);
  expect((await found({ "app.py": "from dash import Dash\napp = Dash()\napp.run()\n" })).words).toEqual([
    "python",
    "app.py",
  ]);
});

test("scripts of other names, and packages that can be run, are listed", async () => {
  using project = newProject({
    "bot.py": 'if __name__ == "__main__":\n    main()\n',
    "helpers.py": "x = 1\n",
    "test_bot.py": 'if __name__ == "__main__":\n    main()\n',
    "shop/__main__.py": "",
    ".venv/bin/python": "",
  });
  const text = complaints(await loadIn(project));
  expect(text).toMatch(/reload \.venv\/bin\/python bot\.py/);
  expect(text).toMatch(/reload \.venv\/bin\/python -m shop/);
  expect(text).not.toMatch(/helpers|test_bot/);
});

describe("the environment", () => {
  test("of pdm is the one that it wrote down", async () => {
    using project = newProject({ "main.py": fastapi });
    using place = newProject({ "pyvenv.cfg": "", "bin/python": "", "bin/uvicorn": "" });
    project.write(".pdm-python", `${place.path("bin/python")}\n`);
    expect(good(await loadIn(project)).config.proc.cmd).toEqual([place.path("bin/uvicorn"), "main:app", "--fd", "3"]);
  });

  test("of pipenv lies in the home directory", async () => {
    using project = newProject({ "main.py": fastapi, Pipfile: "" });
    using home = newProject();
    const hash = createHash("sha256").update(project.path("Pipfile")).digest("base64url").slice(0, 8);
    const place = `.local/share/virtualenvs/${basename(project.directory).replaceAll(" ", "_")}-${hash}`;
    for (const name of ["bin/python", "bin/uvicorn", "pyvenv.cfg"]) home.write(`${place}/${name}`, "");
    const { config } = good(await loadIn(project, { env: { HOME: home.directory } }));
    expect(config.proc.cmd).toEqual([home.path(`${place}/bin/uvicorn`), "main:app", "--fd", "3"]);
  });

  test("that is nowhere is said, where no program of it is on the path either", async () => {
    using tools = newProject({ uvicorn: "" });
    using project = newProject({ "main.py": fastapi });
    const said = "no virtual environment lies here: python3 of the path is used";
    expect(good(await loadIn(project)).notes[0]).toBe(said);
    expect(good(await loadIn(project, { env: { PATH: tools.directory } })).notes).not.toContain(said);
    project.write(".venv/bin/python", "");
    expect(good(await loadIn(project)).notes).not.toContain(said);
  });

  test("may lie above", async () => {
    using project = newProject({ ".git/HEAD": "", ".venv/bin/python": "", "shop/main.py": "" });
    const { config } = good(await loadIn(project, { cwd: project.path("shop") }));
    expect(config.proc.cmd).toEqual([project.path(".venv/bin/python"), "main.py"]);
  });

  test("that uv has not made yet is made by it", async () => {
    using tools = newProject({ uv: "" });
    using project = newProject({ "main.py": fastapi, "uv.lock": "" });
    const { config } = good(await loadIn(project, { env: { PATH: tools.directory } }));
    expect(config.proc.cmd).toEqual(["uv", "run", "uvicorn", "main:app", "--fd", "3"]);
    project.write("main.py", "");
    const plain = good(await loadIn(project, { env: { PATH: tools.directory } }));
    expect(plain.config.proc.cmd).toEqual(["uv", "run", "python", "main.py"]);
  });
});
