/** Programs that set variables or the like and then start what follows: gone where what they do can be said in keys, else left in place. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { textOf } from "../project.ts";
import { fronts } from "./fronts.ts";
import { peelOptions } from "./options.ts";
import { hasModule, localProgram, type Package } from "./package.ts";
import { type Word, word } from "./shell.ts";
import { shellFile } from "./shell-file.ts";
import { fileOfWord } from "./sourcing.ts";

export interface Unwrapped {
  /** Words, or a line for a shell. */
  readonly starts: readonly Word[] | string;
  readonly env?: Readonly<Record<string, string>>;
  /** A later one wins. */
  readonly envFiles?: readonly string[];
  /** What has to stay in front. */
  readonly front?: readonly Word[];
  /** Only of this program: `npx tsx` where it has to be fetched. */
  readonly frontOf?: string;
  /** Where the line stands: `dev.sh`. */
  readonly file?: string;
}

/** `undefined`: this program, called so, wraps nothing. */
export type Unwrap = (args: readonly Word[], pkg: Package) => Unwrapped | undefined;

export const wrappers: Readonly<Record<string, Unwrap>> = {
  "cross-env": crossEnv,
  "cross-env-shell": (args) => {
    const read = crossEnv(args);
    return read === undefined || typeof read.starts === "string" ? read : { ...read, starts: asLine(read.starts) };
  },
  dotenv,
  "env-cmd": envCmd,
  env: plainEnv,
  exec: (args) => (args.length === 0 ? undefined : { starts: args }),
  command: (args) => (args[0]?.raw.startsWith("-") !== false ? undefined : { starts: args }),
  npx: fromNpx(["npx"], ["-y", "--yes", "--no", "--no-install", "-q", "--quiet", "--prefer-offline", "--offline"]),
  pnpx: fromNpx(["npx"], []),
  bunx: fromNpx(["bunx"], ["--bun", "-b"]),
  pnpm: (args, pkg) =>
    args[0]?.text === "dlx" ? fromNpx(["pnpm", "dlx"], ["-s", "--silent"])(args.slice(1), pkg) : undefined,
  yarn: (args, pkg) =>
    args[0]?.text === "dlx" ? fromNpx(["yarn", "dlx"], ["-q", "--quiet"])(args.slice(1), pkg) : undefined,
  sh: shell("sh"),
  bash: shell("bash"),
  zsh: shell("zsh"),
  ...fronts,
};

const asLine = (words: readonly Word[]): string =>
  words.length === 1 && words[0]?.text !== undefined ? words[0].text : words.map(({ raw }) => raw).join(" ");

/** https://github.com/kentcdodds/cross-env: settings, then the command; one backslash is taken from what is escaped for two shells. */
function crossEnv(args: readonly Word[]): Unwrapped | undefined {
  const env: Record<string, string> = {};
  let at = 0;
  for (; at < args.length; at += 1) {
    const text = args[at]?.text;
    const set = /^(\w+)=(?:'(.*)'|"(.*)"|([\s\S]*))$/.exec(text ?? "");
    if (set === null) break;
    const value = set[2] ?? set[3] ?? set[4] ?? "";
    // It replaces variables by itself.
    if (/\$/.test(value))
      return {
        starts: args.slice(firstCommand(args)),
        front: [word("cross-env"), ...args.slice(0, firstCommand(args))],
      };
    env[set[1] ?? ""] = value;
  }
  if (at === args.length) return undefined;
  // A value that only the shell knows.
  if (args[at]?.text === undefined && /^\w+=/.test(args[at]?.raw ?? ""))
    return { starts: args.slice(firstCommand(args)), front: [word("cross-env"), ...args.slice(0, firstCommand(args))] };
  return { starts: args.slice(at).map(unescaped), env };
}

