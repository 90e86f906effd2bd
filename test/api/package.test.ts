/** `reload-dev` as a program gets it: packed, installed, imported as a module and required, with its types. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, installed, root, run } from "../rig/package.ts";

const use = `
  start({ proc: { cmd: ["node", "-e", "setInterval(() => {}, 1000)"] } }).then(async (app) => {
    for await (const event of app.events) if (event.event === "run-ready") break;
    const { ok, run } = await app.restart();
    await app.stop();
    console.log(JSON.stringify([ok, run, await app.ended]));
  });
`;

const typed = `
  const config: ReloadConfig = { build: { cmd: "make" }, proc: { cmd: ["./server"], env: { PORT: 1 } } };
  await using app: App = await start(config, { signal: AbortSignal.timeout(1000), command: ["./server"] });
  for await (const event of app.events) {
    if (event.event === "build-ended") [event.build.toFixed(), event.result === "ok"];
    if (event.event === "output") event.text.trim();
    // @ts-expect-error: there is no such event
    if (event.event === "built") break;
  }
  const { ok, errors }: Outcome = await app.restart({ services: ["api"], timeoutMs: 1000 });
  await app.stop();
  // @ts-expect-error: there is no such key
  await start({ proc: { command: "x" } });
  export { ok, errors };
`;

describe.skipIf(!existsSync(join(root, "dist/api.js")))("installed from its tarball", () => {
  test("it is imported by modules and required by CommonJS, with types for both", () => {
    using project = installed({
      "module.mjs": `import { start } from "reload-dev";\n${use}`,
      "common.cjs": `const { start } = require("reload-dev");\n${use}`,
      "documented.mts": /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, "docs/api.md"), "utf8"))?.[1] ?? "",
      "typed.mts": `import { start, type App, type Outcome, type ReloadConfig } from "reload-dev";\n${typed}`,
      "typed.cts": `import { start, type App, type Outcome, type ReloadConfig } from "reload-dev";\nasync function main() {\n${typed.replace(/export .*/, "return [ok, errors];")}}\nvoid main();\n`,
    });
    expect(run(project, process.execPath, ["module.mjs"])).toBe("[true,2,0]\n");
    expect(run(project, process.execPath, ["common.cjs"])).toBe("[true,2,0]\n");
    compile(project, ["typed.mts", "typed.cts", "documented.mts"]);
  });
});
