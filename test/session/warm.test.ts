/** Which commands may have a standby, and what comes through the door. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeWarmDirectory } from "../../src/adapters/warm/directory.ts";
import type { RunRecord } from "../../src/gate/order.ts";
import { withChangesByText } from "../../src/session/warm/by-text.ts";
import { differing, isOfRun, throughDoor } from "../../src/session/warm/policy.ts";
import { type ShapePlace, shapeOf } from "../../src/session/warm/shape.ts";
import { newProject } from "../rig/project.ts";

const place = (scripts: Readonly<Record<string, string>> = {}, env: NodeJS.ProcessEnv = {}): ShapePlace => ({
  cwd: "/app",
  env,
  platform: "linux",
  script: (name) => scripts[name],
  text: (file) => (file === "/app/bad.env" ? "A=1\nNODE_OPTIONS=--inspect\n" : undefined),
  bin: (name) => name === "tsx",
});

describe("a command that may be kept warm", () => {
  test.each([
    ["node app.js"],
    ["node ./src/app.mjs --port 3000"],
    ["exec node app.cjs"],
    ["NODE_ENV=development node app.js"],
    ["node --dns-result-order=ipv4first --disable-warning=DEP0040 app.js"],
    ["node --enable-source-maps --max-old-space-size=4096 app.js"],
    ["node -r dotenv/config app.js"],
    ["node -r tsx/cjs src/app.ts"],
    ["node --require tsx/cjs app.js"],
    ["node app.ts"],
    ["node --import tsx src/app.ts"],
    ["node --import=tsx src/app.mts"],
    ["node -C development app.js"],
    ["node --conditions=development --conditions node-addons app.js"],
    ["node --env-file=.env app.js"],
    ["node --env-file-if-exists .env app.js"],
    ["tsx app.ts"],
    ["tsx --env-file=.env app.tsx --port 3000"],
    ["npx tsx app.ts"],
    ["pnpm exec tsx app.ts"],
    ["cross-env NODE_ENV=development node app.js"],
    ["npm run dev"],
    ["npm run dev -- --port 3000"],
    ["npm run --silent dev"],
    ["npm start -s"],
    ["npm run crossed"],
    ["npm run typed"],
    ["pnpm run dev --silent"],
    ["pnpm dev"],
    ["yarn dev"],
    ["yarn run dev"],
  ])("%s", (line) => {
    const scripts = {
      dev: "node app.js",
      start: "node app.js",
      crossed: "cross-env NODE_ENV=development node app.js",
      typed: "tsx src/app.ts",
    };
    expect(shapeOf(line, [], place(scripts)).is).toBe("node");
  });
});

describe("a command of Python that may be kept warm", () => {
  test.each([
    ["python app.py"],
    ["python3.12 -u app.py one --two"],
    ["python -X dev -Wdefault -W error::UserWarning -Xutf8 app.py"],
    ["python -W ignore -m uvicorn main:app"],
    ["python -m uvicorn main:app"],
    [".venv/bin/uvicorn main:app --port 8000"],
    ["flask run"],
    ["flask run --debug --no-reload"],
    ["uv run uvicorn main:app"],
    ["uv run python manage.py runserver --noreload"],
    ["npm run --silent py"],
  ])("%s", (line) => {
    expect(shapeOf(line, [], place({ py: "python app.py" })).is).toBe("python");
  });

  test.each([
    ["uvicorn main:app", "WEB_CONCURRENCY", "2"],
    ["flask run", "FLASK_DEBUG", "1"],
    ["python app.py", "PYTHONINSPECT", "1"],
    ["python app.py", "COVERAGE_PROCESS_START", "rc"],
  ])("not %s with %s=%s", (line, name, value) => {
    expect(shapeOf(line, [], place({}, { [name]: value })).is).toBe("cold");
  });
});

describe("a command that starts cold, and says why", () => {
  test.each([
    ["cp a.js b.js; node b.js"],
    ["tsc && node dist/app.js"],
    ["node app.js | pino-pretty"],
    ["node $(cat main)"],
    ["node app.js > log"],
    ["node $MAIN"],
    ["node app.js &"],
    ["node --inspect app.js"],
    ["node --experimental-permission app.js"],
    ["node --import ./own.mjs app.js"],
    ["node -r ./own.cjs app.js"],
    ["node -r ts-node/register app.ts"],
    ["node -r dotenv/config -r tsx/cjs app.ts"],
    ["node -r tsx/cjs -r dotenv/config app.ts"],
    ["node -r tsx/esm app.ts"],
    ["TSX_TSCONFIG_PATH=a.json node -r tsx/cjs app.ts"],
    ["node --import tsx -r dotenv/config app.ts"],
    ["node --env-file=bad.env app.js"],
    ["node app.sh"],
    ["tsx watch app.ts"],
    ["tsx --tsconfig a.json app.ts"],
    ["npx other app.ts"],
    ["npx -y tsx app.ts"],
    ["npx"],
    ["cross-env NODE_OPTIONS=--inspect node app.js"],
    ["node --watch app.js"],
    ["node app"],
    ["node"],
    ["node -e 1"],
    ["NODE_OPTIONS=--inspect node app.js"],
    ["ts-node app.ts"],
    ["python app"],
    ["python -c 1"],
    ["python -i app.py"],
    ["python -X importtime app.py"],
    ["python -X tracemalloc=9 app.py"],
    ["python -W"],
    ["python -I app.py"],
    ["python -m celery -A app worker"],
    ["python manage.py runserver"],
    ["python -m uvicorn main:app --reload"],
    ["uvicorn main:app --workers 2"],
    ["uvicorn main:app --workers=2"],
    ["flask run --debug"],
    ["gunicorn app:app --reload"],
    ["fastapi dev"],
    ["uv run --with x python app.py"],
    ["uv run node app.js"],
    ["PYTHONPATH=lib python app.py"],
    ["npm run --silent pre"],
    ["npm run --silent chain"],
    ["npm run --silent nested"],
    ["npm run --silent missing"],
    ["npm run dev --workspace api"],
    ["npm dev"],
    ["pnpm missing"],
    ["pnpm run dev --port 3000"],
    ["yarn install"],
  ])("%s", (line) => {
    const scripts = {
      dev: "node app.js",
      pre: "node app.js",
      prepre: "tsc",
      chain: "tsc && node app.js",
      nested: "npm run --silent dev",
    };
    expect(shapeOf(line, [], place(scripts))).toMatchObject({ is: "cold", why: expect.stringMatching(/\w{3}/) });
  });

  test("with Plug'n'Play in a directory above", () => {
    const above = { ...place({ dev: "node app.js" }), cwd: "/app/packages/api" };
    const text = (file: string): string | undefined => (file === "/app/.pnp.cjs" ? "" : undefined);
    expect(shapeOf("yarn dev", [], above).is).toBe("node");
    expect(shapeOf("yarn dev", [], { ...above, text })).toMatchObject({
      is: "cold",
      why: "/app/.pnp.cjs stands in front of the module system",
    });
  });

  test.each([
    ["npm run dev", "/app/.npmrc", "fund=false\nnode-options = --max-old-space-size=512\n"],
    ["npm run typed", "/.npmrc", "node-options=--max-old-space-size=512"],
    ["npx tsx app.ts", "/home/me/.npmrc", "node-options=--max-old-space-size=512"],
    ["pnpm dev", "/app/pnpm-workspace.yaml", "packages: []\nnodeOptions: --max-old-space-size=512\n"],
  ])("%s with a setting in %s that takes the place of NODE_OPTIONS", (line, file, text) => {
    const here = place({ dev: "node app.js", typed: "tsx app.ts", served: "uvicorn main:app" }, { HOME: "/home/me" });
    const withFile = { ...here, text: (name: string) => (name === file ? text : here.text(name)) };
    expect(shapeOf(line, [], here).is).toBe("node");
    expect(shapeOf(line, [], withFile)).toEqual({
      is: "cold",
      why: `${file} sets node-options, which takes the place of NODE_OPTIONS`,
    });
    expect(shapeOf("npm run served", [], withFile).is).toBe("python");
    expect(shapeOf("yarn dev", [], withFile).is).toBe("node");
    expect(shapeOf("node app.js", [], withFile).is).toBe("node");
  });

  test("with a variable that is this setting of npm", () => {
    const env = { npm_config_node_options: "--inspect" };
    expect(shapeOf("npm run dev", [], place({ dev: "node app.js" }, env))).toMatchObject({
      why: "npm_config_node_options sets node-options, which takes the place of NODE_OPTIONS",
    });
  });

  test.each([
    ["NODE_PATH", "/lib"],
    ["NODE_V8_COVERAGE", "coverage"],
    ["NODE_OPTIONS", "--require ./own.cjs"],
    ["NODE_OPTIONS", "--inspect"],
  ])("with %s=%s", (name, value) => {
    expect(shapeOf("node app.js", [], place({}, { [name]: value })).is).toBe("cold");
  });

  test("whatever only a shell understands, wherever it stands", () => {
    fc.assert(
      fc.property(fc.constantFrom(..."|&;<>()$`\\\"'*?[]#~!{}\n"), fc.nat({ max: 11 }), (character, at) => {
        const line = "node app.js x";
        const broken = `${line.slice(0, at)}${character}${line.slice(at)}`;
        expect(shapeOf(broken, [], place()).is).toBe("cold");
      }),
    );
  });
});

const environments = fc.dictionary(
  fc.constantFrom("A", "B", "PORT", "RELOAD_RUN", "RELOAD_CHANGED", "RELOAD_URL"),
  fc.string(),
);

describe("the environment of a run that is let in", () => {
  test("is that of a cold start, or the start is cold", () => {
    fc.assert(
      fc.property(environments, environments, (held, now) => {
        const { set, unset } = throughDoor(held, now);
        const made: Record<string, string> = { ...held, ...set };
        for (const name of unset) delete made[name];
        if (differing(held, now) === undefined) expect(made).toEqual({ ...now });
        else
          expect(Object.keys({ ...held, ...now }).some((name) => !isOfRun(name) && held[name] !== now[name])).toBe(
            true,
          );
      }),
    );
  });
});

describe("the private directory", () => {
  test("of a reload that was killed is removed by the next one; that of one that lives, or counts otherwise, is not", async () => {
    using project = newProject();
    const own = makeWarmDirectory(project.directory);
    const other = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
    await once(other, "exit");
    const [, counted = ""] = /reload-warm-(\d+)-/.exec(own) ?? [];
    const dead = `reload-warm-${counted}-${other.pid}-abc`;
    const foreign = `reload-warm-1${counted}-${other.pid}-abc`;
    for (const name of [dead, foreign, "reload-warm-abc"]) project.write(`${name}/gate.cjs`, "");
    const next = makeWarmDirectory(project.directory);
    expect([own, next].map((directory) => existsSync(directory))).toEqual([true, true]);
    expect([dead, foreign, "reload-warm-abc"].map((name) => project.has(name))).toEqual([false, true, true]);
  });
});

describe("what own code changes, by its text", () => {
  const record: RunRecord = {
    entries: [],
    own: [],
    variables: [],
    added: [],
    replaced: [],
    hasMoved: false,
    hasWorkers: false,
  };
  const hook = "the loading of modules";
  const byName = "variables by computed names";
  const modules = "modules that are loaded";
  test.each<[string, Partial<RunRecord>]>([
    ['process.env.A = "1"; require("x"); delete process.env.A;', { variables: ["A"] }],
    ['process.env["A"] ??= "1"; require("x"); process.env.A = before;', { variables: ["A"] }],
    [
      'process.env.NODE_ENV ||= "development"; if (process.env.NODE_ENV === "a" || process.env.NODE_ENV == "b") f();',
      {},
    ],
    ['global.window = {}; require("x"); delete global.window;', { added: ["window"] }],
    ["const take = (global) => global.a === 1;", {}],
    [
      "process.argv = []; f(); process.argv = before; process.exitCode = 1; process.exitCode = 2;",
      { settings: ["process.argv"] },
    ],
    ['Object.assign(process.env, { A: "1" }); require("x"); delete process.env.A;', { variables: ["A"] }],
    ["Object.assign(process.env, more); f(); process.env.A = before;", { variables: ["A"] }],
    ['const env = process.env; env.A = "1"; require("x"); env.A = before;', { variables: ["A"] }],
    ['const { argv, env } = process; env.A = "1"; require("x"); delete env.A;', { variables: ["A"] }],
    ['import { env } from "node:process"; env.A = "1"; f(); delete env.A;', { variables: ["A"] }],
    ["const port = process.env.PORT; env.A = 1; env.A = 2;", {}],
    ['Object.assign(global, { window }); require("x"); delete global.window;', { added: ["window"] }],
    ["process.env = { ...process.env };", { replaced: ["process.env"] }],
    ["if (process.env === env) f((env) => process.env);", {}],
    ["const before = process.env[k]; process.env[k] = v; f(); delete process.env[k];", { replaced: [byName] }],
    ["process.env[k] = v; f(); process.env[k] = before;", { replaced: [byName] }],
    ["for (const k of all) process.env[k] ??= all[k];", {}],
    ["Error.stackTraceLimit = 0; f(); Error.stackTraceLimit = before;", { replaced: ["Error.stackTraceLimit"] }],
    ['require.cache[require.resolve("p")] = { exports: mock };', { replaced: [modules] }],
    ['require.cache[require.resolve("p")].exports = mock;', { replaced: [modules] }],
    ["Module._cache[file] = mine;", { replaced: [modules] }],
    ["delete require.cache[file]; if (require.cache[file] === undefined) f();", {}],
    ["process.chdir(a); f(); process.chdir(b);", { hasMoved: true }],
    ["for (const place of [there, back]) process.chdir(place);", { hasMoved: true }],
    ["const { chdir } = process; chdir(there);", { hasMoved: true }],
    ["Date.now = () => 5; f(); Date.now = before;", { replaced: ["Date.now"] }],
    ["Array.prototype.own = f; g(); delete Array.prototype.own;", { replaced: ["Array.prototype.own"] }],
    ["M._load = f; g(); M._load = before;", { replaced: ["M._load"] }],
    ["EE.defaultMaxListeners = 3; f(); EE.defaultMaxListeners = 10;", { replaced: ["EE.defaultMaxListeners"] }],
    ["console.log = f; Own.a = 1; Own.a = 2; if (Date.now === f || Date.now === g) h();", {}],
    ["globalThis.Response = Other;", { replaced: ["Response"] }],
    ["Object.assign(globalThis, { Headers, Request });", { replaced: ["Headers", "Request"] }],
    ["globalThis.db ??= new Response();", {}],
    ['import { register } from "node:module"; register("./a.mjs");', { replaced: [hook] }],
    ['const { createRequire, registerHooks } = require("module");', { replaced: [hook] }],
    ['import Module from "module"; Module.register("./a.mjs");', { replaced: [hook] }],
    ['import * as m from "node:module"; m.registerHooks({});', { replaced: [hook] }],
    ['require("node:module").register("./a.mjs");', { replaced: [hook] }],
    ['import { createRequire } from "node:module"; app.register(plugin);', {}],
    ['import Module from "node:module"; app.register(plugin);', {}],
  ])("%s", (text, expected) => {
    expect(withChangesByText(record, [text])).toEqual({ ...record, settings: [], ...expected });
  });

  test("one file sets, and another one sets back", () => {
    const files = [
      'process.env.A = "1"; global.b = 1; Math.random = f;',
      "process.env.A = a; global.b = b; Math.random = r;",
    ];
    expect(withChangesByText(record, files)).toMatchObject({
      variables: ["A"],
      added: ["b"],
      replaced: ["Math.random"],
    });
  });
});
