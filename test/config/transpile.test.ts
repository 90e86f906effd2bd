/** What the quick compiler makes of a project, held against the compiler itself, and what it leaves to that. */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { transpile } from "../../src/transpile/transpile.ts";
import { typesLine } from "../../src/transpile/types.ts";
import { loadTypeScript, type TypeScript } from "../../src/transpile/typescript.ts";
import { kitOf } from "../rig/kit.ts";
import { newProject } from "../rig/project.ts";

const modules = kitOf("node");

function typescript(): TypeScript {
  using cache = newProject();
  const ts = loadTypeScript(dirname(modules ?? ""), cache.directory);
  if (ts === undefined) throw new Error("typescript is not in the kit");
  return ts;
}

/** As `nest new` writes them. */
const nest = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      module: "nodenext",
      moduleResolution: "nodenext",
      isolatedModules: true,
      declaration: true,
      removeComments: true,
      emitDecoratorMetadata: true,
      experimentalDecorators: true,
      target: "ES2023",
      sourceMap: true,
      outDir: "./dist",
      rootDir: ".",
      incremental: true,
      skipLibCheck: true,
      types: [],
    },
  }),
  "tsconfig.build.json":
    '{"extends":"./tsconfig.json","compilerOptions":{"rootDir":"./src"},"include":["src"],"exclude":["test","dist","**/*spec.ts"]}',
  "src/main.ts": `import { Service } from "./service.js";\n\nfunction Injectable(): ClassDecorator {\n  return () => {};\n}\n@Injectable()\nexport class Main {\n  // a comment\n  constructor(private readonly service: Service) {}\n\n  word(): string {\n    return this.service.word;\n  }\n}\n`,
  "src/service.ts": 'export class Service {\n  readonly word: string = "one";\n}\n',
  "src/service.spec.ts": "export const x: number = 'wrong';\n",
  "test/app.ts": "export {};\n",
};

describe.runIf(modules !== undefined)("a file by itself:", { timeout: 60_000 }, () => {
  test("a project of nest new comes to what its compiler writes", () => {
    using project = newProject({ ...nest, "package.json": '{"type":"module"}' });
    const config = project.path("tsconfig.build.json");
    expect(transpile(typescript(), config, project.path("cache"))).toEqual({ is: "done", written: 4 });
    // What tsc 5.9.3 writes; of a class whose type comes from another file a file alone can tell only that it may be one.
    expect(project.read("dist/service.js")).toBe(
      'export class Service {\n    word = "one";\n}\n//# sourceMappingURL=service.js.map',
    );
    expect(project.read("dist/main.js")).toMatch(
      /Main = __decorate\(\[\s+Injectable\(\),\s+__metadata\("design:paramtypes", \[typeof \(_a = typeof Service/,
    );
    expect(project.read("dist/main.js")).not.toContain("a comment");
    expect(project.has("dist/main.js.map")).toBe(true);
    expect(project.has("dist/service.spec.js") || project.has("dist/src")).toBe(false);
    // The package says what a module is.
    project.write("package.json", "{}");
    rmSync(project.path("dist"), { recursive: true });
    transpile(typescript(), config, project.path("cache"));
    expect(project.read("dist/service.js")).toContain("exports.Service = Service");
  });

  test("a file with a mistake writes nothing, also what was not wrong", () => {
    using project = newProject({
      ...nest,
      "package.json": "{}",
      "src/service.ts": "export class Service {\n  word = \n}\n",
    });
    const result = transpile(typescript(), project.path("tsconfig.build.json"), project.path("cache"));
    expect(result).toMatchObject({
      is: "failed",
      message: expect.stringMatching(/src\/service\.ts\(\d+,\d+\): error TS/),
    });
    expect(project.has("dist")).toBe(false);
  });

  test("TypeScript 6 without rootDir is refused at once, with the line to add; 5 puts the outputs where they were", () => {
    const options = { module: "nodenext", outDir: "dist", isolatedModules: true, types: [] };
    using project = newProject({
      "tsconfig.json": JSON.stringify({ compilerOptions: options, include: ["app"] }),
      "package.json": "{}",
      "app/web/main.ts": "export const a: number = 1;\n",
      "app/web/routes/b.ts": "export const b: number = 1;\n",
    });
    const made = (version: string) =>
      transpile({ ...typescript(), version }, project.path("tsconfig.json"), project.path(`cache-${version}`));
    expect(made("6.0.3")).toMatchObject({
      is: "failed",
      message: expect.stringMatching(
        /TypeScript 6\.0\.3 refuses it without rootDir \(TS5011\): add "rootDir": ".\/app\/web"/,
      ),
    });
    expect(made("5.9.3")).toEqual({ is: "done", written: 2 });
  });
});

test("a look at types is summed up in one line", () => {
  expect(typesLine("")).toBeUndefined();
  expect(typesLine("src/a.ts(1,2): error TS2322: It is wrong.\n  More of it.\n")).toBe(
    "▲ types: 1 error in src/a.ts; the program runs all the same\n",
  );
  expect(typesLine("a.ts(1,2): error TS1: x\nb.ts(1,2): error TS1: x\n")).toContain("2 errors in 2 files");
  expect(typesLine("error TS18003: No inputs were found.\n")).toContain("types: 1 error;");
});
