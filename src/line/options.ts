/** The options of the command line, read by commander; keys of the configuration, which are options too, become flags. */
import type { Command } from "commander";
import { nearest } from "../config/check/suggest.ts";
import type { ColorMode } from "../report/colour.ts";
import { type Cut, type Option, options, withTwoDashes } from "./argv.ts";
import { type CommandRow, commandTable, rowOf } from "./commands.ts";

/** A key of the configuration, given on the command line. */
export interface Flag {
  readonly name: string;
  /** TOML if that parses to the key's type, else the text itself. */
  readonly text: string;
  /** As it was written: `-b`, `--build.cmd`. */
  readonly spelled: string;
  /** `add` to what the layers below say, instead of taking its place. */
  readonly mode: "replace" | "add";
}

export interface Given {
  readonly is: "given";
  readonly flags: readonly Flag[];
  readonly config: string | undefined;
  readonly cwd: string | undefined;
  readonly profile: string | undefined;
  readonly once: boolean;
  /** `--for`, as it was written. */
  readonly for: string | undefined;
  readonly postpone: boolean;
  readonly only: readonly string[];
  /** `true`: to stdout. */
  readonly json: string | true | undefined;
  readonly trace: string | undefined;
  readonly color: ColorMode;
  readonly quiet: boolean;
  /** `init --from FILE` */
  readonly from: string | undefined;
  /** `init --agents` */
  readonly agents: boolean;
  /** `init --force` */
  readonly force: boolean;
  /** `--pid`, as it was written. */
  readonly pid: string | undefined;
  /** `--timeout`, as it was written. */
  readonly timeout: string | undefined;
  /** `inside`: this is the one that stays. */
  readonly background: boolean | "inside";
  /** `logs --follow` */
  readonly follow: boolean;
  /** `logs --lines`, as it was written. */
  readonly lines: string | undefined;
  /** `logs --run`, as it was written. */
  readonly run: string | undefined;
  /** `logs --build` */
  readonly ofBuilds: boolean;
  readonly verbose: boolean;
  /** What stands behind a command of ours and is not an option. */
  readonly words: readonly string[];
  /** `wait -- CMD`: what stands behind the dashes of a command of ours. */
  readonly behind: readonly string[];
  /** COMMAND and all that follows. */
  readonly rest: readonly string[];
}

/** Asked for a text, or wrong: there is nothing left to do but to print it. */
export interface Answered {
  readonly is: "answered";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly code: 0 | 2;
}

/** What is known about the keys of the configuration. */
export interface Keys {
  has(name: string): boolean;
  /** A switch may stand without a value. */
  isSwitch(name: string): boolean;
  /** Whether the word behind a key is its value: that of a switch only if it is `true` or `false`. */
  takesNext(name: string, next: string | undefined): boolean;
  /** The nearest name, for a typing error. */
  nearest(name: string): string | undefined;
  /** What can be set instead, for the name of a table. */
  meant(name: string): string | undefined;
}

const failed = (message: string, hint?: string): Answered => ({
  is: "answered",
  stream: "stderr",
  text: `error: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`,
  code: 2,
});

const answered = (text: string): Answered => ({ is: "answered", stream: "stdout", text, code: 0 });

