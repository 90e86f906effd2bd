/** Layouts of Python, Go and Rust projects as people have them: which program is run, where, and with what. */
import { describe, expect, test } from "vitest";
import { ecosystemOf } from "../../src/config/projects/kinds.ts";
import { newProject } from "../rig/project.ts";
import { complaints, good, loadIn } from "./loading.ts";

type Files = Readonly<Record<string, string>>;

async function found(files: Files, env: NodeJS.ProcessEnv = {}) {
  using project = newProject(files);
  const { config, notes } = good(await loadIn(project, { env }));
  return { config, notes, words: [config.proc.cmd ?? []].flat() };
}

async function said(files: Files): Promise<string> {
  using project = newProject(files);
  return complaints(await loadIn(project));
}

const fastapi = "from fastapi import FastAPI\napp = FastAPI()\n";
const flask = "from flask import Flask\napp = Flask(__name__)\n";
const manage = `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nexecute_from_command_line(sys.argv)\n`;
const venv = Object.fromEntries(
  ["python", "uvicorn", "flask", "celery", "shop"].map((name) => [`.venv/bin/${name}`, ""]),
);
const plain = (words: readonly string[]): string => words.join(" ").replace(/^.*\.venv\/bin\//, "");

describe("a Python project", () => {
  const port = (number: number) => [{ is: "port", host: "127.0.0.1", port: number }];

  test.each<[string, Files, string, Files?]>([
    ["hatch", { dev: "uvicorn a:app --reload {args:--log-level debug}" }, "uvicorn a:app --log-level debug --fd 3"],
    ["hatch", { dev: "uvicorn a:app --reload {args}" }, "uvicorn a:app --fd 3"],
    ["rye", { dev: "watchfiles 'python bot.py --now' src" }, "python bot.py --now"],
    ["rye", { dev: "watchmedo auto-restart -p '*.py' -R -- celery -A shop worker" }, "celery -A shop worker"],
  ])("has tasks of %s: %j", async (tool, tasks, line) => {
    const table = tool === "hatch" ? "tool.hatch.envs.default.scripts" : "tool.rye.scripts";
    const rows = Object.entries(tasks).map(([name, text]) => `${name} = ${JSON.stringify(text)}`);
    const { words } = await found({ ...venv, "pyproject.toml": `[${table}]\n${rows.join("\n")}\n`, "a.py": fastapi });
    expect(plain(words)).toBe(line);
  });

  test("gets the variables that stand beside its task, and the files of them", async () => {
    const { config } = await found({
      ...venv,
      "pyproject.toml": [
        '[tool.pdm.scripts]\n_.env_file = ".env"\n_.env = { ALL = "1" }',
        'dev = { cmd = "uvicorn a:app --reload", env_file = { override = ".env.dev" }, env = { A = "1" } }',
      ].join("\n"),
      ".env": "B=1\n",
      ".env.dev": "B=2\n",
      "a.py": fastapi,
    });
    expect(config.proc.env).toMatchObject({ ALL: "1", A: "1" });
    expect(config.env_files).toEqual([".env", ".env.dev"]);
  });

  test("runs what a Makefile or justfile develops with, where that watches", async () => {
    const files = { ...venv, "app/main.py": fastapi, "app/__init__.py": "" };
    const make = (line: string) => found({ ...files, Makefile: `.PHONY: dev\ndev:  # it\n\t${line}\n` });
    const dev = await make("poetry run uvicorn app.main:app --reload --port 9000");
    expect(plain(dev.words)).toBe("uvicorn app.main:app --fd 3");
    expect(dev.config.sockets.listen).toEqual(port(9000));
    expect(dev.notes.at(-1)).toContain("dev of Makefile, without uvicorn --reload");
    // What does not watch may be how it is deployed, and two lines are more than a program.
    for (const line of [
      "gunicorn app.main:app --port 9000",
      "pip install x\n\tuvicorn app.main:app --reload --port 9000",
    ])
      expect((await make(line)).config.sockets.listen).toEqual(port(8000));
    const just = await found({ ...files, justfile: "run:\n    uvicorn app.main:app --reload --port 9001\n" });
    expect(just.config.sockets.listen).toEqual(port(9001));
  });

  test("of Django in a directory below runs there, where it is the only one", async () => {
    const files = { ...venv, "requirements.txt": "django\n", "shop/manage.py": manage, "shop/shop/settings.py": "" };
    const { words, config } = await found(files);
    expect(plain(words)).toBe("python manage.py runserver --noreload");
    expect(config.proc.cwd).toBe("shop");
    expect(config.sockets.listen).toEqual(port(8000));
    expect(await said({ ...files, "blog/manage.py": manage })).toMatch(/reload -C blog .*\n.*reload -C shop /);
  });

  test("is run where a package.json beside it serves pages, which is said", async () => {
    const pages = { "package.json": JSON.stringify({ scripts: { dev: "vite" } }) };
    const { words, notes } = await found({ ...venv, ...pages, "manage.py": manage, "shop/settings.py": "" });
    expect(plain(words)).toBe("python manage.py runserver --noreload");
    expect(notes[0]).toMatch(/^script "dev" starts vite, .*: run it beside this one: npm run dev$/);
    expect(await said({ ...venv, ...pages, "main.py": "print(1)\n" })).toMatch(/npm run dev +runs it, without reload/);
  });

  test("whose application is of a class of its own is served as that is", async () => {
    const text = "from fastapi import FastAPI\nclass Shop(FastAPI):\n    pass\nshop = Shop()\n";
    expect(plain((await found({ ...venv, "main.py": text })).words)).toBe("uvicorn main:shop --fd 3");
  });

  const guard = (...lines: string[]): string =>
    `if __name__ == "__main__":\n${lines.map((line) => `    ${line}\n`).join("")}`;

  test.each<[string, Files, string, number]>([
    [
      "run.py that imports it",
      { "run.py": `from app import app\n${guard("app.run(debug=True, port=5123)")}`, "app/__init__.py": flask },
      "flask run --debug --no-reload",
      5123,
    ],
    [
      "run.py that names it",
      {
        "run.py": `import uvicorn\n${guard('uvicorn.run("app.main:app", port=8124, reload=True)')}`,
        "app/__init__.py": "",
        "app/main.py": fastapi,
      },
      "uvicorn app.main:app --fd 3",
      8124,
    ],
    [
      "a name for its port",
      { "app.py": flask + guard('port = int(os.environ.get("PORT", 5124))', "app.run(port=port, debug=True)") },
      "flask run --debug --no-reload",
      5124,
    ],
  ])("is served where %s says", async (_, files, line, number) => {
    const { config, words } = await found({ ...venv, ...files });
    expect(plain(words)).toBe(line);
    expect(config.sockets.listen).toEqual(port(number));
  });

  test.each<[string, Files, string, RegExp]>([
    [
      "makes its tables first",
      { "app.py": flask + guard("with app.app_context():", "    db.create_all()", "app.run(debug=True)") },
      "python app.py",
      /debug=True/,
    ],
    [
      "has a certificate",
      { "app.py": flask + guard('app.run(debug=True, ssl_context="adhoc")') },
      "python app.py",
      /debug=True/,
    ],
    [
      "fills its database first",
      { "main.py": fastapi + guard("init_db()", 'uvicorn.run("main:app", reload=True)') },
      "python main.py",
      /reload=True/,
    ],
    [
      "makes its server by hand",
      { "main.py": fastapi + guard("config = uvicorn.Config(app)", "uvicorn.Server(config).run()") },
      "python main.py",
      /^found/,
    ],
  ])("that %s starts itself", async (_, files, line, note) => {
    const { notes, words } = await found({ ...venv, ...files });
    expect(plain(words)).toBe(line);
    expect(notes[0]).toMatch(note);
  });

  test("of FastAPI gets what fastapi dev sets, where that is installed", async () => {
    const files = { ...venv, "main.py": fastapi };
    expect((await found(files)).config.proc.env).toEqual({});
    const installed = { ...files, ".venv/bin/fastapi": "" };
    expect((await found(installed)).config.proc.env).toEqual({ FASTAPI_ENV: "development" });
    expect((await found(installed, { FASTAPI_ENV: "test" })).config.proc.env).toEqual({});
  });

  test("of celery or sanic alone is listed", async () => {
    expect(await said({ ...venv, "tasks.py": "app = Celery('tasks')\n" })).toContain(
      "reload .venv/bin/celery -A tasks worker",
    );
    expect(await said({ ...venv, "server.py": "app = Sanic('A')\n" })).toContain("reload .venv/bin/sanic server ");
  });

  test("with Flask-SocketIO starts itself, and a reloader in it is said", async () => {
    const text = (words: string) =>
      `${flask}socketio = SocketIO(app)\nif __name__ == "__main__":\n    socketio.run(app, ${words})\n`;
    const watching = await found({ ...venv, "app.py": text("debug=True") });
    expect(plain(watching.words)).toBe("python app.py");
    expect(watching.notes[0]).toMatch(/has a reloader of its own \(debug=True\).*use_reloader=False/);
    expect((await found({ ...venv, "app.py": text("debug=True, use_reloader=False") })).notes[0]).toMatch(/^found/);
  });

  test.each([
    ["granian", {}, "granian --interface asgi main:app"],
    ["hypercorn", { "hypercorn.toml": 'bind = "0.0.0.0:9"\n' }, "hypercorn --config hypercorn.toml main:app"],
  ])("with %s alone is served by that", async (server, more, line) => {
    const files = { "main.py": fastapi, "requirements.txt": `fastapi\n${server}\n`, ".venv/bin/python": "" };
    const { words } = await found({ ...files, ...more, [`.venv/bin/${server}`]: "" });
    expect(plain(words)).toBe(line);
  });

  test("lists programs by the path under which they can be run", async () => {
    const text = '[project]\nname = "shop"\n[project.scripts]\nshop = "shop.cli:main"\nother = "shop.cli:other"\n';
    const listed = await said({ ...venv, "pyproject.toml": text });
    expect(listed).toMatch(/reload \.\/\.venv\/bin\/shop +shop\.cli:main/);
    expect(listed).toMatch(/reload other +shop\.cli:other/);
  });
});

describe("a Go project", () => {
  const main = "package main\n\nfunc main() {}\n";
  const module = { "go.mod": "module example.com/shop\n" };

  test.each<[string, Files, string]>([
    ["tools.go", { "tools.go": `//go:build tools\n\n${main}`, "cmd/api/main.go": main }, "./cmd/api"],
    ["+build ignore", { "gen.go": `// +build ignore\n\n${main}`, "cmd/api/main.go": main }, "./cmd/api"],
    ["another system", { "main_plan9.go": main, "cmd/api/main.go": main }, "./cmd/api"],
    ["another machine", { "main_linux_s390x.go": main, "cmd/api/main.go": main }, "./cmd/api"],
    [
      "a tag that is not set",
      { "main.go": `//go:build dev && !prod\n\n${main}`, "cmd/api/main.go": main },
      "./cmd/api",
    ],
    ["either", { "main.go": `//go:build dev || (!dev && !windows)\n\n${main}`, "cmd/api/main.go": main }, "."],
    ["a version", { "main.go": `//go:build go1.20 && gc\n\n${main}`, "cmd/api/main.go": main }, "."],
    ["in a comment", { "main.go": `package main\n\n//go:build ignore\nfunc main() {}\n` }, "."],
  ])("builds the main package that belongs to the build: %s", async (_, files, place) => {
    const { config } = await found({ ...module, ...files });
    expect(config.build.cmd).toMatch(new RegExp(` ${place.replaceAll(".", "\\.")}$`));
  });

  test("knows the tags of GOFLAGS, and says where only tags build it", async () => {
    const files = { ...module, "main.go": `//go:build dev\n\n${main}` };
    expect(await said(files)).toMatch(/built with tags alone \(\/\/go:build dev\): GOFLAGS=-tags=… reload/);
    expect((await found(files, { GOFLAGS: "-mod=mod -tags=dev,debug" })).config.build.cmd).toMatch(/ \.$/);
  });

  test.each<[string, string, string, readonly string[]]>([
    ["go run . serve --port 8080", "go build -ldflags=-w -o ./tmp/shop .", "./tmp/shop", ["serve", "--port", "8080"]],
    ["go run ./cmd/api/", "go build -ldflags=-w -o ./tmp/api ./cmd/api", "./tmp/api", []],
    ["go run cmd/api/main.go -v", "go build -ldflags=-w -o ./tmp/api ./cmd/api", "./tmp/api", ["-v"]],
    [
      "go run -tags dev -race ./cmd/api",
      "go build -ldflags=-w -tags dev -race -o ./tmp/api ./cmd/api",
      "./tmp/api",
      [],
    ],
    ['go run -ldflags "-X a=1" ./cmd/api', 'go build -ldflags "-X a=1" -o ./tmp/api ./cmd/api', "./tmp/api", []],
  ])("with a Makefile is the program that this runs: %s", async (line, build, program, words) => {
    const files = { ...module, "main.go": main, "cmd/api/main.go": main, "cmd/worker/main.go": main };
    const { config, notes } = await found({ ...files, Makefile: `run:\n\tA=1 ${line}\n` });
    expect(config.build).toMatchObject({ cmd: build, env: { A: "1" } });
    expect(config.proc).toMatchObject({ cmd: [program, ...words], env: { A: "1" } });
    expect(notes.at(-1)).toContain("(run of Makefile)");
  });

  test("of several programs only one that is there is run so", async () => {
    const files = { ...module, "cmd/api/main.go": main, "cmd/worker/main.go": main };
    expect(await said({ ...files, Makefile: "run:\n\tgo run ./cmd/gone\n" })).toMatch(/several programs can be built/);
  });

  test("with C beside its main is built anew for that as well", async () => {
    expect((await found({ ...module, "main.go": main, "add.c": "" })).config.watch.include_files).toContain(".c");
    expect((await found({ ...module, "main.go": main })).config.watch.include_files).not.toContain(".c");
  });
});

describe("a Rust project", () => {
  const cargo = (more = "") => ({ "Cargo.toml": `[package]\nname = "shop"\n${more}` });

  test("is built with the features that its program needs", async () => {
    const bin = '[features]\ndefault = ["std"]\n[[bin]]\nname = "shop"\npath = "src/main.rs"\n';
    const { config } = await found({ ...cargo(`${bin}required-features = ["server", "std"]\n`), "src/main.rs": "" });
    expect(config.build.cmd).toBe("cargo build --features server");
  });

  test("with examples alone lists them", async () => {
    const files = { ...cargo(), "src/lib.rs": "", "examples/hello.rs": "", "examples/web/main.rs": "" };
    expect(await said(files)).toMatch(/reload cargo run --example hello\n +reload cargo run --example web/);
  });

  test("of a workspace is not the xtask in it", async () => {
    const member = (name: string) => ({
      [`${name}/Cargo.toml`]: `[package]\nname = "${name}"\n`,
      [`${name}/src/main.rs`]: "",
    });
    const files = { "Cargo.toml": '[workspace]\nmembers = ["api", "xtask"]\n', ...member("api"), ...member("xtask") };
    expect((await found(files)).config.build.cmd).toBe("cargo build -p api");
  });

  test.each([
    ["cargo leptos watch", { ...cargo("[package.metadata.leptos]\n"), "src/main.rs": "" }],
    ["dx serve", { ...cargo(), "src/main.rs": "", "Dioxus.toml": "" }],
    ["trunk serve", { ...cargo(), "src/main.rs": "", "Trunk.toml": "" }],
  ])("that %s watches is said", async (line, files) => {
    expect(await said(files)).toMatch(new RegExp(`watches and reloads by itself\\n +${line} +runs it, without reload`));
  });

  test.each<[readonly [string, ...string[]], readonly string[]]>([
    [
      ["cargo", "run"],
      ["target", "/tests", "/examples", "/benches"],
    ],
    [
      ["cargo", "run", "--example", "web"],
      ["target", "/tests", "/benches"],
    ],
    [
      ["cargo", "run", "--example=web"],
      ["target", "/tests", "/benches"],
    ],
    [
      ["cargo", "test"],
      ["target", "/examples", "/benches"],
    ],
    [
      ["cargo", "bench"],
      ["target", "/tests", "/examples"],
    ],
  ])("with %j does not leave out what is named", async (command, excluded) => {
    using project = newProject();
    expect((await ecosystemOf(command, project.directory, {}))?.excluded).toEqual(excluded);
  });
});

describe("what a program takes in beside its sources", () => {
  const filesOf = async (files: Files): Promise<readonly string[]> => (await found(files)).config.watch.include_files;

  test("counts in a Go module, wherever it is named", async () => {
    const text = [
      "package main",
      "//go:embed schema.sql all:static views/*.gohtml",
      '//go:embed "with blank.txt" pages/*.html',
      "//go:embed assets/*",
    ];
    const files = await filesOf({
      "go.mod": "module a\n",
      "main.go": `${text.join("\n")}\nfunc main() {}\n`,
      "static/a.css": "",
      "internal/q/q.go": "package q\n//go:embed *.sql ../x.sql\n",
      "vendor/v/v.go": "package v\n//go:embed v.sql\n",
    });
    expect(files.filter((pattern) => pattern.startsWith("/"))).toEqual([
      "/schema.sql",
      "/static/**",
      "/views/*.gohtml",
      "/with blank.txt",
      "/assets/*",
      "/assets/*/**",
      "/internal/q/*.sql",
      "/internal/x.sql",
    ]);
  });

  test("counts in a Cargo package, and from the directory that the compiler means", async () => {
    const files = await filesOf({
      "Cargo.toml": '[workspace]\nmembers = ["api"]\n',
      "api/Cargo.toml": '[package]\nname = "api"\nversion = "1.0.0"\n',
      "api/src/main.rs": [
        'const A: &str = include_str!("../a.sql");',
        'const B: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/b.txt"));',
        'fn main() { sqlx::migrate!(); query_file_as!(User, "q/user.sql"); include_str!("page.html"); }',
      ].join("\n"),
      "api/migrations/1.sql": "",
    });
    expect(files.filter((pattern) => pattern.startsWith("/")).toSorted()).toEqual(
      ["/api/a.sql", "/api/b.txt", "/api/migrations/**", "/api/q/user.sql"].toSorted(),
    );
  });

  test("counts with a COMMAND", async () => {
    using project = newProject({ "main.go": "package main\n//go:embed schema.sql\n" });
    const { config } = good(await loadIn(project, { command: ["go", "run", "."] }));
    expect(config.watch.include_files).toContain("/schema.sql");
  });
});
