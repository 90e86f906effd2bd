/** Nest with plug-ins, paths, assets and other builders: how it is compiled, and what comes of that. */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "../../src/transpile/options.ts";
import { loadTypeScript, type TypeScript } from "../../src/transpile/typescript.ts";
import { compileWhole, noDeclarations, type Whole } from "../../src/transpile/whole.ts";
import { kitOf } from "../rig/kit.ts";
import { newProject, type Project } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

const tsconfig = (more: object = {}): string =>
  JSON.stringify({
    compilerOptions: {
      target: "es2022",
      module: "commonjs",
      outDir: "dist",
      rootDir: "src",
      declaration: true,
      skipLibCheck: true,
      types: [],
      ...more,
    },
    include: ["src"],
  });

const paths = { paths: { "@app/*": ["./src/*"] } };

describe("nest start --watch", () => {
  const built = async (options: object, more: Readonly<Record<string, string>> = {}, script = "nest start --watch") => {
    using project = newProject({
      "package.json": JSON.stringify({ scripts: { "start:dev": script } }),
      "nest-cli.json": JSON.stringify({ sourceRoot: "src", compilerOptions: options }),
      "tsconfig.json": tsconfig(),
      "src/main.ts": "",
      "node_modules/typescript/lib/typescript.js": "",
      ...more,
    });
    const { config } = good(await loadIn(project));
    return {
      build: String(config.build.cmd).replace(/^.*transpile\.js/, "transpile"),
      isChecked: config.hooks.after_ready.length > 0,
      files: config.watch.include_files,
    };
  };
  const quick = (otherwise = "nest build"): string => `transpile -p tsconfig.json --nest --else ${otherwise}`;

  test("is compiled by what stays, with types beside it where each file is compiled for itself", async () => {
    expect(await built({ assets: ["**/*.hbs"] })).toMatchObject({ build: quick(), isChecked: true });
    expect(await built({ builder: "swc", typeCheck: true })).toMatchObject({ build: quick(), isChecked: true });
    expect(await built({}, {}, "nest start -b swc -w")).toMatchObject({ build: quick("nest build -b swc") });
    expect(await built({ plugins: ["@nestjs/swagger"] })).toMatchObject({ build: quick(), isChecked: false });
    expect(await built({}, { "tsconfig.json": tsconfig(paths) })).toMatchObject({ build: quick(), isChecked: false });
  });

  test("of a bundler is built by the one of its watch mode", async () => {
    expect(await built({ webpack: true })).toMatchObject({ build: "transpile nest build", isChecked: true });
    expect((await built({}, {}, "nest start -w -b rspack")).build).toBe("transpile nest build -b rspack");
    expect((await built({}, {}, "nest start --webpack --webpackPath a.js -w")).build).toBe(
      "transpile nest build --webpack --webpackPath a.js",
    );
  });

  test("of a named application is compiled as that one says", async () => {
    const apps = {
      "nest-cli.json": JSON.stringify({
        sourceRoot: "apps/shop/src",
        compilerOptions: { builder: "rspack" },
        projects: {
          worker: {
            sourceRoot: "apps/worker/src",
            compilerOptions: { builder: "tsc", tsConfigPath: "apps/worker/tsconfig.app.json" },
          },
        },
      }),
      "apps/worker/tsconfig.app.json": tsconfig({ outDir: "../../dist/apps/worker" }),
    };
    expect((await built({}, apps, "nest start worker -w")).build).toBe(
      "transpile -p apps/worker/tsconfig.app.json --nest worker --else nest build worker",
    );
    expect((await built({}, apps, "nest start worker other -w")).build).toBe("nest build worker other");
    expect(await built({}, apps)).toMatchObject({ build: "transpile nest build", isChecked: true });
  });

  test("is left to nest build where that alone can do it", async () => {
    expect((await built({ builder: "webpack", assets: ["*.hbs"] })).build).toBe("nest build");
    expect((await built({ webpack: true, plugins: ["@nestjs/swagger"] })).build).toBe("nest build");
    expect((await built({ builder: "swc" }, { ".swcrc": "{}" })).build).toBe("nest build");
    expect((await built({ builder: "swc", plugins: ["@nestjs/swagger"] })).build).toBe("nest build");
  });

  test("restarts for assets that it would copy", async () => {
    expect((await built({ assets: ["**/*.hbs"], watchAssets: true })).files).toContain("src/**/*.hbs");
    expect((await built({ assets: [{ include: "mail/*.hbs", watchAssets: true }, "a.txt"] })).files).toEqual(
      expect.arrayContaining(["src/mail/*.hbs"]),
    );
    expect((await built({ assets: ["**/*.hbs"] })).files).not.toContain("src/**/*.hbs");
  });
});

const modules = kitOf("node");

