/** Packages that are left to the run, whoever loads them: in few rounds, and never loaded by another one before they are due. */
import { readdirSync } from "node:fs";
import Module from "node:module";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { keep, second } from "./warm-rig.ts";

const packageNamed = (name: string, text: string, more: object = {}): Record<string, string> => ({
  [`node_modules/${name}/index.js`]: text,
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, main: "index.js", ...more }),
});
const onLinux = test.runIf(process.platform === "linux");

const tail = `
require("node:fs").writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;
const asModule = tail.replace('require("node:fs")', "fs");
/** More than there are rounds. */
const many = Array.from({ length: 12 }, (_, at) => `p${at}`);

onLinux.each([
  ["CommonJS", 'module.exports = require("reader");', "module.exports = process.env.OWN;", {}],
  ["ES modules", 'export { default } from "reader";', "export default process.env.OWN;", { type: "module" }],
])("many packages load one that is left: all of them are found at once (%s)", async (kind, loads, reads, more) => {
  const isCommonJs = kind === "CommonJS";
  await using kept = keep(
    {
      "own.cjs": 'process.env.OWN = "own";',
      ...(isCommonJs
        ? {
            "app.cjs": `require("./own.cjs"); require("plain"); const answer = [${many.map((name) => `require("${name}")`).join()}];${tail}`,
          }
        : {
            "app.mjs": `import fs from "node:fs"; import "./own.cjs"; import "plain"; ${many.map((name) => `import ${name} from "${name}";`).join(" ")} const answer = [${many.join()}];${asModule}`,
          }),
      ...packageNamed("plain", ""),
      ...packageNamed("reader", reads, more),
      ...Object.assign({}, ...many.map((name) => packageNamed(name, loads, more))),
    },
    isCommonJs ? {} : { main: "app.mjs" },
  );
  expect(await second(kept)).toEqual(many.map(() => "own"));
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("an ES module is not loaded by another one where its text says that it uses what own code sets", async () => {
  await using kept = keep(
    {
      "own.mjs": "globalThis.OWN = 1;",
      "app.mjs": `import fs from "node:fs"; import "./own.mjs"; import "plain"; import answer from "outer";${asModule}`,
      ...packageNamed("plain", ""),
      ...packageNamed("outer", 'export { default } from "inner";', { type: "module" }),
      ...packageNamed("inner", "export default globalThis.OWN ?? 0;", { type: "module" }),
    },
    { main: "app.mjs" },
  );
  expect(await second(kept)).toBe(1);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("the reason is told where trial after trial finds another package to be left", async () => {
  const chain = Array.from({ length: 12 }, (_, at) => `c${at}`);
  // Each reads the variable only where the one before it is not loaded.
  const text = (at: number): string =>
    at === 0 ? "process.env.OWN;" : `if (require.cache[require.resolve("c${at - 1}")] === undefined) process.env.OWN;`;
  await using kept = keep({
    "app.cjs": `process.env.OWN = "own"; const answer = 1; ${chain.map((name) => `require("${name}");`).join(" ")}${tail}`,
    ...Object.assign({}, ...chain.map((name, at) => packageNamed(name, text(at)))),
  });
  let run = 1;
  const isTried = (): boolean =>
    readdirSync(kept.project.path("temp"), { recursive: true, encoding: "utf8" }).some(
      (file) => basename(file) === `run-${run}-try-8`,
    );
  const isSaid = async (): Promise<boolean> => {
    await until("the last trial", isTried, kept.program.seen);
    kept.save();
    run += 1;
    const { warm, reason = "" } = await kept.warmth(run);
    expect(warm).toBe(false);
    return /^after 8 trials another package was found to be left to the run: .*c7 reads OWN$/.test(reason);
  };
  await until("why every start is cold", isSaid, kept.program.seen);
});

onLinux.each([
  ["with a dot in the name of a symbol", 'globalThis[Symbol.for("a.b.1")]'],
  ["with a dot in the name", 'globalThis["a.b.1"]'],
])("a global %s is added, not a part of something that is replaced", async (_, global) => {
  await using kept = keep({
    "app.cjs": `require("plain"); ${global} = "own"; const answer = require("p");${tail}`,
    ...packageNamed("plain", ""),
    ...packageNamed("p", `module.exports = ${global} ?? "none";`),
  });
  expect(await second(kept)).toBe("own");
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("a package that defines a global as a getter, after it has looked for it, is loaded in advance", async () => {
  await using kept = keep({
    "app.cjs": `require("p"); const all = Object.keys(require.cache);
const answer = [typeof globalThis["mi" + "ne"], all.findIndex((file) => file.includes("/p/")) < all.indexOf(__filename)];${tail}`,
    ...packageNamed(
      "p",
      "if (globalThis.mine === undefined) Object.defineProperty(globalThis, 'mine', { configurable: true, get: () => 1 });",
    ),
  });
  expect(await kept.answer(1)).toEqual(["number", false]);
  expect(await second(kept)).toEqual(["number", true]);
});

onLinux(
  "a package that goes through all names of variables asks for none whose name is a part of its words",
  async () => {
    await using kept = keep({
      "app.cjs": `process.env.KEY = "own"; require("p"); const all = Object.keys(require.cache);
