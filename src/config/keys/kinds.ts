/** The kinds of values that a key can have: how one is read, what is said of one that cannot be, and what JSON Schema makes of it. */

import { nearest } from "../check/suggest.ts";
import { shown, typeOf } from "../write/write.ts";
import { durationMs, longestMs } from "./duration.ts";
import { boolHint, durationHint, variablesHint } from "./hints.ts";

/** Something wrong with a value; `path` leads from the value to the part of it that is meant. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export type SchemaNode = { readonly [keyword: string]: unknown };

export interface Kind<T> {
  /** For the documentation: `duration`, `"auto"` or duration. */
  readonly name: string;
  readonly schema: SchemaNode;
  /** A text that is not TOML of this kind is one item of it. */
  readonly isList?: true;
  /** Names and values: layers add to each other, name by name. */
  readonly isTable?: true;
  decode(value: unknown): Decoded<T>;
}

export const good = <T>(value: T): Decoded<T> => ({ ok: true, value });

export function bad(message: string, hint?: string, path: Fault["path"] = []): { ok: false; faults: readonly Fault[] } {
  return { ok: false, faults: [hint === undefined ? { path, message } : { path, message, hint }] };
}

export const wants = (value: unknown, what: string, hint?: string): { ok: false; faults: readonly Fault[] } =>
  bad(`${shown(value)} is ${typeOf(value)}, not ${what}`, hint);

// ── simple ones ────────────────────────────────────────────────────────────────────────────────────────────────────

export const bool: Kind<boolean> = {
  name: "boolean",
  schema: { type: "boolean" },
  decode: (value) => (typeof value === "boolean" ? good(value) : wants(value, "true or false", boolHint(value))),
};

const text: Kind<string> = {
  name: "string",
  schema: { type: "string" },
  decode: (value) => (typeof value === "string" ? withoutNul(value) : wants(value, "a string")),
};

export const path: Kind<string> = {
  name: "path",
  schema: { type: "string", minLength: 1 },
  decode(value) {
    if (typeof value !== "string") return wants(value, "a path");
    return value === "" ? bad("a path cannot be empty") : withoutNul(value);
  },
};

/** A NUL would end the string for the operating system. */
export const withoutNul = (value: string): Decoded<string> =>
  value.includes("\0") ? bad("a NUL character is not allowed here") : good(value);

/** What a duration may look like, for messages and the schema. */
const durationForms = '"500ms", "2s", "1m30s" or whole milliseconds';
const durationSchema: readonly SchemaNode[] = [
  { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 },
  {
    type: "string",
    pattern: "^(?=[0-9])(?:[0-9.]+h)?(?:[0-9.]+m)?(?:[0-9.]+s)?(?:[0-9.]+ms)?$",
  },
];

export const durationKind: Kind<number> = {
  name: "duration",
  schema: { anyOf: durationSchema },
  decode(value) {
    const ms = durationMs(value);
    if (ms === undefined) return bad(`${shown(value)} is not a duration (${durationForms})`, durationHint(value));
    return ms > longestMs ? bad(`${shown(value)} is too long: 596h at most`) : good(ms);
  },
};

/** `0` lifts the limit. */
export const limit: Kind<number | undefined> = {
  ...durationKind,
  decode(value) {
    const ms = durationKind.decode(value);
    return ms.ok && ms.value === 0 ? good(undefined) : ms;
  },
};

export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    name: values.map((value) => `"${value}"`).join(", "),
    schema: { enum: values },
    decode(value) {
      const known = values.find((each) => each === value);
      if (known !== undefined) return good(known);
      const near = typeof value === "string" ? nearest(value, values) : undefined;
      return bad(
        `${shown(value)} is not one of ${values.map((each) => `"${each}"`).join(", ")}`,
        near && `did you mean "${near}"?`,
      );
    },
  };
}

/** `"auto"`, or whatever the other kind reads. */
export function autoOr<T>(other: Kind<T>): Kind<T | "auto"> {
  return {
    ...other,
    name: `"auto" or ${other.name}`,
    schema: { anyOf: [{ const: "auto" }, other.schema] },
    decode(value): Decoded<T | "auto"> {
      if (value === "auto") return good("auto");
      const decoded = other.decode(value);
      if (decoded.ok) return decoded;
      const isNear = typeof value === "string" && nearest(value, ["auto"]) !== undefined;
      return {
        ok: false,
        faults: decoded.faults.map((fault) => ({
          ...fault,
          message: `${fault.message}, nor "auto"`,
          ...(isNear ? { hint: 'did you mean "auto"?' } : {}),
        })),
      };
    },
  };
}

