/** Small apps, as trees of files, and random edits of them. */
import type { Chance } from "./chance.ts";

/** Path → text; `-> TARGET` is a link. In the order in which it is written. */
export type Tree = ReadonlyMap<string, string>;

export interface Edited {
  readonly tree: Tree;
  readonly what: string;
}

/** A program that a soak keeps warm. */
export interface KeptApp {
  readonly name: string;
  readonly main: string;
  /** Python: where packages are. */
  readonly site?: string;
  start(): { readonly tree: Tree; edit(chance: Chance, stamp: number): Edited };
}

interface App {
  readonly main: string;
  readonly isModule: boolean;
}

const kept = (name: string, app: App): KeptApp => ({
  name,
  main: app.main,
  start() {
    let state = first(app);
    return {
      get tree() {
        return state.tree;
      },
      edit(chance, stamp) {
        const next = edit(app, state, chance, stamp);
        state = next.state;
        return { tree: state.tree, what: next.what };
      },
    };
  },
});

export const nodeApps: readonly KeptApp[] = [
  kept("of CommonJS", { main: "app.cjs", isModule: false }),
  kept("of ES modules", { main: "app.mjs", isModule: true }),
];

type Shape = readonly [before: string, value: string];

interface State {
  /** Packages that the program loads, in this order. */
  readonly imports: readonly string[];
  readonly own: string;
  readonly packages: ReadonlyMap<string, { readonly shape: Shape; readonly version: number }>;
  readonly files: Tree;
  readonly config: { readonly args: readonly string[]; readonly cwd: string; readonly level: string | undefined };
  readonly tree: Tree;
}

/** What a package does while it is loaded: an expression for what it exports, and what comes before that. */
const shapes: readonly [Shape, ...Shape[]] = [
  ["", "version"],
  ["", "process.env.LEVEL"],
  ["", "process.env.OWN"],
  ["", "Object.keys(process.env).filter((key) => key === 'OWN' || key === 'LEVEL').join()"],
  ["", "JSON.parse(require('fs').readFileSync(__dirname + '/data.json', 'utf8')).version"],
  ["", "require('fs').readFileSync(top + '/data.txt', 'utf8')"],
  ["let found = 'none'; try { found = require('opt').value } catch {}", "found"],
  ["", "'with ' + require('base').value"],
  ["globalThis.added = version;", "version"],
  ["Array.prototype.extra = function extra() { return version };", "version"],
  ["const on = require('path').isAbsolute; require('path').isAbsolute = (...a) => on(...a);", "version"],
  ["", "String(globalThis.ofOwn)"],
  ["", "String(module.parent && module.parent.filename).replace(top, '')"],
  ["", "String(require.main && require.main.filename).replace(top, '')"],
  ["setTimeout(() => {}, 1e6).unref();", "version"],
  ["process.env.OF_PACKAGE = version;", "version"],
  ["", "process.cwd().replace(top, '')"],
  ["", "process.env.RELOAD_CHANGED === undefined ? 'none' : 'some'"],
  ["", "process.argv.slice(2).join()"],
];

/** In place, by link to a store as pnpm lays it out, and one that may be missing. */
const names = ["a", "b", "base", "stored", "imported"] as const;

const textOf = (name: string, [before, value]: Shape, version: number): string => {
  const top = name === "stored" ? "__dirname.split('/.store')[0]" : "__dirname.split('/node_modules')[0]";
  const body = `const version = "${name}${version}"; const top = ${top};\n`;
  if (name !== "imported") return `${body}${before}\nexports.value = ${value};\nexports.count = 0;\n`;
  const asModule = `import { createRequire } from "node:module"; import { dirname } from "node:path"; import { fileURLToPath } from "node:url";
const require = createRequire(import.meta.url); const __dirname = dirname(fileURLToPath(import.meta.url)); const module = {};\n`;
  return `${asModule}${body}${before}\nexport const value = ${value};\n`;
};

