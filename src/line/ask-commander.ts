/** What commander is asked: which options there are, and which of them the words are. */
import type { Command } from "commander";
import { type Option, options } from "./argv.ts";
import { type CommandRow, talks } from "./commands.ts";
import { foreignAdvice } from "./foreign.ts";
import { type Answered, answeredWrong, type Keys } from "./given.ts";

/** Puts what the options say into `values` and returns the other words; answers if something is not known. */
export async function askCommander(
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
    const [, short, long, value] = /^option '(-\w)?(?:, )?(--\S+) [<[](\S+)[>\]]' argument missing/.exec(message) ?? [];
    if (long !== undefined)
      return answeredWrong(`${words.find((word) => word === short) ?? long} needs a value`, `${long} ${value}`);
    const [, word = ""] = /^unknown option '(\S+)'/.exec(message) ?? [];
    const advice = foreignAdvice(word, row);
    const elsewhere = row !== undefined && options.some((option) => isSpelled(option, word));
    if (elsewhere) return answeredWrong(`reload ${row.name} takes no ${word}`, advice ?? `reload help ${row.name}`);
    if (advice !== undefined) return answeredWrong(`unknown option '${word}'`, advice);
    if (row !== undefined && talks(row)) return answeredWrong(withHint(message));
    const [, unknown] = /^unknown option '--(\S+)'$/.exec(message) ?? [];
    const name = unknown?.replaceAll("-", "_").replace(/=.*$/s, "");
    const meant = name === undefined ? undefined : keys.meant(name);
    if (meant !== undefined) return answeredWrong(message, meant);
    const key = name === undefined ? undefined : keys.nearest(name);
    if (key !== undefined) return answeredWrong(message, `did you mean --${key}?`);
    return answeredWrong(withHint(message));
  }
}

const withHint = (message: string): string => message.replace(/\n\(Did you mean (.*)\?\)$/s, "\n  did you mean $1?");

const isSpelled = ({ long, short, isHidden }: Option, word: string): boolean =>
  isHidden !== true && (word.replace(/=.*$/s, "") === `--${long}` || word === `-${short}`);

/** Who talks to one that runs changes nothing of what that was started with. */
const ofAll = ["config", "cwd", "profile", "color", "no-color", "quiet", "verbose", "help", "version"];

function isTaken({ long, isOfCommands }: Option, row: CommandRow | undefined): boolean {
  if (row?.options?.includes(long) === true) return true;
  return isOfCommands !== true && (row === undefined || !talks(row) || ofAll.includes(long));
}

/** Every option as this command knows it. */
export const optionsOf = (row: CommandRow | undefined): readonly Option[] =>
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
  for (const option of optionsOf(row)) {
    if (isTaken(option, row)) addOption(commander, program, option, found);
  }
  return program;
}

function addOption(
  commander: typeof import("commander"),
  program: Command,
  { long, short, value, optional, help: text }: Option,
  found: (long: string, text: string) => void,
): void {
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
