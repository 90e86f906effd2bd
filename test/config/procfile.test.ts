import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { initConfig } from "../../src/commands/init.ts";
import type { LoadedConfig } from "../../src/config/layers/load.ts";
import { palette } from "../../src/report/colour.ts";
import { newProject, type Project } from "../rig/project.ts";
import { type Given, good, loadIn, nowhere } from "./loading.ts";

const procfile = `# the programs of the shop
web: env A=b bin/rails server -p $PORT
css:  bin/rails tailwindcss:watch
not a line
assets: yarn build --watch
node_worker: nodemon worker.js --flag
api: go run ./api
redis: redis-server --port 6380
release: ./migrate
Py: python worker.py --q "a b"
`;

const found = async (files: Record<string, string>, given: Given = {}) => {
  using project = newProject({ ".git/HEAD": "", ...files });
  return good(await loadIn(project, given));
};

describe("a Procfile.dev is a project of services:", () => {
  test("each line is one, with the PORT that foreman gives it", async () => {
    const { services, kind } = await found({ "Procfile.dev": procfile });
    expect(kind).toBe("detected");
    expect([...services].map(([name, service]) => [name, service.port])).toEqual([
      ["web", 5_000],
      ["css", 5_100],
      ["assets", 5_200],
      ["node-worker", 5_300],
      ["api", 5_400],
      ["redis", 5_500],
      ["py", 5_700],
    ]);
    expect(services.get("web")?.config.proc.cmd).toBe("env A=b bin/rails server -p $PORT");
    expect(services.get("py")?.config.proc.cmd).toBe('python worker.py --q "a b"');
  });

  test("the mark that editors of Windows put in front, and the ends of their lines, are no part of it", async () => {
    const { services } = await found({ "Procfile.dev": "\uFEFFa: ./a\r\nb: ./b\r\n" });
    expect([...services].map(([name, service]) => [name, service.config.proc.cmd])).toEqual([
      ["a", "./a"],
      ["b", "./b"],
    ]);
  });

  test("what watches by itself, and what is not of the project, only runs", async () => {
    const { services } = await found({ "Procfile.dev": procfile });
    const unwatched = [...services.values()].filter(({ isWatched }) => !isWatched).map(({ name }) => name);
    expect(unwatched).toEqual(["web", "css", "assets", "redis"]);
  });

  test("a watcher in front is taken away, and the files of its kind count", async () => {
    const { services } = await found({ "Procfile.dev": procfile });
    expect(services.get("node-worker")?.config.proc.cmd).toEqual(["node", "worker.js", "--flag"]);
    expect(services.get("node-worker")?.config.watch.include_files).toContain(".mjs");
    expect(services.get("api")?.config.watch.include_files).toContain(".go");
    expect(services.get("py")?.config.watch.include_files).toContain(".py");
  });

  test("a script of package.json is looked into", async () => {
    const manifest = { scripts: { dev: "tsx watch src/main.ts", page: "vite" }, devDependencies: { tsx: "4" } };
    const { services } = await found({
      "Procfile.dev": "api: npm run dev\npage: npm run page\n",
      "package.json": JSON.stringify(manifest),
      "src/main.ts": "",
    });
    expect(services.get("api")?.config.proc.cmd).toEqual(["tsx", "src/main.ts"]);
    expect(services.get("page")).toMatchObject({ isWatched: false, config: { proc: { cmd: "npm run page" } } });
  });

  test("the first PORT is that of the environment or of .env, which all programs get", async () => {
    const files = { "Procfile.dev": "a: ./a\nb: ./b\n" };
    const ports = async (more: Record<string, string>, given: Given = {}) =>
      [...(await found({ ...files, ...more }, given)).services.values()].map(({ port }) => port);
    expect(await ports({ ".env": "PORT=3000\nX=1\n" })).toEqual([3_000, 3_100]);
    expect(await ports({}, { env: { PORT: "7000" } })).toEqual([7_000, 7_100]);
    const { services } = await found({ ...files, ".env": "X=1\n" });
    expect(services.get("a")?.ground.fileEnv).toEqual({ X: "1" });
  });

  test("--only, variables and flags know them", async () => {
    const { services } = await found(
      { "Procfile.dev": procfile },
      {
        only: ["api"],
        env: { RELOAD_SERVICE_API_PROC_CMD: "./other" },
      },
    );
    expect([...services].map(([name, { config }]) => [name, config.proc.cmd])).toEqual([["api", "./other"]]);
  });

  test("a COMMAND is run alone, and one without a program is none", async () => {
    const { services } = await found({ "Procfile.dev": procfile }, { command: ["./x"] });
    expect([...services.keys()]).toEqual([""]);
    const other = await found({ "Procfile.dev": "# nothing\n", "go.mod": "module x\n", "main.go": "package main\n" });
    expect([...other.services.keys()]).toEqual([""]);
  });

  test("names that services cannot have become some that they can, each its own", async () => {
    const { services } = await found({ "Procfile.dev": "a_b: x\nA-b: y\n1st: z\n" });
    expect([...services.keys()]).toEqual(["a-b", "a-b-2", "p-1st"]);
  });
});

