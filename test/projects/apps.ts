/** Small projects of the kinds that people run watchers in, with real frameworks; each answers with the word that stands in one of its files. */

export interface App {
  readonly name: string;
  /** What has to be there: a `node_modules`, a virtual environment, a compiler. */
  readonly needs: "node" | "python" | "go" | "rust";
  /** `{PORT}` in them stands for the port. */
  readonly files: Readonly<Record<string, string>>;
  /** What people run today; the port is told by `PORT` and the like. */
  readonly tool: string;
  /** The file that is saved; the word in it is `version 0`, `version 1` … */
  readonly edited: string;
  /** Where their program is one that was built, and its place differs. */
  readonly isBuilt?: true;
  /** Belongs to the quick part of `.ci/run`. */
  readonly quick?: true;
  /** Their server keeps its socket while it reloads, and ours does as well. */
  readonly keepsSocket?: true;
}

const pkg = (dev: string, more: object = {}): string =>
  JSON.stringify({
    name: "app",
    version: "1.0.0",
    scripts: { dev, ...("scripts" in more ? Object(more.scripts) : {}) },
    ...("fields" in more ? Object(more.fields) : {}),
  });

const express = `const express = require("express");
const { word } = require("./word");
const app = express();
app.get("/", (_, answer) => answer.send(word));
app.listen(process.env.PORT);
`;
const expressTs = `import express from "express";
import { word } from "./word";
const app = express();
app.get("/", (_, answer) => void answer.send(word));
app.listen(Number(process.env["PORT"]));
`;
const hono = `import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { word } from "./word.js";
const app = new Hono();
app.get("/", (its) => its.text(word));
serve({ fetch: app.fetch, port: Number(process.env["PORT"]) });
`;
const word = 'module.exports = { word: "version 0" };\n';
const wordTs = 'export const word: string = "version 0";\n';
const tsconfig = (options: object): string =>
  JSON.stringify({
    compilerOptions: {
      target: "es2022",
      outDir: "dist",
      rootDir: "src",
      skipLibCheck: true,
      strict: true,
      esModuleInterop: true,
      types: ["node"],
      ...options,
    },
    include: ["src"],
  });
const commonJs = { module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "5.0" };

const nest = {
  "nest-cli.json":
    '{"$schema":"https://json.schemastore.org/nest-cli","collection":"@nestjs/schematics","sourceRoot":"src"}',
  // As `nest new` writes it.
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      module: "nodenext",
      moduleResolution: "nodenext",
      resolvePackageJsonExports: true,
      esModuleInterop: true,
      isolatedModules: true,
      declaration: true,
      removeComments: true,
      emitDecoratorMetadata: true,
      experimentalDecorators: true,
      target: "ES2023",
      sourceMap: true,
      outDir: "./dist",
      incremental: true,
      skipLibCheck: true,
      strictNullChecks: true,
      types: ["node"],
    },
  }),
  "tsconfig.build.json": '{"extends":"./tsconfig.json","exclude":["node_modules","test","dist","**/*spec.ts"]}',
  "src/main.ts": `import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module";

async function bootstrap() {
  const app = await NestFactory.create(AppModule, { logger: ["error"] });
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
`,
  "src/app.module.ts": `import { Module } from "@nestjs/common";
import { AppController } from "./app.controller";
import { AppService } from "./app.service";

@Module({ controllers: [AppController], providers: [AppService] })
export class AppModule {}
`,
  "src/app.controller.ts": `import { Controller, Get } from "@nestjs/common";
import { AppService } from "./app.service";

@Controller()
export class AppController {
  constructor(private readonly service: AppService) {}

  @Get()
  word(): string {
    return this.service.word();
  }
}
`,
  "src/app.service.ts": `import { Injectable } from "@nestjs/common";

@Injectable()
export class AppService {
  word(): string {
    return "version 0";
  }
}
`,
};

