/** air's own flags (`--build.bin tmp/app --build.delay 100`): every key of its file is one. */
import type { Problem } from "../../core/problem.ts";
import { allKeys } from "../keys/keys.ts";
import { shown } from "../write/write.ts";
import { type AirKey, airKeys } from "./keys.ts";

/** One key that was given on the command line. */
interface Given {
  readonly name: string;
  readonly text: string;
  readonly spelled: string;
}

export interface AirFlagValue {
  readonly value: unknown;
  readonly spelled: string;
}

export interface AirFlags<T> {
  readonly values: ReadonlyMap<string, AirFlagValue>;
  readonly taken: readonly T[];
  readonly problems: readonly Problem[];
}

/** A list in TOML is in our words, where there is a key of that name. */
const keyOf = ({ name, spelled, text }: Given): AirKey | undefined =>
  spelled !== `--${name}` || (/^\s*\[/.test(text) && allKeys().has(name))
    ? undefined
    : airKeys.find((key) => key.name === name);

/** It means nothing where no project of air's is in force. */
export const isAirsAlone = (flag: Given): boolean => keyOf(flag) !== undefined && !allKeys().has(flag.name);

/** Those that air has, as it reads them; what it takes for false or 0 without a word is an error here. */
export function airFlagsOf<T extends Given>(flags: readonly T[]): AirFlags<T> {
  const values = new Map<string, AirFlagValue>();
  const taken: T[] = [];
  const problems: Problem[] = [];
  for (const flag of flags) {
    const key = keyOf(flag);
    if (key === undefined) continue;
    taken.push(flag);
    const read = readAs(key, flag.text);
    if ("wrong" in read) {
      problems.push({
        code: "config/bad-value",
        severity: "error",
        origin: flag.spelled,
        message: `${shown(flag.text)} is not ${read.wrong}`,
      });
      continue;
    }
    const before = values.get(key.name)?.value;
    const value = Array.isArray(before) && Array.isArray(read.value) ? [...before, ...read.value] : read.value;
    values.set(key.name, { value, spelled: flag.spelled });
  }
  return { values, taken, problems };
}

function readAs({ type }: AirKey, text: string): { readonly value: unknown } | { readonly wrong: string } {
  switch (type) {
    case "string":
      return { value: text };
    case "strings":
    case "command words":
      // air knows no way to write a comma that does not part two items.
      return { value: text === "" ? [] : text.split(",") };
    case "boolean":
      return text === "true" || text === "false" ? { value: text === "true" } : { wrong: "true or false" };
    case "integer":
    case "milliseconds":
      return /^-?\d+$/.test(text) ? { value: Number(text) } : { wrong: "a whole number" };
    case "duration":
      return { value: /^\d+$/.test(text) ? Number(text) : text };
    case "list of tables":
      return { wrong: "something that a flag can say: write [[build.rules]] into the file" };
  }
}
