/** The project's own TypeScript, loaded as quickly as it can be: what V8 made of its nine megabytes is kept. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

export interface CompilerOptions {
  readonly [name: string]: unknown;
}

export interface ParsedConfig {
  readonly options: CompilerOptions;
  readonly fileNames: readonly string[];
  readonly errors: readonly Diagnostic[];
  readonly projectReferences?: readonly unknown[];
}

export interface Diagnostic {
  readonly category: number;
  readonly code: number;
  readonly file?: unknown;
}

/** Changes a file on its way: what it is made of is the compiler's own matter. */
export type Transformer = unknown;

export interface Transformers {
  readonly before?: readonly Transformer[];
  readonly after?: readonly Transformer[];
  readonly afterDeclarations?: readonly Transformer[];
}

export interface SourceFile {
  readonly fileName: string;
}

export interface CompilerHost {
  getSourceFile(name: string, version: unknown, ...others: readonly unknown[]): SourceFile | undefined;
}

/** A program that knows what the one before it knew. */
export interface BuilderProgram {
  getProgram(): unknown;
  getOptionsDiagnostics(): readonly Diagnostic[];
  getGlobalDiagnostics(): readonly Diagnostic[];
  getSyntacticDiagnostics(): readonly Diagnostic[];
  getSemanticDiagnostics(): readonly Diagnostic[];
  emit(
    file: undefined,
    write: (path: string, text: string) => void,
    cancelling: undefined,
    onlyDeclarations: boolean,
    transformers: Transformers,
  ): { readonly diagnostics: readonly Diagnostic[] };
}

/** What of it is used here. */
export interface TypeScript {
  parseConfigFileTextToJson(path: string, text: string): { readonly config?: unknown };
  createIncrementalCompilerHost(options: CompilerOptions): CompilerHost;
  createEmitAndSemanticDiagnosticsBuilderProgram(
    files: readonly string[],
    options: CompilerOptions,
    host: CompilerHost,
    before: BuilderProgram | undefined,
    faults: readonly Diagnostic[],
  ): BuilderProgram;
  readonly version: string;
  readonly sys: Readonly<Record<string, unknown>>;
  getParsedCommandLineOfConfigFile(path: string, options: CompilerOptions, host: unknown): ParsedConfig | undefined;
  getOutputFileNames(config: ParsedConfig, file: string, ignoreCase: boolean): readonly string[];
  preProcessFile(
    text: string,
    readImports: boolean,
    detectJavaScript: boolean,
  ): { importedFiles: { fileName: string }[] };
  transpileModule(
    text: string,
    options: { compilerOptions: CompilerOptions; fileName: string; reportDiagnostics: boolean },
  ): { outputText: string; sourceMapText?: string; diagnostics?: readonly Diagnostic[] };
  formatDiagnosticsWithColorAndContext(diagnostics: readonly Diagnostic[], host: unknown): string;
  formatDiagnostics(diagnostics: readonly Diagnostic[], host: unknown): string;
}

/** `undefined`: it is not there, or it has no interface for programs (as from version 7 on). */
export function loadTypeScript(directory: string, cache: string): TypeScript | undefined {
  const theirs = nodeModule.createRequire(join(directory, "package.json"));
  let path: string;
  try {
    path = theirs.resolve("typescript");
  } catch {
    return undefined;
  }
  // Node 22 and up keep what was compiled by themselves.
  const loaded: unknown = "enableCompileCache" in nodeModule ? theirs(path) : kept(path, cache);
  return isTypeScript(loaded) ? loaded : undefined;
}

const isTypeScript = (value: unknown): value is TypeScript =>
  typeof value === "object" && value !== null && "transpileModule" in value && "getOutputFileNames" in value;

/** As `require` would load it, with the code that V8 made of it the last time. */
function kept(path: string, cache: string): unknown {
  const theirs = nodeModule.createRequire(path);
  const source = readFileSync(path, "utf8");
  const file = join(cache, `typescript-${source.length}-${process.version}-${process.arch}.code`);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    ...(existsSync(file) ? { cachedData: readFileSync(file) } : {}),
  });
  // What asks for it later (plug-ins of Nest) gets the same one.
  const module = new nodeModule.Module(path);
  theirs.cache[path] = module;
  const load: unknown = script.runInThisContext();
  if (typeof load === "function") load(module.exports, theirs, module, path, dirname(path));
  if (script.cachedDataRejected !== false) {
    unkept.push(() => {
      mkdirSync(cache, { recursive: true });
      writeFileSync(`${file}.${process.pid}`, script.createCachedData());
      renameSync(`${file}.${process.pid}`, file);
    });
    process.once("exit", keepCode);
  }
  return module.exports;
}

const unkept: (() => void)[] = [];

/** After the first build: then it holds also what was compiled on the way. A process that stays is killed, and has no end. */
export function keepCode(): void {
  for (const keep of unkept.splice(0))
    try {
      keep();
    } catch {
      // The next start takes a moment longer.
    }
}
