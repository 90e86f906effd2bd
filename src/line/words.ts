/** What the words of a command line come to, when the keys of the configuration are taken out of them. */
import type { Cut } from "./argv.ts";
import { askCommander, optionsOf } from "./ask-commander.ts";
import { type CommandRow, rowOf, talks } from "./commands.ts";
import { type Answered, answeredText, answeredWrong, type Flag, type Given, type Keys } from "./given.ts";
import { commandMeant } from "./meant.ts";

export async function readWords(
  words: readonly string[],
  behind: readonly string[],
  line: Cut,
  keys: Keys,
  flags: Flag[],
  version: () => string,
): Promise<Given | Answered> {
  const values = new Map<string, string[]>();
  const row = rowOf(line.command);
  const parsed = words.length === 0 ? [] : await askCommander(words, row, keys, values);
  if ("is" in parsed) return parsed;
  // Behind the dashes of `wait` stands a command; else they only say that what follows is not an option.
  const isCommandBehind = line.command === "wait";
  const found = isCommandBehind ? parsed : [...parsed, ...behind];
  const [flag] = flags;
  if (row !== undefined && talks(row) && flag !== undefined)
    return answeredWrong(
      `reload ${row.name} takes no ${flag.spelled}`,
      "what runs has it from its file, or from its start",
    );
  const wrong = row === undefined ? undefined : wrongWords(row, found);
  if (wrong !== undefined) return wrong;
  const one = (long: string): string | undefined => values.get(long)?.at(-1);
  const has = (long: string): boolean => values.has(long);
  if (has("help") || line.command === "help") {
    const { help, helpOf } = await import("./help.ts");
    const asked = rowOf(line.command === "help" ? found[0] : line.command);
    return answeredText(asked === undefined ? help() : helpOf(asked));
  }
  if (has("version") || line.command === "version") return answeredText(`${version()}\n`);
  for (const option of optionsOf(row)) {
    const texts = values.get(option.long);
    if (texts === undefined || option.keys === undefined) continue;
    const given = option.toToml === undefined ? texts : [option.toToml(texts)];
    for (const name of option.keys) {
      for (const text of given) {
        if (text === undefined) return answeredWrong(`--${option.long} needs at least one file ending`);
        flags.push({ name, text, spelled: `--${option.long}`, mode: option.mode ?? "replace" });
      }
    }
  }
  // A file of that name is `./true`.
  const json = has("json") ? one("json") || "true" : "false";
  if (row !== undefined && json !== "true" && json !== "false")
    return answeredWrong(`reload ${row.name} takes --json without a file`, `reload ${row.name} --json > ${json}`);
  const color = has("no-color") ? "never" : has("color") ? one("color") || "always" : "auto";
  if (color !== "auto" && color !== "always" && color !== "never")
    return answeredWrong(`--color takes auto, always or never, not ${color}`);
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
    json: json === "true" ? true : json === "false" ? undefined : json,
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
  if (first === undefined) return isOptional ? undefined : answeredWrong(`reload ${name} needs ${words}`);
  if (words === undefined)
    return answeredWrong(
      `reload ${name} takes no word (${first})`,
      name === "pause" && /^\d/.test(first) ? `did you mean --for ${first}?` : `reload help ${name}`,
    );
  // A service begins with a letter.
  if (words.startsWith("[NAME...]") && /^-?\d/.test(first))
    return answeredWrong(`${first} is not the name of a service`, numberMeant(name, first));
  if (second !== undefined && !isMany) return answeredWrong(`reload ${name} takes one word, not ${found.join(" ")}`);
  if (choices !== undefined && !choices.includes(first))
    return answeredWrong(`reload ${name} takes ${words}, not ${first}`);
  if (name !== "help" || rowOf(first) !== undefined) return undefined;
  const meant = commandMeant([first]) ?? "";
  return answeredWrong(
    `there is no command ${first}`,
    /^reload \w/.test(meant) ? `did you mean ${meant.replace("reload", "reload help")}?` : "reload help lists them",
  );
}

function numberMeant(name: string, number: string): string {
  if (number.startsWith("-")) return `reload help ${name}`;
  if (name === "wait" || name === "restart") return `did you mean --timeout ${number}?`;
  return name === "logs" ? `did you mean --lines ${number}, or --run ${number}?` : `did you mean --pid ${number}?`;
}
