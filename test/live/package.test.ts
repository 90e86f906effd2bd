/** The package as a program gets it: packed, installed, imported as a module and required, with its types. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, installed, root, run } from "../rig/package.ts";

const use = `
  liveConfig({ files: "app.yaml", env: "CONSUMER_", schema: { properties: { port: { type: "integer" } } } }).then(async (config) => {
    console.log(JSON.stringify([config.get("port"), config.version]));
    await config.close();
  });
`;

const typed = `
  type Settings = { readonly port: number; readonly db: { readonly url: string } };
  const config: LiveConfig<Settings> = await liveConfig<Settings>({ files: ["app.yaml"] });
  const port: number = config.get("port");
  const url: string = config.get("db.url");
  config.on("db.url", (now: string, before: string, version: number) => [now, before, version]);
  config.on("error", ({ problems }) => problems.map(({ line, column }) => [line, column]));
  // @ts-expect-error: a snapshot is not written to
  config.snapshot.port = 1;
  // @ts-expect-error: there is no such option
  await liveConfig({ file: "app.yaml" });
  await config.close();
  export { port, url };
`;

describe.skipIf(!existsSync(join(root, "dist/live.js")))("installed from its tarball", () => {
  test("it is imported by modules and required by CommonJS, with types for both, and loads nothing of the command line", () => {
    using project = installed({
      "app.yaml": "port: 8080\ndb: { url: a }\n",
      "module.mjs": `import { liveConfig } from "reload-dev/config";\n${use}`,
      "common.cjs": `const { liveConfig } = require("reload-dev/config");\n${use}`,
      "loaded.cjs": `require("reload-dev/config"); console.log(JSON.stringify(Object.keys(require.cache)));`,
      "typed.mts": `import { liveConfig, type LiveConfig } from "reload-dev/config";\n${typed}`,
      "typed.cts": `import { liveConfig, type LiveConfig } from "reload-dev/config";\nasync function main() {\n${typed.replace(/export .*/, "return [port, url];")}}\nvoid main();\n`,
    });
    expect(run(project, process.execPath, ["module.mjs"])).toBe("[8080,1]\n");
    expect(run(project, process.execPath, ["common.cjs"])).toBe("[8080,1]\n");
    const loaded: readonly string[] = JSON.parse(run(project, process.execPath, ["loaded.cjs"]));
    const names = loaded.map((path) => path.slice(path.lastIndexOf("reload-dev/") + "reload-dev/".length));
    expect(names.filter((name) => !/loaded\.cjs$|^dist\/live(\.js|\/)/.test(name))).toEqual([]);
    expect(names.filter((name) => /ajv|yaml|toml|json-|cli|execa|chokidar/.test(name))).toEqual([]);
    const dist = readdirSync(join(root, "dist"), { recursive: true }).map(String);
    expect(dist.filter((name) => /(?:ajv|yaml)[^/]*\.js$/.test(name)).sort()).toEqual([
      "parts/ajv.js",
      "parts/yaml.js",
    ]);
    compile(project, ["typed.mts", "typed.cts"]);
  });
});