const found = `
  cwd: process.cwd().slice(top.length), argv: process.argv.slice(2), flags: process.execArgv, options: process.env.NODE_OPTIONS ?? null,
  level: process.env.LEVEL ?? null, ownVariable: process.env.OWN ?? null, ofPackage: process.env.OF_PACKAGE ?? null,
  environment: Object.keys(process.env).filter((key) => key !== "RELOAD_CHANGED").sort(), globals: Object.getOwnPropertyNames(globalThis).sort(),
  added: String(globalThis.added), extra: String([].extra?.()), modules: modules(), lib: lib.value`;

const tail = `
function modules() {
  const files = new Set();
  const session = new Session();
  session.connect();
  session.on("Debugger.scriptParsed", ({ params: { url } }) => files.add(url.replace("file://", "").replaceAll("%20", " ")));
  session.post("Debugger.enable");
  session.disconnect();
  return [...files].filter((file) => file.startsWith(top)).map((file) => file.slice(top.length)).filter((file) => !file.startsWith("/temp/")).sort();
}
setTimeout(() => {
  const file = top + "/answers/" + process.env.RELOAD_RUN;
  fs.writeFileSync(file + "~", JSON.stringify({ ...answer(), stamp }));
  fs.renameSync(file + "~", file);
  console.log("up");
}, 5);
setInterval(() => {}, 1000);
`;

function mainOf({ isModule }: App, { imports, own }: State, stamp: number): string {
  if (isModule) {
    const lines = imports.map((name) => `import * as ${name} from "${name}";`).join("\n");
    return `import fs from "node:fs"; import { Session } from "node:inspector"; import { fileURLToPath } from "node:url";
import "./own.mjs"; ${lines}\nimport lib from "lib";
const top = fileURLToPath(new URL(".", import.meta.url)).slice(0, -1);
const opt = await import("opt").then((its) => its.default.value, (error) => error.code);
const answer = () => ({ opt, ${imports.map((name) => `${name}: [Object.keys(${name}), ${name}.value]`).join(", ")}${imports.length > 0 ? "," : ""} ${found} });${tail}const stamp = ${stamp};
`;
  }
  return `const fs = require("fs"); const { Session } = require("inspector"); const top = __dirname;
${own}
const got = {};
${imports.map((name) => `got.${name} = require("${name}");`).join("\n")}
const lib = require("lib");
try { got.opt = require("opt"); } catch (error) { got.opt = error.code; }
const answer = () => ({ got, isMain: require.main === module, cache: Object.keys(require.cache).map((file) => file.slice(top.length)).sort(), ${found} });${tail}const stamp = ${stamp};
`;
}

function treeOf(app: App, state: State, stamp: number): Tree {
  const { args, cwd, level } = state.config;
  const tree = new Map<string, string>([
    [
      ".reload.toml",
      `env_files = [".env"]
[proc]
cmd = ["node", "--stack-trace-limit=20", ${JSON.stringify(cwd === "." ? app.main : `../${app.main}`)}, ${args.map((word) => JSON.stringify(word)).join(", ")}]
cwd = ${JSON.stringify(cwd)}
${level === undefined ? "" : `env = { LEVEL = ${JSON.stringify(level)} }`}
[ready]
log = "up"
[watch]
include_files = [".cjs", ".mjs", ".js"]
exclude_dirs = ["temp", "answers", ".store"]
debounce = "60ms"
`,
    ],
    ...state.files,
    [`packages/lib/package.json`, '{"name":"lib"}'],
    ["node_modules/lib", "-> ../packages/lib"],
  ]);
  for (const [name, { shape, version }] of state.packages) {
    const directory = name === "stored" ? `.store/stored@${version % 2}/node_modules/stored` : `node_modules/${name}`;
    tree.set(`${directory}/index.js`, textOf(name, shape, version));
    tree.set(`${directory}/data.json`, JSON.stringify({ version: Math.floor(version / 2) }));
    tree.set(
      `${directory}/package.json`,
      JSON.stringify({ name, ...(name === "imported" ? { type: "module", exports: "./index.js" } : {}) }),
    );
    if (name === "stored") {
      tree.set(".store/node_modules/base/index.js", "exports.value = 'base of the store';");
      tree.set("node_modules/stored", `-> ../${directory}`);
    }
  }
  tree.set("own.mjs", state.own);
  tree.set(app.main, mainOf(app, state, stamp));
  return tree;
}

