/** Small programs of Python, as trees of files, and random edits of them. */
import type { Chance } from "./chance.ts";
import type { Edited, KeptApp, Tree } from "./warm-app.ts";

type Shape = readonly [before: string, value: string];

interface State {
  readonly imports: readonly string[];
  readonly own: string;
  readonly packages: ReadonlyMap<string, { readonly shape: Shape; readonly version: number }>;
  readonly files: Tree;
  readonly config: { readonly args: readonly string[]; readonly cwd: string; readonly level: string | undefined };
}

const site = "lib/site-packages";

/** What a package does while it is loaded: lines, and an expression for its value. */
const shapes: readonly [Shape, ...Shape[]] = [
  ["", "version"],
  ["import json, queue", "version"],
  ["", "os.environ.get('LEVEL', 'unset')"],
  ["", "os.environ.get('OWN', 'unset')"],
  ["", "','.join(sorted(key for key in os.environ if key in ('OWN', 'LEVEL')))"],
  ["", "open(os.path.dirname(__file__) + '/data.json').read()"],
  ["", "open(top + '/data.txt').read()"],
  ["", "os.path.exists(top + '/flag')"],
  ["try: from opt import value as found\nexcept ImportError: found = 'none'", "found"],
  ["import base", "'with ' + base.value"],
  ["import builtins\nbuiltins.added = version", "version"],
  ["import builtins", "getattr(builtins, 'of_own', 'none')"],
  ["", "sys.argv[1:]"],
  ["", "getattr(sys.modules['__main__'], 'NAME', 'none')"],
  ["os.environ['OF_PACKAGE'] = version", "version"],
  ["", "os.getcwd().replace(top, '')"],
  ["import threading\nthread = threading.Thread(target=lambda: 1)\nthread.start(); thread.join()", "version"],
  ["import random\nrandom.random()", "version"],
  [
    "import warnings\ntry: warnings.warn('old', DeprecationWarning); said = 'quiet'\nexcept DeprecationWarning: said = 'raised'",
    "said",
  ],
  ["import logging\nlogging.getLogger('p').info('loading ' + version)", "version"],
  ["import logging\nlog = logging.getLogger(version)", "type(log).__name__"],
  ["import multiprocessing", "multiprocessing.get_start_method(allow_none=True) or multiprocessing.get_start_method()"],
  ["import data", "data.value"],
  ["if 'setup' not in sys.modules: raise RuntimeError('not set up')", "version"],
  ["", "os.environ.get('RELOAD_CHANGED') is None"],
  ["import colorsys", "colorsys.__dict__.get('own', 'of Python')"],
];

/** In place, by link to a store, and one that may be missing. */
const names = ["a", "b", "c", "base", "stored"] as const;

const textOf = (name: string, [before, value]: Shape, version: number): string =>
  `import os, sys\nversion = "${name}${version}"\ntop = __file__.split("/lib/")[0].split("/store/")[0]\n${before}\nvalue = ${value}\n`;

const owns = (stamp: number): readonly [string, ...string[]] => [
  "",
  "",
  `os.environ["OWN"] = "${stamp}"`,
  `import builtins; builtins.of_own = "${stamp}"`,
  `NAME = "${stamp}"`,
  `import random; random.seed(${stamp}); seeded = True`,
  "import warnings; warnings.simplefilter('error')",
  "import logging; logging.basicConfig(level=10, handlers=[Hears()])",
  "import logging; logging.setLoggerClass(type('Mine', (logging.Logger,), {}))",
  "import logging.config; logging.config.dictConfig({'version': 1, 'root': {'level': 'DEBUG', 'handlers': []}})",
  "import multiprocessing; multiprocessing.set_start_method('spawn', force=True)",
  `import setup`,
  "sys.path.insert(0, top + '/vendor')",
  "import io; sys.stderr = io.StringIO()",
  "import json; json.dumps = lambda value, dumps=json.dumps: dumps(value)",
];

const mainOf = (app: KeptApp, { imports, own }: State, stamp: number): string => `import os, sys
top = os.path.dirname(os.path.abspath(__file__)).removesuffix("/app")
seeded, heard = False, []
class Hears(__import__("logging").Handler):
    def emit(self, record): heard.append(record.getMessage())
${own}
${imports.map((name) => `try: import ${name}\nexcept Exception as error: ${name} = error`).join("\n")}
import late, linked
try:
    import opt
except ImportError:
    opt = None
def find():
    its = {"stamp": stamp, "argv": sys.argv[1:], "cwd": os.getcwd().replace(top, ""), "path": [each.replace(top, "") for each in sys.path], "level": os.environ.get("LEVEL"), "own": os.environ.get("OWN"),
      "of_package": os.environ.get("OF_PACKAGE"), "environment": sorted(key for key in os.environ if key != "RELOAD_CHANGED"), "modules": sorted(sys.modules), "heard": heard, "late": late.value, "linked": linked.value, "order": [name for name, each in sys.modules.items() if (getattr(each, "__file__", None) or "").startswith(top) and "/lib/" not in each.__file__ and name != "__mp_main__"], "opt": getattr(opt, "value", None),
      "added": __builtins__.__dict__.get("added"), "drawn": __import__("random").random() if seeded else None, "finders": [str(type(each)) for each in sys.meta_path], "argument": ${JSON.stringify(app.name)}}
    for each in ${JSON.stringify(imports)}: its[each] = str(getattr(globals()[each], "value", globals()[each]))
    its["silent"] = sorted(name for name, each in __import__("logging").root.manager.loggerDict.items() if getattr(each, "disabled", False))
    return its
def tell():
    import json, time
    file = top + "/answers/" + os.environ["RELOAD_RUN"]
    with open(file + "~", "w") as stream: json.dump(find(), stream)
    os.replace(file + "~", file)
    print("up", flush=True)
    while True: time.sleep(1)
stamp = ${stamp}
tell()
`;