async function init(project: Project, from?: string): Promise<{ code: number; text: string; said: string }> {
  const lines: string[] = [];
  const output = { write: (text: string) => void lines.push(text), colors: palette(false) };
  const { directory: cwd } = project;
  const env = nowhere;
  const code = await initConfig({
    cwd,
    env,
    force: false,
    stdout: output,
    stderr: output,
    ...(from === undefined ? {} : { from }),
  });
  const text = code === 0 ? readFileSync(join(cwd, ".reload.toml"), "utf8") : "";
  return { code, text, said: lines.join("") };
}

describe("reload init", () => {
  test("writes what it finds in a Procfile.dev, and --from Procfile what another says", async () => {
    for (const [name, from] of [
      ["Procfile.dev", undefined],
      ["Procfile", "Procfile"],
    ] as const) {
      using project = newProject({ [name]: procfile });
      const { code, said } = await init(project, from);
      expect([code, said]).toEqual([0, expect.stringContaining("release is left out")]);
      const { kind, services } = good(await loadIn(project));
      expect(kind).toBe("reload");
      expect([...services.values()].map(({ name, port, isWatched }) => [name, port, isWatched])).toEqual([
        ["web", 5_000, false],
        ["css", 5_100, false],
        ["assets", 5_200, false],
        ["node-worker", 5_300, true],
        ["api", 5_400, true],
        ["redis", 5_500, false],
        ["py", 5_700, true],
      ]);
    }
  });

  test("refuses a Procfile without a program", async () => {
    using project = newProject({ Procfile: "nothing\n" });
    expect(await init(project, "Procfile")).toMatchObject({ code: 2, said: expect.stringContaining("NAME: COMMAND") });
  });

  test("writes a service for each project in a sub-directory", async () => {
    using project = newProject({
      "api/go.mod": "module example.test/api\n\ngo 1.21\n",
      "api/main.go": "package main\nfunc main() {}\n",
      "apps/page/package.json": JSON.stringify({ scripts: { dev: "vite" } }),
      "apps/Jobs/package.json": JSON.stringify({ scripts: { dev: "node --watch jobs.js" } }),
      "apps/Jobs/jobs.js": "",
      "node_modules/x/package.json": JSON.stringify({ main: "index.js" }),
      "node_modules/x/index.js": "",
      "docs/main.py": "",
    });
    const { code, said } = await init(project);
    expect([code, said]).toEqual([0, expect.stringContaining("apps/page: npm run dev, which watches by itself")]);
    const { services } = good(await loadIn(project));
    const shown = [...services.values()].map(({ name, ground, isWatched, config, tmpDir }) => {
      expect(tmpDir).toBe(join(project.directory, "tmp"));
      return [name, ground.root.slice(project.directory.length + 1), isWatched, config.proc.cmd];
    });
    expect(shown).toEqual([
      ["api", "api", true, ["../tmp/api"]],
      ["jobs", "apps/Jobs", true, ["node", "jobs.js"]],
      ["page", "apps/page", false, "npm run dev"],
    ]);
    expect(services.get("api")?.config.build.cmd).toContain("-o ../tmp/api");
  });

  test("writes all that it finds: what a server is handed is opened for it", async () => {
    const files = { "main.py": "from fastapi import FastAPI\napp = FastAPI()\n", ".git/HEAD": "" };
    using project = newProject(files);
    for (const name of ["uvicorn", "python"]) {
      project.write(`.venv/bin/${name}`, "#!/bin/sh\n");
      chmodSync(join(project.directory, `.venv/bin/${name}`), 0o755);
    }
    const values = (loaded: LoadedConfig): unknown =>
      ["build.cmd", "proc.cmd", "proc.env", "sockets.listen", "ready.tcp"].map(
        (key) => loaded.effectives.get(key)?.raw,
      );
    const before = values(good(await loadIn(project)));
    await init(project);
    expect(values(good(await loadIn(project)))).toEqual(before);
  });

  test("takes the project that lies at the top for the only one, and one below for none", async () => {
    using above = newProject({ "main.py": "", "a/main.py": "", "b/main.py": "" });
    expect((await init(above)).text).not.toContain("[service.");
    using one = newProject({ "a/main.py": "" });
    expect((await init(one)).text).toContain("put your command here");
  });
});
