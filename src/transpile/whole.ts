/** A project compiled as a whole, where a file alone does not tell what becomes of it: by a program that keeps what it knew, as that of a watch mode does. */
import { existsSync, rmSync, type Stats, statSync } from "node:fs";
import { isSource, writeWhole } from "./files.ts";
import { format, isError } from "./options.ts";
import type { Transpiled } from "./transpile.ts";
import type { BuilderProgram, CompilerHost, ParsedConfig, SourceFile, Transformers, TypeScript } from "./typescript.ts";

/** What is kept from build to build. */
export interface Whole {
  readonly stamp: string;
  readonly host: CompilerHost;
  readonly builder: BuilderProgram;
  /** What was written for the sources that are there. */
  readonly outputs: ReadonlySet<string>;
}

/** Where nobody is compiled with it. */
export const noDeclarations = { declaration: false, declarationMap: false };

/** Whether it makes files of its own, each beside the others. */
export const isEmitting = ({ options, projectReferences }: ParsedConfig): boolean =>
  options["outDir"] !== undefined &&
  options["noEmit"] !== true &&
  options["emitDeclarationOnly"] !== true &&
  options["outFile"] === undefined &&
  options["composite"] !== true &&
  (projectReferences ?? []).length === 0;

/**
 * Nothing is written where one file has a mistake; types are looked at too.
 *
 * @param before of the build before this one
 * @param transformersFor what changes files on their way
 */
export function compileWhole(
  ts: TypeScript,
  parsed: ParsedConfig,
  before: Whole | undefined,
  transformersFor: (program: unknown) => Transformers,
): { readonly result: Transpiled; readonly whole: Whole } {
  // What is known is kept in memory.
  const options = {
    ...parsed.options,
    incremental: false,
    tsBuildInfoFile: undefined,
    noEmitOnError: false,
  };
  const stamp = JSON.stringify(options);
  // What somebody removed is made again.
  const isWhole = before?.stamp === stamp && [...before.outputs].every((path) => existsSync(path));
  const known = isWhole ? before : undefined;
  const host = known?.host ?? remembering(ts.createIncrementalCompilerHost(options));
  const builder = ts.createEmitAndSemanticDiagnosticsBuilderProgram(
    parsed.fileNames,
    options,
    host,
    known?.builder,
    parsed.errors,
  );
  const kept: Whole = { stamp, host, builder, outputs: known?.outputs ?? new Set() };
  const faults = [
    ...builder.getOptionsDiagnostics(),
    ...builder.getGlobalDiagnostics(),
    ...builder.getSyntacticDiagnostics(),
    ...builder.getSemanticDiagnostics(),
  ].filter(isError);
  if (faults.length > 0) return { result: { is: "failed", message: format(ts, faults) }, whole: kept };
  let written = 0;
  const write = (path: string, text: string): void => {
    written += 1;
    writeWhole(path, text);
  };
  const { diagnostics } = builder.emit(undefined, write, undefined, false, transformersFor(builder.getProgram()));
  const later = diagnostics.filter(isError);
  if (later.length > 0) return { result: { is: "failed", message: format(ts, later) }, whole: kept };
  const outputs = new Set(
    parsed.fileNames
      .filter(isSource)
      .flatMap((file) => ts.getOutputFileNames(parsed, file, false))
      .filter((path) => /\.[mc]?jsx?(?:\.map)?$/.test(path)),
  );
  for (const path of before?.outputs ?? []) if (!outputs.has(path)) rmSync(path, { force: true });
  return { result: { is: "done", written }, whole: { ...kept, outputs } };
}

/** A file is read again only where it is another one: libraries and packages are hundreds. */
function remembering(host: CompilerHost): CompilerHost {
  const files = new Map<string, { readonly stats: Stats; readonly file: SourceFile | undefined }>();
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...others) => {
    const stats = statSync(name, { throwIfNoEntry: false });
    if (stats === undefined) return read(name, version, ...others);
    const known = files.get(name);
    if (known?.stats.mtimeMs === stats.mtimeMs && known.stats.size === stats.size && known.stats.ino === stats.ino)
      return known.file;
    const file = read(name, version, ...others);
    files.set(name, { stats, file });
    return file;
  };
  return host;
}
