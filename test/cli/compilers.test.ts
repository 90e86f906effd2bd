/** Projects whose own tools keep a compiler in memory: what they run, quickly, and without anything left behind. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import module from "node:module";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { kitOf } from "../rig/kit.ts";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const modules = process.platform === "linux" ? kitOf("node") : undefined;

const files = {
  "src/index.ts":
    'import { word } from "./word";\n\ninterface Said { word: string }\n\nconst its: Said = { word };\nconsole.error("it says", its.word);\nsetInterval(() => {}, 1000);\n',
  "src/word.ts": 'export const word: string = "one";\n',
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "es2022",
      module: "commonjs",
      outDir: "dist",
      rootDir: "src",
      types: ["node"],
      skipLibCheck: true,
    },
    include: ["src"],
  }),
};

function projectWith(dev: string, predev?: string): Project {
  const project = newProject({ ...files, "package.json": JSON.stringify({ name: "it", scripts: { dev, predev } }) });
  symlinkSync(modules ?? "", project.path("node_modules"));
  return project;
}

/** Compilers that stay are known by their directory. */
function compilersOf(project: Project): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === project.directory &&
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--stay")
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

const oneCompiler = (project: Project, program: Reload): Promise<number> =>
  until("a compiler that stays", () => compilersOf(project)[0], program.seen);

