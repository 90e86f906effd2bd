/** Values as TOML, on one line. */

/** Any value that TOML can hold. `undefined` and what TOML has no word for become an empty string. */
export function inline(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${bareOrQuoted(key)} = ${inline(item)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  return "";
}

/** A key as TOML wants it: bare where it can be. */
export const bareOrQuoted = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key));

/** A literal string where that spares escapes (`'tmp\main.exe'`), else a basic one. */
export function quoted(text: string): string {
  if (/["\\]/.test(text) && !/['\u0000-\u001f\u007f]/.test(text)) return `'${text}'`;
  // JSON's escapes are all TOML's too; it leaves only DEL as it is.
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

/** A value for a message: short enough to stand in a sentence. */
export function shown(value: unknown): string {
  const text = inline(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** `a string`, `a list`, … */
export function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  switch (typeof value) {
    case "string":
      return "a string";
    case "number":
    case "bigint":
      return "a number";
    case "boolean":
      return "a boolean";
    default:
      return "a table";
  }
}
