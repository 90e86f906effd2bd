/** A standby takes the sockets that `reload` keeps open, as a cold start does: descriptors, variables, and the number of the process. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kitOf } from "../rig/kit.ts";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { keep, second } from "./warm-rig.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** What is said by whoever accepts. */
const ask = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    connect(port, "127.0.0.1")
      .setEncoding("utf8")
      .on("data", (chunk: string) => {
        text += chunk;
      })
      .on("end", () => resolve(text))
      .on("error", reject);
  });

const node = (text: string): string => `const value = require("plain"), early = require("of_sockets");
const net = require("node:net"), fs = require("node:fs");
const { env, pid } = process;
const answer = [value, early, env.LISTEN_FDS, env.LISTEN_FDNAMES, env.LISTEN_PID === String(pid)];
net.createServer((socket) => socket.end(${text} + env.RELOAD_RUN)).listen({ fd: 3 });
fs.writeFileSync("answers/" + env.RELOAD_RUN, JSON.stringify(answer));
`;
const inNode = (name: string, text: string) => ({
  [`node_modules/${name}/index.js`]: text,
  [`node_modules/${name}/package.json`]: JSON.stringify({ name }),
});

const python = (text: string): string => `import os, socket, json, plain, of_sockets
env = os.environ
answer = [plain.value, of_sockets.value, env["LISTEN_FDS"], env["LISTEN_FDNAMES"], env["LISTEN_PID"] == str(os.getpid())]
file = "answers/" + env["RELOAD_RUN"]
with open(file + "~", "w") as stream: json.dump(answer, stream)
os.replace(file + "~", file)
listening = socket.socket(fileno=3)
listening.setblocking(True)
while True:
    accepted = listening.accept()[0]
    accepted.sendall((${text} + env["RELOAD_RUN"]).encode())
    accepted.close()
`;
const hasPython = needs("python3");
const interpreter = hasPython
  ? execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim()
  : "";
const site = "lib/site-packages";

const programs = [
  {
    name: "a list of words for Node",
    main: "app.cjs",
    command: ["node", "app.cjs"],
    text: node,
    packages: {
      ...inNode("plain", "module.exports = 1;"),
      ...inNode(
        "of_sockets",
        "const { LISTEN_FDS } = process.env; if (LISTEN_FDS) require('fs').appendFileSync('loads', 'x'); module.exports = LISTEN_FDS;",
      ),
    },
  },
  ...(hasPython
    ? [
        {
          name: "a list of words for Python",
          main: "app.py",
          command: [interpreter, "app.py"],
          text: python,
          packages: {
            [`${site}/plain.py`]: "value = 1",
            [`${site}/of_sockets.py`]:
              "import os\nvalue = os.environ.get('LISTEN_FDS')\nif value: open('loads', 'a').write('x')",
          },
        },
      ]
    : []),
];

describe.runIf(process.platform === "linux")("a standby and the sockets that are kept open", () => {
  test.each(programs)("$name", async ({ main, command, text, packages }) => {
    const port = await freePort();
    await using kept = keep(
      { [main]: text('"one "'), ...packages },
      {
        main,
        args: ["--sockets.listen", `[${port}]`, "--", ...command],
        env: (project) => ({ PYTHONPATH: project.path(site), PYTHONDONTWRITEBYTECODE: "1" }),
        comment: main.endsWith(".py") ? "#" : "//",
      },
    );
    expect(await kept.answer(1)).toEqual([1, "1", "1", expect.any(String), true]);
    await kept.waits(2);
    // What asks for them while it is loaded was left to the run, and the run alone takes connections.
    expect(kept.project.read("loads")).toBe("x");
    expect(await Promise.all([ask(port), ask(port), ask(port)])).toEqual(["one 1", "one 1", "one 1"]);
    const asked: string[] = [];
    kept.project.write(main, text('"two "'));
    await until(
      "run 2",
      async () => {
        asked.push(await ask(port).catch((error: Error) => error.message));
        return asked.at(-1) === "two 2";
      },
      kept.program.seen,
    );
    expect(await kept.answer(2)).toEqual(await kept.answer(1));
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    // Whoever was accepted by the run that ended is cut off; nobody is refused.
    expect(asked.filter((each) => each.includes("ECONNREFUSED"))).toEqual([]);
  });

  test("as one simple line of a shell, in front of which `reload` puts the number", async () => {
    await using kept = keep(
      { "app.cjs": node('""'), ...programs[0]?.packages },
      { args: ["--sockets.listen", '["./app.sock"]', "--proc.cmd", "node app.cjs"] },
    );
    expect(await second(kept)).toEqual([1, "1", "1", "app.sock", true]);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });
});

const environment = kitOf("python");
const app = 'from word import word\n@app.get("/")\ndef root(): return word\n';
const servers = [
  {
    name: "uvicorn",
    files: { "main.py": `from fastapi import FastAPI\napp = FastAPI()\n${app}` },
    variable: "UVICORN_PORT",
  },
  {
    name: "flask",
    files: { "app.py": `from flask import Flask\napp = Flask(__name__)\n${app}` },
    variable: "FLASK_RUN_PORT",
  },
  {
    name: "gunicorn",
    files: {
      "app.py": `import falcon\napp = falcon.App()\napp.add_route("/", None)\nfrom word import word\n`,
      "falcon.py": `class App:
    def add_route(self, path, resource): pass
    def __call__(self, environ, start):
        from word import word
        start("200 OK", [("Content-Length", str(len(word)))])
        return [word.encode()]
`,
    },
    variable: "PORT",
  },
];

test.runIf(environment !== undefined && process.platform === "linux").each(servers)(
  "a project of $name that is found by itself is let in, and answers with its new source",
  { timeout: 120_000 },
  async ({ files, variable }) => {
    const port = await freePort();
    using project = newProject({ ...files, "word.py": 'word = "word 0"\n' });
    symlinkSync(environment ?? "", project.path(".venv"));
    const temp = project.path("temp");
    mkdirSync(temp);
    await using program = reload(["--verbose", "--warm"], {
      cwd: project.directory,
      env: { [variable]: String(port), PYTHONDONTWRITEBYTECODE: "1", TMPDIR: temp },
    });
    const isHeld = (): boolean =>
      readdirSync(temp).some((directory) =>
        readdirSync(join(temp, directory)).some((name) => name === `run-${started()}-held`),
      );
    const started = (): number =>
      Math.max(...[...program.stderr.matchAll(/\brun (\d+)/g)].map(([, run]) => Number(run))) + 1;
    const answers = (word: string) =>
      until(
        word,
        async () => {
          const text = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } }).then(
            (answer) => answer.text(),
            () => "",
          );
          return text.includes(word);
        },
        program.seen,
        60_000,
      );
    await answers("word 0");
    // The first ones may come before there is a standby.
    let save = 0;
    await until(
      "a run that was let in",
      async () => {
        save += 1;
        project.write("word.py", `word = "word ${save}"\n`);
        await answers(`word ${save}`);
        await until("a standby", isHeld, program.seen, 10_000).catch(() => {});
        return /run \d+ was let in/.test(program.stderr);
      },
      program.seen,
      60_000,
    );
  },
);
