/** What a Makefile, a justfile or deno.json says of the program that people run: variables, what it needs first, other watchers. */
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { type Given, good, loadIn } from "./loading.ts";

async function found(files: Readonly<Record<string, string>>, given: Given = {}) {
  using project = newProject(files);
  return good(await loadIn(project, given));
}

const goProject = {
  "go.mod": "module example.com/shop\n",
  "main.go": "package main\nfunc main() {}\n",
};
const rustProject = {
  "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\n',
  "src/main.rs": "fn main() {}\n",
};

describe("words of a recipe", () => {
  test.each<[string, string, readonly string[]]>([
    ["Makefile", "PORT ?= 8123\nrun:\n\tgo run . --port $(PORT)\n", ["--port", "8123"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: make reads it.
    ["Makefile", "export PORT := '8123'\nrun: generate deps\n\tgo run . --port ${PORT}\n", ["--port", "8123"]],
    ["justfile", 'port := "8123"\n\nrun: gen\n    go run . --port {{ port }}\n', ["--port", "8123"]],
    ["Makefile", "dev:\n\twgo -file .html run . serve\n", ["serve"]],
    ["Makefile", "watch:\n\tgow -e=go,mod run . serve\n", ["serve"]],
    ["Makefile", "dev:\n\treflex -r '\\.go$$' -s -- go run . serve\n", []],
    ["Makefile", "dev:\n\twatchexec -r -e go -- go run . serve\n", ["serve"]],
    // What only make can tell is not guessed.
    ["Makefile", "PORT = $(shell cat port)\nrun:\n\tgo run . --port $(PORT)\n", []],
    ["Makefile", "PORT = 1\nPORT = 2\nrun:\n\tgo run . --port $(PORT)\n", []],
    ["Makefile", "run:\n\tgo run . --port $(PORT)\n", []],
    ["Makefile", "run: PORT = 3\nrun := 4\n", []],
  ])("%s: %j", async (file, text, words) => {
    expect((await found({ ...goProject, [file]: text })).config.proc.cmd).toEqual(["./tmp/shop", ...words]);
  });

  test("have the value of the environment where the file leaves it to that", async () => {
    const given = { env: { PORT: "9000" } };
    const cmd = async (sign: string) =>
      (await found({ ...goProject, Makefile: `PORT ${sign} 1\nrun:\n\tgo run . $(PORT)\n` }, given)).config.proc.cmd;
    expect(await cmd("?=")).toEqual(["./tmp/shop", "9000"]);
    expect(await cmd(":=")).toEqual(["./tmp/shop", "1"]);
  });

  test("of Cargo and of a server of Python", async () => {
    const makefile = 'PORT=8123\ndev:\n\tcargo watch -q -c -w src/ -x "run -- --port $(PORT)"\n';
    const rust = await found({ ...rustProject, Makefile: makefile });
    expect(rust.config.proc.cmd).toEqual(["./target/debug/shop", "--port", "8123"]);
    const python = await found({
      "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
      ".venv/bin/python": "",
      ".venv/bin/uvicorn": "",
      ".venv/pyvenv.cfg": "",
      Makefile:
        "PORT ?= 8123\nrun: install\n\tpoetry run uvicorn app:app --reload --port $(PORT)\ninstall:\n\tpip install x\n",
    });
    expect(python.config.sockets.listen).toMatchObject([{ port: 8123 }]);
  });
});

test("a task of Deno has its variables, and what it needs first is done first", async () => {
  const task = { command: "A=1 deno run -A --watch main.ts", dependencies: ["gen"] };
  const tasks = { dev: task, gen: "deno run gen.ts" };
  const { config } = await found({ "deno.json": JSON.stringify({ tasks }), "main.ts": "", "gen.ts": "" });
  expect(config.proc).toMatchObject({ cmd: ["deno", "run", "-A", "main.ts"], env: { A: "1" } });
  expect(config.build.cmd).toBe("deno task gen");
});

test.each([
  ["bottle", "debug=True", false],
  ["bottle", "debug=True, reloader=True", true],
  ["sanic", "debug=True", false],
  ["flask", "debug=True", true],
])("whether a script of %s with %s starts itself again", async (name, words, isTold) => {
  const text = `import ${name}\nthing = ${name}.make()\nprint(1)\nthing.run(port=8000, ${words})\n`;
  const { notes } = await found({ "app.py": text });
  expect(notes.some((note) => note.includes("has a reloader of its own"))).toBe(isTold);
});