describe.runIf(modules !== undefined)("a compiler stays between builds:", { timeout: 120_000 }, () => {
  test.each<[string, string, string?]>([
    ["ts-node-dev --respawn src/index.ts", "transpile tsconfig.json, then node src/index.ts"],
    ["nodemon --exec ts-node src/index.ts", "transpile tsconfig.json, then node src/index.ts"],
    ['tsup src/index.ts --watch --onSuccess "node dist/index.js"', "tsup src/index.ts, then node dist/index.js"],
    ['concurrently "tsc -w" "nodemon dist/index.js"', "transpile tsconfig.json, then node dist/index.js", "node -e 0"],
  ])("%s", async (dev, found, predev) => {
    using project = projectWith(dev, predev);
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(new RegExp(`found a Node project: ${found} `));
    await program.says(/it says one/);
    await program.says(/watching \d/);
    const compiler = await oneCompiler(project, program);
    project.write("src/word.ts", 'export const word: string = "two";\n');
    await program.says(/it says two/);
    project.write("src/word.ts", 'export const word: string = "three;\n');
    await program.says(/build failed .* stays/);
    project.write("src/word.ts", 'export const word: string = "four";\n');
    await program.says(/it says four/);
    expect(compilersOf(project)).toEqual([compiler]);
    // It is asked without a process in between.
    expect(program.stderr).not.toMatch(/build [2-9] is pid/);
    await program.stop();
    expect(compilersOf(project)).toEqual([]);
  });

  test("nest start --watch -b rspack, also for a configuration that changes and a file that comes", async () => {
    using project = projectWith("nest start --watch -b rspack");
    project.write("nest-cli.json", JSON.stringify({ sourceRoot: "src", entryFile: "index" }));
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/found a Node project: nest build -b rspack, then node --enable-source-maps dist\/index /);
    await program.says(/it says one/);
    await program.says(/watching \d/);
    await oneCompiler(project, program);
    project.write("src/word.ts", 'export const word: string = "two";\n');
    await program.says(/it says two/);
    project.write("src/word.ts", 'export { word } from "./other";\n');
    await program.says(/build failed .* stays/);
    project.write("src/other.ts", 'export const word: string = "three";\n');
    await program.says(/it says three/);
    expect(program.stderr).not.toMatch(/build [2-9] is pid/);
    rmSync(project.path("dist"), { recursive: true });
    project.write("src/main.ts", "export {};\n");
    await program.says(/(?:it says three[\s\S]*){2}/);
    project.write("nest-cli.json", JSON.stringify({ sourceRoot: "src", entryFile: "index", language: "ts" }));
    project.write("src/other.ts", 'export const word: string = "four";\n');
    await program.says(/it says four/);
    await program.stop();
    expect(compilersOf(project)).toEqual([]);
  });

  test("nest start --watch -b rspack with several configurations: all of them are built", async () => {
    using project = projectWith("nest start --watch -b rspack");
    project.write("nest-cli.json", JSON.stringify({ sourceRoot: "src", entryFile: "index" }));
    project.write("src/beside.ts", 'import { word } from "./word";\nexport { word };\n');
    project.write(
      "rspack.config.js",
      'module.exports = [{}, { name: "beside", entry: "./src/beside.ts", output: { filename: "beside.js" } }];\n',
    );
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/it says one/);
    await program.says(/watching \d/);
    project.write("src/word.ts", 'export const word: string = "two";\n');
    await program.says(/it says two/);
    expect(project.read("dist/beside.js")).toContain('"two"');
    await program.stop();
    expect(compilersOf(project)).toEqual([]);
  });

  test("also where the first build has a mistake, and nothing is said of it", async () => {
    using project = projectWith('concurrently "tsc -w" "nodemon dist/index.js"');
    project.write("src/word.ts", 'export const word: string = "one;\n');
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/build failed .* nothing runs/);
    await program.says(/watching \d/);
    const compiler = await oneCompiler(project, program);
    project.write("src/word.ts", 'export const word: string = "two";\n');
    await program.says(/it says two/);
    expect(compilersOf(project)).toEqual([compiler]);
    expect(program.stderr).not.toMatch(/left the group|build [2-9] is pid/);
    await program.stop();
    expect(compilersOf(project)).toEqual([]);
  });

  test("of projects that share their packages by a link, each has one", async () => {
    const dev = 'concurrently "tsc -w" "nodemon dist/index.js"';
    using one = projectWith(dev);
    using other = projectWith(dev);
    await using first = reload(["--verbose"], { cwd: one.directory });
    await first.says(/it says one/);
    await using second = reload(["--verbose"], { cwd: other.directory });
    await second.says(/it says one/);
    const compilers = [await oneCompiler(one, first), await oneCompiler(other, second)];
    const word = (text: string): string => `export const word: string = "${text}";\n`;
    for (const [project, program, text] of [
      [one, first, "two"],
      [other, second, "three"],
      [one, first, "four"],
    ] as const) {
      await program.says(/watching \d/);
      project.write("src/word.ts", word(text));
      await program.says(new RegExp(`it says ${text}`));
    }
    expect([compilersOf(one), compilersOf(other)].flat()).toEqual(compilers);
    expect(`${first.stderr}${second.stderr}`).not.toMatch(/build [2-9] is pid/);
  });

  test("where files have to be compiled together; what somebody has removed of the outputs is written again", async () => {
    using project = projectWith("tsc && node dist/index.js");
    project.write(
      "package.json",
      JSON.stringify({ name: "it", type: "module", scripts: { dev: "tsc && node dist/index.js" } }),
    );
    project.write("src/index.ts", files["src/index.ts"].replace("./word", "./word.js"));
    const compilerOptions = { target: "es2022", module: "nodenext", outDir: "dist", rootDir: "src", types: ["node"] };
    project.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
    for (const text of ["two", "three"]) {
      rmSync(project.path("dist"), { recursive: true, force: true });
      await using program = reload(["--verbose"], { cwd: project.directory });
      await program.says(/it says \w/);
      await program.says(/watching \d/);
      const compiler = await oneCompiler(project, program);
      project.write("src/word.ts", `export const word: string = "${text}";\n`);
      await program.says(new RegExp(`it says ${text}`));
      expect(compilersOf(project)).toEqual([compiler]);
      await program.stop();
    }
  });

  test("one configuration leaves the outputs of another one where they are", async () => {
    using project = projectWith("node app/dist/main.js");
    const compilerOptions = { module: "nodenext", outDir: "dist", rootDir: "src", types: ["node"], declaration: true };
    const tsconfig = JSON.stringify({ compilerOptions, include: ["src"] });
    const compiler = `node ${resolve("dist/transpile.js")}`;
    project.write("package.json", '{"type":"module"}');
    project.write(
      ".reload.toml",
      `[build]\ncmd = "${compiler} -p lib --else false && ${compiler} -p app --else false"\n[proc]\ncmd = "node app/dist/main.js"\n[watch]\nexclude_dirs = ["dist"]\n`,
    );
    project.write("lib/tsconfig.json", tsconfig);
    project.write("app/tsconfig.json", tsconfig);
    project.write("lib/src/word.ts", files["src/word.ts"]);
    project.write("app/src/main.ts", files["src/index.ts"].replace("./word", "../../lib/dist/word.js"));
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/it says one/);
    await program.says(/watching \d/);
    project.write("lib/src/word.ts", 'export const word: string = "two";\n');
    await program.says(/it says two/);
  });

  // From Node 22.1 on it is Node that does it.
  test.runIf(!("enableCompileCache" in module))("what V8 made of the compiler is kept while it stays", async () => {
    using project = projectWith("ts-node src/index.ts");
    rmSync(project.path("node_modules"));
    mkdirSync(project.path("node_modules"));
    for (const name of ["typescript", "@types"])
      symlinkSync(join(modules ?? "", name), project.path(`node_modules/${name}`));
    await using program = reload([], { cwd: project.directory });
    await program.says(/it says one/);
    const kept = (): boolean =>
      readdirSync(project.path("node_modules/.cache/reload")).some((name) => name.endsWith(".code"));
    await until("what V8 made", kept, program.seen);
  });

  test("after kill -9 of reload it is gone as well", async () => {
    using project = projectWith("ts-node-dev -T src/index.ts");
    await using program = reload([], { cwd: project.directory });
    await program.says(/it says one/);
    await oneCompiler(project, program);
    program.signal("SIGKILL");
    await until("its end", () => compilersOf(project).length === 0, program.seen);
  });

  test("a wrong type is told once the run is ready, and holds nothing up", async () => {
    using project = projectWith("ts-node-dev --respawn src/index.ts");
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/watching \d/);
    await program.says(/it says one/);
    project.write("src/word.ts", 'export const word: number = "two";\n');
    await program.says(/it says two/);
    await until(
      "what is wrong",
      () => /src\/word\.ts\(1,14\): error TS2322.*\n▲ types: 2 errors in 2 files;/.test(program.stdout),
      program.seen,
      60_000,
    );
    expect(program.stderr).not.toContain("hook failed");
  });

  test("an error names the line of the source", async () => {
    using project = projectWith("ts-node src/index.ts");
    project.write(
      "src/index.ts",
      'interface A { x: number }\n\ninterface B extends A { y: string }\n\nexport function fail(its: B): never {\n  throw new Error(its.y);\n}\nfail({ x: 1, y: "why" });\n',
    );
    await using program = reload([], { cwd: project.directory });
    await program.says(/at fail \(.*src\/index\.ts:6:9\)/);
  });
});