/** commander is loaded only when there are words for it to read. */
export async function readOptions(line: Cut, keys: Keys, version: () => string): Promise<Given | Answered> {
  const flags: Flag[] = [];
  const words: string[] = [];
  const bare: string[] = [];
  const known = optionsOf(rowOf(line.command));
  // Options of our own commands may stand on either side of them; what follows `--` is none.
  const dashes = line.command === undefined ? -1 : line.rest.indexOf("--");
  const behind = dashes < 0 ? [] : line.rest.slice(dashes + 1);
  const own =
    line.command === undefined ? line.own : [...line.own, ...line.rest.slice(0, dashes < 0 ? undefined : dashes)];
  for (let at = 0; at < own.length; at += 1) {
    const word = withTwoDashes(own[at] ?? "");
    const name = /^--(service\.[^.=]+\.[a-z_.]+|[a-z_]+(?:[._][a-z_.]+)+|root)(?==|$)/.exec(word)?.[1];
    if (name === undefined) {
      const switched = switchWithValue(word);
      if (switched?.is === "wrong") return failed(`${word}: this option is a switch`, switched.hint);
      if (switched?.is === "switch") {
        if (switched.isOn) words.push(switched.word);
        else
          for (const key of switched.keys)
            flags.push({ name: key, text: "false", spelled: switched.word, mode: "replace" });
        continue;
      }
      const glued = gluedValue(word);
      if (glued !== undefined) return failed(`${word}: a short option takes its value without =`, glued);
      // What may have a value and has none is read last: else the next word would be taken for it.
      if (options.some(({ long, optional }) => optional === true && word === `--${long}`)) bare.push(word);
      else words.push(word);
      // The value of an option may look like one; it goes along unread.
      const option = known.find(({ long, short }) => word === `--${long}` || word === `-${short}`);
      if (option?.value !== undefined && option.optional !== true && at + 1 < own.length) {
        at += 1;
        words.push(own[at] ?? "");
      }
      continue;
    }
    const equals = word.indexOf("=");
    const next = own[at + 1];
    if (equals >= 0) flags.push({ name, text: word.slice(equals + 1), spelled: `--${name}`, mode: "replace" });
    else if (keys.isSwitch(name) && !keys.takesNext(name, next))
      flags.push({ name, text: "true", spelled: `--${name}`, mode: "replace" });
    else if (next === undefined && keys.has(name)) return failed(`--${name} needs a value`);
    else {
      // One that is unknown is told of with all others that are.
      flags.push({ name, text: next ?? "", spelled: `--${name}`, mode: "replace" });
      at += 1;
    }
  }
  return readWords([...words, ...bare], behind, line, keys, flags, version);
}

type Switched =
  | { readonly is: "switch"; readonly word: string; readonly isOn: boolean; readonly keys: readonly string[] }
  | { readonly is: "wrong"; readonly hint: string };

/** `--once=true`, `--clear=false`: an option without a value may say so. */
function switchWithValue(word: string): Switched | undefined {
  const [, long, text = ""] = /^--([a-z-]+)=(.*)$/.exec(word) ?? [];
  const option = options.find((each) => each.long === long);
  if (option === undefined || option.value !== undefined) return undefined;
  const isOn = /^(?:true|yes|on|1)$/i.test(text);
  if (!isOn && !/^(?:false|no|off|0)$/i.test(text))
    return { is: "wrong", hint: `write --${option.long}, or --${option.long}=false` };
  const keys = option.toToml?.([]) === "true" ? (option.keys ?? []) : [];
  return { is: "switch", word: `--${option.long}`, isOn, keys };
}

/** What was meant by `-b=make`, whose value would be `=make`. */
function gluedValue(word: string): string | undefined {
  if (!/^-[a-zA-Z]/.test(word)) return undefined;
  // The first letter that takes a value takes the rest of the word.
  const letters = [...word.slice(1)];
  const taker = letters
    .map((letter) => options.find(({ short }) => short === letter))
    .find((its) => its?.value !== undefined);
  const rest = word.slice(word.indexOf(taker?.short ?? word) + 1);
  if (taker === undefined || !rest.startsWith("=")) return undefined;
  return `write -${taker.short} ${rest.slice(1)} or --${taker.long}${rest}`;
}

async function readWords(
  words: readonly string[],
  behind: readonly string[],
  line: Cut,
  keys: Keys,
  flags: Flag[],
  version: () => string,
): Promise<Given | Answered> {
  const values = new Map<string, string[]>();
  const row = rowOf(line.command);
  const parsed = words.length === 0 ? [] : await parse(words, row, keys, values);
  if ("is" in parsed) return parsed;
  // Behind the dashes of `wait` stands a command; else they only say that what follows is not an option.
  const isCommandBehind = line.command === "wait";
  const found = isCommandBehind ? parsed : [...parsed, ...behind];
  const wrong = row === undefined ? undefined : wrongWords(row, found);
  if (wrong !== undefined) return wrong;
  const one = (long: string): string | undefined => values.get(long)?.at(-1);
  const has = (long: string): boolean => values.has(long);
  if (has("help") || line.command === "help") {
    const { help, helpOf } = await import("./help.ts");
    const asked = rowOf(line.command === "help" ? found[0] : line.command);
    return answered(asked === undefined ? help() : helpOf(asked));
  }
  if (has("version") || line.command === "version") return answered(`${version()}\n`);
  for (const option of optionsOf(row)) {
    const texts = values.get(option.long);
    if (texts === undefined || option.keys === undefined) continue;
    const given = option.toToml === undefined ? texts : [option.toToml(texts)];
    for (const name of option.keys) {
      for (const text of given) {
        if (text === undefined) return failed(`--${option.long} needs at least one file ending`);
        flags.push({ name, text, spelled: `--${option.long}`, mode: option.mode ?? "replace" });
      }
    }
  }
  const color = has("no-color") ? "never" : has("color") ? one("color") || "always" : "auto";
  if (color !== "auto" && color !== "always" && color !== "never")
    return failed(`--color takes auto, always or never, not ${color}`);
  return {
    is: "given",
    flags,
    config: one("config"),
    cwd: one("cwd"),
    profile: one("profile"),
    once: has("once"),
    for: one("for"),
    postpone: has("postpone"),
    only: values.get("only") ?? [],
    json: has("json") ? one("json") || true : undefined,
    trace: one("trace"),
    color,
    quiet: has("quiet"),
    from: one("from"),
    agents: has("agents"),
    force: has("force"),
    pid: one("pid"),
    timeout: one("timeout"),
    background: has("in-background") ? "inside" : has("background"),
    follow: has("follow"),
    lines: one("lines"),
    run: one("run"),
    ofBuilds: row?.switches?.["build"] !== undefined && has("build"),
    verbose: has("verbose"),
    words: found,
    behind: isCommandBehind ? behind : [],
    rest: line.command === undefined ? line.rest : [],
  };
}

