/** Programs that watch and start another one again: each is taken away with its own flags, and what it starts stays. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { nodeOptions, nodeValues, tsxOptions } from "./node-options.ts";
import { readNodemon } from "./nodemon.ts";
import { peelEverywhere, peelOptions } from "./options.ts";
import type { Package } from "./package.ts";
import type { Setting } from "./program.ts";
import { type Word, word } from "./shell.ts";
import { runByTsx } from "./tsx.ts";

export interface Unwatched {
  /** `tsx watch`; absent where it watched nothing. */
  readonly watcher?: string;
  /** What it starts: words, or a line for the shell. */
  readonly starts: readonly Word[] | string;
  /** What it makes before each start. */
  readonly build?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: readonly Setting[];
  readonly lost?: readonly string[];
}

/** `undefined`: this program, called so, watches nothing. */
export type Unwatch = (args: readonly Word[], its: Package) => Unwatched | undefined;

export const watchers: Readonly<Record<string, Unwatch>> = {
  node: fromNode,
  nodejs: fromNode,
  tsx: fromTsx,
  esno: fromTsx,
  nodemon: (args, its) => ({ watcher: "nodemon", ...readNodemon(args, its) }),
  "ts-node-dev": fromTsNodeDev,
  tsnd: fromTsNodeDev,
  "node-dev": fromNodeDev,
  bun: fromBun,
  deno: fromDeno,
  "vite-node": without(
    "vite-node",
    "vite-node --watch",
    ["-w", "--watch"],
    ["--script", "-c", "--config", "-r", "--root", "-m", "--mode", "--options"],
  ),
  fastify: fromFastify,
  tsup: fromBundler("tsup", "--onSuccess"),
  tsdown: fromBundler("tsdown", "--on-success"),
  "tsc-watch": fromTscWatch,
  supervisor: fromSupervisor,
  "node-supervisor": fromSupervisor,
  onchange: afterDashes("onchange"),
  chokidar: fromChokidar,
  watchexec: fromWatchexec,
  "swc-node-dev": fromNodeDev,
};

const isSet = (gone: ReadonlyMap<string, unknown>, ...names: readonly string[]): boolean =>
  names.some((name) => gone.has(name));

/** Directories that are named for the watcher are those that it watches. */
function watchedDirectories(paths: readonly string[], { directory }: Package): Setting[] {
  const there = paths.filter((path) => path !== "" && existsSync(resolve(directory, path)));
  return there.length === 0 ? [] : [{ name: "watch.include_dirs", raw: there }];
}

function fromNode(args: readonly Word[], its: Package): Unwatched | undefined {
  const { kept, dropped, rest } = peelOptions(args, nodeOptions);
  if (!isSet(dropped, "--watch", "--watch-path")) return undefined;
  return {
    watcher: "node --watch",
    starts: [word("node"), ...kept, ...rest],
    settings: watchedDirectories(dropped.get("--watch-path") ?? [], its),
  };
}

function fromTsx(args: readonly Word[], its: Package): Unwatched | undefined {
  const first = peelOptions(args, tsxOptions);
  const isVerb = first.rest[0]?.text === "watch";
  // tsx gives `--watch` to Node.
  const isWatch = isVerb || isSet(first.dropped, "--watch", "--watch-path");
  const second = peelOptions(isVerb ? first.rest.slice(1) : [], tsxOptions);
  const rest = isVerb ? second.rest : first.rest;
  if (rest.length === 0) return undefined;
  const gone = new Map([...first.dropped, ...second.dropped]);
  const starts = runByTsx([...first.kept, ...second.kept, ...rest], gone, its);
  if (!isWatch && starts.env === undefined && starts.words[0]?.text === "tsx") return undefined;
  const excluded = [...(gone.get("--exclude") ?? []), ...(gone.get("--ignore") ?? [])].filter((path) => path !== "");
  const settings = excluded.length === 0 ? [] : [{ name: "watch.exclude_files", raw: excluded.map(anchored) }];
  return {
    ...(isWatch ? { watcher: "tsx watch" } : {}),
    starts: starts.words,
    ...(starts.env === undefined ? {} : { env: starts.env }),
    settings,
  };
}

const anchored = (path: string): string => (path.startsWith("./") ? path.slice(1) : path);

