/** What dotenv files say. Values are for the programs; names are for the user. */
import { resolve } from "node:path";
import { parse } from "dotenv";
import type { Problem } from "../../core/problem.ts";
import type { Read } from "../text/source.ts";

export interface EnvFiles {
  /** A later file wins over an earlier one. */
  readonly values: Readonly<Record<string, string>>;
  /** Absolute; missing ones too. */
  readonly paths: readonly string[];
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

/** How a text is read; a string says why it is not. */
export type EnvParser = (text: string) => Iterable<readonly [name: string, value: string]> | string;

export const byDotenv: EnvParser = (text) => Object.entries(parse(text));

/** @param names relative to `base`; a missing one is waited for, one that cannot be read is a warning, and what it said last holds */
export function readEnvFiles(
  names: readonly string[],
  base: string,
  read: (path: string) => Read,
  parser: EnvParser,
): EnvFiles {
  const values = new Map<string, string>();
  const notes: string[] = [];
  const problems: Problem[] = [];
  const paths = names.map((name) => resolve(base, name));
  names.forEach((name, index) => {
    const content = read(paths[index] ?? name);
    if (content.is === "missing") {
      notes.push(`env file ${name} does not exist yet`);
      return;
    }
    const warn = (code: Problem["code"], message: string): void =>
      void problems.push({ code, severity: "warning", origin: name, message });
    const isKept = content.is === "unreadable" && content.last !== undefined;
    if (content.is === "unreadable")
      warn("config/unreadable", `${content.reason}${isKept ? "; the values that it had stay" : ""}`);
    const pairs = parser(content.is === "text" ? content.text : (content.last ?? ""));
    if (typeof pairs === "string") warn("config/bad-value", `not read: ${pairs}`);
    else for (const [key, value] of pairs) values.set(key, value);
  });
  return { values: Object.fromEntries(values), paths, notes, problems };
}