/** What a command was given and cannot do anything with. */
function wrongWords({ name, words, choices }: CommandRow, found: readonly string[]): Answered | undefined {
  const [first, second] = found;
  const isMany = words?.includes("...") === true || name === "wait";
  const isOptional = words === undefined || words.startsWith("[");
  if (first === undefined) return isOptional ? undefined : failed(`reload ${name} needs ${words}`);
  if (words === undefined) return failed(`reload ${name} takes no word (${first})`, `reload help ${name}`);
  if (second !== undefined && !isMany) return failed(`reload ${name} takes one word, not ${found.join(" ")}`);
  if (choices !== undefined && !choices.includes(first)) return failed(`reload ${name} takes ${words}, not ${first}`);
  if (name !== "help" || rowOf(first) !== undefined) return undefined;
  const near = nearest(
    first,
    commandTable.map((row) => row.name),
  );
  return failed(
    `there is no command ${first}`,
    near === undefined ? "reload help lists them" : `did you mean ${near}?`,
  );
}

/** Puts what the options say into `values` and returns the other words; answers if something is not known. */
async function parse(
  words: readonly string[],
  row: CommandRow | undefined,
  keys: Keys,
  values: Map<string, string[]>,
): Promise<Answered | readonly string[]> {
  const commander = await import("commander");
  const program = newProgram(commander, row, (long, text) => values.set(long, [...(values.get(long) ?? []), text]));
  try {
    return program.parse([...words], { from: "user" }).args;
  } catch (error) {
    if (!(error instanceof commander.CommanderError)) throw error;
    const message = error.message.replace(/^error: /, "");
    const [, unknown] = /^unknown option '--(\S+)'$/.exec(message) ?? [];
    const name = unknown?.replaceAll("-", "_").replace(/=.*$/s, "");
    const meant = name === undefined ? undefined : keys.meant(name);
    if (meant !== undefined) return failed(message, meant);
    const key = name === undefined ? undefined : keys.nearest(name);
    if (key !== undefined) return failed(message, `did you mean --${key}?`);
    return failed(message.replace(/\n\(Did you mean (.*)\?\)$/s, "\n  did you mean $1?"));
  }
}

/** Every option as this command knows it. */
const optionsOf = (row: CommandRow | undefined): readonly Option[] =>
  options.map((option) => {
    const help = row?.switches?.[option.long];
    if (help === undefined) return option;
    return { long: option.long, help };
  });

function newProgram(
  commander: typeof import("commander"),
  row: CommandRow | undefined,
  found: (long: string, text: string) => void,
): Command {
  const program = new commander.Command("reload")
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments(row !== undefined)
    .configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const { long, short, value, optional, help: text, isOfCommands } of optionsOf(row)) {
    if (isOfCommands === true && row?.options?.includes(long) !== true) continue;
    const names = `${short === undefined ? "" : `-${short}, `}--${long}`;
    const spelled = value === undefined ? names : optional === true ? `${names} [${value}]` : `${names} <${value}>`;
    const option = new commander.Option(spelled, text);
    option.argParser((given: string) => {
      if (given === "" && value !== undefined) throw new commander.InvalidArgumentError("it is empty.");
      found(long, given);
      return true;
    });
    program.addOption(option);
    program.on(`option:${option.name()}`, (given: string | null | undefined) => {
      if (given === null || given === undefined) found(long, "");
    });
  }
  return program;
}
