/** Warm standbys: the next run is let in where it would answer as a cold one does, and starts cold where it would not. */
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { keep, second } from "./warm-rig.ts";

const dotenv = dirname(createRequire(import.meta.url).resolve("dotenv/package.json"));

/** Writes what it answers into a file, and stays: no port is needed for it. */
const tail = `
require("node:fs").writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;

const packageOf = (main: string, more: object = {}): Record<string, string> => ({
  "index.js": main,
  "package.json": JSON.stringify({ name: "p", version: "1.0.0", main: "index.js", ...more }),
});

const inPackage = (name: string, main: string, more: object = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(packageOf(main, { name, ...more })).map(([file, text]) => [`node_modules/${name}/${file}`, text]),
  );

/** The processes in whose environment this stands: the standby and the run. */
const carriers = (text: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(text);
    } catch {
      return false;
    }
  });

describe.runIf(process.platform === "linux")("a program that is kept warm", () => {
  test("is let in, and finds what a cold one finds: words, environment, modules, and nothing of the gate", async () => {
    await using kept = keep({
      "app.cjs": `const { loadedAt } = require("a");
const answer = { loadedAt, argv: process.argv.length, options: process.env.NODE_OPTIONS ?? null, gate: process.env.RELOAD_GATE ?? null,
  isMain: require.main === module, changed: process.env.RELOAD_CHANGED, flags: process.execArgv, cache: Object.keys(require.cache).map((file) => file.slice(__dirname.length)).sort(),
  resources: process.getActiveResourcesInfo(), session: (process.env.RELOAD_SESSION ?? "").split(":").length };${tail}`,
      ...inPackage("a", "exports.loadedAt = process.env.RELOAD_NOTHING === undefined ? require('b') : 0;"),
      ...inPackage("b", "module.exports = 'b';"),
    });
    const warm = await second(kept);
    const cold = await kept.answer(1);
    expect((await kept.warmth(2)).warm).toBe(true);
    expect({ ...Object(warm), changed: "" }).toEqual(cold);
    expect(cold).toMatchObject({ options: null, gate: null });
    expect(Object(warm).changed).toBe("app.cjs");
    expect(kept.program.stderr).toMatch(/run 2 was let in: \d+/);
  });

  test("of ES modules gets the same instances, of CommonJS packages too", async () => {
    await using kept = keep(
      {
        "app.mjs": `import { count } from "m"; import c from "c"; import { createRequire } from "node:module"; import { writeFileSync } from "node:fs";
const require = createRequire(import.meta.url);
const answer = { cache: Object.keys(require.cache).map((file) => file.split("/").slice(-3)), count: count.of, c: c.name, isSame: require("c") === c, isOne: (await import("n")).count === count };
writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer)); setInterval(() => {}, 1000);`,
        ...inPackage("m", 'export const count = { of: "one" };', { type: "module" }),
        ...inPackage("n", 'export { count } from "m";', { type: "module" }),
        ...inPackage("c", 'exports.name = "c";'),
      },
      { main: "app.mjs" },
    );
    expect(await second(kept)).toEqual(await kept.answer(1));
    expect((await kept.warmth(2)).warm).toBe(true);
  });

  test.runIf("flushCompileCache" in Module)("keeps what was compiled of its own code", async () => {
    await using kept = keep({
      "app.cjs": `require("a"); require("./own.cjs"); const answer = require("module").getCompileCacheDir() !== undefined;${tail}`,
      "own.cjs": `exports.big = () => [${"'own', ".repeat(500)}];`,
      ...inPackage("a", ""),
    });
    await kept.answer(1);
    const written = (): number => {
      const place = readdirSync(kept.project.path("temp")).find((name) => name.startsWith("reload-warm"));
      const compiled = kept.project.path(`temp/${place}/compiled`);
      return existsSync(compiled) ? readdirSync(compiled, { recursive: true }).length : 0;
    };
    await until("what was compiled", () => written() > 3, kept.program.seen);
    await kept.waits(2);
    kept.save();
    expect(await kept.answer(2)).toBe(true);
    expect((await kept.warmth(2)).warm).toBe(true);
  });

  test("runs no line of its own before it is let in, and its new source then", async () => {
    // A mere save changes what comes after the imports.
    const app = (answer: string): string => `require("a");
