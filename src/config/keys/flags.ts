/** The keys of the configuration, as the command line sees them. */
import type { Keys } from "../../line/options.ts";
import { nearest } from "../check/suggest.ts";
import { allKeys } from "./keys.ts";

/** Tables that no word on the command line can hold. */
const inFilesOnly: readonly string[] = ["rule", "service"];

const settable = (): string[] => [...allKeys().keys()].filter((name) => !inFilesOnly.includes(name));

const isDotted = (name: string): boolean => /^[a-z_]+\.[a-z_.]+$/.test(name);

export const keys: Keys = {
  has: (name) => allKeys().has(name),
  isSwitch: (name) => allKeys().get(name)?.kind.name === "boolean",
  nearest: (name) => nearest(name, settable()),
  // An unknown one is refused later; the word behind it is its value, and no COMMAND.
  takesNext: (name, next) =>
    keys.has(name) ? !keys.isSwitch(name) || next === "true" || next === "false" : isDotted(name),
  meant(name) {
    if (inFilesOnly.includes(name))
      return `${name === "rule" ? "[[rule]]" : `[${name}.NAME]`} can only be set in a file`;
    const first = [...allKeys().values()].find(({ section }) => section === name);
    return first === undefined ? undefined : `a key of [${name}] is written --${first.name} VALUE`;
  },
};
