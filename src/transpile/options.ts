/** Options of the compiler: as a project has them, and as they hold for one file alone. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CompilerOptions, Diagnostic, ParsedConfig, TypeScript } from "./typescript.ts";

/** What the options of a project come to. */
export function parse(ts: TypeScript, config: string, options: CompilerOptions): ParsedConfig | undefined {
  return ts.getParsedCommandLineOfConfigFile(config, options, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic() {},
  });
}

export const isError = ({ category }: Diagnostic): boolean => category === 1;

/** A mistake in a file. What is said of options alone is said of those that were changed for one file, or belongs to the check of types. */
export const isFault = (diagnostic: Diagnostic): boolean => isError(diagnostic) && diagnostic.file !== undefined;

/** Numbers of `module` as the compiler counts them. */
const commonJs = 1;
export const es2015 = 5;
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
export function optionsFor(options: CompilerOptions, file: string): CompilerOptions {
  const { module } = { module: options["module"] };
  if (typeof module !== "number" || module < node16 || module > nodeNext) return options;
  const { moduleResolution, ...others } = { ...options, moduleResolution: undefined };
  return { ...others, module: isModule(file) ? esNext : commonJs };
}

export function format(ts: TypeScript, diagnostics: readonly Diagnostic[]): string {
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