function treeOf(app: KeptApp, state: State, stamp: number): Tree {
  const { args, cwd, level } = state.config;
  const command =
    app.main === "app.py" ? ["-u", cwd === "." ? "app.py" : "../app.py", ...args] : ["-m", "app", ...args];
  const tree = new Map<string, string>([
    [
      ".reload.toml",
      `env_files = [".env"]
[proc]
cmd = ["python3", ${command.map((word) => JSON.stringify(word)).join(", ")}]
cwd = ${JSON.stringify(app.main === "app.py" ? cwd : ".")}
${level === undefined ? "" : `env = { LEVEL = ${JSON.stringify(level)} }`}
[ready]
log = "up"
[watch]
include_files = [".py"]
exclude_dirs = ["temp", "answers", "lib", "store"]
debounce = "60ms"
`,
    ],
    ["setup.py", ""],
    ...state.files,
  ]);
  for (const [name, { shape, version }] of state.packages) {
    const directory = name === "stored" ? `store/${version % 2}/site-packages/stored` : `${site}/${name}`;
    tree.set(`${directory}/__init__.py`, textOf(name, shape, version));
    tree.set(`${directory}/data.json`, String(Math.floor(version / 2)));
    if (name === "stored") tree.set(`${site}/stored`, `-> ../../${directory}`);
  }
  // As an editable installation has it: own code by the name of a package.
  tree.set(`${site}/linked`, "-> ../../packages/linked");
  tree.set(app.main, mainOf(app, state, stamp));
  return tree;
}

function first(): State {
  const packages = new Map(names.map((name) => [name, { shape: shapes[0], version: 0 }] as const));
  const files = new Map([
    [".env", "LEVEL=1\n"],
    ["pyproject.toml", ""],
    ["data.txt", "0"],
    ["data.py", "value = 0"],
    ["late.py", "value = 0"],
    ["packages/linked/__init__.py", "value = 0"],
    ["vendor/other.py", ""],
  ]);
  return { imports: [...names], own: "", packages, files, config: { args: [], cwd: ".", level: undefined } };
}

function edit(before: State, chance: Chance, stamp: number): { state: State; what: string } {
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
    "a package": () => change(chance.one(names), chance.one(shapes)),
    "a package again": () => change(chance.one(["a", "b", "c", "stored"]), chance.one(shapes)),
    "an optional package": () => change("opt", state.packages.has("opt") ? undefined : shapes[0]),
    "a module": () => write("late.py", `value = ${stamp}\n`),
    "a module that a package loads": () => write("data.py", `value = ${stamp}\n`),
    "a module in front of Python's own": () => write("colorsys.py", chance.one([undefined, `own = "${stamp}"\n`])),
    "a vendored package": () => write("vendor/opt.py", chance.one([undefined, `value = "vendored ${stamp}"\n`])),
    "the linked package": () => write("packages/linked/__init__.py", `value = ${stamp}\n`),
    "the lock file": () => write("uv.lock", `# ${stamp}\n`),
    "the project file": () => write("pyproject.toml", `# ${stamp}\n`),
    "the env file": () => write(".env", chance.one(["", `LEVEL=${stamp}\n`, `LEVEL=${stamp}\nMORE=1\n`])),
    "a file of data": () => write("data.txt", String(stamp)),
    "a flag": () => write("flag", chance.one([undefined, ""])),
    "the configuration": () => {
      const config = {
        args: chance.one([[], ["one"], ["one", "two"]]),
        cwd: chance.one([".", ".", "data"]),
        level: chance.one([undefined, undefined, String(stamp)]),
      };
      state = { ...state, config };
    },
    "what is imported": () => {
      const imports = names.filter(() => chance.between(1, 3) > 1);
      state = { ...state, imports: chance.between(0, 1) === 0 ? imports : imports.reverse() };
    },
    "own code in front": () => {
      state = { ...state, own: chance.one(owns(stamp)) };
    },
  };
  const kinds = Object.keys(edits);
  for (let count = stamp === 1 ? 0 : chance.between(0, 3); count > 0; count -= 1) {
    const kind = kinds[chance.between(0, kinds.length - 1)] ?? "";
    edits[kind]?.();
    what.push(kind);
  }
  return { state, what: `${what.join(", ")} (imports ${state.imports.join(" ")}; ${state.own.slice(0, 40)})` };
}

const kept = (name: string, main: string): KeptApp => {
  const app: KeptApp = {
    name,
    main,
    site,
    start() {
      let state = first();
      let tree = treeOf(app, state, 0);
      return {
        get tree() {
          return tree;
        },
        edit(chance, stamp): Edited {
          const next = edit(state, chance, stamp);
          state = next.state;
          tree = treeOf(app, state, stamp);
          return { tree, what: next.what };
        },
      };
    },
  };
  return app;
};

export const pythonApps: readonly KeptApp[] = [
  kept("a file of Python", "app.py"),
  kept("a module of Python", "app/__main__.py"),
];
