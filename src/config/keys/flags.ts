/** The keys of the configuration, as the command line sees them. */
import type { Keys } from "../../line/given.ts";
import { nearest } from "../check/suggest.ts";
import { allKeys, type NamedKey } from "./keys.ts";
import { keyOfService } from "./service-keys.ts";

/** Tables that no word on the command line can hold. */
const inFilesOnly: readonly string[] = ["rule", "service"];

/** `service.api.proc.cmd` is one whatever services there are: which, is known when the file has been read. */
const keyOf = (name: string): NamedKey | undefined => keyOfService(name)?.key ?? allKeys().get(name);

const settable = (): string[] => [...allKeys().keys()].filter((name) => !inFilesOnly.includes(name));

const isDotted = (name: string): boolean => /^(?:service\.[^.]+|[a-z_]+)\.[a-z_.]+$/.test(name);

export const keys: Keys = {
  has: (name) => keyOf(name) !== undefined,
  isSwitch: (name) => keyOf(name)?.kind.name === "boolean",
  // A key without its table is what most people try first.
  nearest: (name) => settable().find((key) => key.endsWith(`.${name}`)) ?? nearest(name, settable()),
  // An unknown one is refused later; the word behind it is its value, and no COMMAND.
  takesNext: (name, next) =>
    keys.has(name) ? !keys.isSwitch(name) || next === "true" || next === "false" : isDotted(name),
  meant(name) {
    if (inFilesOnly.includes(name))
      return name === "rule"
        ? "[[rule]] can only be set in a file"
        : "a key of a service that the file declares is written --service.NAME.proc.cmd VALUE";
    const first = [...allKeys().values()].find(({ section }) => section === name);
    return first === undefined ? undefined : `a key of [${name}] is written --${first.name} VALUE`;
  },
};
