/** Row 9: from a save to the first answer of the new version, of servers with frameworks: warm and cold, beside what they are restarted with elsewhere. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { toolKit } from "../projects/kit.ts";
import { end, type Started, sleep, start } from "./processes.ts";
import { scratch } from "./project.ts";
import type { WarmRow } from "./results.ts";
import { nowMs } from "./stamps.ts";
import { inTurn, summary } from "./statistics.ts";

interface Served {
  readonly name: string;
  readonly needs: "node" | "python";
  /** Path → text; `VERSION` is what is saved. */
  readonly files: Readonly<Record<string, string>>;
  readonly saved: string;
  /** What `reload` runs. */
  readonly own: readonly string[];
  /** Name → command. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
}

const packages = "node_modules/.bin";
const python = ".venv/bin";

const apps: readonly Served[] = [
  {
    name: "Express",
    needs: "node",
    files: {
      "server.js": `const express = require("express"); const app = express();
app.get("/", (_, answer) => answer.send("VERSION"));
app.listen(process.env.PORT);\n`,
    },
    saved: "server.js",
    own: ["node", "server.js"],
    peers: {
      "node --watch": ["node", "--watch", "server.js"],
      nodemon: [`${packages}/nodemon`, "server.js"],
      "tsx watch": [`${packages}/tsx`, "watch", "server.js"],
    },
  },
  {
    name: "FastAPI",
    needs: "python",
    files: {
      "main.py": `from fastapi import FastAPI\napp = FastAPI()\n@app.get("/")\ndef hello():\n    return "VERSION"\n`,
    },
    saved: "main.py",
    own: [`${python}/uvicorn`, "main:app", "--port", "PORT"],
    peers: { "uvicorn --reload": [`${python}/uvicorn`, "main:app", "--reload", "--port", "PORT"] },
  },
  {
    name: "Flask",
    needs: "python",
    files: {
      "app.py": `from flask import Flask\napp = Flask(__name__)\n@app.get("/")\ndef hello():\n    return "VERSION"\n`,
    },
    saved: "app.py",
    own: [`${python}/flask`, "run", "--port", "PORT"],
    peers: { "flask run --debug": [`${python}/flask`, "run", "--debug", "--port", "PORT"] },
  },
  {
    name: "Django",
    needs: "python",
    files: {
      "manage.py": `import sys\nfrom django.conf import settings\nsettings.configure(DEBUG=True, SECRET_KEY="x", ROOT_URLCONF="urls", ALLOWED_HOSTS=["*"])
from django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n`,
      "urls.py": `from django.http import HttpResponse\nfrom django.urls import path\nurlpatterns = [path("", lambda request: HttpResponse("VERSION"))]\n`,
    },
    saved: "urls.py",
    own: [`${python}/python`, "manage.py", "runserver", "--noreload", "PORT"],
    peers: { runserver: [`${python}/python`, "manage.py", "runserver", "PORT"] },
  },
];

interface Lane {
  readonly tool: string;
  readonly its: Started;
  readonly url: string;
  /** What `reload --warm` writes. */
  readonly events: string;
  save(version: string): void;
  readonly times: number[];
  missed: number;
}

const deadlineMs = 20_000;
/** Long enough for a standby, which is made once a run is ready. */
const settleMs = 6_000;

interface Warmed {
  readonly rounds: number;
  /** Names of apps; all of them otherwise. */
  readonly only: readonly string[] | undefined;
  say(line: string): void;
}

export async function measureWarm(parts: Warmed): Promise<WarmRow[]> {
  const kit = toolKit(new Set(["node", "python"]));
  const rows: WarmRow[] = [];
  for (const app of apps) {
    if (parts.only?.includes(app.name) === false) continue;
    const missing = kit.missing(app.needs);
    if (missing !== undefined) {
      parts.say(`warm: ${app.name} is left out: the ${app.needs} kit ${missing}`);
      continue;
    }
    const reload = [process.execPath, resolve("dist/cli.js"), "--quiet"];
    const commands: Readonly<Record<string, readonly string[]>> = {
      ...app.peers,
      reload: [...reload, "--", ...app.own],
      "reload --warm": [...reload, "--warm", "--json=events", "--", ...app.own],
    };
    const lanes: Lane[] = [];
    for (const [tool, command] of Object.entries(commands))
      lanes.push(await laneOf(app, tool, command, kit[app.needs]));
    for (const lane of lanes) if ((await served(lane, "first")) === undefined) lane.missed += 1;
    await sleep(settleMs * 2);
    for (let round = -1; round < parts.rounds; round += 1)
      for (const lane of inTurn(lanes, round + 1)) {
        const atMs = nowMs();
        lane.save(`version ${round}.`);
        const answeredMs = await served(lane, `version ${round}.`);
        if (round >= 0 && answeredMs === undefined) lane.missed += 1;
        if (round >= 0 && answeredMs !== undefined) lane.times.push(answeredMs - atMs);
        await sleep(settleMs);
      }
    for (const { tool, its, events, times, missed } of lanes) {
      rows.push({ app: app.name, tool, time: summary(times), missed, letIn: letInOf(events) });
      await end(its);
    }
    parts.say(`warm: ${app.name}`);
  }
  return rows;
}

async function laneOf(app: Served, tool: string, command: readonly string[], kit: string): Promise<Lane> {
  const cwd = join(scratch, `warm-${app.name}-${tool}`.replaceAll(/\W+/g, "-"));
  const port = await freePort();
  const write = (version: string): void => {
    const text = app.files[app.saved] ?? "";
    writeFileSync(join(cwd, app.saved), text.replace("VERSION", version));
  };
  for (const [file, text] of Object.entries(app.files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
  }
  symlinkSync(kit, join(cwd, app.needs === "node" ? "node_modules" : ".venv"));
  write("first");
  const [program = "", ...words] = command.map((word) => (word === "PORT" ? String(port) : word));
  const its = start({ command: [program, ...words], cwd, env: { PORT: String(port) } });
  return {
    tool,
    its,
    url: `http://127.0.0.1:${port}/`,
    events: join(cwd, "events"),
    save: write,
    times: [],
    missed: 0,
  };
}

/** How many runs were let in: under load a standby may come too late. */
const letInOf = (events: string): number | undefined =>
  existsSync(events) ? readFileSync(events, "utf8").split('"warm":true').length - 1 : undefined;

/** Asked every few milliseconds. @returns when it answered; `undefined`: never */
async function served({ url }: Lane, version: string): Promise<number | undefined> {
  for (const until = nowMs() + deadlineMs; nowMs() < until; await sleep(2)) {
    const text = await fetch(url, { signal: AbortSignal.timeout(2_000), headers: { connection: "close" } })
      .then((answer) => answer.text())
      .catch(() => "");
    if (text.includes(version)) return nowMs();
  }
  return undefined;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
