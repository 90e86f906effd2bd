/** Python servers that are found by themselves: really running, restarted under load. */
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { kitOf } from "../rig/kit.ts";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { builtProgram, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const environment = kitOf("python");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const ask = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text)).on("error", reject);
    })
      .on("error", reject)
      .end();
  });

const flask =
  'from flask import Flask\nfrom word import word\napp = Flask(__name__)\n@app.get("/")\ndef root(): return word\n';
const fastapi =
  'from fastapi import FastAPI\nfrom word import word\napp = FastAPI()\n@app.get("/")\ndef root(): return word\n';
const falcon =
  'import falcon\nfrom word import word\nclass Root:\n    def on_get(self, request, response): response.text = word\napp = falcon.App()\napp.add_route("/", Root())\n';
/** As much of falcon as an application needs: it is the server that is tried. */
const falconItself =
  "class App:\n    def add_route(self, path, resource): self.resource = resource\n    def __call__(self, environ, start):\n        response = type('Response', (), {})()\n        self.resource.on_get(environ, response)\n        start('200 OK', [('Content-Length', str(len(response.text)))])\n        return [response.text.encode()]\n";

const quart =
  'from quart import Quart\nfrom word import word\napp = Quart(__name__)\n@app.get("/")\nasync def root(): return word\n';

/** Where it listens stands in its command alone. */
const django = {
  "pyproject.toml": '[tool.taskipy.tasks]\ndev = "python manage.py runserver {PORT}"\n',
  "manage.py":
    'import os, sys\nfrom django.core.management import execute_from_command_line\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")\nexecute_from_command_line(sys.argv)\n',
  "site_settings.py":
    'SECRET_KEY = "x"\nDEBUG = True\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "urls"\nINSTALLED_APPS = []\nMIDDLEWARE = []\n',
  "urls.py":
    'import os\nfrom django.http import HttpResponse\nfrom django.urls import path\nfrom word import word\nurlpatterns = [path("", lambda request: HttpResponse(f"{word} {os.environ.get(\'PYTHONPATH\')}"))]\n',
};

const servers = [
  { name: "uvicorn", files: { "main.py": fastapi }, variable: "UVICORN_PORT", host: "127.0.0.1" },
  { name: "flask", files: { "app.py": flask }, variable: "FLASK_RUN_PORT", host: "127.0.0.1" },
  { name: "quart", files: { "app.py": quart }, variable: "QUART_RUN_PORT", host: "127.0.0.1" },
  { name: "runserver", files: django, variable: "UNUSED", host: "127.0.0.1" },
  { name: "gunicorn", files: { "app.py": falcon, "falcon.py": falconItself }, variable: "PORT", host: "0.0.0.0" },
];

test.runIf(environment !== undefined).each(servers)(
  "eight restarts of $name under load: nothing is refused",
  { timeout: 120_000 },
  async (server) => {
    const port = await freePort();
    const files = Object.entries(server.files).map(([name, text]) => [name, text.replace("{PORT}", String(port))]);
    using project = newProject({ ...Object.fromEntries(files), "word.py": 'word = "word 0"\n' });
    symlinkSync(environment ?? "", project.path(".venv"));
    await using program = reload(["--verbose"], { cwd: project.directory, env: { [server.variable]: String(port) } });
    await program.says(
      new RegExp(`found a .* project: .*\\(.*on http://${server.host}:${port}, open during restarts too\\)`),
    );
    await program.says(/watching \d/);
    const first = await until("an answer", () => ask(port).catch(() => undefined), program.seen, 60_000);
    // What gave it the socket is not seen by the program.
    if (server.name === "runserver") expect(first).toBe("word 0 None");
    let isOver = false;
    let answered = 0;
    const errors: string[] = [];
    const busy = [1, 2].map(async () => {
      while (!isOver)
        await ask(port).then(
          () => {
            answered += 1;
          },
          (error: Error) => errors.push(error.message),
        );
    });
    for (let run = 1; run <= 8; run += 1) {
      project.write("word.py", `word = "word ${run}"\n`);
      await until(
        `word ${run}`,
        async () => (await ask(port).catch(() => "")).includes(`word ${run}`),
        program.seen,
        20_000,
      );
    }
    isOver = true;
    await Promise.all(busy);
    expect(answered).toBeGreaterThan(20);
    expect(errors.filter((message) => message.includes("ECONNREFUSED"))).toEqual([]);
  },
);

test.runIf(needs("python3"))(
  "a sitecustomize of the user's own is loaded all the same, and sees nothing of ours",
  () => {
    using project = newProject({ "lib/sitecustomize.py": 'import os\nos.environ["SEEN"] = "yes"\n' });
    const ours = join(dirname(builtProgram.at(-1) ?? ""), "runserver");
    const lib = project.path("lib");
    const script = "import os, sys; print(os.environ['SEEN'], os.environ['PYTHONPATH'], sys.path)";
    const { stdout, stderr } = spawnSync("python3", ["-c", script], {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: [ours, lib].join(delimiter) },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain(`yes ${lib} `);
    expect(stdout).not.toContain(ours);
  },
);

test("a port that somebody else has is said, and nothing is started", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  using project = newProject({ "main.py": fastapi });
  const { code, stderr } = await reloadOnce([], {
    cwd: project.directory,
    env: { UVICORN_PORT: String(address.port) },
  });
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(2);
  expect(stderr).toContain(`sockets.listen: 127.0.0.1:${address.port}: somebody else listens there`);
});
