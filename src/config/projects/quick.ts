/** Compilers called in a quicker way that makes the same files. */
import { relative } from "node:path";
import { has } from "./project.ts";
import { bundledNestConfig, plainNestConfig } from "./scripts/nest.ts";
import { hasModule, upwards } from "./scripts/package.ts";
import type { Before } from "./scripts/program.ts";
import { quote, readLine, word } from "./scripts/shell.ts";
import { compilationOf } from "./scripts/tsconfig.ts";

export interface Quick {
  readonly line: string;
  /** Whose types the quick way looks past. */
  readonly config?: string;
}

/** By a process that stays between builds. Files are compiled one by one, which tells nothing of types: those are looked at beside it. */
export function quickly({ line, directory }: Before): Quick | undefined {
  if (process.platform === "win32") return undefined;
  const [step, ...others] = readLine(line)?.steps ?? [];
  if (step === undefined || others.length > 0 || step.command.redirections.length > 0) return undefined;
  const [program, ...args] = step.command.words.map(({ text }) => text);
  if (program === "tsup" && step.command.assignments.length === 0)
    return hasModule(directory, "tsup") ? { line: `node ${quote(transpiler(directory))} ${line}` } : undefined;
  if (!hasCompiler(directory)) return undefined;
  if (program === "nest" && args[0] === "build") {
    const words = args.slice(1).map((each) => word(each ?? ""));
    const bundled = bundledNestConfig(directory, words);
    if (bundled !== undefined) return { line: `node ${quote(transpiler(directory))} ${line}`, config: bundled };
    const plain = plainNestConfig(directory, words);
    if (plain === undefined || compilationOf(directory, plain.config)?.outDir === undefined) return undefined;
    return {
      line: `node ${quote(transpiler(directory))} -p ${quote(plain.config)} --nest ${plain.app === undefined ? "" : `${quote(plain.app)} `}--else ${line}`,
      // What is compiled as a whole is looked at on the way.
      ...(plain.isWhole ? {} : { config: plain.config }),
    };
  }
  const config = program === "tsc" ? configIn(args) : undefined;
  if (config === undefined || compilationOf(directory, config)?.outDir === undefined) return undefined;
  // Where it is no project of files that are each written beside the others: then the compiler itself, as it would be called.
  // It is not told to keep what it knows: what somebody removes of its outputs it would never write again.
  return { line: `node ${quote(transpiler(directory))} -p ${quote(config)} --else tsc -p ${quote(config)}`, config };
}

/** `tsc`, `tsc -p tsconfig.build.json`; with any other word it is the compiler's own business. */
function configIn(args: readonly (string | undefined)[]): string | undefined {
  if (args.length === 0) return "tsconfig.json";
  const isProject = args.length === 2 && (args[0] === "-p" || args[0] === "--project");
  return isProject ? args[1] : undefined;
}

/** Up to version 6 TypeScript can be called by programs. */
export const hasCompiler = (directory: string): boolean =>
  upwards(directory).some((above) => has(above, "node_modules/typescript/lib/typescript.js"));

/** Beside this program, wherever that is installed: as a path of the project where it is installed there. */
export function transpiler(directory: string): string {
  const path = decodeURIComponent(new URL("./transpile.js", import.meta.url).pathname);
  const way = relative(directory, path);
  return way.startsWith("node_modules/") ? way : path;
}