const firstCommand = (args: readonly Word[]): number => {
  const at = args.findIndex(({ raw }) => !/^["']?\w+=/.test(raw));
  return at < 0 ? args.length : at;
};

function unescaped(escaped: Word): Word {
  const text = escaped.text?.replace(/\\\\|\\'|'|\\(?=[$"\\])/g, (found) =>
    found === "\\\\" ? "\\" : found === "\\'" ? "'" : "",
  );
  return text === undefined || text === escaped.text ? escaped : word(text);
}

function plainEnv(args: readonly Word[]): Unwrapped | undefined {
  const env: Record<string, string> = {};
  const envFiles: string[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const set = /^(\w+)=([\s\S]*)$/.exec(args[at]?.text ?? "");
    const file = args[at] === undefined ? undefined : fileOfWord(args[at] ?? word(""));
    if (set === null && file === undefined) break;
    if (file !== undefined) envFiles.push(file);
    else env[set?.[1] ?? ""] = set?.[2] ?? "";
  }
  const first = args[at];
  return first === undefined || first.raw.startsWith("-") ? undefined : { starts: args.slice(at), env, envFiles };
}

/** dotenv-cli: the first file wins, and what is set already wins over all. Without `--` it takes all options of the line for its own. */
function dotenv(args: readonly Word[], pkg: Package): Unwrapped | undefined {
  const known = ["-e", "-c", "-v", "-p"];
  const all = ["--help", "--debug", "--quiet", "-q", "--no-expand", "--expand", "-o", "--override"];
  const { dropped, rest } = peelOptions(args, { values: known, dropped: [...known, ...all] });
  // The package dotenv has a program of this name as well, and so has Python's.
  if (args[0]?.text === "run") return afterRun(args);
  if (rest.length === 0 || !isDotenvCli(pkg.directory)) return undefined;
  const front = [word("dotenv"), ...args.slice(0, args.length - rest.length)];
  const isPlain = args[args.length - rest.length - 1]?.text === "--";
  const starts = isPlain ? rest : withoutOptions(rest);
  if (["-p", "-o", "--override", "--debug", "--help"].some((name) => dropped.has(name))) return { starts, front };
  const files = filesOf(dropped);
  const isExpanding = files.some((file) => (textOf(pkg.directory, file) ?? "").includes("$"));
  if (isExpanding) return { starts, front };
  const set = (dropped.get("-v") ?? []).map((pair) => /^(\w+)=([\s\S]*)$/.exec(pair));
  const env = Object.fromEntries(set.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? "", pair[2] ?? ""]])));
  return { starts, env, envFiles: files.toReversed() };
}

function isDotenvCli(directory: string): boolean {
  const path = localProgram(directory, "dotenv");
  try {
    return path === undefined ? false : /[\\/]dotenv-cli[\\/]/.test(realpathSync(resolve(directory, path)));
  } catch {
    return false;
  }
}

/** `dotenv run -f .env -- node a.js` stays in front: its files have a dialect of their own. */
function afterRun(args: readonly Word[]): Unwrapped | undefined {
  const { rest } = peelOptions(args.slice(1), { values: ["-f", "--file"], dropped: [] });
  return rest.length === 0
    ? undefined
    : { starts: rest, front: [word("dotenv"), ...args.slice(0, args.length - rest.length)] };
}

function filesOf(dropped: ReadonlyMap<string, readonly string[]>): string[] {
  const named = dropped.get("-e") ?? [".env"];
  const cascade = dropped.get("-c")?.[0];
  if (cascade === undefined) return [...named];
  return named.flatMap((file) =>
    cascade === ""
      ? [`${file}.local`, file]
      : [`${file}.${cascade}.local`, `${file}.local`, `${file}.${cascade}`, file],
  );
}

/** minimist takes every option of the line, and the word after one as its value. */
function withoutOptions(words: readonly Word[]): Word[] {
  return words.filter((each, at) => {
    const before = words[at - 1]?.raw ?? "";
    return !each.raw.startsWith("-") && !(before.startsWith("-") && !before.includes("="));
  });
}

