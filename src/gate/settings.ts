/** Plain values that own code can set on what is built in: the words, the title, limits. A package may read one while it is loaded. */

type SettingPlace = { readonly of: object; readonly key: string; readonly path: string };

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const valueIn = (of: unknown, key: string): unknown => (isObject(of) ? Reflect.get(of, key) : undefined);

/** They change by themselves. */
const moving = /\._|^process\.(?:exitCode|ppid|connected|env|domain|mainModule|moduleLoadList)$|\.totalSocketCount$/;
/** Others that a function tells are left alone: some become what they tell when they are asked for. */
const lazy = "lazy";
const asked = ["events.defaultMaxListeners", "buffer.INSPECT_MAX_BYTES", "process.sourceMapsEnabled"];
/** Functions that alone tell what another one has set. */
const telling = [
  "dns.getDefaultResultOrder",
  "dns.getServers",
  "net.getDefaultAutoSelectFamily",
  "net.getDefaultAutoSelectFamilyAttemptTimeout",
  "stream.getDefaultHighWaterMark",
];

function placesOf(require: NodeJS.Require): readonly (readonly [name: string, of: unknown])[] {
  const builtIns = ["events", "http", "https", "net", "tls", "util", "buffer", "dns", "stream"].map(
    (name) => [name, require(`node:${name}`)] as const,
  );
  const of = new Map<string, unknown>(builtIns);
  return [
    ["process", process],
    ["console", console],
    ...builtIns,
    ["http.globalAgent", valueIn(of.get("http"), "globalAgent")],
    ["https.globalAgent", valueIn(of.get("https"), "globalAgent")],
    ["util.inspect.defaultOptions", valueIn(valueIn(of.get("util"), "inspect"), "defaultOptions")],
  ];
}

/** Path → value, as text; words are one. */
export type GateSettings = ReadonlyMap<string, string>;

export function settings(require: NodeJS.Require): GateSettings {
  const found = new Map<string, string>();
  for (const { of, key, path } of settingPlaces(require)) {
    if (!asked.includes(path) && Reflect.getOwnPropertyDescriptor(of, key)?.get !== undefined) {
      found.set(path, lazy);
      continue;
    }
    const value = telling.includes(path) ? toldBy(of, key) : valueIn(of, key);
    if (Array.isArray(value)) found.set(path, JSON.stringify(value));
    else found.set(path, isObject(value) ? "an object" : `${typeof value} ${String(value)}`);
  }
  return found;
}

function toldBy(of: object, key: string): unknown {
  const tell: unknown = Reflect.get(of, key);
  return typeof tell === "function" ? Reflect.apply(tell, of, [false]) : tell;
}

function settingPlaces(require: NodeJS.Require): SettingPlace[] {
  return placesOf(require).flatMap(([name, of]) =>
    isObject(of)
      ? Object.keys(of)
          .map((key) => ({ of, key, path: `${name}.${key}` }))
          .filter(({ path }) => !moving.test(path))
      : [],
  );
}

/** What was added, removed or given another value. */
export function otherSettings(before: GateSettings, after: GateSettings): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== lazy && before.get(path) !== after.get(path));
}

/** Whoever loads what is built in has all of it read, for those who import it: their text says what they name. */
const isNodeItself = (): boolean =>
  /\bnode:internal\/bootstrap\b/.test(new Error().stack?.split("\n").slice(3, 5).join() ?? "");

function watchPrinting(util: object, blame: () => void): void {
  for (const name of ["inspect", "format", "formatWithOptions"]) {
    const original: unknown = Reflect.get(util, name);
    if (typeof original !== "function") continue;
    const apply = (target: typeof original, self: unknown, args: unknown[]): unknown => {
      blame();
      return Reflect.apply(target, self, args);
    };
    Reflect.set(util, name, new Proxy(original, { apply }));
  }
}

/** @param paths those that own code sets: whoever asks for one is told of */
export function watchSettings(require: NodeJS.Require, paths: readonly string[], blame: (why: string) => void): void {
  for (const path of paths) {
    const [, of] = placesOf(require).findLast(([name]) => path.startsWith(`${name}.`)) ?? [];
    const key = path.slice(path.lastIndexOf(".") + 1);
    if (!isObject(of)) continue;
    const own = Reflect.getOwnPropertyDescriptor(of, key);
    if (own?.configurable === false) {
      // Sealed: those who read it are told of.
      watchPrinting(require("node:util"), () => blame(`asks for ${path}`));
      continue;
    }
    let value = Reflect.get(of, key);
    Reflect.defineProperty(of, key, {
      configurable: true,
      enumerable: own?.enumerable ?? true,
      get() {
        if (!isNodeItself()) blame(`asks for ${path}`);
        return value;
      },
      set(next) {
        value = next;
      },
    });
  }
}
