/** In a run: what it has loaded, and what its own code did before it was ready. */
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import Module from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCompiled } from "./compiled.ts";
import type { GateOrder, PackageFile, RunRecord } from "./order.ts";
import { packageOf } from "./packages.ts";
import { type GateSettings, otherSettings, settings } from "./settings.ts";
import { differences, type GateSurroundings, look } from "./surroundings.ts";

/** How often the question is looked for, in milliseconds. */
const everyMs = 20;

/** What is loaded must have been the same for so long, in milliseconds, in a program that does not listen yet. */
const quietMs = 200;

/** @returns to be called when the variables are those of the run */
export function recordWhenAsked(
  require: NodeJS.Require,
  { main, recording }: Pick<GateOrder, "main" | "recording">,
): () => void {
  const surroundings = look(require);
  const before = settings(require);
  return () => recordSince(require, { main, recording }, surroundings, before);
}

/** Nothing of this keeps a program alive, nor does a program that replaces a function stop it. */
function recordSince(
  require: NodeJS.Require,
  { main, recording: { ask, answer } }: Pick<GateOrder, "main" | "recording">,
  surroundings: GateSurroundings,
  before: GateSettings,
): void {
  const variables = { ...process.env };
  const directory = process.cwd();
  const { cwd } = process;
  const isSettled = settling(main);
  const timer = setInterval(() => {
    if (!existsSync(ask) || !isSettled()) return;
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

/**
 * Whether all is loaded that is loaded before a program serves. It counts as ready after a while, and may have read no line
 * of its own by then: what it would set and load would be missing in the record.
 */
function settling(main: string): () => boolean {
  const { getActiveResourcesInfo } = process;
  let count = 0;
  let sinceMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    if (nowMs - sinceMs < quietMs) return false;
    const now = countOf(main);
    if (now > 0 && (now === count || getActiveResourcesInfo().includes("TCPServerWrap"))) return true;
    count = now;
    sinceMs = nowMs;
    return false;
  };
}

/** How much is loaded; 0: not even the program. */
function countOf(main: string): number {
  const cached = required();
  if (cached.has(main)) return cached.size;
  const files = scripts();
  return files.some(({ file }) => file === main) ? files.length : 0;
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
