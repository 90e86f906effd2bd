/** What a schema allows, as people say it. */

export type SchemaObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is SchemaObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** More would be read by nobody, and finding the places of 100,000 takes minutes. */
export const mostFaults = 50;
export const moreIsWrong = `more is wrong: only the first ${mostFaults} mistakes are told`;

const mostListed = 12;

export function listed(words: readonly string[], last: "or" | "and"): string {
  const shown =
    words.length > mostListed ? [...words.slice(0, mostListed), `${words.length - mostListed} more`] : words;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} ${last} ${shown.at(-1)}`;
}

const types: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
  null: "null",
};

export function jsonTypeOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : "infinity";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a number";
  return types[typeof value] ?? typeof value;
}

export const json = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** "an integer from 1 to 65535" */
export function allowedBy(schema: SchemaObject): string {
  const { type, pattern, format } = schema;
  if (Array.isArray(schema["enum"])) return listed(schema["enum"].map(json), "or");
  if ("const" in schema) return json(schema["const"]);
  const names = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === "string");
  const base =
    names.length > 0
      ? listed(
          names.map((name) => types[name] ?? name),
          "or",
        )
      : "a value";
  const limits = [
    rangeOf(schema),
    lengthOf(schema),
    typeof format === "string" ? `in the format "${format}"` : "",
    typeof pattern === "string" ? `that matches /${pattern}/` : "",
  ].filter((limit) => limit !== "");
  return [base, ...limits].join(" ");
}

function rangeOf(schema: SchemaObject): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const parts: string[] = [];
  if (typeof minimum === "number" && typeof maximum === "number") parts.push(`from ${minimum} to ${maximum}`);
  else if (typeof minimum === "number") parts.push(`of at least ${minimum}`);
  else if (typeof maximum === "number") parts.push(`of at most ${maximum}`);
  if (typeof exclusiveMinimum === "number") parts.push(`greater than ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === "number") parts.push(`less than ${exclusiveMaximum}`);
  if (typeof multipleOf === "number") parts.push(`that is a multiple of ${multipleOf}`);
  return parts.join(" ");
}

function lengthOf(schema: SchemaObject): string {
  const parts = (
    [
      ["minLength", "maxLength", "character"],
      ["minItems", "maxItems", "item"],
      ["minProperties", "maxProperties", "key"],
    ] as const
  ).flatMap(([least, most, unit]) => {
    const from = schema[least];
    const to = schema[most];
    if (typeof from === "number" && typeof to === "number") return [`with ${from} to ${counted(to, unit)}`];
    if (typeof from === "number" && from > 0) return [`with at least ${counted(from, unit)}`];
    return typeof to === "number" ? [`with at most ${counted(to, unit)}`] : [];
  });
  return parts.join(" ");
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
