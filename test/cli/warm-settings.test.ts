/** What own code sets on what is built in, before it loads a package that looks there: as in a cold start. */
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { type Kept, keep, second } from "./warm-rig.ts";

const tail = `
require("node:fs").writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;
const packageNamed = (name: string, text: string, more: object = {}): Record<string, string> => ({
  [`node_modules/${name}/index.js`]: text,
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, main: "index.js", ...more }),
});
const onLinux = test.runIf(process.platform === "linux");

onLinux.each([
  ["a word", 'process.argv.push("--no-color");', "process.argv.slice(2)", ["--no-color"]],
  ["all words", 'process.argv = ["node", "app", "--own"];', "process.argv.slice(2)", ["--own"]],
  ["the title", 'process.title = "mine";', "process.title", "mine"],
  ["a listener", 'process.on("uncaughtException", () => {});', 'process.listenerCount("uncaughtException")', 1],
  [
    "a limit of all requests",
    'require("http").globalAgent.maxSockets = 7;',
    'require("http").globalAgent.maxSockets',
    7,
  ],
  [
    "how things are printed",
    'require("util").inspect.defaultOptions.depth = 9;',
    'require("util").inspect({a:{b:{c:{d:1}}}})',
    "{\n  a: { b: { c: { d: 1 } } }\n}",
  ],
  [
    "the order of addresses",
    'require("dns").setDefaultResultOrder("ipv4first");',
    'require("dns").getDefaultResultOrder()',
    "ipv4first",
  ],
  ["who knows names", 'require("dns").setServers(["127.0.0.9"]);', 'require("dns").getServers()', ["127.0.0.9"]],
  [
    "kinds of addresses",
    'require("net").setDefaultAutoSelectFamily(false);',
    'require("net").getDefaultAutoSelectFamily()',
    false,
  ],
  [
    "how long one is tried",
    'require("net").setDefaultAutoSelectFamilyAttemptTimeout(777);',
    'require("net").getDefaultAutoSelectFamilyAttemptTimeout()',
    777,
  ],
  ["that nothing is deprecated", "process.noDeprecation = true;", "process.noDeprecation ?? null", true],
  ["a field of the process", "process.level = 3;", "process.level ?? null", 3],
  [
    "a global that a symbol names",
    'globalThis[Symbol.for("level")] = 3;',
    'globalThis[Symbol.for("level")] ?? null',
    3,
  ],
])("a package that looks for %s which own code sets is left to the run", async (_, own, look, expected) => {
  await using kept = keep({
    "app.cjs": `require("a"); ${own} const answer = require("p");${tail}`,
    ...packageNamed("a", ""),
    ...packageNamed("p", `module.exports = ${look};`),
  });
  expect(await kept.answer(1)).toEqual(expected);
  expect(await second(kept)).toEqual(expected);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

const temporary = ({ project }: Kept): string[] =>
  readdirSync(project.path("temp"), { recursive: true, encoding: "utf8" });
const isHeld = (kept: Kept, run: number): boolean =>
  temporary(kept).some((file) => basename(file) === `run-${run}-held`);

/** A standby waits, or a trial has found nothing more to leave out. */
function isTried(kept: Kept, run: number): boolean {
  const files = temporary(kept);
  const { project } = kept;
  const tries = files.filter((file) => new RegExp(`^run-${run}-try-\\d$`).test(basename(file))).sort();
  const [last, ...before] = tries.map((file) => Object.keys(JSON.parse(project.read(`temp/${file}`)).left)).reverse();
  return isHeld(kept, run + 1) || last?.every((name) => before.flat().includes(name)) === true;
}

/** Saves until a run was warm whose standby had loaded everything, or a reason is known that will not go away. @returns the run that served then */
const settled = (kept: Kept, reason: string): Promise<{ readonly run: number; readonly isWarm: boolean }> => {
  let run = 1;
  return until(
    "a warm run, or a reason for none",
    async () => {
      await until("a trial, or a standby", () => isTried(kept, run), kept.program.seen);
      const isFull = isHeld(kept, run + 1);
      kept.save();
      run += 1;
      await kept.answer(run);
      const { warm } = await kept.warmth(run);
      return (warm && isFull) || kept.program.stderr.includes(reason) ? { run, isWarm: warm } : undefined;
    },
    kept.program.seen,
  );
};

onLinux("where own code says where packages are looked for, every start is cold", async () => {
  await using kept = keep({
    "app.cjs": `require("a"); process.env.NODE_PATH = __dirname + "/more"; require("module").Module._initPaths();