export const apps: readonly App[] = [
  {
    name: "Express, `nodemon`",
    needs: "node",
    files: { "package.json": pkg("nodemon server.js"), "server.js": express, "word.js": word },
    tool: "npm run dev",
    edited: "word.js",
    quick: true,
  },
  {
    name: "Express, `node --watch`",
    needs: "node",
    files: {
      "package.json": pkg("NODE_ENV=development node --watch server.js"),
      "server.js": express,
      "word.js": word,
    },
    tool: "npm run dev",
    edited: "word.js",
  },
  {
    name: "Express and TypeScript, `nodemon --exec tsx`",
    needs: "node",
    files: {
      "package.json": pkg("cross-env NODE_ENV=development nodemon --watch src --ext ts --exec tsx src/index.ts"),
      "src/index.ts": expressTs,
      "src/word.ts": wordTs,
      "tsconfig.json": tsconfig(commonJs),
    },
    tool: "npm run dev",
    edited: "src/word.ts",
  },
  {
    name: "Express and TypeScript, `ts-node-dev`",
    needs: "node",
    files: {
      "package.json": pkg("ts-node-dev --respawn --transpile-only src/index.ts"),
      "src/index.ts": expressTs,
      "src/word.ts": wordTs,
      "tsconfig.json": tsconfig(commonJs),
    },
    tool: "npm run dev",
    edited: "src/word.ts",
    quick: true,
  },
  {
    name: "Hono, `tsx watch`",
    needs: "node",
    files: {
      "package.json": pkg("tsx watch src/index.ts", { fields: { type: "module" } }),
      "src/index.ts": hono,
      "src/word.ts": wordTs,
      "tsconfig.json": tsconfig({ module: "nodenext" }),
    },
    tool: "npm run dev",
    edited: "src/word.ts",
    quick: true,
  },
  {
    name: "Hono, `tsup --watch --onSuccess`",
    needs: "node",
    files: {
      "package.json": pkg('tsup src/index.ts --format esm --watch src --onSuccess "node dist/index.js"', {
        fields: { type: "module" },
      }),
      "src/index.ts": hono,
      "src/word.ts": wordTs,
      "tsconfig.json": tsconfig({ module: "nodenext" }),
    },
    tool: "npm run dev",
    edited: "src/word.ts",
    quick: true,
  },
  {
    name: "Express and TypeScript, `tsc -w` beside `nodemon`",
    needs: "node",
    files: {
      "package.json": pkg('tsc && concurrently -k "tsc -w" "nodemon -q dist/index.js"'),
      "src/index.ts": expressTs
        .replace("import express from", "import express = require")
        .replace('"express";', '("express");'),
      "src/word.ts": wordTs,
      "tsconfig.json": tsconfig({ ...commonJs, strict: false }),
    },
    tool: "npm run dev",
    edited: "src/word.ts",
  },
  {
    name: "Nest, `nest start --watch`",
    needs: "node",
    files: {
      "package.json": pkg("nest start --watch", { fields: { dependencies: { "@nestjs/core": "*" } } }),
      ...nest,
    },
    tool: "npm run dev",
    edited: "src/app.service.ts",
    quick: true,
  },
  {
    name: "Fastify, `fastify start -w`",
    needs: "node",
    files: {
      "package.json": pkg("fastify start -w -l error app.js"),
      "app.js": `const { word } = require("./word");\nmodule.exports = async function (fastify, options) {\n  fastify.get("/", async () => word);\n};\n`,
      "word.js": word,
    },
    tool: "npm run dev",
    edited: "word.js",
  },
  {
    name: "FastAPI, `uvicorn --reload`",
    needs: "python",
    files: {
      "main.py":
        'import sys\n\nfrom fastapi import FastAPI\n\nfrom word import word\n\napp = FastAPI()\n\n\n@app.get("/")\ndef root() -> str:\n    return f"{word} | {sys.argv[1:]}"\n',
      "word.py": 'word = "version 0"\n',
    },
    tool: ".venv/bin/uvicorn main:app --reload",
    edited: "word.py",
    quick: true,
    keepsSocket: true,
  },
  {
    name: "Flask, `flask run --debug`",
    needs: "python",
    files: {
      "app.py":
        'import sys\n\nfrom flask import Flask\n\nfrom word import word\n\napp = Flask(__name__)\n\n\n@app.get("/")\ndef root() -> str:\n    return f"{word} | {sys.argv[1:]}"\n',
      "word.py": 'word = "version 0"\n',
    },
    tool: ".venv/bin/flask run --debug",
    edited: "word.py",
    keepsSocket: true,
  },
  {
    name: "Django, `runserver`",
    needs: "python",
    files: {
      "manage.py":
        'import os\nimport sys\n\nfrom django.core.management import execute_from_command_line\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")\nexecute_from_command_line(sys.argv)\n',
      // No variable tells it where to listen.
      "pyproject.toml": '[tool.taskipy.tasks]\ndev = "python manage.py runserver {PORT}"\n',
      "site_settings.py":
        'SECRET_KEY = "x"\nDEBUG = True\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "urls"\nINSTALLED_APPS = []\nMIDDLEWARE = []\n',
      "urls.py":
        'import sys\n\nfrom django.http import HttpResponse\nfrom django.urls import path\n\nfrom word import word\n\nurlpatterns = [path("", lambda request: HttpResponse(f"{word} | {sys.argv[1:]}"))]\n',
      "word.py": 'word = "version 0"\n',
    },
    tool: ".venv/bin/python manage.py runserver $PORT",
    edited: "word.py",
    keepsSocket: true,
  },
  {
    name: "Go, `air`",
    needs: "go",
    files: {
      "go.mod": "module example.com/app\n\ngo 1.21\n",
      "main.go":
        'package main\n\nimport (\n\t"fmt"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n\thttp.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprint(answer, word) })\n\tif err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {\n\t\tpanic(err)\n\t}\n}\n',
      "word.go": 'package main\n\nconst word = "version 0"\n',
    },
    tool: "air",
    isBuilt: true,
    edited: "word.go",
  },
  {
    name: "Rust, `wgo cargo run`",
    needs: "rust",
    files: {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ntiny_http = { version = "0.12", default-features = false }\n',
      "src/main.rs":
        'mod word;\n\nfn main() {\n    let port = std::env::var("PORT").unwrap();\n    let server = tiny_http::Server::http(format!("127.0.0.1:{port}")).unwrap();\n    for request in server.incoming_requests() {\n        let _ = request.respond(tiny_http::Response::from_string(word::WORD));\n    }\n}\n',
      "src/word.rs": 'pub const WORD: &str = "version 0";\n',
    },
    isBuilt: true,
    tool: "wgo -file .rs -xdir target cargo run -q",
    edited: "src/word.rs",
  },
];
