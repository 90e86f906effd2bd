/** Who may import whom: one row for each folder of `src`. A file that no row stands for is a violation. */

import { readdirSync } from "node:fs";

export interface Row {
  /** Path below `src` of a folder or a file; of several that fit, the longest counts. A folder may import from itself. */
  readonly of: string;
  /** Other rows. */
  readonly may: readonly string[];
  /** Modules of Node; `true`: all. */
  readonly node: true | readonly string[];
  readonly packages?: readonly string[];
  /** What it may ask the process itself for; `true`: all. */
  readonly process?: true | readonly string[];
  /** Imports a module whose name is known only when it runs: a user's own. */
  readonly importsByName?: true;
}

/** What every system says of itself, and nobody hands in. */
const system = ["platform", "getuid", "pid", "hrtime"];

const inFolder = (folder: string): string[] =>
  readdirSync(new URL(`../../src/${folder}/`, import.meta.url)).map((name) => `${folder}/${name}`);

const config = inFolder("config");
const adapters = inFolder("adapters");

/** Of the configuration: the folders that it is made of know each other, and nothing above them. */
const ofConfig = (of: string): Row => ({
  of,
  may: ["core", ...config.filter((other) => other !== of)],
  node: ["node:buffer", "node:fs", "node:os", "node:path"],
  process: ["platform", "geteuid", "version", "versions", "getBuiltinModule"],
  ...more[of],
});

/** One edge of the world each: core's words and the common ground of the system, and never each other's insides. */
const adapter = (of: string): Row => ({
  of,
  may: of === "adapters/system" ? ["core"] : ["core", "adapters/system"],
  node: true,
  process: true,
  ...more[of],
});

/** What single ones of them may beyond what all may. */
const more: Readonly<Record<string, Partial<Row>>> = {
  // A lock's leftovers are swept, and a check may be a command: both are said in the words of `process/`, which knows neither.
  "adapters/lock": { may: ["core", "adapters/system", "adapters/process"] },
  "adapters/process": { packages: ["execa", "tree-kill"] },
  "adapters/ready": { may: ["core", "adapters/system", "adapters/process"] },
  "adapters/watch": { packages: ["chokidar"] },
  "config/keys": {
    may: ["core", ...config, "line"],
    node: ["node:buffer", "node:fs", "node:net", "node:os", "node:path"],
  },
  "config/layers": { packages: ["dotenv"] },
  // Where what was made is remembered: both who names it in a command and who carries that out.
  "config/projects": { may: ["core", ...config.filter((other) => other !== "config/projects"), "transpile/cache.ts"] },
  "config/text": { packages: ["smol-toml", "toml-eslint-parser"] },
};

