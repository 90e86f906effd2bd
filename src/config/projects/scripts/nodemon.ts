/** nodemon's words and its configuration: what it would run, and what it would watch. https://github.com/remy/nodemon */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { draftFromNodemon } from "../../nodemon/draft.ts";
import { textOf } from "../project.ts";
import { jsonObject, type Package } from "./package.ts";
import type { FoundSetting } from "./program.ts";
import { lineOf, type Word, word } from "./shell.ts";

interface Words {
  readonly config: Readonly<Record<string, unknown>>;
  readonly configFile: string | undefined;
  readonly script: Word | undefined;
  /** Where the script stands among the arguments. */
  readonly position: number;
  readonly args: readonly Word[];
}

export interface NodemonReading {
  /** A line for the shell. */
  readonly starts: string;
  readonly env: Readonly<Record<string, string>>;
  readonly settings: readonly FoundSetting[];
  readonly lost: readonly string[];
}

export function readNodemon(args: readonly Word[], pkg: Package): NodemonReading {
  const given = read(args, pkg.directory);
  const config: Readonly<Record<string, unknown>> = { ...fileConfig(pkg, given.configFile), ...given.config };
  const { settings, lost } = draftFromNodemon({ ...config, ext: config["ext"] ?? kinds }, pkg.directory, pkg.main);
  const env = settings.find(({ name }) => name === "proc.env")?.raw;
  return {
    starts: lineFor(given, config, pkg),
    env: isStrings(env) ? env : {},
    settings: [
      ...settings
        .filter(({ name }) => name.startsWith("watch.") || name === "proc.stop_signal")
        .filter(({ name, raw }) => name !== "watch.include_files" || !isKinds(raw)),
      // `"ext": "*"`: what is said of no file is said of all, also where this kind of project has endings of its own.
      ...(settings.some(({ name }) => name === "watch.include_files") ? [] : [everyFile]),
    ],
    lost,
  };
}

/** nodemon takes the ending of its script, where it is told nothing. Here all that Node runs counts. */
const kinds = "js,mjs,cjs,ts,mts,cts,tsx,json";
const isKinds = (raw: unknown): boolean =>
  Array.isArray(raw) && raw.map((each) => String(each).replace(/^\./, "")).join(",") === kinds;

const everyFile: FoundSetting = { name: "watch.include_files", raw: ["*"] };

const isStrings = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");

/** `nodemon.json`, else `nodemonConfig` in the package.json; `--config` names another. */
function fileConfig({ directory, manifest }: Package, named: string | undefined): Readonly<Record<string, unknown>> {
  const own = jsonObject(textOf(directory, named ?? "nodemon.json") ?? "");
  if (own !== undefined) return named?.endsWith("package.json") ? tableOf(own["nodemonConfig"]) : own;
  return tableOf(manifest["nodemonConfig"]);
}

const tableOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Lists that grow with each use. */
const lists: Readonly<Record<string, string>> = {
  "--watch": "watch",
  "-w": "watch",
  "--ignore": "ignore",
  "-i": "ignore",
};
const valued: Readonly<Record<string, string>> = {
  "--exec": "exec",
  "-x": "exec",
  "--ext": "ext",
  "-e": "ext",
  "--delay": "delay",
  "-d": "delay",
  "--signal": "signal",
  "-s": "signal",
  "--polling-interval": "pollingInterval",
  "-P": "pollingInterval",
};
const switches: Readonly<Record<string, readonly [key: string, value: unknown]>> = {
  "--legacy-watch": ["legacyWatch", true],
  "-L": ["legacyWatch", true],
  "--on-change-only": ["runOnChangeOnly", true],
  "-C": ["runOnChangeOnly", true],
};
const silent = new Set([
  ...["--verbose", "-V", "--quiet", "-q", "--js", "--dump", "--spawn", "--exitcrash", "--no-stdin", "-I"],
  ...["--no-colours", "--no-colors", "--no-update-notifier"],
]);

/** A file or directory that is there, or one that a build will make. */
const isScript = (directory: string, name: string): boolean =>
  !name.startsWith("-") &&
  (existsSync(resolve(directory, name)) ||
    /\.[mc]?[jt]sx?$|^(?:\.\/)?(?:dist|build|out|lib)(?:\/[\w-]+)*\/?$/.test(name));

