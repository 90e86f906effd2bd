/**
 * The command line as words: where the options end and COMMAND begins. commander drops `--` and would take
 * `reload -- config` for its own command, so the line is cut here and only our part is given to it.
 */
import { isLater, type LaterCommand, type OwnCommand, rowOf } from "./commands.ts";

export interface Option {
  readonly long: string;
  readonly short?: string;
  /** The name of its value; absent for a switch. */
  readonly value?: string;
  /** The value may be left out, and is then only read after `=`. */
  readonly optional?: boolean;
  readonly help: string;
  /** The configuration keys that it is another word for. */
  readonly keys?: readonly string[];
  /** `add` to the list of the layers below, or replace it (the default). */
  readonly mode?: "add";
  /** What all its values together say, as TOML (`undefined`: nothing); without it, each text is given by itself. */
  readonly toToml?: (values: readonly string[]) => string | undefined;
  /** May be given more than once. */
  readonly many?: boolean;
  /** Only the commands that name it know it. */
  readonly isOfCommands?: true;
  /** For ourselves: neither help nor shells name it. */
  readonly isHidden?: true;
}

/** A list of texts as TOML; a JSON string is a TOML string. */
const list = (values: readonly string[]): string => JSON.stringify(values);

/** `go,html`, `.go .html`, `*.go|*.html` and `{go,html}` alike. Commas alone name no ending; an empty list would be every file. */
function endings(values: readonly string[]): string | undefined {
  const words = values
    .flatMap((value) => value.match(/(?:\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|[^\s,|])+/g) ?? [])
    .flatMap((word) => (/^\{[^{}]*\}$/.test(word) ? word.slice(1, -1).split(",") : [word]))
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map((word) => (word.startsWith(".") || word.includes("*") ? word : `.${word}`));
  return words.length === 0 ? undefined : list(words);
}

const yes = (): string => "true";

/** Every option besides the keys of the configuration, in the order of the help text. */
export const options: readonly Option[] = [
  { long: "config", short: "c", value: "FILE", help: "read this configuration file" },
  { long: "cwd", short: "C", value: "DIR", help: "work in this directory" },
  { long: "profile", value: "NAME", help: "lay .reload.NAME.toml over the file" },
  {
    long: "watch",
    short: "w",
    value: "PATH",
    help: "watch this path instead (repeatable)",
    keys: ["watch.include_dirs"],
    toToml: list,
    many: true,
  },
  {
    long: "ext",
    short: "e",
    value: "go,html",
    help: "watch files that end so instead",
    keys: ["watch.include_files"],
    toToml: endings,
    many: true,
  },
  {
    long: "ignore",
    short: "i",
    value: "PATTERN",
    help: "ignore this as well, as in a .gitignore (repeatable)",
    keys: ["watch.exclude_dirs", "watch.exclude_files"],
    mode: "add",
    toToml: list,
    many: true,
  },
  { long: "build", short: "b", value: "CMD", help: "build with this command before each start", keys: ["build.cmd"] },
  {
    long: "env",
    short: "E",
    value: "KEY=VALUE",
    help: "set a variable for the process (repeatable)",
    keys: ["proc.env"],
    mode: "add",
    many: true,
  },
  {
    long: "env-file",
    value: "FILE",
    help: "read variables from this file (repeatable)",
    keys: ["env_files"],
    mode: "add",
    toToml: list,
    many: true,
  },
  { long: "once", help: "build, start, wait until ready, stop, report: for CI" },
  { long: "for", value: "DURATION", help: "with --once: how long it must stay alive (default 2s)" },
  { long: "postpone", help: "do nothing before the first change" },
  { long: "only", value: "NAME", help: "only this service (repeatable)", many: true },
  { long: "background", help: "start, return when it is ready or has failed, and stay" },
  { long: "in-background", help: "the one that stays", isHidden: true },
  { long: "debounce", value: "DURATION", help: "quiet time before acting", keys: ["watch.debounce"] },
  {
    long: "warm",
    help: "start the next run in advance (Node, Python)",
    keys: ["proc.warm"],
    toToml: yes,
  },
  {
    long: "poll",
    value: "DURATION",
    optional: true,
    help: "look for changes in intervals instead of being told",
    keys: ["watch.poll"],
    toToml: (values) => values.at(-1) || "true",
  },
  { long: "clear", help: "clear the screen before each build", keys: ["ui.clear"], toToml: yes },
  { long: "json", value: "FILE", optional: true, help: "one JSON object per event on stdout, or in FILE" },
  { long: "trace", value: "FILE", help: "write every fact to FILE, for a bug report" },
  { long: "quiet", short: "q", help: "only warnings and errors", keys: ["log.level"], toToml: () => "warn" },
  { long: "verbose", help: "why, and how long each phase took", keys: ["log.level"], toToml: () => "debug" },
  { long: "color", value: "WHEN", optional: true, help: "auto, always or never" },
  { long: "no-color", help: "the same as --color=never" },
  { long: "from", value: "FILE", help: "translate this .air.toml, nodemon.json or Procfile", isOfCommands: true },
  { long: "agents", help: "append ten lines for coding agents to AGENTS.md", isOfCommands: true },
  { long: "force", help: "write over the file that is there", isOfCommands: true },
  { long: "pid", value: "N", help: "the one with this pid, where several run", isOfCommands: true },
  { long: "follow", short: "f", help: "go on printing what comes", isOfCommands: true },
  { long: "lines", short: "n", value: "N", help: "the last so many lines (default 100)", isOfCommands: true },
  { long: "run", value: "N", help: "of this run", isOfCommands: true },
  { long: "timeout", value: "DURATION", help: "how long to wait (default 60s; 0: without end)", isOfCommands: true },
  { long: "version", short: "v", help: "print the version" },
  { long: "help", short: "h", help: "print this help" },
];

