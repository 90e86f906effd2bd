/** ts-node loads a compiler into the program at each start. What it would compile is compiled before, by one that stays, and the program reads it. */

import { beside, cacheOf } from "../../transpile/cache.ts";
import { textOf } from "./project.ts";
import { hasCompiler, transpiler } from "./quick.ts";
import { peelOptions } from "./scripts/options.ts";
import type { Package } from "./scripts/package.ts";
import type { Program } from "./scripts/program.ts";
import { quote, type Word, word } from "./scripts/shell.ts";
import { compilationOf, jsonWithComments } from "./scripts/tsconfig.ts";

export interface Ahead {
  readonly program: Program;
  /** Whose types were checked at each start, and are now checked beside it. */
  readonly types: string | undefined;
}

/** What may stand between ts-node and the file, and changes nothing that a file alone could tell. */
const switches = ["-T", "--transpile-only", "--transpileOnly", "--files", "--pretty", "--respawn"];
const registers: Readonly<Record<string, "checked" | "unchecked">> = {
  "ts-node/register": "checked",
  "ts-node/register/files": "checked",
  "ts-node/register/transpile-only": "unchecked",
};

export function ahead(program: Program, { manifest, env }: Package): Ahead {
  const as = { program, types: undefined };
  if (process.platform === "win32" || !hasCompiler(program.directory)) return as;
  const called = callOf(program.words);
  const isSet = [...Object.keys(program.env), ...Object.keys(env)].some((name) => name.startsWith("TS_NODE_"));
  // What Node is told to load comes before, and modules go through other doors of it.
  const options = program.env["NODE_OPTIONS"] ?? env["NODE_OPTIONS"] ?? "";
  if (/--(?:experimental-)?loader|--import|--require|-r\s/.test(options)) return as;
  if (called === undefined || (isSet && program.watcher !== "ts-node-dev") || manifest["type"] === "module") return as;
  const config = called.config ?? "tsconfig.json";
  const compilation = compilationOf(program.directory, config);
  if (compilation === undefined || !config.endsWith(".json") || hasOwnOptions(compilation.config)) return as;
  const [file, ...args] = called.rest;
  if (file?.text === undefined || file.text.startsWith("-") || /\.(?:mts|[mc]?js)$/.test(file.text)) return as;
  const cache = cacheOf(program.directory);
  const place = `${cache}/ts-node/${config.replaceAll(/[^\w.-]+/g, "_").slice(-80)}`;
  const load = word(`./${place}/load.js`);
  const call = `--ts-node ${quote(file.text)} -p ${quote(config)}${cache === beside ? "" : ` --place ${quote(place)}`}`;
  const line = `node ${quote(transpiler(program.directory))} ${call}`;
  return {
    program: {
      ...program,
      words: [word("node"), ...called.node, word("-r"), load, ...called.required, file, ...args],
      builds: [...program.builds, { line, directory: program.directory }],
    },
    types: called.isChecked ? config : undefined,
  };
}

interface Called {
  /** Options of Node itself. */
  readonly node: readonly Word[];
  /** `-r dotenv/config` */
  readonly required: readonly Word[];
  readonly config: string | undefined;
  readonly isChecked: boolean;
  readonly rest: readonly Word[];
}

/** `ts-node a.ts`, `node --inspect ./node_modules/.bin/ts-node a.ts`, `node -r ts-node/register a.ts`; `undefined`: it is called in a way of its own. */
function callOf([program, ...args]: readonly Word[]): Called | undefined {
  if (isTsNode(program)) return ofTsNode([], args);
  if (program?.text !== "node") return undefined;
  const { kept, dropped, rest } = peelOptions(args, {
    values: ["-r", "--require", "--import", "--loader", "--env-file"],
    dropped: ["-r", "--require"],
  });
  if (kept.some(({ raw }) => /^--(?:import|loader|experimental)/.test(raw))) return undefined;
  const required = [...(dropped.get("-r") ?? []), ...(dropped.get("--require") ?? [])];
  const [first, ...others] = rest;
  const again = required.flatMap((each) => [word("-r"), word(each)]);
  if (isTsNode(first)) return ofTsNode([...kept, ...again], others);
  const register = required.map((each) => registers[each]).find((each) => each !== undefined);
  if (register === undefined) return undefined;
  const left = required.filter((each) => registers[each] === undefined);
  return {
    node: kept,
    required: left.flatMap((each) => [word("-r"), word(each)]),
    config: undefined,
    isChecked: register === "checked",
    rest,
  };
}

const isTsNode = (word: Word | undefined): boolean => /^(?:.*node_modules\/\.bin\/)?ts-node$/.test(word?.text ?? "");

function ofTsNode(node: readonly Word[], args: readonly Word[]): Called | undefined {
  const valued = ["-r", "--require", "-P", "--project"];
  const { kept, dropped, rest } = peelOptions(args, { values: valued, dropped: [...valued, ...switches] });
  if (kept.length > 0) return undefined;
  const required = [...(dropped.get("-r") ?? []), ...(dropped.get("--require") ?? [])];
  const isUnchecked = ["-T", "--transpile-only", "--transpileOnly"].some((name) => dropped.has(name));
  return {
    node,
    required: required.flatMap((each) => [word("-r"), word(each)]),
    config: dropped.get("-P")?.[0] ?? dropped.get("--project")?.[0],
    isChecked: !isUnchecked,
    rest,
  };
}

/** A tsconfig.json may have a part for ts-node. */
const hasOwnOptions = (config: string): boolean =>
  Object.keys(Object(jsonWithComments(textOf("", config) ?? "")?.["ts-node"])).length > 0;