const withTree = (app: App, state: Omit<State, "tree">, stamp: number): State => {
  const next: State = { ...state, tree: new Map() };
  return { ...next, tree: treeOf(app, next, stamp) };
};

const usable = ({ isModule }: App): string[] => names.filter((name) => isModule || name !== "imported");

function first(app: App): State {
  const packages = new Map(names.map((name) => [name, { shape: shapes[0], version: 0 }] as const));
  const files = new Map([
    [".env", "LEVEL=1\n"],
    ["package.json", "{}"],
    ["data.txt", "0"],
    ["packages/lib/index.js", "exports.value = 0;"],
  ]);
  const config = { args: [], cwd: ".", level: undefined };
  return withTree(app, { imports: usable(app), own: "", packages, files, config }, 0);
}

/** At first none, then up to three of them, and always the program itself, last. */
function edit(app: App, before: State, chance: Chance, stamp: number): { state: State; what: string } {
  let state = before;
  const what: string[] = [];
  const write = (name: string, text: string | undefined): void => {
    const files = new Map(state.files);
    if (text === undefined) files.delete(name);
    else files.set(name, text);
    state = { ...state, files };
  };
  const change = (name: string, shape: Shape | undefined): void => {
    const packages = new Map(state.packages);
    const version = (packages.get(name)?.version ?? 0) + 1;
    if (shape === undefined) packages.delete(name);
    else packages.set(name, { shape, version });
    state = { ...state, packages };
  };
  const edits: Readonly<Record<string, () => void>> = {
    "a package": () => change(chance.one(["a", "b", "base", "stored", "imported"]), chance.one(shapes)),
    "a package again": () => change(chance.one(["a", "b", "stored", "imported"]), chance.one(shapes)),
    "an optional package": () => change("opt", state.packages.has("opt") ? undefined : shapes[0]),
    "the linked package": () => write("packages/lib/index.js", `exports.value = ${stamp};`),
    "the package.json": () => write("package.json", `{"version":"1.0.${stamp}"}`),
    "the lock file": () => write("package-lock.json", `{"name":"${stamp}"}`),
    "the env file": () => write(".env", chance.one(["", `LEVEL=${stamp}\n`, `LEVEL=${stamp}\nMORE=1\n`])),
    "a file of data": () => write("data.txt", String(stamp)),
    "the configuration": () => {
      const config = {
        args: chance.one([[], ["one"], ["one", "two"]]),
        cwd: chance.one([".", ".", "data"]),
        level: chance.one([undefined, undefined, String(stamp)]),
      };
      state = { ...state, config };
    },
    "what is imported": () => {
      const imports = usable(app).filter(() => chance.between(1, 3) > 1);
      state = { ...state, imports: chance.between(0, 1) === 0 ? imports : imports.reverse() };
    },
    "own code in front": () => {
      const own = chance.one([
        "",
        "",
        `process.env.OWN = "${stamp}";`,
        `globalThis.ofOwn = "${stamp}";`,
        "Array.prototype.ofOwn = () => 1;",
      ]);
      state = { ...state, own };
    },
  };
  const kinds = Object.keys(edits);
  for (let count = stamp === 1 ? 0 : chance.between(0, 3); count > 0; count -= 1) {
    const kind = kinds[chance.between(0, kinds.length - 1)] ?? "";
    edits[kind]?.();
    what.push(kind);
  }
  return { state: withTree(app, state, stamp), what: `${what.join(", ")} (imports ${state.imports.join(" ")})` };
}
