/** A configuration that is an object, as the text of a file: one key on each line, so that what is wrong with a line is wrong with its key. */
import { bareOrQuoted, inline } from "../config/write/write.ts";
import type { Problem } from "../core/problem.ts";

export interface Document {
  readonly text: string;
  /** The key of each line, as in `build.cmd`; the first line is 1. */
  keyAt(line: number): string | undefined;
}

/** The name of the text in messages. */
export const documentName = "config";

export function documentOf(config: object): Document | { readonly problems: readonly Problem[] } {
  const lines: string[] = [];
  const keys: string[] = [];
  const problems: Problem[] = [];
  const add = (path: readonly string[], value: unknown): void => {
    if (value === undefined) return;
    if (isPlain(value) && path.length < deepest) {
      for (const [key, item] of Object.entries(value)) add([...path, key], item);
      return;
    }
    const wrong = notToml(value, []);
    if (wrong !== undefined) {
      problems.push({ code: "config/bad-value", severity: "error", origin: path.join("."), message: wrong });
      return;
    }
    keys.push(path.join("."));
    lines.push(`${path.map(bareOrQuoted).join(".")} = ${inline(value)}`);
  };
  if (!isPlain(config)) return { problems: [{ ...noObject }] };
  for (const [key, value] of Object.entries(config)) add([key], value);
  return problems.length > 0 ? { problems } : { text: `${lines.join("\n")}\n`, keyAt: (line) => keys[line - 1] };
}

const noObject: Problem = {
  code: "config/bad-value",
  severity: "error",
  origin: documentName,
  message: "has to be an object with keys as in .reload.toml, or the path of a file",
};

/** `service.api.proc` is the longest path of tables. */
const deepest = 4;

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Why TOML has no word for it. */
function notToml(value: unknown, above: readonly object[]): string | undefined {
  if (value === null) return "is null: leave the key out instead";
  if (typeof value === "function" || typeof value === "symbol") return `is a ${typeof value}`;
  if (typeof value === "number" && !Number.isFinite(value)) return `is ${value}`;
  if (typeof value !== "object") return undefined;
  if (above.includes(value)) return "contains itself";
  if (value instanceof Date) return undefined;
  if (!Array.isArray(value) && !isPlain(value)) return "is not a plain object, a list, a text, a number or a boolean";
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const item of items) {
    const wrong = item === undefined ? undefined : notToml(item, [...above, value]);
    if (wrong !== undefined) return `${wrong} (in it)`;
  }
  return undefined;
}