/** https://github.com/toddbluhm/env-cmd: a file whose values are the same in every dialect is read by us, any other by env-cmd itself. */
function envCmd(args: readonly Word[], pkg: Package): Unwrapped | undefined {
  const valued = ["-f", "--file", "-e", "--environments", "-r", "--rc-file"];
  const { dropped, rest } = peelOptions(args, {
    values: valued,
    dropped: [...valued, "--no-override", "--silent", "-x"],
  });
  if (rest.length === 0) return undefined;
  const [first, ...others] = rest;
  const isOld = dropped.size === 0 && first?.text !== undefined && /\.env|\.json$|env-cmdrc/.test(first.text);
  const file = isOld ? (first?.text ?? "") : (dropped.get("-f")?.[0] ?? dropped.get("--file")?.[0] ?? ".env");
  const starts = isOld ? others : rest;
  const isRead = [...dropped.keys()].every((name) => ["-f", "--file", "--silent"].includes(name)) && isPlain(pkg, file);
  if (isRead) return { starts, envFiles: [file] };
  return { starts, front: [word("env-cmd"), ...args.slice(0, args.length - starts.length)] };
}

const plainLine = /^\s*(?:#.*|([A-Za-z_]\w*)=([\w./:@%+,=&?-]*))?\s*$/;

/** env-cmd wins over variables that are set already, an env file of ours does not. */
const isPlain = ({ directory, env }: Package, file: string): boolean =>
  (textOf(directory, file) ?? "=").split("\n").every((line) => {
    const name = plainLine.exec(line)?.[1];
    return plainLine.test(line) && (name === undefined || env[name] === undefined);
  });

/** `npx tsx watch a.ts` is `tsx watch a.ts`, where that is installed; else it is fetched at each start, as it is today. */
function fromNpx(program: readonly string[], switches: readonly string[]): Unwrap {
  return (args, { directory }) => {
    const called = ["-p", "--package"];
    const { kept, dropped, rest } = peelOptions(args, { values: ["-c", "--call", ...called], dropped: called });
    const own = args.slice(0, args.length - rest.length);
    const [first, ...words] = rest;
    if (first?.text === undefined || !kept.every(({ text }) => switches.includes(text ?? ""))) return undefined;
    // `npx -p tsx tsx watch a.ts`
    const packages = called.flatMap((name) => dropped.get(name) ?? []);
    const isThere = packages.every((each) => hasModule(directory, each.replace(/(?<=.)@.*$/, "")));
    if (packages.length > 0)
      return isThere && localProgram(directory, first.text) !== undefined
        ? { starts: rest }
        : { starts: rest, front: [...program.map(word), ...own], frontOf: first.text };
    const [, name = "", version] = /^(@?[^@]+)(@.*)?$/.exec(first.text) ?? [];
    const starts = [version === undefined ? first : word(name), ...words];
    if (localProgram(directory, name) !== undefined || hasModule(directory, name)) return { starts };
    const fetched = version === undefined ? [] : [word("-p"), word(first.text)];
    const front = [...program.map(word), ...own.filter(({ text }) => text !== "--"), ...fetched];
    return version !== undefined && program[0] !== "npx" ? undefined : { starts, front, frontOf: name };
  };
}

function shell(name: string): Unwrap {
  return (args, { directory }) => {
    const { kept, rest } = peelOptions(args, { values: [], dropped: [] });
    const [first, ...words] = rest;
    if (first?.text === undefined || words.length > 0) return undefined;
    const letters = kept.map(({ text }) => /^-([ceilux]+)$/.exec(text ?? "")?.[1]);
    if (letters.length > 0 && letters.every((each) => each !== undefined) && letters.join("").includes("c")) {
      // `bash -lc "nodemon a.js"`: what such a shell reads first is for the program as well.
      const reading = ["l", "i"].filter((letter) => letters.join("").includes(letter)).join("");
      const front = [name, `-${reading}c`, 'exec "$0" "$@"'].map(word);
      return reading === "" ? { starts: first.text } : { starts: first.text, front };
    }
    const starts = kept.length > 0 ? undefined : shellFile(directory, first.text);
    return starts === undefined ? undefined : { starts, file: first.text };
  };
}
