/** Text that was meant as a number, a truth value or a list: from files and variables that know text alone, where the schema says so. */
import type { ErrorObject } from "ajv";
import type { Path } from "../config/text/locate.ts";
import { pathOf } from "./pointer.ts";

/**
 * The value with each piece of text that had the wrong type in the type that is wanted, where the text can be read so;
 * `undefined`: there was none.
 */
export function coerced(value: unknown, errors: readonly ErrorObject[], isText: (path: Path) => boolean): unknown {
  let result: unknown;
  for (const { keyword, params, schema, instancePath, data } of errors) {
    const path = pathOf(instancePath);
    if (typeof data !== "string" || !isText(path)) continue;
    const wanted =
      keyword === "type" ? [params["type"]].flat() : keyword === "enum" || keyword === "const" ? schema : [];
    const meant = keyword === "type" ? asTypes(data, [wanted].flat()) : asOneOf(data, [wanted].flat());
    if (meant === undefined) continue;
    result ??= copied(value);
    result = withValue(result, path, meant.value);
  }
  return result;
}

interface Meant {
  readonly value: unknown;
}

function asTypes(text: string, types: readonly unknown[]): Meant | undefined {
  for (const type of types.flatMap((each) => (typeof each === "string" ? each.split(",") : []))) {
    const meant = asType(text.trim(), type);
    if (meant !== undefined) return meant;
  }
  return undefined;
}

function asType(text: string, type: string): Meant | undefined {
  switch (type) {
    case "integer":
      return /^[-+]?\d+$/.test(text) ? { value: Number(text) } : undefined;
    case "number":
      return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? { value: Number(text) } : undefined;
    case "boolean":
      return /^(?:true|false)$/i.test(text) ? { value: text.toLowerCase() === "true" } : undefined;
    case "null":
      return text === "" || text === "null" ? { value: null } : undefined;
    case "array":
      if (text.startsWith("[")) return parsed(text);
      return { value: text === "" ? [] : text.split(",").map((item) => item.trim()) };
    case "object":
      return text.startsWith("{") ? parsed(text) : undefined;
    default:
      return undefined;
  }
}

function parsed(text: string): Meant | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function asOneOf(text: string, allowed: readonly unknown[]): Meant | undefined {
  const meant = allowed.find((each) => typeof each !== "string" && String(each) === text.trim());
  return meant === undefined ? undefined : { value: meant };
}

/** By the type of the value that it takes the place of: without a schema, that is all there is to go by. */
export function coercedLike(text: string, example: unknown): unknown {
  if (typeof example === "number") return (asType(text.trim(), "number") ?? { value: text }).value;
  if (typeof example === "boolean") return (asType(text.trim(), "boolean") ?? { value: text }).value;
  if (Array.isArray(example)) {
    const items = asType(text, "array")?.value;
    return Array.isArray(items)
      ? items.map((item) => (typeof item === "string" ? coercedLike(item, example[0]) : item))
      : text;
  }
  if (typeof example === "object" && example !== null) return (asType(text, "object") ?? { value: text }).value;
  return text;
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copied(each)]));
}

/** In place: a large file may have thousands of such texts. */
function withValue(value: unknown, path: Path, leaf: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return leaf;
  let part = value;
  for (const step of path.slice(0, -1))
    part = typeof part === "object" && part !== null ? Reflect.get(part, step) : undefined;
  // Also for a key named `__proto__`.
  if (typeof part === "object" && part !== null)
    Object.defineProperty(part, last, { value: leaf, enumerable: true, configurable: true, writable: true });
  return value;
}
