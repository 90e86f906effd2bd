/** nodemon's configuration (`nodemon.json`, or `nodemonConfig` in a package.json) as a draft of a `.reload.toml`. */
import { statSync } from "node:fs";
import { constants } from "node:os";
import { isAbsolute, resolve } from "node:path";
import type { Translation } from "../air/draft.ts";
import { durationText } from "../keys/duration.ts";
import { inline } from "../write/write.ts";
import { commandSettings } from "./commands.ts";

type Json = Readonly<Record<string, unknown>>;

export type NodemonTranslation = Omit<Translation, "complaints">;

/** How each key is taken over; `undefined`: it was, with others or by itself, or it says nothing that matters here. */
type Taken = readonly { readonly name: string; readonly raw: unknown }[];

/** @param main what nodemon runs when it is told nothing else: `main` of the package.json */
export function draftFromNodemon(config: Json, directory: string, main: string | undefined): NodemonTranslation {
  const watching = watchSettings(config, directory);
  const settings: { name: string; raw: unknown }[] = [...commandSettings(config, main), ...watching.settings];
  const lost: string[] = [...watching.lost];
  for (const [key, value] of Object.entries(config)) {
    const taken = typesOf[key]?.(value) === false ? "wrong" : take(key, value, config);
    const written = `${key} = ${value === null ? "null" : inline(value)}`;
    if (taken === "wrong") lost.push(`${written}: nodemon does not accept this`);
    else if (taken === "lost")
      lost.push(`${written}: no counterpart${advice[key] === undefined ? "" : `; ${advice[key]}`}`);
    else settings.push(...taken);
  }
  return { settings, lost: [...lost, ...variablesOf(config["env"]).lost] };
}

const isText = (value: unknown): boolean => typeof value === "string";
const isTexts = (value: unknown): boolean => isText(value) || (Array.isArray(value) && value.every(isText));
const isSwitch = (value: unknown): boolean => typeof value === "boolean";

/** Of the keys whose value is not looked at where it is taken over. */
const typesOf: Readonly<Record<string, (value: unknown) => boolean>> = {
  exec: isText,
  script: isText,
  args: isTexts,
  nodeArgs: isTexts,
  watch: isTexts,
  ext: isTexts,
  ignore: isTexts,
  ignoreRoot: isTexts,
  env: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  pollingInterval: (value) => typeof value === "number",
  legacyWatch: isSwitch,
  verbose: isSwitch,
  quiet: isSwitch,
  stdin: isSwitch,
  exitCrash: isSwitch,
  exitcrash: isSwitch,
  runOnChangeOnly: isSwitch,
};

const advice: Readonly<Record<string, string>> = {
  events: "[hooks] has commands for what fails (after_fail), is ready (after_ready) and ends (at_end)",
  runOnChangeOnly: "reload --postpone waits for the first change",
  restartable: "r restarts on a terminal",
  cwd: "start in that directory, or set root",
};

/** Read together by `commandSettings` and `watchSettings`, or without meaning here. */
const elsewhere = new Set([
  "exec",
  "script",
  "args",
  "nodeArgs",
  "watch",
  "ext",
  "ignore",
  "ignoreRoot",
  "pollingInterval",
  "execMap",
]);
const cosmetic = new Set([
  "$schema",
  "colours",
  "colors",
  "dump",
  "noUpdateNotifier",
  "stdout",
  "spawn",
  "watchOptions",
]);

function take(key: string, value: unknown, config: Json): Taken | "lost" {
  if (elsewhere.has(key) || cosmetic.has(key)) return [];
  switch (key) {
    case "env":
      return [{ name: "proc.env", raw: variablesOf(value).values }];
    case "signal":
      return typeof value === "string" && Object.hasOwn(constants.signals, value)
        ? [{ name: "proc.stop_signal", raw: value }]
        : "lost";
    case "delay": {
      const ms = delayMs(value);
      return ms === undefined ? "lost" : [{ name: "watch.debounce", raw: durationText(ms) }];
    }
    case "legacyWatch": {
      const interval = Number(config["pollingInterval"]);
      return value === true
        ? [{ name: "watch.poll", raw: Number.isInteger(interval) && interval > 0 ? durationText(interval) : true }]
        : [];
    }
    case "verbose":
      return value === true ? [{ name: "log.level", raw: "debug" }] : [];
    case "quiet":
      return value === true ? [{ name: "log.level", raw: "warn" }] : [];
    case "stdin":
      return value === false ? [{ name: "proc.stdin", raw: false }] : [];
    case "exitCrash":
    case "exitcrash":
      return value === true ? [{ name: "proc.on_exit", raw: "quit" }] : [];
    case "restartable":
      return value === "rs" || value === false ? [] : "lost";
    case "runOnChangeOnly":
      return value === true ? "lost" : [];
    default:
      return "lost";
  }
}

/** `2500` and `"2500"` are milliseconds, as its timer takes them; `"2500ms"` and `"2.5s"` say so. */
function delayMs(value: unknown): number | undefined {
  if (typeof value === "number") return value >= 0 ? Math.round(value) : undefined;
  const parts = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(String(value).trim());
  return parts === null ? undefined : Math.round(Number(parts[1]) * (parts[2] === "s" ? 1_000 : 1));
}

