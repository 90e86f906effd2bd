/** The options of the command line, read by commander; keys of the configuration, which are options too, become flags. */
import { type Cut, options, withTwoDashes } from "./argv.ts";
import { optionsOf } from "./ask-commander.ts";
import { rowOf } from "./commands.ts";
import { type Answered, answeredWrong, type Flag, type Given, type Keys } from "./given.ts";
import { readWords } from "./words.ts";

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
      if (switched?.is === "wrong") return answeredWrong(`${word}: this option is a switch`, switched.hint);
      if (switched?.is === "switch") {
        if (switched.isOn) words.push(switched.word);
        else
          for (const key of switched.keys)
            flags.push({ name: key, text: "false", spelled: switched.word, mode: "replace" });
        continue;
      }
      const glued = gluedValue(word);
      if (glued !== undefined) return answeredWrong(`${word}: a short option takes its value without =`, glued);
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
    else if (next === undefined && keys.has(name)) return answeredWrong(`--${name} needs a value`);
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
    .find((given) => given?.value !== undefined);
  const rest = word.slice(word.indexOf(taker?.short ?? word) + 1);
  if (taker === undefined || !rest.startsWith("=")) return undefined;
  return `write -${taker.short} ${rest.slice(1)} or --${taker.long}${rest}`;
}