const tsNodeDevOnly = [
  ...[
    "--respawn",
    "--deps",
    "--all-deps",
    "--deps-level",
    "--dedupe",
    "--fork",
    "--no-fork",
    "--exec-check",
    "--debug",
    "--poll",
  ],
  ...[
    "--notify",
    "--no-notify",
    "--tree-kill",
    "--clear",
    "--cls",
    "--exit-child",
    "--error-recompile",
    "--quiet",
    "--rs",
  ],
  ...[
    "--dir",
    "--compile-timeout",
    "--ignore-watch",
    "--interval",
    "--debounce",
    "--watch",
    "--cache-directory",
    "--no-cache",
    "--cache",
  ],
];
const tsNodeValues = [
  ...[
    "--compiler",
    "-C",
    "--project",
    "-P",
    "--ignore",
    "-I",
    "--ignore-diagnostics",
    "-D",
    "--compiler-options",
    "-O",
  ],
  ...["--scopeDir", "--transpiler", "--dir", "--deps-level", "--compile-timeout", "--ignore-watch", "--interval"],
  ...["--debounce", "--watch", "--cache-directory"],
];

function fromTsNodeDev(args: readonly Word[], its: Package): Unwatched {
  const values = [...tsNodeValues, ...nodeValues.filter((name) => name !== "-C")];
  const { kept, dropped, rest } = peelOptions(args, { values, dropped: tsNodeDevOnly });
  const isNodes = (option: Word): boolean =>
    /^--(?:inspect|max-old|enable-source|trace|no-warnings)/.test(option.text ?? "");
  const forNode = kept.filter(isNodes);
  const others = kept.filter((option) => !isNodes(option));
  const tsNode = word("ts-node");
  return {
    watcher: "ts-node-dev",
    // Options of Node stand in front of ts-node's own file.
    starts:
      forNode.length === 0
        ? [tsNode, ...others, ...rest]
        : [word("node"), ...forNode, word("./node_modules/.bin/ts-node"), ...others, ...rest],
    settings: watchedDirectories(
      (dropped.get("--watch") ?? []).flatMap((list) => list.split(",")),
      its,
    ).map(more),
  };
}

/** Named in addition to what is watched anyway. */
const more = ({ name, raw }: Setting): Setting => ({ name, raw: Array.isArray(raw) ? [".", ...raw] : raw });

function fromNodeDev(args: readonly Word[]): Unwatched {
  const own = ["--clear", "--dedupe", "--fork", "--no-fork", "--notify", "--no-notify", "--poll", "--respawn", "--vm"];
  const valued = ["--debounce", "--deps", "--interval", "--graceful_ipc", "--ignore", "--timestamp"];
  const { kept, rest } = peelOptions(args, { values: [...valued, ...nodeValues], dropped: [...own, ...valued] });
  return { watcher: "node-dev", starts: [word("node"), ...kept, ...rest] };
}

function fromBun(args: readonly Word[]): Unwatched | undefined {
  const own = ["--watch", "--hot", "--no-clear-screen"];
  const before = peelOptions(args, { values: ["--env-file", "--cwd", "-r", "--preload", "--port"], dropped: own });
  const isRun = before.rest[0]?.text === "run";
  const after = peelOptions(isRun ? before.rest.slice(1) : before.rest, {
    values: ["--env-file", "-r", "--preload"],
    dropped: own,
  });
  if (!isSet(before.dropped, ...own) && !isSet(after.dropped, ...own)) return undefined;
  const run = isRun ? [word("run")] : [];
  return { watcher: "bun --watch", starts: [word("bun"), ...before.kept, ...run, ...after.kept, ...after.rest] };
}

function fromDeno(args: readonly Word[]): Unwatched | undefined {
  const own = ["--watch", "--watch-hmr", "--watch-exclude", "--no-clear-screen"];
  const [verb, ...others] = args;
  if (verb === undefined) return undefined;
  const valued = [
    "-c",
    "--config",
    "--import-map",
    "--env-file",
    "--lock",
    "--location",
    "--cert",
    "--seed",
    "-L",
    "--log-level",
  ];
  const { kept, dropped, rest } = peelOptions(others, { values: valued, dropped: own });
  return isSet(dropped, ...own)
    ? { watcher: "deno --watch", starts: [word("deno"), verb, ...kept, ...rest] }
    : undefined;
}

/** A program that runs what it is given and watches only if it is told to. */
function without(program: string, watcher: string, flags: readonly string[], values: readonly string[]): Unwatch {
  return (args) => {
    const { kept, dropped, rest } = peelOptions(args, { values, dropped: flags });
    return isSet(dropped, ...flags) ? { watcher, starts: [word(program), ...kept, ...rest] } : undefined;
  };
}

function fromFastify(args: readonly Word[]): Unwatched | undefined {
  if (args[0]?.text !== "start") return undefined;
  const own = ["-w", "--watch", "--ignore-watch", "-V", "--verbose-watch", "--follow-watch"];
  // A group of short options: `-wl info`.
  const apart = args.flatMap((each): Word[] =>
    /^-[a-zA-Z]{2,}$/.test(each.text ?? "") ? [...(each.text ?? "").slice(1)].map((sign) => word(`-${sign}`)) : [each],
  );
  const { kept, dropped } = peelEverywhere(apart.slice(1), { values: ["--ignore-watch"], dropped: own });
  if (!isSet(dropped, "-w", "--watch")) return undefined;
  return { watcher: "fastify start --watch", starts: [word("fastify"), word("start"), ...kept] };
}