function typescript(): TypeScript {
  using cache = newProject();
  const ts = loadTypeScript(dirname(modules ?? ""), cache.directory);
  if (ts === undefined) throw new Error("typescript is not in the kit");
  return ts;
}

describe.runIf(modules !== undefined)("compiled as a whole:", { timeout: 120_000 }, () => {
  const files = {
    "tsconfig.json": tsconfig(),
    "src/main.ts": 'import { word } from "./word";\nexport const words: string[] = [word];\n',
    "src/word.ts": 'export const word: string = "one";\n',
  };

  test("only what has changed is written, and nothing where types are wrong", () => {
    using project = newProject(files);
    const ts = typescript();
    let whole: Whole | undefined;
    const build = () => {
      const parsed = parse(ts, project.path("tsconfig.json"), {});
      if (parsed === undefined) throw new Error("tsconfig.json cannot be read");
      const options = { ...parsed.options, ...noDeclarations };
      const made = compileWhole(ts, { ...parsed, options }, whole, () => ({}));
      whole = made.whole;
      return made.result;
    };
    expect(build()).toEqual({ is: "done", written: 2 });
    project.write("src/word.ts", 'export const word: string = "two";\n');
    expect(build().is).toBe("done");
    // What of a file others can see is known from its first change on.
    project.write("src/word.ts", 'export const word: string = "and two";\n');
    expect(build()).toEqual({ is: "done", written: 1 });
    expect(project.read("dist/word.js")).toContain("two");
    project.write("src/word.ts", "export const word: number = 2;\n");
    expect(build()).toMatchObject({ is: "failed", message: expect.stringMatching(/main\.ts\(2,.*TS2322/) });
    expect(project.read("dist/word.js")).toContain("two");
    project.write("src/word.ts", 'export const word: string = "three";\n');
    expect(build().is).toBe("done");
    expect(project.read("dist/word.js")).toContain("three");
    rmSync(project.path("dist"), { recursive: true });
    expect(build()).toEqual({ is: "done", written: 2 });
    project.write("src/main.ts", "export {};\n");
    rmSync(project.path("src/word.ts"));
    expect(build().is).toBe("done");
    expect(existsSync(project.path("dist/word.js"))).toBe(false);
  });
});

describe.runIf(modules !== undefined)("the project's own Nest:", { timeout: 120_000 }, () => {
  /** Called by hand, as where nothing may stay. */
  const build = (project: Project, ...app: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [resolve("dist/transpile.js"), "-p", "tsconfig.json", "--nest", ...app, "--else", "false"],
      { cwd: project.directory, encoding: "utf8", env: { PATH: process.env["PATH"] } },
    );
    return status === 0 ? "built" : `${stdout}${stderr}`;
  };
  const files = {
    "package.json": "{}",
    "tsconfig.json": tsconfig(),
    "nest-cli.json": JSON.stringify({
      sourceRoot: "src",
      compilerOptions: { assets: ["**/*.hbs"], watchAssets: true },
    }),
    "src/main.ts": 'import { word } from "./inside/word";\nexport const words: string[] = [word];\n',
    "src/inside/word.ts": 'export const word: string = "one";\n',
    "src/inside/mail.hbs": "a",
  };

  test("assets are copied by each build", () => {
    using project = newProject(files);
    symlinkSync(modules ?? "", project.path("node_modules"));
    expect(build(project)).toBe("built");
    expect(project.read("dist/inside/mail.hbs")).toBe("a");
    project.write("src/inside/mail.hbs", "b");
    expect(build(project)).toBe("built");
    expect(project.read("dist/inside/mail.hbs")).toBe("b");
  });

  test("of several applications each has assets of its own", () => {
    const own = { sourceRoot: "src", compilerOptions: { assets: ["**/*.txt"] } };
    using project = newProject({
      ...files,
      "nest-cli.json": JSON.stringify({ sourceRoot: "src", compilerOptions: {}, projects: { mailer: own } }),
      "src/inside/mail.txt": "a",
    });
    symlinkSync(modules ?? "", project.path("node_modules"));
    expect(build(project)).toBe("built");
    expect(existsSync(project.path("dist/inside/mail.txt"))).toBe(false);
    expect(build(project, "mailer")).toBe("built");
    expect(project.read("dist/inside/mail.txt")).toBe("a");
  });

  test("paths come to files, and types are looked at", () => {
    using project = newProject({
      ...files,
      "tsconfig.json": tsconfig(paths),
      "src/main.ts": 'import { word } from "@app/inside/word";\nexport const words: string[] = [word];\n',
    });
    symlinkSync(modules ?? "", project.path("node_modules"));
    expect(build(project)).toBe("built");
    expect(project.read("dist/main.js")).toContain('require("./inside/word")');
    project.write("src/inside/word.ts", "export const word: number = 1;\n");
    expect(build(project)).toContain("TS2322");
  });
});
