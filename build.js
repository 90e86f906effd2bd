// `npm run build`: one file per way through the program: 220 small files and their imports take twice as long to load as to run (docs/decisions/0005-cold-start.md).
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** The package is one of modules, this directory is not. */
const commonJs = () => ({
  name: "package-type",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "package.json", source: '{ "type": "commonjs" }\n' });
  },
});

/** What others wrote and we pass on goes with its licence. */
const licences = (fileName) => ({
  name: "licences",
  generateBundle(_, bundle) {
    const packages = new Map();
    for (const chunk of Object.values(bundle)) {
      for (const id of chunk.type === "chunk" ? Object.keys(chunk.modules) : []) {
        const directory = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/"))?.[1];
        if (directory !== undefined) packages.set(directory, directory);
      }
    }
    const texts = [...packages.keys()].sort().map((directory) => {
      const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
      const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined && license === undefined) throw new Error(`${name} says nothing of its licence`);
      const text = file === undefined ? `${license}` : readFileSync(join(directory, file), "utf8").trim();
      return `${name} ${version}\n\n${text}\n`;
    });
    this.emitFile({ type: "asset", fileName, source: texts.join(`\n${"-".repeat(80)}\n\n`) });
  },
});

/** What is large and only loaded where a schema or a file of its format is: one copy for the command line and all that import us. */
const parts = { ajv: "src/rules/ajv.ts", yaml: "src/rules/formats/yaml.ts" };

const sharedParts = () => ({
  name: "shared-parts",
  resolveId(source, importer) {
    const name = Object.keys(parts).find((part) => importer !== undefined && source.endsWith(`/${part}.ts`));
    return name === undefined ? null : { id: `reload-part-${name}`, external: true };
  },
  renderChunk(code, { fileName }) {
    const up = "../".repeat(fileName.split("/").length - 1) || "./";
    // By `require`, as all other parts: not everybody who runs CommonJS can import (Jest).
    return code.replaceAll(
      /import\("reload-part-(\w+)"\)/g,
      (_, name) => `Promise.resolve().then(() => require("${up}parts/${name}.js"))`,
    );
  },
});

const written = {
  dir: "dist",
  // Node starts a CommonJS program 10 ms sooner than a module (docs/decisions/0005-cold-start.md).
  format: "cjs",
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
};

const common = {
  platform: "node",
  external: /^node:/,
  // What Node would take is a file that cannot be bundled.
  resolve: { alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" } },
};

const program = await rolldown({
  ...common,
  input: { cli: "src/cli.ts" },
  plugins: [sharedParts(), licences("licences.txt"), commonJs()],
});
await program.write({
  ...written,
  cleanDir: true,
});
await program.close();

// For programs that import them: nothing of it is shared with the command line, whose way to the first start stays as short as it is.
for (const [name, chunkFileNames] of [
  ["live", "live/[name]-[hash].js"],
  // Beside the programs that it starts.
  ["api", "api-[name]-[hash].js"],
]) {
  const imported = await rolldown({
    ...common,
    input: { [name]: `src/${name}.ts` },
    plugins: [sharedParts(), licences(name === "live" ? "live/licences.txt" : "api-licences.txt")],
  });
  await imported.write({ ...written, chunkFileNames });
  await imported.close();
}

const shared = await rolldown({ ...common, input: parts, plugins: [licences("parts/licences.txt")] });
await shared.write({ ...written, entryFileNames: "parts/[name].js", chunkFileNames: "parts/[name]-[hash].js" });
await shared.close();

// What builds detected TypeScript projects: a program of its own, started for each build; and what such a program loads.
const transpile = await rolldown({ ...common, input: { transpile: "src/transpile.ts", preload: "src/preload.ts" } });
await transpile.write({
  ...written,
  chunkFileNames: "transpile-[name]-[hash].js",
  banner: 'require("node:module").enableCompileCache?.();',
});
await transpile.close();

// Runs in front of programs that are kept warm (docs/warm.md): one file, without anything of ours beside it.
const gate = await rolldown({ ...common, input: { gate: "src/gate.ts" } });
await gate.write({ ...written });
await gate.close();
mkdirSync("dist/python", { recursive: true });
copyFileSync("src/gate/sitecustomize.py", "dist/python/sitecustomize.py");
mkdirSync("dist/runserver", { recursive: true });
copyFileSync("src/gate/runserver/sitecustomize.py", "dist/runserver/sitecustomize.py");

// Those files have types alone: they are what they declare.
const apiTypes = readFileSync("src/api/types.ts", "utf8").replace(/^import .*generated\.ts";\n/m, "");
writeFileSync(
  "dist/api.d.ts",
  `${apiTypes}\n${readFileSync("src/api/generated.ts", "utf8")}\nexport declare const start: Start;\n`,
);
writeFileSync(
  "dist/live.d.ts",
  `${readFileSync("src/live/types.ts", "utf8")}\nexport declare const liveConfig: OpenLiveConfig;\n`,
);
