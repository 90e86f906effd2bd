// `npm run build`: one file per way through the program: 220 small files and their imports take twice as long to load as to run (docs/decisions/0005-bundle.md).
import { readdirSync, readFileSync } from "node:fs";
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
const licences = () => ({
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
    this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
  },
});

const bundle = await rolldown({
  input: { cli: "src/cli.ts" },
  platform: "node",
  external: /^node:/,
  plugins: [licences(), commonJs()],
});
await bundle.write({
  dir: "dist",
  // Node starts a CommonJS program 10 ms sooner than a module (docs/decisions/0030-commonjs.md).
  format: "cjs",
  // Node 22 and up keep what was compiled; older ones do not know it.
  banner: ({ isEntry }) => (isEntry ? 'require("node:module").enableCompileCache?.();' : ""),
  cleanDir: true,
  entryFileNames: "[name].js",
  chunkFileNames: "[name]-[hash].js",
});
await bundle.close();
