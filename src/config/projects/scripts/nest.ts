/** `nest start`: what it builds, and the program that it then runs. https://github.com/nestjs/nest-cli */
import { join, relative } from "node:path";
import { has, textOf } from "../project.ts";
import { peelEverywhere } from "./options.ts";
import type { Package } from "./package.ts";
import type { FoundSetting } from "./program.ts";
import { lineOf, type Word, word } from "./shell.ts";
import { compilationOf, jsonWithComments } from "./tsconfig.ts";
import { filesBesides, type Unwatched } from "./unwatched.ts";

type Table = Readonly<Record<string, unknown>>;

const valued = [
  ...[
    "-c",
    "--config",
    "-p",
    "--path",
    "-b",
    "--builder",
    "--webpackPath",
    "--rspackPath",
    "--sourceRoot",
    "--entryFile",
  ],
  ...["-e", "--exec", "--env-file"],
];
/** Of `nest start` alone: `nest build` knows the rest. */
const starting = [
  "-w",
  "--watch",
  "--watchAssets",
  "-d",
  "--debug",
  "--sourceRoot",
  "--entryFile",
  "-e",
  "--exec",
  "--shell",
  "--no-shell",
  "--env-file",
  "--preserveWatchOutput",
];

export function fromNest(args: readonly Word[], { directory }: Package): Unwatched | undefined {
  const [verb, ...others] = args;
  if (verb?.text !== "start" && verb?.text !== "s") return undefined;
  const { kept, dropped, rest: own } = peelEverywhere(debugged(others), { values: valued, dropped: starting });
  const [app] = namesIn(kept);
  const config = settingsOf(directory, kept, app);
  const given = (...names: string[]): string | undefined =>
    names.map((name) => dropped.get(name)?.[0]).find((each) => each !== undefined);
  const entry = given("--entryFile") ?? text(config["entryFile"]) ?? "main";
  const sourceRoot = given("--sourceRoot") ?? text(config["sourceRoot"]) ?? "src";
  const compilerOptions = tableOf(config["compilerOptions"]);
  const tsconfig = optionOf(kept, "-p", "--path") ?? text(compilerOptions["tsConfigPath"]) ?? defaultConfig(directory);
  const compilation = compilationOf(directory, tsconfig);
  const outDir = compilation?.outDir ?? join(directory, "dist");
  const isBundled = isBundler(builderOf(compilerOptions, kept));
  const file = program(directory, { outDir, sourceRoot, entry, compiledFrom: compilation?.sourceRoot, isBundled });
  const debug = given("-d", "--debug");
  const node = [
    word("--enable-source-maps"),
    ...(dropped.get("--env-file") ?? []).map((each) => word(`--env-file=${each}`)),
    ...(debug === undefined ? [] : [word(debug === "" ? "--inspect" : `--inspect=${debug}`)]),
  ];
  return {
    watcher: dropped.has("-w") || dropped.has("--watch") ? "nest start --watch" : "nest start",
    // It is given to a shell: `--exec "node --inspect"` is two words.
    starts: [
      ...(given("-e", "--exec") ?? text(config["exec"]) ?? "node").split(/\s+/).map(word),
      ...node,
      word(file),
      ...own,
    ],
    settings: assetsOf(compilerOptions, sourceRoot, dropped.has("--watchAssets")),
    build: ["nest build", lineOf({ assignments: [], words: kept, redirections: [] })].join(" ").trim(),
  };
}

/** `--debug 0.0.0.0:9229` has a value, `--debug --watch` has none. */
function debugged(words: readonly Word[]): Word[] {
  return words.flatMap((each, at): Word[] => {
    const before = words[at - 1]?.text;
    if ((before === "-d" || before === "--debug") && /^(?:[\w.-]+:)?\d+$/.test(each.text ?? "")) return [];
    const next = words[at + 1]?.text ?? "";
    const isDebug = each.text === "-d" || each.text === "--debug";
    return isDebug && /^(?:[\w.-]+:)?\d+$/.test(next) ? [word(`${each.text}=${next}`)] : [each];
  });
}

