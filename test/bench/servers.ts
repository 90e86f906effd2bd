/** Servers with frameworks, as they are run while they are written, and what restarts them elsewhere. */
import { apps as projects } from "../projects/apps.ts";
import { expressFiles, typedExpressFiles } from "./served-express.ts";
import { nestFiles } from "./served-nest.ts";
import { djangoFiles, fastapiFiles } from "./served-python.ts";

export interface Served {
  readonly name: string;
  readonly needs: "node" | "python" | "served";
  /** Path → text; `VERSION` is what is saved. */
  readonly files: Readonly<Record<string, string>>;
  readonly saved: string;
  /** What `reload` runs; `init`: what it finds in the project by itself. */
  readonly own: readonly string[] | "init";
  /** Name → command. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
}

const nest = Object.fromEntries(
  Object.entries(projects.find(({ name }) => name.startsWith("Nest"))?.files ?? {}).map(([file, text]) => [
    file,
    text.replace("version 0", "VERSION"),
  ]),
);
const packages = "node_modules/.bin";
const python = ".venv/bin";

export const servers: readonly Served[] = [
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
    },
  },
  {
    name: "Express with tsx",
    needs: "node",
    files: {
      "src/index.ts": `import express, { type Response } from "express";
import { word } from "./word";
const app = express();
app.get("/", (_: unknown, answer: Response) => void answer.send(word));
app.listen(Number(process.env["PORT"]));\n`,
      "src/word.ts": `export const word: string = "VERSION";\n`,
    },
    saved: "src/word.ts",
    own: [`${packages}/tsx`, "src/index.ts"],
    peers: { "tsx watch": [`${packages}/tsx`, "watch", "src/index.ts"] },
  },
  {
    // As `nest new` makes it.
    name: "Nest",
    needs: "node",
    files: nest,
    saved: "src/app.service.ts",
    own: "init",
    peers: { "nest start --watch": [`${packages}/nest`, "start", "--watch"] },
  },
  {
    name: "Express at work",
    needs: "served",
    files: expressFiles,
    saved: "src/greeting.js",
    own: ["node", "server.js"],
    peers: {
      "node --watch": ["node", "--watch", "server.js"],
      nodemon: [`${packages}/nodemon`, "server.js"],
    },
  },
  {
    name: "Express at work with tsx",
    needs: "served",
    files: typedExpressFiles,
    saved: "src/greeting.ts",
    own: [`${packages}/tsx`, "src/index.ts"],
    peers: { "tsx watch": [`${packages}/tsx`, "watch", "src/index.ts"] },
  },
  {
    name: "Nest at work",
    needs: "served",
    files: { ...nest, ...nestFiles },
    saved: "src/app.service.ts",
    own: "init",
    peers: { "nest start --watch": [`${packages}/nest`, "start", "--watch"] },
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
  {
    name: "FastAPI at work",
    needs: "python",
    files: fastapiFiles,
    saved: "app/greeting.py",
    own: [`${python}/uvicorn`, "main:app", "--port", "PORT"],
    peers: { "uvicorn --reload": [`${python}/uvicorn`, "main:app", "--reload", "--port", "PORT"] },
  },
  {
    name: "Django at work",
    needs: "python",
    files: djangoFiles,
    saved: "sales/greeting.py",
    own: [`${python}/python`, "manage.py", "runserver", "--noreload", "PORT"],
    peers: { runserver: [`${python}/python`, "manage.py", "runserver", "PORT"] },
  },
];