const answer = require("p");${tail}`,
    "more/optional/index.js": "module.exports = 'there';",
    ...packageNamed("a", ""),
    ...packageNamed("p", "try { module.exports = require('optional'); } catch { module.exports = 'none'; }"),
  });
  expect(await kept.answer(1)).toBe("there");
  const { run } = await settled(kept, "the program replaces Module.globalPaths");
  expect(await kept.answer(run)).toBe("there");
});

onLinux.each([
  [
    "how much streams hold",
    'require("stream").setDefaultHighWaterMark(false, 1234);',
    'const { Readable } = require("stream"); module.exports = new Readable().readableHighWaterMark;',
    1234,
    "stream.getDefaultHighWaterMark",
  ],
  [
    "that source maps are read",
    "process.setSourceMapsEnabled(true);",
    `module.exports = /original/.test(new Error("x").stack);\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify({ version: 3, sources: ["original.ts"], names: [], mappings: "AAAA" })).toString("base64")}`,
    true,
    "process.sourceMapsEnabled",
  ],
])("where own code says %s, every start is cold", async (_, own, text, expected, told) => {
  await using kept = keep({
    "app.cjs": `require("a"); ${own} const answer = require("p");${tail}`,
    ...packageNamed("a", ""),
    ...packageNamed("p", text),
  });
  expect(await kept.answer(1)).toBe(expected);
  let run = 1;
  const isRecorded = (): boolean =>
    readdirSync(kept.project.path("temp"), { recursive: true, encoding: "utf8" }).some(
      (file) => basename(file) === `run-${run}-record`,
    );
  const isSaid = async (): Promise<boolean> => {
    await until("what a run has loaded", isRecorded, kept.program.seen);
    kept.save();
    run += 1;
    expect(await kept.answer(run)).toBe(expected);
    expect((await kept.warmth(run)).warm).toBe(false);
    return (await kept.warmth(run)).reason === `the program sets what ${told} tells`;
  };
  await until("why every start is cold", isSaid, kept.program.seen);
});

onLinux("what a package imports of the project is own code: an edit of it counts", async () => {
  await using kept = keep(
    {
      "app.mjs": `import "a"; import { value } from "m"; import { writeFileSync } from "node:fs";
writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(value)); setInterval(() => {}, 1000);`,
      "packages/lib/index.js": "export const value = 'old';",
      "packages/lib/package.json": '{"name":"lib","type":"module","exports":"./index.js"}',
      ...packageNamed("a", ""),
      ...packageNamed("m", 'export { value } from "lib";', { type: "module" }),
    },
    { main: "app.mjs", links: { "node_modules/lib": "packages/lib" } },
  );
  expect(await kept.answer(1)).toBe("old");
  const { run, isWarm } = await settled(kept, "a package imports");
  if (isWarm) await kept.waits(run + 1);
  kept.project.write("packages/lib/index.js", "export const value = 'new';");
  kept.save();
  expect(await kept.answer(run + 1)).toBe("new");
});

onLinux("a file that an import only looks through for names is not run in advance", async () => {
  await using kept = keep(
    {
      "app.mjs": `import "p"; import { writeFileSync } from "node:fs";
writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(globalThis["r" + "an"])); setInterval(() => {}, 1000);`,
      ...packageNamed(
        "p",
        "module.exports = process.pid > 0 ? require('./one.js') : require('./other.js');\nif (process.pid > 0) module.exports = require('./one.js'); else module.exports = require('./other.js');",
      ),
      "node_modules/p/one.js": "globalThis.ran = [...(globalThis.ran ?? []), 'one']; exports.a = 1;",
      "node_modules/p/other.js": "globalThis.ran = [...(globalThis.ran ?? []), 'other']; exports.b = 1;",
    },
    { main: "app.mjs" },
  );
  expect(await second(kept)).toEqual(["one"]);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("globals that packages set make no package stay behind", async () => {
  const isBefore =
    "const all = Object.keys(require.cache); const answer = all.findIndex((file) => file.includes('/b/')) < all.indexOf(__filename);";
  await using kept = keep({
    "app.cjs": `require("a"); require("b"); ${isBefore}${tail}`,
    ...packageNamed("a", "globalThis.ofPackages = 1; globalThis.__importDefault = () => {};"),
    ...packageNamed("b", "module.exports = [typeof ofPackages, this.__importDefault];"),
  });
  expect(await kept.answer(1)).toBe(false);
  expect(await second(kept)).toBe(true);
});

const position =
  "Object.keys(require.cache).findIndex((file) => file.includes('/p/')) < Object.keys(require.cache).indexOf(__filename)";
onLinux.each([
  ["is loaded in advance", "module.exports = () => globalThis.registry?.[0];", true],
  [
    "that looks for it while it is loaded is left to the run",
    "const now = globalThis.registry?.[0]; module.exports = () => now;",
    false,
  ],
  [
    "that asks whether it is there is left to the run",
    "const is = 'registry' in globalThis; module.exports = () => is && 'set';",
    false,
  ],
])("a package that uses a global which another one sets when it is called %s", async (_, text, isInAdvance) => {
  await using kept = keep({
    "app.cjs": `const { register } = require("a"); register("set"); const p = require("p"); const answer = [p(), ${position}];${tail}`,
    ...packageNamed("a", "exports.register = (name) => { (globalThis.registry ??= []).push(name); };"),
    ...packageNamed("p", text),
  });
  expect(await kept.answer(1)).toEqual(["set", false]);
  expect(await second(kept)).toEqual(["set", isInAdvance]);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});