/** What is copied on a change counts. */
function assetsOf(options: Table, sourceRoot: string, isAsked: boolean): FoundSetting[] {
  const assets = Array.isArray(options["assets"]) ? options["assets"] : [];
  const patterns = assets.flatMap((asset) => {
    const include = text(asset) ?? text(tableOf(asset)["include"]);
    const isWatched = isAsked || options["watchAssets"] === true || tableOf(asset)["watchAssets"] === true;
    return include === undefined || !isWatched ? [] : [`${sourceRoot}/${include}`.replaceAll(/\/\.?\//g, "/")];
  });
  return patterns.length === 0 ? [] : [{ name: filesBesides, raw: patterns }];
}

const optionOf = (words: readonly Word[], ...names: readonly string[]): string | undefined => {
  const at = words.findIndex(({ text: word }) => word !== undefined && names.includes(word));
  return at < 0 ? undefined : words[at + 1]?.text;
};

const tableOf = (value: unknown): Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** What is no option and no value of one: applications of several. */
const namesIn = (words: readonly Word[]): string[] =>
  words
    .filter(({ raw }, at) => !raw.startsWith("-") && !valued.includes(words[at - 1]?.raw ?? ""))
    .map(({ text, raw }) => text ?? raw);

interface Builder {
  readonly type: unknown;
  readonly options?: unknown;
}

/** What compiles: as the command says, else nest-cli.json. */
function builderOf(options: Table, words: readonly Word[]): Builder {
  const isWebpack = words.some(({ text: each }) => each === "--webpack") || options["webpack"] === true;
  const builder = optionOf(words, "-b", "--builder") ?? options["builder"] ?? "tsc";
  return isWebpack ? { type: "webpack" } : { ...tableOf(builder), type: tableOf(builder)["type"] ?? builder };
}

const isBundler = ({ type }: Builder): boolean => type === "webpack" || type === "rspack";

/** nest-cli.json, and what it says of one application of several. */
function settingsOf(directory: string, kept: readonly Word[], app: string | undefined): Table {
  const name = optionOf(kept, "-c", "--config") ?? "nest-cli.json";
  const all = jsonWithComments(textOf(directory, name) ?? "") ?? {};
  const own = app === undefined ? {} : tableOf(tableOf(all["projects"])[app]);
  return {
    ...all,
    ...own,
    compilerOptions: { ...tableOf(all["compilerOptions"]), ...tableOf(own["compilerOptions"]) },
  };
}

const defaultConfig = (directory: string): string =>
  has(directory, "tsconfig.build.json") ? "tsconfig.build.json" : "tsconfig.json";

interface Place {
  readonly outDir: string;
  readonly sourceRoot: string;
  readonly entry: string;
  readonly compiledFrom: string | undefined;
  readonly isBundled: boolean;
}

/** `dist/src/main` where the output has a `src`, else `dist/main`: without an ending, as Nest runs it. Bundlers write that one alone. */
function program(directory: string, { outDir, sourceRoot, entry, compiledFrom, isBundled }: Place): string {
  if (isBundled) return relative(directory, join(outDir, entry)).replaceAll("\\", "/");
  const source = join(directory, sourceRoot, entry);
  const inside = compiledFrom === undefined ? entry : relative(compiledFrom, source);
  const below = inside.startsWith("..") || !has(directory, `${sourceRoot}/${entry}.ts`) ? entry : inside;
  return relative(directory, join(outDir, below)).replaceAll("\\", "/");
}

/** The configuration whose types are looked at beside a bundler, where nothing else changes files on their way; `undefined`: no bundler builds. */
export function bundledNestConfig(directory: string, words: readonly Word[]): string | undefined {
  const [app] = namesIn(words);
  const options = tableOf(settingsOf(directory, words, app)["compilerOptions"]);
  const isNone = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);
  const isAlone = ["plugins", "assets", "includeLibraryAssets"].every((name) => isNone(options[name]));
  if (!isBundler(builderOf(options, words)) || !isAlone) return undefined;
  return optionOf(words, "-p", "--path") ?? text(options["tsConfigPath"]) ?? defaultConfig(directory);
}

export interface PlainNest {
  readonly config: string;
  /** The one of several that is built. */
  readonly app: string | undefined;
  /** Files change on their way by what others say: they are compiled together. */
  readonly isWhole: boolean;
}

/** The configuration that Nest compiles by, where it does so with TypeScript or as that would: with no bundler, and no `.swcrc`. */
export function plainNestConfig(directory: string, words: readonly Word[]): PlainNest | undefined {
  const [app, ...apps] = namesIn(words);
  const options = tableOf(settingsOf(directory, words, app)["compilerOptions"]);
  const isEmpty = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);
  const builder = builderOf(options, words);
  const isSwc =
    builder.type === "swc" && builder.options === undefined && isEmpty(options["plugins"]) && !has(directory, ".swcrc");
  const chosen = words.findIndex(({ text: each }) => each === "-b" || each === "--builder");
  const others = words.filter(
    ({ text: each }, at) => each !== "--type-check" && each !== app && (chosen < 0 || at < chosen || at > chosen + 1),
  );
  const config = text(options["tsConfigPath"]) ?? defaultConfig(directory);
  const hasPaths = compilationOf(directory, config)?.hasPaths;
  const isKnown = (builder.type === "tsc" || isSwc) && isEmpty(options["includeLibraryAssets"]);
  if (!isKnown || others.length + apps.length > 0 || hasPaths === undefined) return undefined;
  return { config, app, isWhole: hasPaths || !isEmpty(options["plugins"]) };
}
