/** What code can change around others: globals, the methods of what is built in, and the module system. */
import Module from "node:module";
import { globalsOfFetch } from "./order.ts";

type Value = PropertyDescriptor | undefined;
export type GateSurroundings = ReadonlyMap<string, Value>;

/** Whose changes say nothing: they belong to the process, or come with every listener. */
const unsaid = new Set([
  "process._events",
  "process._eventsCount",
  "process._maxListeners",
  "process._exiting",
  "process.mainModule",
  "process.env",
  "process.exitCode",
  "process.argv",
  "process.title",
  // Made anew each time that it is asked for.
  "process.allowedNodeEnvironmentFlags",
]);

/** Modules that others are known to replace functions of. */
const builtIns = [
  "fs",
  "fs/promises",
  "path",
  "events",
  "timers",
  "util",
  "url",
  "child_process",
  "http",
  "https",
  "net",
];

const isThing = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const partOf = (value: unknown, name: string): unknown => (isThing(value) ? Reflect.get(value, name) : undefined);

/** @param ask whether modules are asked for as well: they are loaded by it */
export function look(require: NodeJS.Require): GateSurroundings {
  const seen = new Map<string, Value>();
  const take = (name: string, value: unknown, onlyFunctions: boolean): void => {
    if (!isThing(value)) return;
    for (const key of Reflect.ownKeys(value)) {
      if (value === globalThis && globalsOfFetch.includes(String(key))) continue;
      const path = name === "" ? String(key) : `${name}.${String(key)}`;
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      if (unsaid.has(path) || descriptor === undefined) continue;
      if (onlyFunctions && descriptor.get === undefined && typeof descriptor.value !== "function") continue;
      seen.set(path, descriptor);
    }
  };
  take("", globalThis, false);
  for (const key of Object.getOwnPropertyNames(globalThis)) {
    // Lazy ones are left alone.
    const value = seen.get(key)?.value;
    if (typeof value !== "function" || !/^[A-Z]/.test(key)) continue;
    take(key, value, key !== "Error");
    take(`${key}.prototype`, partOf(value, "prototype"), true);
  }
  for (const name of ["JSON", "Math", "Reflect", "console"]) take(name, Reflect.get(globalThis, name), true);
  take("process", process, true);
  for (const name of builtIns) {
    const module: unknown = require(`node:${name}`);
    take(name, module, true);
  }
  const http: unknown = require("node:http");
  for (const name of ["http", "https"])
    seen.set(`${name}.globalAgent`, { value: partOf(require(`node:${name}`), "globalAgent") });
  for (const name of ["IncomingMessage", "ServerResponse", "Server", "ClientRequest", "Agent"])
    take(`http.${name}.prototype`, partOf(partOf(http, name), "prototype"), true);
  take("EventEmitter.prototype", partOf(require("node:events"), "prototype"), true);
  take("Module", Module, true);
  // Where packages are looked for besides: made anew when own code has set NODE_PATH.
  seen.set("Module.globalPaths", { value: String(partOf(Module, "globalPaths")) });
  take("Module.prototype", Module.prototype, true);
  take("Module._extensions", Reflect.get(Module, "_extensions"), true);
  return seen;
}

export interface Difference {
  readonly added: readonly string[];
  readonly replaced: readonly string[];
}

export function differences(before: GateSurroundings, after: GateSurroundings): Difference {
  const added: string[] = [];
  const replaced: string[] = [];
  // How one is called says nothing: `Symbol(undici.globalDispatcher.1)`.
  const globals = new Set(Reflect.ownKeys(globalThis).map(String));
  for (const [name, now] of after) {
    // What is in a lazy one was not looked at before somebody asked for it.
    if (!before.has(name) && before.get(name.split(".")[0] ?? "")?.get !== undefined) continue;
    if (!before.has(name)) (globals.has(name) ? added : replaced).push(name);
    else if (!isSame(before.get(name), now)) replaced.push(name);
  }
  for (const name of before.keys()) if (!after.has(name)) replaced.push(name);
  return { added, replaced };
}

function isSame(before: Value, now: Value): boolean {
  if (before === undefined || now === undefined) return before === now;
  if (before.get !== undefined && now.get === undefined) {
    // What is lazy becomes the value when somebody asks.
    try {
      return Object.is(Reflect.apply(before.get, globalThis, []), now.value);
    } catch {
      return false;
    }
  }
  return Object.is(before.value, now.value) && before.get === now.get;
}
