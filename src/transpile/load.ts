/** Inside the program, in place of ts-node: what was made ahead is loaded where a source is asked for, and one that nobody foresaw is compiled on the spot. */
import { readFileSync, statSync } from "node:fs";
import nodeModule from "node:module";
import { join } from "node:path";
import { isFresh, type Manifest, readManifest } from "./files.ts";
import { format, isFault } from "./options.ts";
import { mapStacks } from "./stack.ts";
import { compiledPathOf } from "./ts-node.ts";
import { type CompilerOptions, loadTypeScript, type TypeScript } from "./typescript.ts";

interface Prepared {
  readonly place: string;
  readonly allowsJs: boolean;
  readonly options: CompilerOptions;
}

/** A module as Node compiles it. */
interface Compiled {
  _compile(code: string, file: string): unknown;
}

type Extension = (module: Compiled, file: string) => unknown;

export function loadCompiler({ place, allowsJs, options }: Prepared): void {
  const manifest: Manifest = readManifest(join(place, "manifest.json"));
  const directory = process.cwd();
  const cache = join(place, "../..");
  let compiler: TypeScript | undefined;
  const onTheSpot = (file: string): string => {
    compiler ??= loadTypeScript(directory, cache);
    if (compiler === undefined)
      throw new Error(`${file} cannot be compiled: typescript cannot be loaded from ${directory}`);
    const { outputText, diagnostics = [] } = compiledPathOf(compiler, options, file, readFileSync(file, "utf8"));
    const errors = diagnostics.filter(isFault);
    if (errors.length > 0) throw new SyntaxError(format(compiler, errors));
    return outputText;
  };
  /** What was run for a file: a text, or where one lies. */
  const run = new Map<string, { readonly code: string } | { readonly output: string }>();
  const textOf = (made: { readonly code: string } | { readonly output: string }): string =>
    "code" in made ? made.code : readFileSync(made.output, "utf8");
  const codeOf = (file: string): string => {
    const known = manifest.files[file];
    const [output = ""] = known?.outputs ?? [];
    const made = isFresh(known, statSync(file)) ? { output } : { code: onTheSpot(file) };
    run.set(file, made);
    return textOf(made);
  };
  mapStacks((file) => {
    const own = run.get(file);
    return own === undefined ? undefined : textOf(own);
  });
  const extensions: Record<string, Extension> = Reflect.get(nodeModule, "_extensions");
  const others = extensions[".js"];
  const own: Extension = (module, file) =>
    /[\\/]node_modules[\\/]/.test(file) ? others?.(module, file) : module._compile(codeOf(file), file);
  for (const ending of [".ts", ".tsx", ".cts", ...(allowsJs ? [".js", ".jsx"] : [])]) extensions[ending] = own;
  // Programs ask so whether their TypeScript can be loaded as it is: `Symbol.for("ts-node.register.instance") in process`.
  if (!(tsNode in process)) Object.defineProperty(process, tsNode, { value: { options: {} }, configurable: true });
}

const tsNode = Symbol.for("ts-node.register.instance");