const { writeFileSync } = require("node:fs");
const answer = "${answer}";
writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;
    await using kept = keep({ "app.cjs": app("old"), ...inPackage("a", "") });
    await kept.answer(1);
    await kept.waits(2);
    expect(existsSync(kept.project.path("answers/2"))).toBe(false);
    kept.project.write("app.cjs", app("new"));
    expect(await kept.answer(2)).toBe("new");
    expect((await kept.warmth(2)).warm).toBe(true);
  });

  test.each([
    [
      "a variable that own code sets first",
      'process.env.DEBUG = "x"; const answer = require("p");',
      "module.exports = process.env.DEBUG ?? 'unset';",
      "x",
    ],
    [
      "all variables, where own code sets one first",
      'process.env.MY_LEVEL = "x"; const answer = require("p");',
      "module.exports = Object.keys(process.env).filter((key) => /^MY_/.test(key)).map((key) => process.env[key])[0] ?? 'unset';",
      "x",
    ],
    [
      "a name among all, where own code sets one first",
      'process.env.LEVEL = "x"; const answer = require("p");',
      "module.exports = Object.keys(process.env).filter((key) => key === 'LEVEL').length;",
      1,
    ],
    [
      "whether there is one, by a name that is put together",
      'process.env.LEVEL = "x"; const answer = require("p");',
      "module.exports = Object.hasOwn(process.env, 'LEV' + 'EL');",
      true,
    ],
    [
      "a global that own code sets first",
      'globalThis.level = "x"; const answer = require("p");',
      "module.exports = typeof level === 'undefined' ? 'unset' : level;",
      "x",
    ],
    [
      "a file of the project",
      'const answer = require("p");',
      "module.exports = require('fs').readFileSync(process.cwd() + '/data.txt', 'utf8');",
      "new",
    ],
    [
      "a module of the project",
      'const answer = require("p");',
      "module.exports = require(process.cwd() + '/data.cjs');",
      "new",
    ],
    [
      "a module of the project, if it is there",
      'const answer = require("p");',
      "try { module.exports = require(process.cwd() + '/data.cjs'); } catch { module.exports = 'none'; }",
      "new",
    ],
    [
      "who loads it",
      'const answer = require("p");',
      "module.exports = require('path').basename(module.parent.filename);",
      "app.cjs",
    ],
    ["the module that loads it", 'const answer = require("p");', "module.exports = module.parent.id;", "."],
    [
      "what the program is",
      'const answer = require("p");',
      "module.exports = String(require.main && require('path').basename(require.main.filename));",
      "app.cjs",
    ],
    [
      "the time zone that own code sets",
      'process.env.TZ = "Asia/Tokyo"; const answer = require("p");',
      "module.exports = [new Date(0).getHours(), Intl.DateTimeFormat().resolvedOptions().timeZone].join();",
      "9,Asia/Tokyo",
    ],
    [
      "the number of the run",
      'const answer = require("p");',
      "module.exports = process.env.RELOAD_CHANGED + process.env.RELOAD_RUN;",
      "app.cjs2",
    ],
  ])("leaves a package to the run that reads %s while it is loaded", async (_, own, main, expected) => {
    await using kept = keep({
      "app.cjs": `require("a"); ${own}${tail}`,
      "data.txt": "old",
      "data.cjs": "module.exports = 'old';",
      ...inPackage("a", ""),
      ...inPackage("p", main),
    });
    const answer = await second(kept, () => {
      kept.project.write("data.txt", "new");
      kept.project.write("data.cjs", "module.exports = 'new';");
    });
    expect(answer).toBe(expected);
    expect((await kept.warmth(2)).warm).toBe(true);
  });

  test.each([
    ["starts a timer", "setTimeout(() => {}, 1e6);"],
    ["starts a timer that keeps nothing alive", "setTimeout(() => {}, 1e6).unref();"],
    ["starts a process", "require('child_process').execFileSync('true');"],
    ["listens on a port", "require('net').createServer().listen(0);"],
    ["prints", "console.log('PRINTED');"],
    ["fails where it is loaded by itself", "if (!globalThis.before) throw new Error('no');"],
  ])("leaves a package to the run that %s", async (_, main) => {
    await using kept = keep({
      "app.cjs": `require("a"); const isEarly = Object.keys(require.cache).some((file) => file.endsWith("/p/index.js"));
globalThis.before = true; require("p"); const answer = isEarly ? "early" : "fine";${tail}`,
      ...inPackage("a", ""),
      ...inPackage("p", main),
    });
    await kept.answer(1);
    await kept.waits(2);
    // The standby itself has printed nothing.
    const printed = kept.program.stdout.split("PRINTED").length;
    expect(printed).toBe(main.includes("PRINTED") ? 2 : 1);
    kept.save();
    expect(await kept.answer(2)).toBe("fine");
    expect((await kept.warmth(2)).warm).toBe(true);
  });

  const optional: Record<string, string> = {
    "app.cjs": `const answer = require("a");${tail}`,
    ...inPackage(
      "a",
      "try { module.exports = require('@scope/opt'); } catch { try { module.exports = require('@scope/empty'); } catch { module.exports = 'no opt'; } }",
    ),
    "node_modules/@scope/other/package.json": "{}",
    "node_modules/@scope/empty/README.md": "",
  };
  test.each<[string, (project: Project) => void, unknown]>([
    [
      "an optional package was installed",
      (project) => {
        project.write("node_modules/@scope/opt/index.js", "module.exports = 'opt';");
      },
      "opt",
    ],
    [
      "a package came into a directory that was there, and empty",
      (project) => project.write("node_modules/@scope/empty/index.js", "module.exports = 'late';"),
      "late",
    ],
    ["a package was edited", (project) => project.write("node_modules/a/index.js", "module.exports = 2;"), 2],
    [
      "a package was linked to another place",
      (project) => {
        project.write("elsewhere/index.js", "module.exports = 3;");
        renameSync(project.path("node_modules/a"), project.path("node_modules/was-a"));
        symlinkSync(project.path("elsewhere"), project.path("node_modules/a"));
      },
      3,
    ],
    [
      "a file came before the one that was found",
      (project) => project.write("node_modules/a/package.json", '{"main":"other.js"}'),
      4,
    ],
    ["the lock file was written", (project) => project.write("package-lock.json", "{}"), "no opt"],
    ["the package.json was written", (project) => project.write("package.json", '{"name":"x"}'), "no opt"],
  ])("starts cold where %s", async (_, change, expected) => {
    await using kept = keep({ ...optional, "node_modules/a/other.js": "module.exports = 4;" });
    expect(await second(kept, () => change(kept.project))).toEqual(expected);
    expect(await kept.warmth(2)).toMatchObject({ warm: false, reason: expect.stringContaining("has changed") });
  });

  test.each([
    [
      "an import that changes what is built in was commented out",
      'require("p"); const answer = [typeof [].extra, Object.keys(require.cache).length];',
      '// require("p");\nconst answer = [typeof [].extra, Object.keys(require.cache).length];',
      "Array.prototype.extra = () => {};",
      ["undefined", 2],
      "has other imports",
    ],
    [
      "a variable is set in front of an import by now",
      'const answer = require("p");',
      'process.env.LEVEL = "new"; const answer = require("p");',
      "module.exports = process.env.LEVEL ?? 'unset';",
      "new",
      "has other imports",
    ],
    [
      "a file without imports sets a variable by now",
      'require("./own.cjs"); const answer = require("p");',
      undefined,
      "module.exports = process.env.LEVEL ?? 'unset';",
      "new",
      "has a new line about process.env",
    ],
  ])("starts cold where %s", async (_, before, after, main, expected, reason) => {
    const text = (own: string): string => `require("a"); ${own}${tail}`;
    await using kept = keep({
      "app.cjs": text(before),
      "own.cjs": "",
      ...inPackage("a", ""),
      ...inPackage("p", main),
    });
    await kept.answer(1);
    await kept.waits(2);
    if (after === undefined) kept.project.write("own.cjs", 'process.env.LEVEL = "new";');
    kept.project.write("app.cjs", text(after ?? before).concat("// saved"));
    expect(await kept.answer(2)).toEqual(expected);
    expect(await kept.warmth(2)).toMatchObject({ warm: false, reason: expect.stringContaining(reason) });
  });

  test("starts once more, and cold, where own code turns out to set a variable that it did not set before", async () => {
    await using kept = keep({
      "app.cjs": `require("a"); require("./own.cjs"); const answer = require("p");${tail}`,
      "own.cjs":
        'const data = JSON.parse(require("fs").readFileSync("data.json", "utf8")); Object.assign(process["env"], data);',
      "data.json": "{}",
      ...inPackage("a", ""),
      ...inPackage("p", "module.exports = process.env.LEVEL ?? 'unset';"),
    });
    await kept.answer(1);
    await kept.waits(2);
    kept.project.write("data.json", '{"LEVEL":"new"}');
    kept.save();
    await until("the right answer", async () => (await kept.answer(3)) === "new", kept.program.seen);
    expect((await kept.warmth(3)).warm).toBe(false);
  });

  test.each([
    ["npm run dev --silent", ["--", "npm", "run", "dev", "--silent"]],
    ["node -r dotenv/config", ["--", "node", "-r", "dotenv/config", "app.cjs"]],
  ])("is let in behind %s", async (_, args) => {
    await using kept = keep(
      {
        "app.cjs": `const answer = [require("a"), process.env.FROM_FILE ?? null];${tail}`,
        "package.json": '{"scripts":{"dev":"node app.cjs"}}',
        ".env": "FROM_FILE=yes\n",
        ...inPackage("a", "module.exports = 'a';"),
      },
      { args, links: { "node_modules/dotenv": dotenv } },
    );
    expect(await second(kept)).toEqual(await kept.answer(1));
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    kept.project.write(".env", "FROM_FILE=no\n");
    kept.save();
    expect(await kept.answer(3)).toEqual(["a", args.includes("-r") ? "no" : null]);
  });

  test("starts cold where an env file was written, or another Node is found first", async () => {
    await using kept = keep(
      {
        "app.cjs": `require("a"); const answer = [process.env.LEVEL, process.env.WHICH];${tail}`,
        ".env": "LEVEL=1\n",
        ...inPackage("a", ""),
        "node_modules/.bin/other": "",
      },
      { args: ["--env_files", '[".env"]', "--", "node", "app.cjs"] },
    );
    await kept.answer(1);
    await kept.waits(2);
    kept.project.write(".env", "LEVEL=2\n");
    expect(await kept.answer(2)).toEqual(["2", null]);
    expect(await kept.warmth(2)).toMatchObject({ warm: false, reason: "LEVEL has another value" });
    await kept.waits(3);
    kept.project.write("node_modules/.bin/node", `#!/bin/sh\nWHICH=other exec "${process.execPath}" "$@"\n`);
    chmodSync(kept.project.path("node_modules/.bin/node"), 0o755);
    kept.save();
    expect(await kept.answer(3)).toEqual(["2", "other"]);
    expect((await kept.warmth(3)).warm).toBe(false);
  });

  test("starts cold where its directory is another one by now", async () => {
    await using kept = keep(
      {
        "app.cjs": "",
        "sub/app.cjs":
          `require("a"); const answer = require("fs").readFileSync("data.txt", "utf8"); process.chdir("..");${tail}`
            .replace('process.chdir("..");', "")
            .replaceAll('"answers/"', '"../answers/"'),
        "sub/data.txt": "old",
        ...inPackage("a", ""),
      },
      { args: ["--proc.cwd", "sub", "--", "node", "app.cjs"] },
    );
    await kept.answer(1);
    await kept.waits(2);
    renameSync(kept.project.path("sub"), kept.project.path("was"));
    cpSync(kept.project.path("was"), kept.project.path("sub"), { recursive: true });
    kept.project.write("sub/data.txt", "new");
    kept.save();
    expect(await kept.answer(2)).toBe("new");
    expect((await kept.warmth(2)).warm).toBe(false);
  });

  test("takes a linked package for own code: an edit of it counts", async () => {
    await using kept = keep(
      {
        "app.cjs": `require("a"); const answer = require("lib");${tail}`,
        "packages/lib/index.js": "module.exports = 'old';",
        "packages/lib/package.json": '{"name":"lib"}',
        ...inPackage("a", ""),
      },
      { links: { "node_modules/lib": "packages/lib" } },
    );
    expect(await second(kept, () => kept.project.write("packages/lib/index.js", "module.exports = 'new';"))).toBe(
      "new",
    );
    expect((await kept.warmth(2)).warm).toBe(true);
  });

  test.each([
    ["require-in-the-middle must see every package", 'require("require-in-the-middle");'],
    [
      "the program replaces Module._load",
      'const M = require("module"); const load = M._load; M._load = (...a) => load(...a);',
    ],
    [
      "the program starts workers of a cluster",
      'const cluster = require("cluster"); if (cluster.isPrimary) cluster.fork(); else return;',
    ],
    [
      "the program replaces https.globalAgent",
      'const https = require("https"); https.globalAgent = new https.Agent();',
    ],
    ["the program replaces console.log", 'const { log } = console; console.log = (...words) => log("own", ...words);'],
    ["the program changes its working directory", 'process.chdir("answers"); process.chdir("../temp");'],
  ])("starts cold, and says so once: %s", async (reason, own) => {
    await using kept = keep({
      "app.cjs": `${own} require("a"); const answer = 1;${tail.replace('"answers/"', '__dirname + "/answers/"')}`,
      ...inPackage("a", ""),
      ...inPackage("require-in-the-middle", ""),
    });
    await kept.answer(1);
    await kept.program.says(/run 1 ready|ready \d/);
    for (const run of [2, 3]) {
      kept.save();
      await kept.answer(run);
      await kept.program.says(new RegExp(`· run ${run}`));
    }
    await until(
      "the reason",
      () => {
        kept.save();
        return kept.program.stderr.includes(reason);
      },
      kept.program.seen,
    );
  });

  test("leaves nothing when it ends, or is killed, and the next run is cold where the standby was killed", async () => {
    await using kept = keep({
      "app.cjs": `require("a"); const answer = process.env.RELOAD_SESSION;${tail}`,
      ...inPackage("a", ""),
    });
    const session =
      String(await kept.answer(1))
        .split(":")
        .at(-1)
        ?.replace(/-run1\.$/, "") ?? "?";
    await kept.waits(2);
    const standby = carriers(`${session}-run2~`);
    expect(standby).toHaveLength(1);
    for (const pid of standby) process.kill(Number(pid), "SIGKILL");
    await until("its end", () => carriers(`${session}-run2~`).length === 0, kept.program.seen);
    kept.save();
    await kept.answer(2);
    expect((await kept.warmth(2)).warm).toBe(false);
    await kept.waits(3);
    expect(carriers(`${session}-run`)).toHaveLength(2);
    kept.program.signal("SIGKILL");
    await until("the end of all", () => carriers(`${session}-run`).length === 0, kept.program.seen);
  });

  test("ends, also where the standby has ended by itself", async () => {
    await using kept = keep({
      "app.cjs": `require("a"); const answer = process.env.RELOAD_SESSION;${tail}`,
      ...inPackage("a", ""),
    });
    const session =
      String(await kept.answer(1))
        .split(":")
        .at(-1)
        ?.replace(/-run1\.$/, "") ?? "?";
    await kept.waits(2);
    for (const pid of carriers(`${session}-run2~`)) process.kill(Number(pid), "SIGKILL");
    await until("its end", () => carriers(`${session}-run2~`).length === 0, kept.program.seen);
    kept.program.signal("SIGTERM");
    await until(
      "the end",
      async () => (await Promise.race([kept.program.ended, undefined])) !== undefined,
      kept.program.seen,
    );
  });

  test("ends with its standby", async () => {
    await using kept = keep({
      "app.cjs": `require("a"); const answer = process.env.RELOAD_SESSION;${tail}`,
      ...inPackage("a", ""),
    });
    const session =
      String(await kept.answer(1))
        .split(":")
        .at(-1)
        ?.replace(/-run1\.$/, "") ?? "?";
    await kept.waits(2);
    await kept.program.stop();
    expect(carriers(`${session}-run`)).toEqual([]);
    expect(readdirSync(join(kept.project.directory, "temp")).filter((name) => name.startsWith("reload-warm"))).toEqual(
      [],
    );
  });
});