export const table: readonly Row[] = [
  { of: "core", may: [], node: [], process: [] },
  {
    of: "matchers",
    may: ["core", "matchers/fence.ts"],
    node: true,
    packages: ["picomatch"],
    process: [...system, "getBuiltinModule"],
    importsByName: true,
  },
  // Takes the end of the process from a module of the user's.
  { of: "matchers/fence.ts", may: ["matchers"], node: ["node:async_hooks", "node:url"], process: true },
  { of: "report", may: ["core"], node: [], packages: ["picocolors"], process: [] },
  { of: "proxy", may: ["core"], node: true, process: system },
  ...adapters.map(adapter),
  ...config.map(ofConfig),
  // Loads what a later moment may need: the packages of others, too.
  {
    of: "session/ahead.ts",
    may: [...adapters, ...config, "matchers", "proxy", "session"],
    node: [],
    packages: ["execa", "toml-eslint-parser", "tree-kill"],
    process: system,
  },
  // Where the package of a loader lies, which a command names.
  {
    of: "session/warm/node-language.ts",
    may: ["adapters/warm", "gate/order.ts", "gate/packages.ts", "gate/words.ts", "session"],
    node: ["node:fs", "node:module", "node:path"],
    process: [],
    importsByName: true,
  },
  {
    of: "session",
    may: [
      "core",
      "gate/order.ts",
      "gate/packages.ts",
      "gate/words.ts",
      "report",
      "matchers",
      "proxy",
      "rules",
      "session/ahead.ts",
      "session/warm/node-language.ts",
      "transpile",
      "transpile/cache.ts",
      ...adapters,
      ...config,
    ],
    node: true,
    process: system,
  },
  { of: "line", may: ["config/check", "report"], node: [], packages: ["commander"], process: [] },
  // The one place where a session is handed what belongs to this process.
  {
    of: "line/process-io.ts",
    may: ["session", "faults.ts", ...adapters],
    node: ["node:fs", "node:stream", "node:tty"],
    process: true,
  },
  {
    of: "commands",
    may: [
      "commands/background.ts",
      "commands/control.ts",
      "commands/doctor",
      "commands/here.ts",
      "commands/mcp",
      "core",
      "line",
      "matchers",
      "report",
      "session",
      ...config,
    ],
    node: true,
    process: system,
  },
  // They talk to another process, which has the session.
  {
    of: "commands/background.ts",
    may: [
      "adapters/control",
      "adapters/lock",
      "commands/control.ts",
      "commands/find.ts",
      "core",
      "line",
      "report",
      "session",
    ],
    node: true,
    process: [],
  },
  {
    of: "commands/control.ts",
    may: ["adapters/control", "commands/find.ts", "adapters/lock", "config/keys", "line", "report", "session"],
    node: true,
    process: [],
  },
  {
    of: "commands/find.ts",
    may: ["adapters/lock", "line", "report", "session"],
    node: ["node:fs", "node:path"],
    process: [],
  },
  {
    of: "commands/here.ts",
    may: ["adapters/control", "commands", "commands/find.ts", "config/layers", "line", "session"],
    node: [],
    process: [],
  },
  // Looks at the machine itself.
  {
    of: "commands/doctor",
    may: [
      "commands",
      "commands/find.ts",
      "commands/here.ts",
      "core",
      "line",
      "matchers",
      "report",
      "session",
      ...adapters,
      ...config,
    ],
    node: ["node:fs", "node:os", "node:path"],
    process: [...system, "versions", "arch"],
  },
  {
    of: "commands/mcp",
    may: ["adapters/control", "commands", "commands/find.ts", "commands/here.ts", "core", "line", "report", "session"],
    node: ["node:path", "node:readline", "node:util"],
    process: [],
  },
  // Files of other programs: read, pointed at, and judged.
  {
    of: "rules",
    may: ["core", "config/check", "config/text"],
    node: ["node:path", "node:url"],
    packages: ["ajv", "ajv-formats", "dot-properties", "dotenv", "jsonc-parser", "smol-toml", "yaml"],
    process: [],
  },
  // For programs that import it: nothing of it belongs to a session.
  {
    of: "live",
    may: ["core", "config/check", "config/store", "config/text", "rules"],
    node: ["node:path", "node:url", "node:util"],
    process: [],
  },
  // The same as the command line, for a program that imports it.
  {
    of: "api",
    may: ["adapters/clock.ts", "adapters/control", "config/layers", "config/write", "core", "report", "session"],
    node: ["node:fs", "node:path", "node:stream"],
    process: [],
  },
  { of: "api.ts", may: ["api", "version.ts"], node: [], process: true },
  { of: "live.ts", may: ["live"], node: [], process: true },
  // Tools of the project, which it names.
  { of: "transpile", may: ["transpile/cache.ts"], node: true, process: true, importsByName: true },
  { of: "transpile/cache.ts", may: [], node: ["node:fs", "node:path"], process: [] },
  { of: "transpile.ts", may: ["transpile"], node: true, process: true },
  { of: "preload.ts", may: ["transpile"], node: [], process: [] },
  // In the user's process, before anything else: nothing but Node. It loads what it is told to.
  {
    of: "gate",
    may: ["gate/order.ts", "gate/packages.ts", "gate/words.ts"],
    node: true,
    process: true,
    importsByName: true,
  },
  { of: "gate/order.ts", may: [], node: [], process: [] },
  { of: "gate/packages.ts", may: [], node: [], process: [] },
  { of: "gate/words.ts", may: [], node: [], process: [] },
  { of: "gate.ts", may: ["gate", "gate/order.ts"], node: true, process: true, importsByName: true },
  { of: "faults.ts", may: ["core", "matchers"], node: true, process: true },
  { of: "version.ts", may: [], node: true, process: [] },
  {
    of: "main.ts",
    may: ["commands", "config/keys", "faults.ts", "line", "line/process-io.ts", "report", "version.ts"],
    node: [],
    process: true,
  },
  // Before everything else.
  { of: "compiled.ts", may: [], node: true, process: true },
  { of: "cli.ts", may: ["compiled.ts", "main.ts"], node: [], process: [] },
];
