/** Each file of a TypeScript project for itself: what its compiler would write, without a look at types, and only where a source is newer. */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { asName } from "./call.ts";
import { type Entry, importsOf, isFresh, isSource, type Manifest, readManifest, writeWhole } from "./files.ts";
import { es2015, format, isError, isFault, optionsFor, parse } from "./options.ts";
import type { Diagnostic, ParsedConfig, TypeScript } from "./typescript.ts";

export type Transpiled =
  | { readonly is: "done"; readonly written: number }
  | { readonly is: "failed"; readonly message: string }
  /** A file alone does not tell what becomes of it. */
  | { readonly is: "unfit"; readonly why: string };

/** @param cache where it remembers what it has written. Nothing is written where one file has a mistake. */
export function transpile(ts: TypeScript, config: string, cache: string): Transpiled {
  const parsed = parse(ts, config, {});
  if (parsed === undefined) return { is: "failed", message: `${config} cannot be read` };
  const wrong = parsed.errors.filter(isError);
  // 18003: no file was found, which is not a mistake of a project that is empty so far.
  if (wrong.some(({ code }) => code !== 18003)) return { is: "failed", message: format(ts, wrong) };
  const unfit = whyUnfit(parsed);
  if (unfit !== undefined) return { is: "unfit", why: unfit };
  const rootDir = missingRoot(ts, parsed, dirname(config));
  // The compiler itself would find the same, and take ten times as long to say so.
  if (rootDir !== undefined)
    return {
      is: "failed",
      message: `${relative(process.cwd(), config)}: TypeScript ${ts.version} refuses it without rootDir (TS5011): add "rootDir": "./${rootDir}" to compilerOptions\n`,
    };
  const path = join(cache, `transpiled-${asName(config)}.json`);
  const stamp = JSON.stringify([ts.version, parsed.options]);
  const before = readManifest(path, stamp);

  const files = new Map<string, Entry>();
  const writes: { path: string; text: string }[] = [];
  const faults: Diagnostic[] = [];
  const queue = parsed.fileNames.filter(isSource);
  for (const file of queue) {
    if (files.has(file)) continue;
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const known = before.files[file];
    const entry = isFresh(known, stats)
      ? known
      : emit(ts, { ...parsed, fileNames: [...new Set([...parsed.fileNames, file])] }, file, writes, faults);
    files.set(file, { ...entry, size: stats.size, mtimeMs: stats.mtimeMs });
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

/** From version 6 on the compiler puts outputs where they lie below its configuration, and refuses where that is not where they were before. */
function missingRoot({ version }: TypeScript, { options, fileNames }: ParsedConfig, base: string): string | undefined {
  if (Number.parseInt(version, 10) < 6 || options["rootDir"] !== undefined || options["composite"] === true)
    return undefined;
  const places = fileNames.filter(isSource).map((file) => relative(base, dirname(file)).split("/"));
  const [first = []] = places;
  const common = first.filter((_, at) =>
    places.every((place) => first.slice(0, at + 1).join() === place.slice(0, at + 1).join()),
  );
  return common.length === 0 || common[0] === "" ? undefined : common.join("/");
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
  faults.push(...diagnostics.filter(isFault));
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
  const { names, sources } = importsOf(ts, file, text);
  const [first] = outputs;
  if (first !== undefined && parsed.options["resolveJsonModule"] === true)
    for (const name of names.filter((each) => each.endsWith(".json"))) {
      const from = resolve(dirname(file), name);
      const to = resolve(dirname(first), relative(dirname(file), from));
      if (!existsSync(from) || from === to) continue;
      outputs.push(to);
      writes.push({ path: to, text: readFileSync(from, "utf8") });
    }
  return { outputs, imports: sources };
}
