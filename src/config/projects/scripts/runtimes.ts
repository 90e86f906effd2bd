/** Runtimes that can watch what they run: Node and what builds on it, Bun, Deno. */
import { has } from "../project.ts";
import { nodeOptions, nodeValues, tsxOptions } from "./node-options.ts";
import { peelEverywhere, peelOptions } from "./options.ts";
import type { Package } from "./package.ts";
import type { FoundSetting } from "./program.ts";
import { type Word, word } from "./shell.ts";
import { runByTsx } from "./tsx.ts";
import { filesBesides, isSet, type Unwatch, type Unwatched, watchedDirectories } from "./unwatched.ts";

export function fromNode(args: readonly Word[], pkg: Package): Unwatched | undefined {
  const { kept, dropped, rest } = peelOptions(args, nodeOptions);
  if (!isSet(dropped, "--watch", "--watch-path")) return undefined;
  return {
    watcher: "node --watch",
    starts: [word("node"), ...kept, ...rest],
    settings: [...watchedDirectories(dropped.get("--watch-path") ?? [], pkg), ...stopSignal(dropped)],
  };
}

const stopSignal = (gone: ReadonlyMap<string, readonly string[]>): FoundSetting[] =>
  (gone.get("--watch-kill-signal") ?? []).slice(-1).map((raw) => ({ name: "proc.stop_signal", raw }));

export function fromTsx(args: readonly Word[], pkg: Package): Unwatched | undefined {
  const first = peelOptions(args, tsxOptions);
  const isVerb = first.rest[0]?.text === "watch";
  // tsx gives `--watch` to Node.
  const isWatch = isVerb || isSet(first.dropped, "--watch", "--watch-path");
  const second = peelOptions(isVerb ? first.rest.slice(1) : [], tsxOptions);
  const rest = isVerb ? second.rest : first.rest;
  if (rest.length === 0) return undefined;
  const gone = new Map([...first.dropped, ...second.dropped]);
  const starts = runByTsx([...first.kept, ...second.kept, ...rest], gone, pkg);
  if (!isWatch && starts.env === undefined && starts.words[0]?.text === "tsx") return undefined;
  const excluded = [...(gone.get("--exclude") ?? []), ...(gone.get("--ignore") ?? [])].filter((path) => path !== "");
  const included = (gone.get("--include") ?? []).filter((path) => path !== "");
  const settings = [
    ...(excluded.length === 0 ? [] : [{ name: "watch.exclude_files", raw: excluded.map(anchored) }]),
    ...(included.length === 0 ? [] : [{ name: filesBesides, raw: included.map(plainPath) }]),
  ];
  return {
    ...(isWatch ? { watcher: "tsx watch" } : {}),
    starts: starts.words,
    ...(starts.env === undefined ? {} : { env: starts.env }),
    settings,
  };
}

const plainPath = (path: string): string => path.replace(/^\.\//, "");
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

export function fromTsNodeDev(args: readonly Word[], pkg: Package): Unwatched {
  const values = [...tsNodeValues, ...nodeValues.filter((name) => name !== "-C")];
  const { kept, dropped, rest } = peelOptions(args, { values, dropped: tsNodeDevOnly });
  const isNodes = (option: Word): boolean =>
    /^--(?:inspect|max-old|enable-source|trace|no-warnings)/.test(option.text ?? "");
  const forNode = kept.filter(isNodes);
  const others = kept.filter((option) => !isNodes(option));
  const tsNode = word("ts-node");
  return {
    watcher: "ts-node-dev",
    // Programs ask by it whether their TypeScript can be loaded.
    env: { TS_NODE_DEV: "true" },
    // Options of Node stand in front of ts-node's own file.
    starts:
      forNode.length === 0
        ? [tsNode, ...others, ...rest]
        : [word("node"), ...forNode, word("./node_modules/.bin/ts-node"), ...others, ...rest],
    settings: watchedDirectories(
      (dropped.get("--watch") ?? []).flatMap((list) => list.split(",")),
      pkg,
    ).map(more),
  };
}

/** Named in addition to what is watched anyway. */
const more = ({ name, raw }: FoundSetting): FoundSetting => ({ name, raw: Array.isArray(raw) ? [".", ...raw] : raw });

export function fromNodeDev(args: readonly Word[]): Unwatched {
  const own = ["--clear", "--dedupe", "--fork", "--no-fork", "--notify", "--no-notify", "--poll", "--respawn", "--vm"];
  const valued = ["--debounce", "--deps", "--interval", "--graceful_ipc", "--ignore", "--timestamp"];
  const { kept, rest } = peelOptions(args, { values: [...valued, ...nodeValues], dropped: [...own, ...valued] });
  return { watcher: "node-dev", starts: [word("node"), ...kept, ...rest] };
}

export function fromBun(args: readonly Word[]): Unwatched | undefined {
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

export function fromDeno(args: readonly Word[]): Unwatched | undefined {
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
export function without(
  program: string,
  watcher: string,
  flags: readonly string[],
  values: readonly string[],
): Unwatch {
  return (args) => {
    const { kept, dropped, rest } = peelOptions(args, { values, dropped: flags });
    return isSet(dropped, ...flags) ? { watcher, starts: [word(program), ...kept, ...rest] } : undefined;
  };
}

/** What its watcher runs is not its whole command line, which takes a tenth of the start to load, but the file behind `start`. */
export function fromFastify(args: readonly Word[], { directory }: Package): Unwatched | undefined {
  if (args[0]?.text !== "start") return undefined;
  const own = ["-w", "--watch", "--ignore-watch", "-V", "--verbose-watch", "--follow-watch"];
  // A group of short options: `-wl info`.
  const apart = args.flatMap((each): Word[] =>
    /^-[a-zA-Z]{2,}$/.test(each.text ?? "") ? [...(each.text ?? "").slice(1)].map((sign) => word(`-${sign}`)) : [each],
  );
  const { kept, dropped } = peelEverywhere(apart.slice(1), { values: ["--ignore-watch"], dropped: own });
  if (!isSet(dropped, "-w", "--watch")) return undefined;
  const file = "node_modules/fastify-cli/start.js";
  const start = has(directory, file) ? [word("node"), word(file)] : [word("fastify"), word("start")];
  return { watcher: "fastify start --watch", starts: [...start, ...kept] };
}
