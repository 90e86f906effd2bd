/** TypeScript that tsx compiles as it is loaded: the standby has loaded tsx and packages, and no line of the user's own. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kitOf } from "../rig/kit.ts";
import { type Kept, keep } from "./warm-rig.ts";

const kit = kitOf("node");

const app = (more: string): string => `import { writeFileSync } from "node:fs";
import { cjs } from "c";
import { esm } from "m";
import { value } from "./own";
import { aliased } from "@own/aliased";
const loaded: readonly string[] = Object.keys(require.cache).map((file) => file.slice(__dirname.length)).filter((file) => !file.includes("tsx") && !file.includes("esbuild")).sort();
const of = (error: Error): string => String(error.stack?.split("\\n")[1]).replace(/^.*reload test [^/]*/, "");
const answer = { cjs, esm, value, aliased, loaded, at: of(new Error("x")), argv: process.argv.length, flags: process.execArgv, options: process.env.NODE_OPTIONS ?? null,
  extensions: Object.keys(require.extensions), isMain: require.main === module, resources: process.getActiveResourcesInfo().filter((name) => !/^(?:ConnectWrap|FSReqPromise)$/.test(name)) };
${more}
writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;

const files = {
  "package.json": '{"scripts":{"dev":"tsx app.mts"}}',
  "app.ts": app(""),
  "own.ts": "export const value: string = 'own 1';\n",
  "lib/aliased.ts": "export const aliased: string = 'aliased 1';\n",
  "other/aliased.ts": "export const aliased: string = 'of another place';\n",
  "tsconfig.json": '{"extends":"./base.json"}',
  "base.json": '{"compilerOptions":{"paths":{"@own/*":["./lib/*"]}}}',
  "node_modules/c/package.json": '{"name":"c"}',
  "node_modules/c/index.js": "exports.cjs = Object.keys(require.extensions).join();",
  "node_modules/m/package.json": '{"name":"m","type":"module","exports":"./index.js"}',
  "node_modules/m/index.js": "export const esm = typeof module;",
};

const modules = app("")
  .replace('"./own"', '"./own.ts"')
  .replace(
    /const loaded.*/,
    "const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.endsWith('/c/index.js')).length;",
  )
  .replace("require.extensions", "createRequire(import.meta.url).extensions")
  .replace("require.main === module", "import.meta.url.endsWith(String(process.argv[1]?.split('/').at(-1)))");

const keepTyped = (args: readonly string[], main = "app.ts"): Kept => {
  const kept = keep(
    { ...files, "app.mts": `import { createRequire } from "node:module";\n${modules}` },
    { main, args: ["-w", "own.ts", "-w", "lib", "--", ...args] },
  );
  mkdirSync(kept.project.path("node_modules/.bin"));
  symlinkSync("../tsx/dist/cli.mjs", kept.project.path("node_modules/.bin/tsx"));
  for (const name of ["tsx", "esbuild", "@esbuild", "get-tsconfig", "resolve-pkg-maps"])
    symlinkSync(join(kit ?? "", name), kept.project.path(`node_modules/${name}`));
  return kept;
};

/** While the loader of tsx is at work in its thread, the port to that is open: on a busy machine sometimes when the program answers. */
function atRest(answer: unknown): Record<string, unknown> {
  const { resources, ...rest }: { resources?: readonly string[] } = Object(answer);
  return { ...rest, resources: resources?.filter((name) => name !== "MessagePort") };
}

/** The runs whose compilers are processes by now. */
const compilersOf = ({ project }: Kept): string[] =>
  readdirSync("/proc")
    .flatMap((pid) => {
      try {
        if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("/esbuild\0--service"))
          return [];
        const env = readFileSync(`/proc/${pid}/environ`, "utf8");
        return env.includes(project.directory) ? [/(?:^|\0)RELOAD_RUN=(\d+)/.exec(env)?.[1] ?? ""] : [];
      } catch {
        return [];
      }
    })
    .sort();

describe.runIf(kit !== undefined && process.platform === "linux")("a program of TypeScript that tsx compiles", () => {
  test("is let in, finds what a cold one finds, and its own new source", async () => {
    await using kept = keepTyped(["node", "-r", "tsx/cjs", "app.ts"]);
    const cold = await kept.answer(1);
    expect(cold).toMatchObject({ cjs: ".js,.json,.node,.ts,.tsx,.jsx", value: "own 1", aliased: "aliased 1" });
    await kept.waits(2);
    // Run 1 has one, which has compiled its files; the standby has compiled none.
    expect(compilersOf(kept)).toEqual(["1", "2"]);
    kept.project.write("own.ts", "export const value: string = 'own 2';\n");
    expect(await kept.answer(2)).toEqual({ ...Object(cold), value: "own 2" });
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    // What tsx was told is another thing now.
    await kept.waits(3);
    kept.project.write("base.json", '{"compilerOptions":{"paths":{"@own/*":["./other/*"]}}}');
    kept.save();
    expect(await kept.answer(3)).toMatchObject({ value: "own 2", aliased: "of another place" });
    expect(await kept.warmth(3)).toMatchObject({
      warm: false,
      reason: expect.stringContaining("base.json has changed"),
    });
  });

  test.each([
    ["app.ts", ["node", "--import", "tsx", "app.ts"]],
    ["app.mts", ["node", "--import", "tsx", "app.mts"]],
    ["app.ts", ["node_modules/.bin/tsx", "app.ts"]],
    ["app.mts", ["npx", "tsx", "app.mts"]],
    ["app.mts", ["npm", "run", "dev"]],
  ])("is let in, %s: %s", async (main, args) => {
    await using kept = keepTyped(args, main);
    const cold = await kept.answer(1);
    expect(cold).toMatchObject({
      value: "own 1",
      aliased: "aliased 1",
      esm: main === "app.ts" ? "object" : "undefined",
    });
    await kept.waits(2);
    kept.project.write("own.ts", "export const value: string = 'own 2';\n");
    expect(atRest(await kept.answer(2))).toEqual({ ...atRest(cold), value: "own 2" });
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    await kept.waits(3);
    kept.project.write("base.json", '{"compilerOptions":{"paths":{"@own/*":["./other/*"]}}}');
    kept.save();
    expect(await kept.answer(3)).toMatchObject({ value: "own 2", aliased: "of another place" });
    expect(await kept.warmth(3)).toMatchObject({
      warm: false,
      reason: expect.stringContaining("base.json has changed"),
    });
  });
});