/** A bundler that starts something once it is through. */
function fromBundler(name: string, hook: string): Unwatch {
  return (args) => {
    const own = [hook, "--watch", "-w", "--ignore-watch"];
    // `--watch src` has a value, `--watch --format esm` has none.
    const words = args.filter(
      (each, at) => !(at > 0 && ["--watch", "-w"].includes(args[at - 1]?.text ?? "") && !each.raw.startsWith("-")),
    );
    const { kept, dropped, rest } = peelEverywhere(words, { values: [hook, "--ignore-watch"], dropped: own });
    const [command] = dropped.get(hook) ?? [];
    if (command === undefined || !isSet(dropped, "--watch", "-w")) return undefined;
    return {
      watcher: `${name} --watch`,
      starts: command,
      build: [name, ...[...kept, ...rest].map(({ raw }) => raw)].join(" "),
    };
  };
}

function fromTscWatch(args: readonly Word[]): Unwatched | undefined {
  const hooks = [
    "--onSuccess",
    "--onFirstSuccess",
    "--onFailure",
    "--onEmit",
    "--onCompilationStarted",
    "--onCompilationComplete",
  ];
  const valued = [...hooks, "--onEmitDebounceMs", "--maxNodeMem", "--compiler", "--compileCommand"];
  const switches = [
    "--noColors",
    "--noClear",
    "--silent",
    "--signalEmittedFiles",
    "--watch",
    "-w",
    "--preserveWatchOutput",
  ];
  const { kept, dropped } = peelEverywhere(args, { values: valued, dropped: [...valued, ...switches] });
  const command = dropped.get("--onSuccess")?.[0] ?? dropped.get("--onFirstSuccess")?.[0];
  const compiler = dropped.get("--compileCommand")?.[0] ?? "tsc";
  const build = [compiler, ...kept.map(({ raw }) => raw)].join(" ");
  return command === undefined ? undefined : { watcher: "tsc-watch", starts: command, build };
}

function fromSupervisor(args: readonly Word[], its: Package): Unwatched | undefined {
  const valued = [
    "-w",
    "--watch",
    "-i",
    "--ignore",
    "-p",
    "--poll-interval",
    "-e",
    "--extensions",
    "-x",
    "--exec",
    "--instant-kill",
  ];
  const switches = [
    "-n",
    "--no-restart-on",
    "-q",
    "--quiet",
    "-V",
    "--verbose",
    "-t",
    "--timestamp",
    "--force-watch",
    "-s",
    "-k",
    "-RV",
  ];
  const { dropped, rest } = peelOptions(args, { values: valued, dropped: [...valued, ...switches] });
  const program = dropped.get("-x")?.[0] ?? dropped.get("--exec")?.[0] ?? "node";
  const directories = [...(dropped.get("-w") ?? []), ...(dropped.get("--watch") ?? [])].flatMap((list) =>
    list.split(","),
  );
  return rest.length === 0
    ? undefined
    : { watcher: "supervisor", starts: [word(program), ...rest], settings: watchedDirectories(directories, its) };
}

/** `WATCHER patterns -- command`. */
function afterDashes(watcher: string): Unwatch {
  return (args) => {
    const at = args.findIndex(({ text }) => text === "--");
    return at < 0 || at === args.length - 1 ? undefined : { watcher, starts: args.slice(at + 1) };
  };
}

function fromChokidar(args: readonly Word[]): Unwatched | undefined {
  const at = args.findIndex(({ text }) => text === "-c" || text === "--command");
  const command = args[at + 1]?.text;
  return at < 0 || command === undefined ? undefined : { watcher: "chokidar", starts: command };
}

function fromWatchexec(args: readonly Word[]): Unwatched | undefined {
  const valued = [
    "-e",
    "--exts",
    "-w",
    "--watch",
    "-i",
    "--ignore",
    "-f",
    "--filter",
    "-d",
    "--debounce",
    "-s",
    "--signal",
    "--stop-signal",
    "-E",
  ];
  const { rest } = peelOptions(args, { values: valued, dropped: [] });
  const [only] = rest;
  if (only === undefined) return undefined;
  return { watcher: "watchexec", starts: rest.length === 1 && only.text !== undefined ? only.text : rest };
}

/** Where a program of a package lies, for what Node itself has to open. */
export const binOf = ({ directory }: Package, name: string): string => join(directory, "node_modules/.bin", name);
