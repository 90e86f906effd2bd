/** What ts-node would make of each file, made ahead of the start: the program then reads it instead of loading a compiler. */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fingerprint } from "./cache.ts";
import { asName } from "./call.ts";
import { type Entry, importsOf, isFresh, isSource, readManifest, sourceOf, writeWhole } from "./files.ts";
import { format, isError, isFault, optionsFor, parse } from "./options.ts";
import type { Transpiled } from "./transpile.ts";
import type { CompilerOptions, Diagnostic, TypeScript } from "./typescript.ts";

/** As ts-node itself sets them: each output is a text for Node's loader, with the map of its lines in it. */
const forced: CompilerOptions = {
  sourceMap: false,
  inlineSourceMap: true,
  inlineSources: true,
  declaration: false,
  declarationMap: false,
  noEmit: false,
  emitDeclarationOnly: false,
  composite: false,
  incremental: false,
  allowImportingTsExtensions: false,
};

interface Made {
  readonly directory: string;
  /** Of the program, as it was called: `src/index.ts`, `src/index`, `src`. */
  readonly entry: string;
  readonly config: string;
}

/** Where the program reads what was made for it; the file to be loaded into it is there as well. */
export const placeFor = (cache: string, config: string): string => join(cache, "ts-node", asName(config));

/** @param hook what the program loads */
export function transpileAhead(
  ts: TypeScript,
  { directory, entry, config }: Made,
  place: string,
  hook: string,
): Transpiled {
  const parsed = parse(ts, resolve(directory, config), forced);
  if (parsed === undefined) return { is: "failed", message: `${config} cannot be read` };
  const wrong = parsed.errors.filter((each) => isError(each) && each.code !== 18003);
  if (wrong.length > 0) return { is: "failed", message: format(ts, wrong) };
  const path = join(place, "manifest.json");
  const stamp = JSON.stringify([ts.version, parsed.options]);
  const before = readManifest(path, stamp);
  const files = new Map<string, Entry>();
  const writes: { path: string; text: string }[] = [];
  const faults: Diagnostic[] = [];

  const make = (file: string, isReached: boolean): readonly string[] => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined || files.has(file)) return [];
    const known = before.files[file];
    if (isFresh(known, stats)) {
      files.set(file, known);
      return known.imports;
    }
    const text = readFileSync(file, "utf8");
    const { outputText, diagnostics = [] } = compiledPathOf(ts, parsed.options, file, text);
    const errors = diagnostics.filter(isFault);
    if (errors.length > 0) {
      if (isReached) faults.push(...errors);
      return [];
    }
    const output = join(place, `${basename(file)}-${fingerprint(file)}.js`);
    writes.push({ path: output, text: outputText });
    const { sources } = importsOf(ts, file, text);
    files.set(file, { size: stats.size, mtimeMs: stats.mtimeMs, outputs: [output], imports: sources });
    return sources;
  };
  const first = sourceOf(directory, `./${entry}`);
  const reached = first === undefined ? [] : [first];
  for (const file of reached) reached.push(...make(file, true));
  if (faults.length > 0) return { is: "failed", message: format(ts, faults) };
  // Those that the program may load by other names than relative ones.
  for (const file of parsed.fileNames.filter((each) => isSource(each) && !isTest(each))) make(file, false);
  for (const each of writes) writeWhole(each.path, each.text);
  for (const [file, { outputs }] of Object.entries(before.files))
    if (!files.has(file)) for (const output of outputs) rmSync(output, { force: true });
  if (writes.length > 0 || Object.keys(before.files).length !== files.size)
    writeWhole(path, JSON.stringify({ stamp, files: Object.fromEntries(files) }));
  const options = JSON.stringify({ place, allowsJs: parsed.options["allowJs"] === true, options: parsed.options });
  const loads = `require(${JSON.stringify(hook)}).load(${options});\n`;
  writeWhole(join(place, "load.js"), loads);
  if (!existsSync(join(place, "package.json"))) writeWhole(join(place, "package.json"), '{ "type": "commonjs" }\n');
  return { is: "done", written: writes.length };
}

export const compiledPathOf = (
  ts: TypeScript,
  options: CompilerOptions,
  file: string,
  text: string,
): ReturnType<TypeScript["transpileModule"]> =>
  ts.transpileModule(text, { compilerOptions: optionsFor(options, file), fileName: file, reportDiagnostics: true });

const isTest = (file: string): boolean =>
  /\.(?:test|spec|e2e-spec)\.\w+$|[\\/]__tests__[\\/]/.test(file) || basename(dirname(file)) === "test";
