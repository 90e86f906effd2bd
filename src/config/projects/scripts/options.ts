/** Options in front of the first word that is none. */
import type { Word } from "./shell.ts";

export interface OptionTable {
  /** Options that take the next word, unless their value follows `=`. */
  readonly values: readonly string[];
  /** Options that go away, with or without a value. */
  readonly dropped: readonly string[];
}

export interface Peeled {
  /** Options that stay, with their values. */
  readonly kept: readonly Word[];
  /** Values of what went away, by option; one without a value has `""`. */
  readonly dropped: ReadonlyMap<string, readonly string[]>;
  /** From the first word on that is not an option. */
  readonly rest: readonly Word[];
}

/** `--no-x`, `--x` and `--x=y` are told apart by name alone. A word that only a shell can tell is not an option. */
export function peelOptions(words: readonly Word[], { values, dropped }: OptionTable): Peeled {
  const kept: Word[] = [];
  const gone = new Map<string, string[]>();
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at];
    // An option may have a value that only a shell can tell.
    const shown = word?.text ?? (word?.raw.startsWith("-") ? word.raw : undefined);
    if (word === undefined || shown === undefined || !shown.startsWith("-") || shown === "-") break;
    if (shown === "--") {
      at += 1;
      break;
    }
    const [name = "", inline] = splitAt(shown);
    const takesNext = inline === undefined && values.includes(name) && at + 1 < words.length;
    const next = takesNext ? words[at + 1] : undefined;
    if (dropped.includes(name)) gone.set(name, [...(gone.get(name) ?? []), inline ?? next?.text ?? next?.raw ?? ""]);
    else kept.push(word, ...(next === undefined ? [] : [next]));
    if (takesNext) at += 1;
  }
  return { kept, dropped: gone, rest: words.slice(at) };
}

/** The same, wherever options stand: for programs that read their whole line so. */
export function peelEverywhere(words: readonly Word[], table: OptionTable): Peeled {
  const kept: Word[] = [];
  const gone = new Map<string, readonly string[]>();
  for (let left = words; left.length > 0; ) {
    const peeled = peelOptions(left, table);
    for (const [name, values] of peeled.dropped) gone.set(name, [...(gone.get(name) ?? []), ...values]);
    const isOver = left[left.length - peeled.rest.length - 1]?.text === "--";
    kept.push(...peeled.kept);
    if (isOver) return { kept, dropped: gone, rest: peeled.rest };
    const [first, ...others] = peeled.rest;
    if (first !== undefined) kept.push(first);
    left = others;
  }
  return { kept, dropped: gone, rest: [] };
}

function splitAt(option: string): [string, string | undefined] {
  const equals = option.indexOf("=");
  return equals < 0 ? [option, undefined] : [option.slice(0, equals), option.slice(equals + 1)];
}
