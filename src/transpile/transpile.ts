/** Each file of a TypeScript project for itself: what its compiler would write, without a look at types, and only where a source is newer. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { CompilerOptions, Diagnostic, ParsedConfig, TypeScript } from "./typescript.ts";

export type Transpiled =
  | { readonly is: "done"; readonly written: number }
  | { readonly is: "failed"; readonly message: string }
  /** A file alone does not tell what becomes of it. */
  | { readonly is: "unfit"; readonly why: string };

interface Entry {
  readonly size: number;
  readonly mtimeMs: number;
  readonly outputs: readonly string[];
  /** Sources that it imports by relative paths. */
  readonly imports: readonly string[];
}

interface Manifest {
  readonly stamp: string;
  readonly files: Readonly<Record<string, Entry>>;
}

/** @param cache where it remembers what it has written. Nothing is written where one file has a mistake. */
export function transpile(ts: TypeScript, config: string, cache: string): Transpiled {
  const parsed = ts.getParsedCommandLineOfConfigFile(
    config,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} },
  );
  if (parsed === undefined) return { is: "failed", message: `${config} cannot be read` };
  const wrong = parsed.errors.filter(isError);
  // 18003: no file was found, which is no mistake of a project that is empty so far.
  if (wrong.some(({ code }) => code !== 18003)) return { is: "failed", message: format(ts, wrong) };
  const unfit = whyUnfit(parsed);
  if (unfit !== undefined) return { is: "unfit", why: unfit };
  const path = join(cache, `transpiled-${config.replaceAll(/[^\w.-]+/g, "_").slice(-80)}.json`);
  const stamp = JSON.stringify([ts.version, parsed.options]);
  const before = readManifest(path, stamp);

  const files = new Map<string, Entry>();
  const writes: { path: string; text: string }[] = [];
  const faults: Diagnostic[] = [];
  const queue = parsed.fileNames.filter(isSource);
  for (const file of queue) {
    if (files.has(file)) continue;
    const its = statSync(file, { throwIfNoEntry: false });
    if (its === undefined) continue;
    const known = before.files[file];
    const isFresh =
      known !== undefined &&
      known.size === its.size &&
      known.mtimeMs === its.mtimeMs &&
      known.outputs.every((each) => existsSync(each));
    const entry = isFresh
      ? known
      : emit(ts, { ...parsed, fileNames: [...new Set([...parsed.fileNames, file])] }, file, writes, faults);
    files.set(file, { ...entry, size: its.size, mtimeMs: its.mtimeMs });
    queue.push(...entry.imports.filter((each) => !files.has(each)));
  }
  if (faults.length > 0) return { is: "failed", message: format(ts, faults) };
  for (const each of writes) writeWhole(each.path, each.text);
  const kept = new Set([...files.values()].flatMap(({ outputs }) => outputs));
  for (const { outputs } of Object.values(before.files))
    for (const output of outputs) if (!kept.has(output)) rmSync(output, { force: true });
  if (writes.length > 0 || Object.keys(before.files).length !== files.size)
    writeWhole(path, JSON.stringify({ stamp, files: Object.fromEntries(files) } satisfies Manifest));
  return { is: "done", written: writes.length };
}

const isError = ({ category }: Diagnostic): boolean => category === 1;
const isSource = (file: string): boolean => /(?<!\.d)\.[mc]?tsx?$/.test(file) || /\.[mc]?jsx?$/.test(file);

/** Numbers of `module` as the compiler counts them. */
const commonJs = 1;
const es2015 = 5;
const esNext = 99;
const node16 = 100;
const nodeNext = 199;

/** Node's own rule: by ending, else by the nearest package.json. */
function isModule(file: string): boolean {
  const ending = /\.([mc])[jt]sx?$/.exec(file)?.[1];
  if (ending !== undefined) return ending === "m";
  for (let at = dirname(file); ; at = dirname(at)) {
    const manifest = join(at, "package.json");
    if (existsSync(manifest)) return /"type"\s*:\s*"module"/.test(readFileSync(manifest, "utf8"));
    if (dirname(at) === at) return false;
  }
}