export const boolOrDuration: Kind<boolean | number> = {
  name: "boolean or duration",
  schema: { anyOf: [bool.schema, ...durationSchema] },
  decode(value) {
    if (typeof value === "boolean") return good(value);
    return durationMs(value) === undefined
      ? bad(
          `${shown(value)} is neither true nor false nor a duration (${durationForms})`,
          durationHint(value) ?? boolHint(value),
        )
      : durationKind.decode(value);
  },
};

// ── lists and tables ───────────────────────────────────────────────────────────────────────────────────────────────

export const strings: Kind<readonly string[]> = listOf("list of strings", text);
export const patterns: Kind<readonly string[]> = listOf("list of patterns", text);

const included: Kind<string> = {
  name: "pattern",
  schema: { type: "string", not: { pattern: "^!?(?:\\.?/)*(?:\\.\\.(?:/.*)?)?$" } },
  decode(value) {
    if (typeof value !== "string") return wants(value, "a string");
    const body = value.replace(/^!/, "").replace(/^(?:\.?\/)+/, "");
    if (body === "") return bad(`${shown(value)} is empty, and matches nothing`);
    if (body !== ".." && !body.startsWith("../")) return withoutNul(value);
    return bad(
      `${shown(value)} reaches out of the directory that is watched`,
      "[watch] include_dirs may name directories outside of root",
    );
  },
};

/** Patterns of `include_files`; the matchers read them in the same way (`src/matchers/glob.ts`). */
export const includes: Kind<readonly string[]> = listOf("list of patterns", included);
export const paths: Kind<readonly string[]> = listOf("list of paths", path);

const regexText: Kind<string> = {
  name: "regular expression",
  schema: { type: "string", format: "regex", minLength: 1 },
  decode(value) {
    const regex = regexp.decode(value);
    if (value === "") return bad(`${shown(value)} is empty, and matches everything`);
    return regex.ok ? good(String(value)) : regex;
  },
};

/** Compiled where they are used; here it is made sure that they can be. */
export const regexes: Kind<readonly string[]> = listOf("list of regular expressions", regexText);

export const regexp: Kind<RegExp> = {
  name: "regular expression",
  schema: { type: "string", format: "regex" },
  decode(value) {
    if (typeof value !== "string") return wants(value, "a regular expression");
    try {
      return good(new RegExp(value));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return bad(`${shown(value)} is not a regular expression: ${reason.replace(/^Invalid regular expression: /, "")}`);
    }
  },
};

export function listOf<T>(name: string, item: Kind<T>): Kind<readonly T[]> {
  return {
    name,
    schema: { type: "array", items: item.schema },
    isList: true,
    decode(value) {
      if (!Array.isArray(value)) {
        const one = item.decode(value);
        return bad(
          `${shown(value)} is ${typeOf(value)}, not a list`,
          one.ok ? `did you mean [${shown(value)}]?` : undefined,
        );
      }
      const items: T[] = [];
      const faults: Fault[] = [];
      value.forEach((each: unknown, index) => {
        const decoded = item.decode(each);
        if (decoded.ok) items.push(decoded.value);
        else faults.push(...decoded.faults.map((fault) => ({ ...fault, path: [index, ...fault.path] })));
      });
      return faults.length === 0 ? good(items) : { ok: false, faults };
    },
  };
}

/** Environment variables. Numbers, booleans and dates are taken for their text: `PORT = 3000`. */
export const variables: Kind<Readonly<Record<string, string>>> = {
  name: "table of strings",
  schema: {
    type: "object",
    propertyNames: { pattern: "^[^=\\u0000]+$" },
    additionalProperties: { type: ["string", "number", "boolean"] },
  },
  isTable: true,
  decode(value) {
    if (typeOf(value) !== "a table") return wants(value, "a table of names and values", variablesHint(value));
    const pairs: [string, string][] = [];
    const faults: Fault[] = [];
    for (const [name, each] of Object.entries(value ?? {})) {
      if (name === "" || /[=\0]/.test(name))
        faults.push({ path: [name], message: `${shown(name)} cannot be the name of a variable` });
      else if (typeof each === "string" && each.includes("\0"))
        faults.push({ path: [name], message: "a NUL character is not allowed here" });
      else if (["string", "number", "boolean"].includes(typeof each)) pairs.push([name, String(each)]);
      else if (each instanceof Date) pairs.push([name, each.toISOString()]);
      else faults.push({ path: [name], message: `${shown(each)} is ${typeOf(each)}, not a string` });
    }
    return faults.length === 0 ? good(Object.fromEntries(pairs)) : { ok: false, faults };
  },
};
