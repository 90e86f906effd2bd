/** Which package loads which on trial: whoever loads one that is left to the run is left to it as well. */
import { readFileSync, realpathSync } from "node:fs";
import Module from "node:module";
import { dirname, join } from "node:path";
import type { PackageFile } from "./order.ts";
import { packageNameOf, packageOf } from "./packages.ts";

/** Before anybody watches them. */
const [textOf, realOf] = [readFileSync, realpathSync.native];

export interface WatchedLoads {
  /** Adds to packages that are left, by real path, those that load one of them, directly or by others. @param files what was loaded */
  addLoaders(left: Map<string, string>, gone: Iterable<string>, files: readonly PackageFile[]): void;
}

/**
 * A file of the user's own is never loaded; one of a package that is left to the run is held against whoever loads it.
 * @param loading is kept up to date: the files that are being loaded, the outermost first
 * @param known packages that are to be loaded
 */
export function watchLoads(
  loading: string[],
  blame: (why: string) => void,
  scratch: string,
  known: ReadonlySet<string>,
): WatchedLoads {
  /** Package → who loads it. A second one finds it loaded, and only asks for it. */
  const loaders = new Map<string, Set<string>>();
  const note = (loader: string | undefined, loaded: string | undefined): void => {
    if (loader === undefined || loaded === undefined || loaded === loader) return;
    loaders.set(loaded, (loaders.get(loaded) ?? new Set()).add(loader));
  };
  wrap("load", (original, module, file) => {
    const directory = packageOf(file);
    if (directory === undefined && !file.startsWith(scratch)) {
      blame("loads a file of the project");
      throw new Error("a file of the project");
    }
    loading.push(file);
    try {
      if (directory !== undefined && !known.has(directory)) blame(`loads ${packageNameOf(directory)}`);
      return original.call(module, file);
    } finally {
      loading.pop();
    }
  });
  wrap("require", (original, module, name) => {
    const loader: unknown = Reflect.get(module, "filename");
    if (typeof loader === "string") note(packageOf(loader), requiredBy(module, name));
    return original.call(module, name);
  });
  return {
    addLoaders(left, gone, files) {
      for (const { file, is } of files)
        if (is === "module") for (const loaded of importedBy(file)) note(packageOf(file), loaded);
      const due = [...new Set([...left.keys(), ...gone])];
      for (const directory of due)
        for (const loader of loaders.get(directory) ?? [])
          if (!due.includes(loader)) {
            due.push(loader);
            left.set(loader, `loads ${packageNameOf(directory)}`);
          }
    },
  };
}

type ModuleMethod = (this: object, text: string) => unknown;

function wrap(name: string, wrapper: (original: ModuleMethod, module: object, text: string) => unknown): void {
  const original: ModuleMethod = Reflect.get(Module.prototype, name);
  Reflect.set(Module.prototype, name, function (this: object, text: string): unknown {
    return wrapper(original, this, text);
  });
}

/** What cannot be found is no package; that is told to whoever asks for it. */
function requiredBy(module: object, name: string): string | undefined {
  try {
    const find: unknown = Reflect.get(Module, "_resolveFilename");
    return typeof find === "function" ? packageOf(String(Reflect.apply(find, Module, [name, module]))) : undefined;
  } catch {
    return undefined;
  }
}

/** By its text: nobody tells what an ES module imports. */
function importedBy(file: string): string[] {
  const names = [...textOf(file, "utf8").matchAll(/\b(?:from|import)\s*["']((?:@[^/"']+\/)?[^./#"'][^/"':]*)/g)];
  return [...new Set(names.map(([, name = ""]) => name))].flatMap((name) => packageNamed(name, dirname(file)) ?? []);
}

function packageNamed(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    try {
      return packageOf(join(realOf(join(at, "node_modules", name)), "x"));
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}
