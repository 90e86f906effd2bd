/** What a tsconfig.json says of where the output lies. As the compiler reads it, without the compiler. */
import { readdirSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { textOf } from "../project.ts";
import { upwards } from "./package.ts";

export interface Compilation {
  /** Absolute. */
  readonly config: string;
  /** Absolute; `undefined`: beside the sources. */
  readonly outDir: string | undefined;
  /** Absolute: what the paths in `outDir` are relative to. */
  readonly sourceRoot: string;
  /** Some imports are written by names that only the compiler knows. */
  readonly hasPaths: boolean;
}

interface Read {
  readonly outDir?: string | undefined;
  readonly rootDir?: string | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly files?: readonly string[] | undefined;
  readonly hasPaths?: true | undefined;
}

/** @param name relative to the directory; of a directory, its tsconfig.json */
export function compilationOf(directory: string, name: string): Compilation | undefined {
  const path = [resolve(directory, name), join(resolve(directory, name), "tsconfig.json")].find(
    (each) => textOf("", each) !== undefined,
  );
  if (path === undefined) return undefined;
  const read = readConfig(path, 0);
  if (read === undefined) return undefined;
  const base = dirname(path);
  return {
    config: path,
    outDir: read.outDir,
    sourceRoot: read.rootDir ?? commonDirectory(base, read),
    hasPaths: read.hasPaths === true,
  };
}

function readConfig(path: string, depth: number): Read | undefined {
  const value = jsonWithComments(textOf("", path) ?? "");
  if (value === undefined || depth > 8) return undefined;
  const base = dirname(path);
  const bases = [value["extends"]].flat().filter((each) => typeof each === "string");
  const inherited: Read = Object.assign({}, ...bases.map((each) => readConfig(parent(base, each) ?? "", depth + 1)));
  const options = typeof value["compilerOptions"] === "object" ? { ...value["compilerOptions"] } : {};
  const given: Readonly<Record<string, unknown>> = options;
  const path_ = (value: unknown): string | undefined =>
    typeof value === "string" ? resolve(base, value.replace(/^\$\{configDir\}\/?/, "")) : undefined;
  const list = (value: unknown): string[] | undefined =>
    Array.isArray(value)
      ? value.filter((each) => typeof each === "string").map((each) => resolve(base, each))
      : undefined;
  const own: Read = {
    outDir: path_(given["outDir"]),
    rootDir: path_(given["rootDir"]),
    include: list(value["include"]),
    exclude: list(value["exclude"]),
    files: list(value["files"]),
    hasPaths: Object.keys(Object(given["paths"])).length > 0 ? true : undefined,
  };
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...inherited, ...set };
}

function parent(base: string, name: string): string | undefined {
  const candidates = (path: string): string[] => [path, `${path}.json`, join(path, "tsconfig.json")];
  const places =
    /^\.{0,2}\//.test(name) || isAbsolute(name)
      ? candidates(resolve(base, name))
      : upwards(base).flatMap((above) => candidates(join(above, "node_modules", name)));
  return places.find((path) => textOf("", path) !== undefined);
}

/** JSON with comments and trailing commas. */
export function jsonWithComments(text: string): Readonly<Record<string, unknown>> | undefined {
  const plain = text
    .replace(/^\ufeff/, "")
    .replaceAll(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string: string | undefined) => string ?? "");
  try {
    const value: unknown = JSON.parse(plain.replaceAll(/,(\s*[}\]])/g, "$1"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The deepest directory that holds every source: the compiler puts it at the top of its output. */
function commonDirectory(base: string, { files = [], include, exclude = [], outDir }: Read): string {
  const heads = (include ?? (files.length > 0 ? [] : [base])).map((pattern) => pattern.replace(/\/[^/]*[*?].*$/, ""));
  const skipped = new Set([
    ...exclude.map((each) => each.replace(/\/\*\*\/\*$/, "")).filter((each) => !/[*?]/.test(each)),
    ...(outDir === undefined ? [] : [outDir]),
  ]);
  const isSkipped = (path: string): boolean =>
    skipped.has(path) ||
    (/\.(?:spec|test|e2e-spec)\.tsx?$/.test(path) && exclude.some((each) => /spec|test/.test(each)));
  const found = [
    ...files,
    ...heads.flatMap((head) => (/\.\w+$/.test(head) ? [head] : directoriesWithSources(head, isSkipped, 0))),
  ];
  const directories = found.map((path) => (/\.[mc]?tsx?$/.test(path) ? dirname(path) : path));
  const [first, ...others] = directories;
  if (first === undefined) return base;
  return others.reduce((common, each) => {
    let at = common;
    while (relative(at, each).startsWith("..")) at = dirname(at);
    return at;
  }, first);
}

function directoriesWithSources(directory: string, isSkipped: (path: string) => boolean, depth: number): string[] {
  if (depth > 12 || isSkipped(directory)) return [];
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(directory);
  } catch {
    return [];
  }
  const isSource = entries.some(
    (entry) => entry.isFile() && /(?<!\.d)\.[mc]?tsx?$/.test(entry.name) && !isSkipped(join(directory, entry.name)),
  );
  // Nothing below can make it shorter.
  if (isSource) return [directory];
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .flatMap((entry) => directoriesWithSources(join(directory, entry.name), isSkipped, depth + 1));
}

const entriesOf = (directory: string) => readdirSync(directory, { withFileTypes: true });