const answer = all.findIndex((file) => file.includes("/p/")) < all.indexOf(__filename);${tail}`,
      ...packageNamed("p", "for (const MY_KEYS of Object.keys(process.env)) MY_KEYS.startsWith('P_KEY_');"),
    });
    expect(await kept.answer(1)).toBe(false);
    expect(await second(kept)).toBe(true);
  },
);

onLinux.each([
  ["a variable that is removed", "process.env.FLAG = 'own';", "delete process.env.FLAG;", "process.env.FLAG ?? 'none'"],
  [
    "a variable that is set back",
    "process.env['HOME'] = 'own';",
    "process.env.HOME = home;",
    "process.env.HOME === 'own' ? 'own' : 'none'",
  ],
  [
    "a variable that is set with others",
    "Object.assign(process.env, { FLAG: 'own' });",
    "delete process.env.FLAG;",
    "process.env.FLAG ?? 'none'",
  ],
  [
    "a variable that is set by another name",
    "const { env } = process; env.HOME = 'own';",
    "env.HOME = home;",
    "process.env.HOME === 'own' ? 'own' : 'none'",
  ],
  ["a global", "global.window = 'own';", "delete global.window;", "typeof window === 'undefined' ? 'none' : window"],
  ["the words", "process.argv = ['node', 'app', 'own'];", "process.argv = words;", "process.argv[2] ?? 'none'"],
])("a package that is loaded while %s is another one for a while is left to the run", async (_, set, back, look) => {
  await using kept = keep({
    "app.cjs": `require("plain"); const home = process.env.HOME; const words = process.argv;
${set}
const answer = require("p");
${back}${tail}`,
    ...packageNamed("plain", ""),
    ...packageNamed("p", `module.exports = ${look};`),
  });
  expect(await kept.answer(1)).toBe("own");
  expect(await second(kept)).toBe("own");
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("a directory that is another one for a while makes every start cold", async () => {
  await using kept = keep({
    "app.cjs": `require("plain"); const { chdir } = process; const from = process.cwd(); chdir("/");
const answer = require("p");
chdir(from);${tail}`,
    ...packageNamed("plain", ""),
    ...packageNamed("p", "module.exports = process.cwd();"),
  });
  expect(await kept.answer(1)).toBe("/");
  await kept.saysWhy("the program changes its working directory", "record");
});

onLinux.each([
  [
    "Error.stackTraceLimit",
    "const limit = Error.stackTraceLimit; Error.stackTraceLimit = 3;",
    "Error.stackTraceLimit = limit;",
    "Error.stackTraceLimit === 3 ? 'own' : 'none'",
  ],
  [
    "modules that are loaded",
    'require.cache[require.resolve("inner")] = { exports: "own", loaded: true, children: [] };',
    "",
    "require('inner')",
  ],
  ["Date.now", "const { now } = Date; Date.now = () => 'own';", "Date.now = now;", "Date.now()"],
  ["process.env", "process.env = { ...process.env };", "", "process.env.constructor === Object ? 'own' : 'none'"],
  [
    "variables by computed names",
    'const set = (name) => { process.env[name] = "own"; return () => delete process.env[name]; }; const undo = set("FLAG");',
    "undo();",
    "process.env.FLAG ?? 'none'",
  ],
])("where own code replaces %s, every start is cold", async (what, set, back, look) => {
  await using kept = keep({
    "app.cjs": `require("plain"); ${set}
const answer = require("p");
${back}${tail}`,
    ...packageNamed("plain", ""),
    ...packageNamed("inner", "module.exports = 'inner';"),
    ...packageNamed("p", `module.exports = ${look};`),
  });
  expect(await kept.answer(1)).toBe("own");
  await kept.saysWhy(`the program replaces ${what}`, "try-1");
});

onLinux("a global of `fetch` that own code replaces makes every start cold", async () => {
  await using kept = keep({
    "app.cjs": `require("plain"); globalThis.FormData = class Own {};
const answer = require("p");${tail}`,
    ...packageNamed("plain", ""),
    ...packageNamed("p", "const now = FormData; module.exports = now.name;"),
  });
  expect(await kept.answer(1)).toBe("Own");
  await kept.saysWhy("the program replaces FormData", "try-1");
});

onLinux("nothing of `fetch` is loaded before the program asks for it, cold or warm", async () => {
  await using kept = keep({
    "app.cjs": `require("plain"); const answer = Reflect.ownKeys(globalThis).map(String).filter((name) => name.includes("undici"));${tail}`,
    ...packageNamed("plain", ""),
  });
  expect(await kept.answer(1)).toEqual([]);
  expect(await second(kept)).toEqual([]);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

const hooking = [
  ["register", 'register("./hooks.mjs", import.meta.url);'],
  ["registerHooks", 'registerHooks({ load: (await import("./hooks.mjs")).loadNow });'],
].filter(([name = ""]) => name in Module);
onLinux.each(hooking)("where own code hooks the module system by %s, every start is cold", async (name, hooked) => {
  await using kept = keep(
    {
      "app.mjs": `import fs from "node:fs"; import { ${name} } from "node:module"; import "plain"; ${hooked}
const { default: answer } = await import("p");${asModule}`,
      "hooks.mjs": `const own = (url, found) => (url.includes("/p/") ? { ...found, source: "export default 'hooked';" } : found);
export const loadNow = (url, context, next) => own(url, next(url, context));
export const load = async (url, context, next) => own(url, await next(url, context));`,
      ...packageNamed("plain", ""),
      ...packageNamed("p", "export default 'as it is';", { type: "module" }),
    },
    { main: "app.mjs" },
  );
  expect(await kept.answer(1)).toBe("hooked");
  await kept.saysWhy("the program replaces the loading of modules", "try-1");
});
