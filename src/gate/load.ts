/** Loading a file of a package as the program would have it loaded: the same instance, whoever asks for it next. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { GateOrder, PackageFile } from "./order.ts";

/** Before anybody watches it. */
const make = writeFileSync;

/** As `node -r` finds them. */
export function loadLoaders({ loaders = [] }: GateOrder): void {
  for (const name of loaders) requireHere()(name);
}

/** As `node --import` finds them: what stands in front of ES modules is there before the gate loads any. */
export async function importLoaders(load: ImportFile): Promise<void> {
  for (const name of importsInFront())
    await load(/^(?:file|data|node):/.test(name) ? name : urlOf(requireHere().resolve(name)));
}

/**
 * What compiles the program's own files has a thread and a process of its own, which take longer to start than most files to compile:
 * a loader that has loaded it finds them started. Nothing is compiled but an empty text.
 */
export function startCompiler({ loaders = [] }: GateOrder): void {
  if (!loaders.some((name) => name.split("/")[0] === "tsx")) return;
  try {
    const ofLoader = createRequire(requireHere().resolve("tsx/package.json"));
    if (ofLoader.cache[ofLoader.resolve("esbuild")] === undefined) return;
    const compiler: unknown = ofLoader("esbuild");
    const compile: unknown =
      typeof compiler === "object" && compiler !== null ? Reflect.get(compiler, "transformSync") : undefined;
    if (typeof compile === "function") Reflect.apply(compile, compiler, [""]);
  } catch {
    // It starts when it is needed.
  }
}

const requireHere = (): NodeJS.Require => createRequire(join(process.cwd(), "x.cjs"));
const urlOf = (file: string): string => pathToFileURL(file).href;

/** What the command imports in front of the program. */
function importsInFront(): string[] {
  const words = process.execArgv;
  return words.flatMap((word, at) =>
    word === "--import" ? [words[at + 1] ?? ""] : word.startsWith("--import=") ? [word.slice("--import=".length)] : [],
  );
}

export type Load = (entry: PackageFile) => void;
/** `import()` as a file outside of all packages has it. */
export type ImportFile = (url: string) => Promise<unknown>;

/** @param scratch the beginning of names of files that may be made */
export function loader(require: NodeJS.Require, scratch: string): Load {
  let count = 0;
  return ({ file, is }) => {
    if (is !== "imported") {
      const isThere = require.cache[file] !== undefined;
      require(file);
      // Who imports an ES module does not find it among those that are required.
      if (is === "module" && !isThere) delete require.cache[file];
      return;
    }
    // So that the loader of ES modules knows it as well.
    count += 1;
    const wrapper = `${scratch}-${count}.mjs`;
    make(wrapper, `import ${JSON.stringify(urlOf(file))};\n`);
    require(wrapper);
    // Nobody is to find it among the program's modules.
    delete require.cache[wrapper];
  };
}

/** Where something stands in front of ES modules, they are not to be required: it would make CommonJS of them. */
export const importer =
  (require: NodeJS.Require, load: ImportFile) =>
  async ({ file, is }: PackageFile): Promise<void> => {
    if (is === "commonjs") require(file);
    else await load(urlOf(file));
  };
