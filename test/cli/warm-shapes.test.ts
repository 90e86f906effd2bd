/** Commands in front of a program that is kept warm: wrappers, and files that Node reads by itself. */
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { cli, terminal } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";
import { keep, second } from "./warm-rig.ts";

const tail = `
require("node:fs").writeFileSync("answers/" + process.env.RELOAD_RUN, JSON.stringify(answer));
setInterval(() => {}, 1000);
`;
const packages = {
  "node_modules/a/package.json": '{"name":"a"}',
  "node_modules/a/index.js": "module.exports = 'a';",
};

const onLinux = test.runIf(process.platform === "linux");

onLinux("what npm says in front of the program comes with the run, on a terminal too", async () => {
  using project = newProject({
    "package.json": '{"name":"shop","scripts":{"dev":"node app.cjs"}}',
    "app.cjs": `const answer = require("a"); console.log("UP " + process.stdout.isTTY);${tail}`,
    ...packages,
  });
  for (const directory of ["answers", "temp"]) mkdirSync(project.path(directory));
  const command = ["--warm", "-w", "app.cjs", "--ready.exec", "test -e answers/$RELOAD_RUN", "--", "npm", "run", "dev"];
  await using screen = await terminal([process.execPath, cli, ...command], {
    cwd: project.directory,
    env: { TMPDIR: project.path("temp"), NODE_OPTIONS: undefined },
  });
  await screen.shows(/ready/);
  const isHeld = (): boolean =>
    readdirSync(project.path("temp")).some((name) => existsSync(project.path(`temp/${name}/run-2-held`)));
  await until("the standby", isHeld, () => screen.screen);
  expect(screen.screen.split("> node app.cjs")).toHaveLength(2);
  project.append("app.cjs", "\n// saved");
  await screen.shows(/run 2/);
  const [, first = "", again = ""] = screen.screen.split("> node app.cjs");
  expect([first, again].map((text) => text.includes("UP true"))).toEqual([true, true]);
});

onLinux.each([
  ["npm with words for the script", ["npm", "run", "dev", "--", "one", "--two=2"]],
  ["cross-env and npm", ["npm", "run", "crossed"]],
  ["npx", ["npx", "cross-env", "A=1", "node", "app.cjs"]],
])("is let in behind %s, and finds what a cold one finds", async (_, args) => {
  await using kept = keep(
    {
      "app.cjs": `const answer = [require("a"), process.argv.slice(2), process.env.A ?? null];${tail}`,
      "package.json": '{"scripts":{"dev":"node app.cjs","crossed":"cross-env A=1 node app.cjs"}}',
      "node_modules/cross-env/bin.js": `#!/usr/bin/env node
const [set, ...words] = process.argv.slice(2); const [name, value] = set.split("=");
const child = require("child_process").spawn(words[0], words.slice(1), { stdio: "inherit", env: { ...process.env, [name]: value } });
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));`,
      "node_modules/.bin/.here": "",
      ...packages,
    },
    {
      args: ["--", ...args],
      links: { "node_modules/.bin/cross-env": "node_modules/cross-env/bin.js" },
      env(project) {
        chmodSync(project.path("node_modules/cross-env/bin.js"), 0o755);
        return {};
      },
    },
  );
  expect(await second(kept)).toEqual(await kept.answer(1));
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux.each([
  ["before", "--no-deprecation $NODE_OPTIONS", undefined, "--no-deprecation"],
  ["after", "$NODE_OPTIONS --no-deprecation", undefined, "--no-deprecation"],
  [
    "before and after",
    "--no-deprecation $NODE_OPTIONS --trace-warnings",
    undefined,
    "--no-deprecation --trace-warnings",
  ],
  ["beside the user's own", "$NODE_OPTIONS --no-deprecation", "--trace-warnings", "--trace-warnings --no-deprecation"],
])("what a wrapper adds to NODE_OPTIONS stays there, %s", async (_, set, own, expected) => {
  await using kept = keep(
    {
      "app.cjs": `const answer = [require("a"), process.env.NODE_OPTIONS ?? null];${tail}`,
      "package.json": '{"scripts":{"dev":"node app.cjs"}}',
      "bin/yarn": `#!/bin/sh\nexport NODE_OPTIONS="${set}"\nexec node app.cjs\n`,
      ...packages,
    },
    {
      args: ["--", "yarn", "dev"],
      env(project) {
        chmodSync(project.path("bin/yarn"), 0o755);
        return {
          PATH: `${project.path("bin")}:${process.env["PATH"]}`,
          ...(own === undefined ? {} : { NODE_OPTIONS: own }),
        };
      },
    },
  );
  expect(await second(kept)).toEqual(["a", expected]);
  expect(await kept.answer(1)).toEqual(["a", expected]);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux.each([
  ["dist/main", "dist/main.js", {}],
  ["./bin/www", "bin/www", {}],
  [".", "src/start.js", { "package.json": '{"main":"./src/start"}' }],
  ["src", "src/index.js", {}],
])("is let in where Node looks for the program that is written as %s", async (word, main, more) => {
  const text = `const answer = [require("a"), require.main.filename === __filename, process.argv[1]];${tail}`;
  await using kept = keep({ ...packages, [main]: text, ...more }, { main, args: ["--", "node", word] });
  expect(await second(kept)).toEqual(await kept.answer(1));
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("a file of variables that Node reads is compared", async () => {
  await using kept = keep(
    {
      "app.cjs": `const answer = [require("a"), process.env.LEVEL ?? null];${tail}`,
      "own.env": "LEVEL=1\n",
      ...packages,
    },
    { args: ["--", "node", "--env-file=own.env", "app.cjs"] },
  );
  expect(await second(kept)).toEqual(["a", "1"]);
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
  await kept.waits(3);
  kept.project.write("own.env", "LEVEL=2\n");
  kept.save();
  expect(await kept.answer(3)).toEqual(["a", "2"]);
  expect(await kept.warmth(3)).toMatchObject({ warm: false, reason: expect.stringContaining("own.env has changed") });
});

onLinux("what is built in and comes when it is asked for is not taken for a change", async () => {
  await using kept = keep({
    "app.cjs": `require("a"); const answer = [new TextEncoder().encode("x").length, typeof crypto, typeof structuredClone, new TextDecoder().encoding, typeof navigator, typeof Blob];${tail}`,
    ...packages,
  });
  expect(await second(kept)).toEqual(await kept.answer(1));
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
});

onLinux("a run behind the proxy has a port of its own, which no package has seen before", async () => {
  await using kept = keep(
    {
      "app.cjs": `require("a"); const answer = [require("p"), process.env.PORT];
require("node:http").createServer((_, answer) => answer.end()).listen(process.env.PORT, "127.0.0.1", () => {${tail}});`,
      "node_modules/p/index.js": "module.exports = process.env.PORT;",
      ...packages,
    },
    { args: ["--proxy.target", "auto", "--", "node", "app.cjs"] },
  );
  const ports = [await second(kept), await kept.answer(1)].map((each): string[] => Object.values(Object(each)));
  expect(await kept.warmth(2)).toMatchObject({ warm: true });
  expect(ports.map(([ofPackage, own]) => ofPackage === own && /^\d+$/.test(String(own)))).toEqual([true, true]);
  expect(ports[0]).not.toEqual(ports[1]);
});
