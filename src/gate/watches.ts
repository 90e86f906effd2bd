/** What a package can do while it is loaded that binds it to its moment: each is seen, and let through. */
import Module from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageOf } from "./packages.ts";

type Blame = (why: string) => void;

/**
 * Variables that own code changes, and those that differ from run to run.
 * @param isNamed whether what is being loaded has this name in its text: it may look for it among all names, and ask for nothing
 */
export function watchEnvironment(
  variables: readonly string[],
  isNamed: (variable: string) => boolean,
  blame: Blame,
): void {
  const watched = new Set(variables);
  const isWatched = (key: string | symbol): boolean =>
    typeof key === "string" && (watched.has(key) || key.startsWith("RELOAD_") || key === "PORT");
  const environment = process.env;
  let passed = new Set<string | symbol>();
  const read = (key: string | symbol): void => {
    if (isWatched(key)) blame(`reads ${String(key)}`);
  };
  const write = (key: string | symbol, value: unknown): true => {
    // What was so before is no change: some remove a variable that is not there.
    if (isWatched(key) || Reflect.get(environment, key) !== value) blame(`sets ${String(key)}`);
    return true;
  };
  Object.defineProperty(process, "env", {
    configurable: true,
    enumerable: true,
    writable: true,
    value: new Proxy(environment, {
      get(target, key) {
        read(key);
        return Reflect.get(target, key);
      },
      has(target, key) {
        read(key);
        return Reflect.has(target, key);
      },
      // Names of variables that own code sets are there, so that whoever goes through all of them asks for those as well.
      ownKeys(target) {
        const keys = [...new Set([...Reflect.ownKeys(target), ...watched])];
        passed = new Set(keys);
        const name = [...watched].find(isNamed);
        if (name !== undefined) read(name);
        return keys;
      },
      getOwnPropertyDescriptor(target, key) {
        // Each is asked for once by whoever goes through all names.
        if (!passed.delete(key)) read(key);
        return (
          Reflect.getOwnPropertyDescriptor(target, key) ??
          (isWatched(key) ? { value: "", configurable: true, enumerable: true, writable: true } : undefined)
        );
      },
      set: (target, key, value) => write(key, value) && Reflect.set(target, key, value),
      deleteProperty: (target, key) => write(key, undefined) && Reflect.deleteProperty(target, key),
      defineProperty: (target, key, descriptor) =>
        write(key, descriptor.value) && Reflect.defineProperty(target, key, descriptor),
    }),
  });
}

/** What every system has and no run changes. */
const ofTheSystem = /^\/(?:usr|lib|lib64|bin|sbin|nix|opt)\//;

/** Functions whose first argument is a path. */
const readers =
  /^(?:readFile|open|stat|lstat|access|exists|readdir|opendir|realpath|readlink|createReadStream|openAsBlob|glob)/;
const writers =
  /^(?:writeFile|appendFile|mkdir|mkdtemp|rm|rmdir|unlink|rename|copyFile|cp|symlink|link|chmod|chown|lchown|utimes|lutimes|truncate|createWriteStream|watch|watchFile)/;

/** @param scratch how names of files of our own begin */
export function watchGateFiles(
  require: NodeJS.Require,
  scratch: string,
  seen: (file: string) => void,
  blame: (why: string, file?: string) => void,
): void {
  const cwd = process.cwd();
  // What tsx has compiled, under the name of what it was made of.
  const compiled = join(tmpdir(), "tsx-");
  const fileOf = (path: unknown): string | undefined => {
    if (path instanceof URL) return fileURLToPath(path);
    if (Buffer.isBuffer(path)) return resolve(cwd, path.toString());
    return typeof path === "string" ? resolve(cwd, path) : undefined;
  };
  const isCompiled = (path: unknown): boolean => fileOf(path)?.startsWith(compiled) === true;
  const judge = (path: unknown): void => {
    const file = fileOf(path);
    if (file === undefined) return;
    if (packageOf(`${file}/x`) !== undefined || /[\\/]node_modules$/.test(file)) seen(file);
    else if (!file.startsWith(scratch) && !ofTheSystem.test(file) && !isAbove(file)) blame(`reads ${file}`, file);
  };
  // The module loader asks what the directories above really are: that says nothing of what is in them.
  const isAbove = (file: string): boolean => cwd.startsWith(`${file}/`) || file === "/";
  for (const name of ["node:fs", "node:fs/promises"]) {
    const module: unknown = require(name);
    if (typeof module !== "object" || module === null) continue;
    for (const [key, value] of Object.entries(module)) {
      if (typeof value !== "function") continue;
      const isWriter = writers.test(key);
      if (!isWriter && !readers.test(key)) continue;
      const watched = (...args: unknown[]): unknown => {
        if (isCompiled(args[0])) return Reflect.apply(value, module, args);
        if (isWriter) blame(`calls fs.${key}`);
        else judge(args[0]);
        return Reflect.apply(value, module, args);
      };
      Reflect.set(module, key, Object.assign(watched, value));
    }
  }
  Module.syncBuiltinESMExports();
}

/** What tells the time of a place. */
const localTime = /^(?:get(?!UTC|Time$)|set(?!UTC|Time$)|toString$|toDateString$|toTimeString$|toLocale)/;

/** What it leaves behind, or asks of the moment. @param variables that own code sets */
export function watchTraces(require: NodeJS.Require, variables: readonly string[], blame: Blame): void {
  const watch = (of: object, names: readonly string[], what: string): void => {
    for (const name of names) {
      const original: unknown = Reflect.get(of, name);
      if (typeof original !== "function") continue;
      const watched = new Proxy(original, {
        apply(target, self, args) {
          blame(`${what} (${name})`);
          return Reflect.apply(target, self, args);
        },
        construct(target, args) {
          blame(`${what} (${name})`);
          return Reflect.construct(target, args);
        },
      });
      Reflect.set(of, name, watched);
    }
  };
  const module = (name: string): object => {
    const found: unknown = require(`node:${name}`);
    return typeof found === "object" && found !== null ? found : {};
  };
  if (variables.includes("TZ")) {
    watch(
      Date.prototype,
      Object.getOwnPropertyNames(Date.prototype).filter((name) => localTime.test(name)),
      "tells the local time",
    );
    watch(Intl, ["DateTimeFormat"], "tells the local time");
  }
  watch(globalThis, ["setTimeout", "setInterval", "setImmediate"], "starts a timer");
  watch(module("timers"), ["setTimeout", "setInterval", "setImmediate"], "starts a timer");
  watch(process, ["on", "once", "addListener", "prependListener", "prependOnceListener"], "listens to the process");
  watch(process, ["listeners", "rawListeners", "listenerCount", "eventNames"], "asks who listens to the process");
  watch(process, ["emitWarning"], "warns");
  watch(
    process,
    ["chdir", "umask", "exit", "kill", "abort", "setUncaughtExceptionCaptureCallback"],
    "acts on the process",
  );
  watch(
    module("child_process"),
    ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"],
    "starts a process",
  );
  watch(module("worker_threads"), ["Worker"], "starts a thread");
  watch(module("async_hooks"), ["createHook"], "hooks into asynchronous work");
  watch(module("os"), ["networkInterfaces", "loadavg", "freemem"], "asks for the state of the machine");
  watch(Module, ["register", "registerHooks"], "hooks the module system");
  for (const name of ["stdout", "stderr"] as const) watch(process[name], ["write"], "prints");
  Module.syncBuiltinESMExports();
}
