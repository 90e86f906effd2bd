/** `nest build` with webpack or rspack in this process: its watch mode, whose compiler is told when to build in place of watching. */
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Answer } from "./call.ts";

/** One that has been set up for a command, and keeps between builds what it knew. */
export interface Bundler {
  /** What it was set up by: another configuration takes another one. */
  readonly settings: string;
  /** What it has written once it does not write again, where that has been removed. */
  hasLostOutput(): boolean;
  build(): Promise<Answer>;
}

interface Stats {
  readonly compilation: { readonly fileDependencies: Iterable<string>; readonly missingDependencies: Iterable<string> };
  hasErrors(): boolean;
  toString(options: object): string;
}

type Built = (error: unknown, stats?: Stats) => void;

interface Compiler {
  readonly outputPath: string;
  /** rspack looks again at what it is told of alone; webpack finds out by itself. */
  run(
    built: Built,
    changed: { readonly modifiedFiles: Iterable<string>; readonly removedFiles: Iterable<string> },
  ): void;
}

/** Of a bundler: what its watch mode begins with. */
interface CompilerClass {
  readonly prototype: { watch(this: Compiler, options: unknown, built: Built): unknown };
}

/** How much older than the clock a time of a file may be. */
const coarseMs = 20;
/** How a failed build is told by Nest itself. */
const told = { chunks: false, colors: false, modules: false, assets: false };
const configurations = ["nest-cli.json", "webpack.config.js", "rspack.config.js", "package.json", "tsconfig.json"];

/** @param main the program of the project's own Nest; `undefined`: it cannot be set up so */
export async function bundlerFor(main: string, args: readonly string[]): Promise<Bundler | undefined> {
  const settings = bundlerSettings(args);
  const compiler = await compilerOf(main, args);
  if (compiler === undefined) return undefined;
  let known = new Map<string, number>();
  return {
    settings,
    hasLostOutput: () => known.size > 0 && !existsSync(compiler.outputPath),
    build: () =>
      new Promise((done) => {
        const beganMs = Date.now() - coarseMs;
        const now = new Map([...known.keys()].map((path) => [path, changedMs(path)]));
        const changed = [...now].filter(([path, ms]) => known.get(path) !== ms);
        const pathsOf = (isThere: boolean): Set<string> =>
          new Set(changed.flatMap(([path, ms]) => (ms > 0 === isThere ? [path] : [])));
        const built: Built = (error, stats) => {
          if (stats === undefined) return done({ status: 1, output: `${String(error)}\n` });
          const { fileDependencies, missingDependencies } = stats.compilation;
          // What has changed since it was begun may have been read before that.
          const readOf = (path: string): number => now.get(path) ?? (changedMs(path) < beganMs ? changedMs(path) : -1);
          known = new Map([...fileDependencies, ...missingDependencies].map((path) => [path, readOf(path)]));
          done(stats.hasErrors() ? { status: 1, output: `${stats.toString(told)}\n` } : { status: 0, output: "" });
        };
        compiler.run(built, { modifiedFiles: pathsOf(true), removedFiles: pathsOf(false) });
      }),
  };
}

/** The files beside nest-cli.json, and those that a word names. */
export function bundlerSettings(args: readonly string[]): string {
  const named = args.filter((word) => /\.[cm]?(?:js|ts|json)$/.test(word));
  return JSON.stringify([args, [...configurations, ...named].map(changedMs)]);
}

const changedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Nest sets its compiler up and has it watch; that is where it is taken over. */
async function compilerOf(main: string, args: readonly string[]): Promise<Compiler | undefined> {
  const inside = join(dirname(main), "..", "package.json");
  const names = ["webpack", "@rspack/core"];
  const classes = names.flatMap((name) => classIn(name, "Compiler", inside) ?? []);
  const ofSeveral = names.flatMap((name) => classIn(name, "MultiCompiler", inside) ?? []);
  // Types are looked at beside it.
  silence("fork-ts-checker-webpack-plugin", inside);
  const watches = classes.map(({ prototype }) => prototype.watch);
  const { argv, exit } = process;
  process.argv = [process.execPath, main, "build", ...args, "--watch"];
  try {
    return await new Promise((done, fail) => {
      for (const { prototype } of classes)
        prototype.watch = function (this: Compiler) {
          done(this);
        };
      // Several configurations at once: one of their compilers would build a part.
      for (const { prototype } of ofSeveral)
        prototype.watch = () => fail(new Error("several configurations are built by the command itself"));
      process.exit = (code) => {
        fail(new Error(`nest ended with ${code}`));
        throw new Error("nest ended");
      };
      import(pathToFileURL(main).href).catch(fail);
    });
  } catch {
    return undefined;
  } finally {
    for (const [index, { prototype }] of classes.entries()) prototype.watch = watches[index] ?? prototype.watch;
    process.exit = exit;
    process.argv = argv;
  }
}

function loadedFrom(name: string, from: string): unknown {
  for (const place of [from, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(place)(name);
    } catch {}
  }
  return undefined;
}

function classIn(name: string, of: "Compiler" | "MultiCompiler", from: string): CompilerClass | undefined {
  const loaded = loadedFrom(name, from);
  const found = isTable(loaded) ? loaded[of] : undefined;
  return isCompilerClass(found) ? found : undefined;
}

function silence(plugin: string, from: string): void {
  const loaded = loadedFrom(plugin, from);
  if (isTable(loaded) && isTable(loaded["prototype"])) loaded["prototype"]["apply"] = () => {};
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const isCompilerClass = (value: unknown): value is CompilerClass =>
  isTable(value) && isTable(value["prototype"]) && typeof value["prototype"]["watch"] === "function";