/** What has no text is not a variable: `null` is none, and neither is a list. */
function variablesOf(value: unknown): { values: Record<string, string>; lost: readonly string[] } {
  const values: Record<string, string> = {};
  const lost: string[] = [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { values, lost };
  for (const [name, each] of Object.entries(value)) {
    if (["string", "number", "boolean"].includes(typeof each)) values[name] = String(each);
    else lost.push(`env.${name} = ${JSON.stringify(each)}: not a text`);
  }
  return { values, lost };
}

const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : typeof value === "string" ? [value] : [];

// ── what is watched ────────────────────────────────────────────────────────────────────────────────────────────────

const isGlob = (path: string): boolean => /[*?[\]{}!]/.test(path);

function watchSettings(config: Json, directory: string): NodemonTranslation {
  const watched = listOf(config["watch"])
    .map(plain)
    .map(directoryIn)
    .filter((path) => path !== "" && path !== "*.*");
  const negative = watched.filter((path) => path.startsWith("!"));
  const positive = watched.filter((path) => !path.startsWith("!"));
  const isOutside = (path: string): boolean => path === ".." || path.startsWith("../") || isAbsolute(path);
  const isFile = (path: string): boolean =>
    isGlob(path) || statSync(resolve(directory, path), { throwIfNoEntry: false })?.isFile() === true;
  const directories = positive.filter((path) => !isFile(path));
  const extensions = extensionsOf(config);
  const files = positive
    .filter((path) => isFile(path) && !isOutside(path))
    .flatMap((path) => withEndings(path, extensions))
    // `*.json` is one at any depth, `app.json` the one that lies there.
    .map((path) => (path.includes("/") || path.startsWith("*.") ? path : `/${path}`));
  const isEverywhere = directories.includes(".");
  const isWithin = files.every((file) => directories.some((each) => file.startsWith(`${each}/`)));
  // A file beside the directories is in none of them: then patterns say which directories are meant.
  const isMixed = directories.length > 0 && !isEverywhere && !isWithin;
  const inDirectories = directories
    .filter((path) => !isOutside(path))
    .flatMap((path) => (extensions.length === 0 ? [`${path}/**`] : extensions.map((each) => `${path}/**/*${each}`)));
  // With only files and globs to watch, those are all; beside directories they come in addition to what the extensions say.
  const included = isMixed
    ? [...inDirectories, ...files]
    : directories.length === 0 && files.length > 0
      ? files
      : [...extensions, ...files];
  const unreachable = positive.filter((path) => isOutside(path) && (isFile(path) || isMixed));
  const ignored = [...listOf(config["ignore"]).map(plain), ...negative.map((path) => path.slice(1))].filter(
    (path) => path !== "",
  );
  const isDirectory = (path: string): boolean =>
    statSync(resolve(directory, path), { throwIfNoEntry: false })?.isDirectory() === true;
  const dirs = ignored.filter((path) =>
    isGlob(path) ? /\/\*{1,2}(?:\/\*)?$/.test(path) : isDirectory(path) || !/\.\w+$/.test(path),
  );
  // What is there is meant as it lies there; a pattern holds at any depth.
  const named = (path: string): string =>
    !isGlob(path) && !path.includes("/") && isDirectory(path) ? `/${path}` : path.replace(/(?:\/\*{1,2})+$/, "");
  const ignoredFiles = ignored.filter((path) => !dirs.includes(path) || /[^*]\/\*$/.test(path));
  const settings = [
    ...(included.length === 0 ? [] : [{ name: "watch.include_files", raw: included }]),
    ...(directories.length === 0 || isEverywhere || isMixed ? [] : [{ name: "watch.include_dirs", raw: directories }]),
    ...(dirs.length === 0 ? [] : [{ name: "watch.exclude_dirs", raw: dirs.map(named) }]),
    ...(ignoredFiles.length === 0 ? [] : [{ name: "watch.exclude_files", raw: ignoredFiles }]),
  ];
  return {
    settings,
    lost: unreachable.map(
      (path) =>
        `watch ${inline(path)}: no pattern reaches out of the project; [watch] include_dirs may name directories there`,
    ),
  };
}

/** `server/*` is all that is in `server` to nodemon, as `server/**` is: with the endings that are watched. */
const directoryIn = (path: string): string => path.replace(/(?<=[^/])(?:\/\*{1,2})+$/, "");

/** A glob that says nothing of an ending is one for the endings that are watched. */
function withEndings(path: string, extensions: readonly string[]): string[] {
  const last = path.slice(path.lastIndexOf("/") + 1);
  if (!isGlob(path) || last.includes(".") || extensions.length === 0) return [path];
  return extensions.map((ending) =>
    last === "**" || !last.includes("*") ? `${path}/**/*${ending}` : `${path}${ending}`,
  );
}

const plain = (path: string): string =>
  path
    .trim()
    .replace(/^\.\/(?=.)/, "")
    .replace(/(?<=.)\/+$/, "");

/** `"ts,json"`, `"ts json"`, `["ts"]`; without it nodemon has three. */
function extensionsOf(config: Json): string[] {
  const { ext } = { ext: config["ext"] };
  if (ext === undefined) return [".js", ".mjs", ".cjs", ".json"];
  return listOf(ext)
    .flatMap((text) => text.split(/[\s,]+/))
    .map((name) => name.replace(/^\*?\./, ""))
    .filter((name) => name !== "" && name !== "*")
    .map((name) => `.${name}`);
}