/** As nodemon reads its line: the first word that is a file is the script; what it does not know belongs to the program. */
function read(words: readonly Word[], directory: string): Words {
  const config: Record<string, unknown> = {};
  const grown: Record<string, string[]> = {};
  const args: Word[] = [];
  let configFile: string | undefined;
  let script: Word | undefined;
  let position = 0;
  let isOurs = true;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const [name = "", inline] = /^--[\w-]+=/.test(word.text ?? "") ? (word.text ?? "").split(/=(.*)/s) : [word.text];
    const value = (): string => {
      if (inline !== undefined) return inline;
      at += 1;
      return words[at]?.text ?? words[at]?.raw ?? "";
    };
    if (script === undefined && (name === "." || isScript(directory, name))) {
      script = word;
      position = args.length;
    } else if (!isOurs) args.push(word);
    else if (name === "--") {
      isOurs = false;
      position = args.length;
    } else if (name === "--config") configFile = value();
    else if (lists[name] !== undefined) {
      const key = lists[name];
      grown[key] = [...(grown[key] ?? []), value()];
    } else if (valued[name] !== undefined) config[valued[name]] = value();
    else if (switches[name] !== undefined) config[switches[name][0]] = switches[name][1];
    else if (!silent.has(name)) args.push(word);
  }
  // What is told in the line is seconds, in the file milliseconds.
  if (/^[\d.]+$/.test(String(config["delay"] ?? ""))) config["delay"] = Number(config["delay"]) * 1_000;
  return { config: { ...config, ...grown }, configFile, script, position, args };
}

function lineFor({ script, position, args }: Words, config: Readonly<Record<string, unknown>>, pkg: Package): string {
  const texts = (value: unknown): Word[] =>
    (Array.isArray(value) ? value : typeof value === "string" ? value.split(/\s+/) : [])
      .filter((each) => typeof each === "string" && each !== "")
      .map((each) => word(String(each)));
  const allArgs = args.length > 0 ? args : texts(config["args"]);
  const exec = typeof config["exec"] === "string" ? config["exec"] : undefined;
  // Beside `exec` the script of the file is left out, as nodemon does.
  const named = exec === undefined && typeof config["script"] === "string" ? word(config["script"]) : undefined;
  const guessed = script === undefined && allArgs[0]?.text !== undefined ? withEnding(pkg, allArgs[0].text) : undefined;
  const alone = exec === undefined && named === undefined && script === undefined && guessed === undefined;
  if (alone && pkg.main === undefined && pkg.scripts["start"] !== undefined)
    return [pkg.scripts["start"], ...allArgs.map(({ raw }) => raw)].join(" ");
  const file = script ?? named ?? guessed ?? (alone ? word(pkg.main ?? "index.js") : undefined);
  const rest = guessed === undefined ? allArgs : allArgs.slice(1);
  const inPlace = [
    ...rest.slice(0, position),
    ...(file === undefined ? [] : [full(pkg, file)]),
    ...rest.slice(position),
  ];
  const runner = exec ?? runnerOf(file, config["execMap"]);
  if (runner.includes("{{filename}}")) return runner.replaceAll("{{filename}}", file?.raw ?? "");
  const words = runner === "node" ? [...texts(config["nodeArgs"]), ...inPlace] : inPlace;
  return `${runner} ${lineOf({ assignments: [], words, redirections: [] })}`.trim();
}

/** `server` is `server.js`, where that is there. */
function full(pkg: Package, file: Word): Word {
  return file.text === undefined ? file : (withEnding(pkg, file.text) ?? file);
}

function withEnding({ directory }: Package, name: string): Word | undefined {
  if (existsSync(join(directory, name)) || name.includes(".js")) return undefined;
  return existsSync(join(directory, `${name}.js`)) ? word(`${name}.js`) : undefined;
}

function runnerOf(file: Word | undefined, own: unknown): string {
  const map: Readonly<Record<string, unknown>> = { py: "python", rb: "ruby", ts: "ts-node", ...tableOf(own) };
  const ending = /\.(\w+)$/.exec(file?.text ?? "")?.[1] ?? "";
  const runner = map[ending];
  return typeof runner === "string" ? runner : "node";
}