/** A file alone does not tell the compiler what its package is. */
function optionsFor(options: CompilerOptions, file: string): CompilerOptions {
  const { module } = { module: options["module"] };
  if (typeof module !== "number" || module < node16 || module > nodeNext) return options;
  const { moduleResolution, ...others } = { ...options, moduleResolution: undefined };
  return { ...others, module: isModule(file) ? esNext : commonJs };
}

/** Names of modules are checked when they are linked: what passes on a type would be one that is not there. */
function whyUnfit({ options, projectReferences, fileNames }: ParsedConfig): string | undefined {
  if (options["outDir"] === undefined) return "outDir is not set";
  if (options["noEmit"] === true || options["emitDeclarationOnly"] === true) return "the configuration emits nothing";
  if (options["outFile"] !== undefined) return "outFile joins all files";
  if ((projectReferences ?? []).length > 0) return "it refers to other projects";
  const [first = ""] = fileNames;
  const { module } = { module: optionsFor(options, first)["module"] };
  const isLinked = typeof module === "number" && module >= es2015;
  const isIsolated = options["isolatedModules"] === true || options["verbatimModuleSyntax"] === true;
  return isLinked && !isIsolated ? "modules without isolatedModules may pass on types" : undefined;
}

function emit(
  ts: TypeScript,
  parsed: ParsedConfig,
  file: string,
  writes: { path: string; text: string }[],
  faults: Diagnostic[],
): Pick<Entry, "outputs" | "imports"> {
  const text = readFileSync(file, "utf8");
  const {
    outputText,
    sourceMapText,
    diagnostics = [],
  } = ts.transpileModule(text, {
    compilerOptions: optionsFor(parsed.options, file),
    fileName: file,
    reportDiagnostics: true,
  });
  faults.push(...diagnostics.filter(isError));
  const outputs: string[] = [];
  for (const output of ts.getOutputFileNames(parsed, file, false)) {
    const content = /\.[mc]?jsx?$/.test(output)
      ? outputText
      : output.endsWith(".map") && !output.includes(".d.")
        ? sourceMapText
        : undefined;
    if (content === undefined) continue;
    outputs.push(output);
    writes.push({ path: output, text: content });
  }
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => /^\.{1,2}(?:\/|$)/.test(name));
  const [first] = outputs;
  if (first !== undefined && parsed.options["resolveJsonModule"] === true)
    for (const name of imports.filter((each) => each.endsWith(".json"))) {
      const from = resolve(dirname(file), name);
      const to = resolve(dirname(first), relative(dirname(file), from));
      if (!existsSync(from) || from === to) continue;
      outputs.push(to);
      writes.push({ path: to, text: readFileSync(from, "utf8") });
    }
  return { outputs, imports: imports.flatMap((name) => sourceOf(dirname(file), name) ?? []) };
}

function sourceOf(directory: string, name: string): string | undefined {
  const path = resolve(directory, name);
  const bare = path.replace(/\.([mc]?)jsx?$/, "");
  const endings = [".ts", ".tsx", ".mts", ".cts"];
  return [path, ...endings.map((each) => `${bare}${each}`), ...endings.map((each) => join(path, `index${each}`))].find(
    (each) => /(?<!\.d)\.[mc]?tsx?$/.test(each) && existsSync(each),
  );
}

/** A program that starts in this moment sees the old file or the new one, never half of it. */
function writeWhole(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}~`, text);
  renameSync(`${path}.${process.pid}~`, path);
}

function readManifest(path: string, stamp: string): Manifest {
  try {
    const value: Manifest = JSON.parse(readFileSync(path, "utf8"));
    return value.stamp === stamp ? value : { stamp, files: {} };
  } catch {
    return { stamp, files: {} };
  }
}

function format(ts: TypeScript, diagnostics: readonly Diagnostic[]): string {
  const host = {
    getCurrentDirectory: () => process.cwd(),
    getCanonicalFileName: (name: string) => name,
    getNewLine: () => "\n",
  };
  const isColoured = process.env["FORCE_COLOR"] !== undefined && process.env["FORCE_COLOR"] !== "0";
  return isColoured
    ? ts.formatDiagnosticsWithColorAndContext(diagnostics, host)
    : ts.formatDiagnostics(diagnostics, host);
}