export interface Cut {
  /** The words that are ours. */
  readonly own: readonly string[];
  readonly command: OwnCommand | undefined;
  /** One that is not built yet was asked for. */
  readonly later: LaterCommand | undefined;
  /** `--` with nothing behind it. */
  readonly isEmpty: boolean;
  /** After one of our commands: its words and options. Else COMMAND and all that follows, untouched. */
  readonly rest: readonly string[];
}

/** Whether a key of the configuration takes the word behind it: `--build.cmd VALUE`, `--proc.sweep false`. */
type TakesNext = (name: string, next: string | undefined) => boolean;

export function cut(argv: readonly string[], takesNext: TakesNext): Cut {
  let at = 0;
  for (; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--")
      return {
        own: argv.slice(0, at),
        command: undefined,
        later: undefined,
        isEmpty: at + 1 >= argv.length,
        rest: argv.slice(at + 1),
      };
    if (!word.startsWith("-") || word === "-") break;
    if (wantsNext(withTwoDashes(word), argv[at + 1], takesNext)) at += 1;
  }
  const own = argv.slice(0, at);
  const [first, ...rest] = argv.slice(at);
  const name = rowOf(first)?.name;
  if (name === undefined) return { own, command: undefined, later: undefined, isEmpty: false, rest: argv.slice(at) };
  return isLater(name)
    ? { own, command: undefined, later: name, isEmpty: false, rest: argv.slice(at) }
    : { own, command: name, later: undefined, isEmpty: false, rest };
}

/** `-build.bin` is how air's own flags may be written. */
export const withTwoDashes = (word: string): string =>
  /^-(?:build|log|color|misc|screen|proxy)\.[a-z_]+(?==|$)/.test(word) ? `-${word}` : word;

/** Whether the value of this word is the next word. */
function wantsNext(word: string, next: string | undefined, takesNext: TakesNext): boolean {
  if (word.startsWith("--")) {
    if (word.includes("=")) return false;
    const option = options.find(({ long }) => `--${long}` === word);
    return option === undefined
      ? takesNext(word.slice(2), next)
      : option.value !== undefined && option.optional !== true;
  }
  // -qw PATH, and -wPATH: the first letter that takes a value takes the rest of the word.
  const letters = word.slice(1);
  for (let index = 0; index < letters.length; index += 1) {
    const option = options.find(({ short }) => short === letters[index]);
    if (option?.value !== undefined) return index === letters.length - 1;
  }
  return false;
}
