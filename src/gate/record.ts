/** In a run: what it has loaded, and what its own code did before it was ready. */
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import Module from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCompiled } from "./compiled.ts";
import type { PackageFile, Recording, RunRecord } from "./order.ts";
import { packageOf } from "./packages.ts";
import { otherSettings, settings } from "./settings.ts";
import { differences, look } from "./surroundings.ts";

/** How often the question is looked for, in milliseconds. */
const everyMs = 20;

/** Nothing of this keeps a program alive, nor does a program that replaces a function stop it. */
export function recordWhenAsked(require: NodeJS.Require, { ask, answer }: Recording): void {
  const variables = { ...process.env };
  const surroundings = look(require);
  const before = settings(require);
  const directory = process.cwd();
  const { cwd } = process;
  const timer = setInterval(() => {
    if (!existsSync(ask)) return;
    clearInterval(timer);
    try {
      const record: RunRecord = {
        entries: loaded(),
        own: ownLoaded(answer),
        variables: changedVariables(variables),
        ...differences(surroundings, look(require)),
        settings: otherSettings(before, settings(require)),
        hasMoved: cwd() !== directory,
        hasWorkers: hasWorkers(require),
      };
      writeRecord(answer, record);
    } catch (error) {
      writeRecord(answer, { error: String(error) });
    }
    writeCompiled();
  }, everyMs);
  timer.unref();
}

/** Whole or not at all. */
export function writeRecord(file: string, value: unknown): void {
  writeFileSync(`${file}~`, JSON.stringify(value));
  renameSync(`${file}~`, file);
}

function changedVariables(before: NodeJS.ProcessEnv): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(process.env)]);
  return [...names].filter((name) => before[name] !== process.env[name]);
}

function hasWorkers(require: NodeJS.Require): boolean {
  const cluster: unknown = require("node:cluster");
  const workers: unknown =
    typeof cluster === "object" && cluster !== null ? Reflect.get(cluster, "workers") : undefined;
  return typeof workers === "object" && workers !== null && Object.keys(workers).length > 0;
}

/** The modules that were required, by file. Not one that an `import` has looked through for names, and nobody has run. */
export function required(): ReadonlyMap<string, object> {
  const cache: unknown = Reflect.get(Module, "_cache");
  const found = new Map<string, object>();
  if (typeof cache !== "object" || cache === null) return found;
  for (const [file, module] of Object.entries(cache))
    if (typeof module === "object" && module !== null && Reflect.get(module, "loaded") === true)
      found.set(file, module);
  return found;
}

/** Files of packages, CommonJS and ES modules, in the order in which they were compiled. */
export function loaded(): PackageFile[] {
  const cached = required();
  const entries = new Map<string, PackageFile>();
  const kindOf = (module: object): "imported" | "commonjs" =>
    Reflect.get(module, "parent") === undefined && Reflect.get(module, "id") !== "." ? "imported" : "commonjs";
  for (const { file, isModule } of scripts()) {
    const module = cached.get(file);
    if (packageOf(file) === undefined) continue;
    if (isModule) entries.set(file, { file, is: "module" });
    else if (module !== undefined) entries.set(file, { file, is: kindOf(module) });
  }
  for (const [file, module] of cached)
    if (packageOf(file) !== undefined && !entries.has(file)) entries.set(file, { file, is: kindOf(module) });
  return [...entries.values()];
}

/** A script whose code has run may be gone, its module is not. @param answer in the directory of what is not the user's */
export const ownLoaded = (answer: string): string[] =>
  [...new Set([...scripts().map(({ file }) => file), ...required().keys()])].filter(
    (file) => packageOf(file) === undefined && dirname(file) !== dirname(answer),
  );

/** Every script that lives, as the inspector lists them when it is enabled. */
function scripts(): readonly { readonly file: string; readonly isModule: boolean }[] {
  const found: { file: string; isModule: boolean; id: number }[] = [];
  const session = new Session();
  session.connect();
  try {
    session.on("Debugger.scriptParsed", ({ params: { url, isModule, scriptId } }) => {
      const file = url.startsWith("file:") ? fileURLToPath(url) : url;
      if (file.startsWith("/")) found.push({ file, isModule: isModule === true, id: Number(scriptId) });
    });
    session.post("Debugger.enable");
    session.post("Debugger.disable");
  } finally {
    session.disconnect();
  }
  return found.sort((a, b) => a.id - b.id);
}
