/** `src/api/generated.ts`: the types of events and of the configuration, from their schemas. */
import { eventsSchema } from "./events-doc.ts";
import { schema } from "./schema.ts";

const head = `/** The types of events and of the configuration: written by npm run generate, from the tables of events and keys. */
`;

export function apiTypes(): string {
  const config = schema();
  const services = field(field(config, "properties"), "service");
  const service = Object.values(field(services, "patternProperties") ?? {})[0];
  const events = listOf(field(eventsSchema(), "oneOf")).map((event) => {
    const about = field(event, "description");
    return `  /** ${String(about)} */\n  | ${typeOf(event, "    ")}`;
  });
  return `${head}
/** One event, as \`reload --json\` writes it (docs/events.md). */
export type ReloadEvent =
${events.join("\n")};

/** The configuration, with keys as in \`.reload.toml\` (docs/config.md). */
export interface ReloadConfig ${typeOf({ ...config, description: undefined }, "")}

/** One of several programs, with keys as below \`[service.NAME]\`. */
interface ReloadService ${typeOf(service, "")}
`;
}

function typeOf(schema: unknown, indent: string): string {
  const constant = field(schema, "const");
  if (constant !== undefined) return JSON.stringify(constant);
  const choices = field(schema, "enum");
  if (choices !== undefined)
    return listOf(choices)
      .map((choice) => JSON.stringify(choice))
      .join(" | ");
  for (const word of ["oneOf", "anyOf"])
    if (field(schema, word) !== undefined) {
      const all = listOf(field(schema, word));
      const short = [...new Set(all.map((one) => typeOf(one, indent)))];
      if (!short.some((one) => one.includes("\n"))) return short.join(" | ");
      return all.map((one) => `\n${indent}  | ${typeOf(one, `${indent}    `)}`).join("");
    }
  const type = field(schema, "type");
  if (Array.isArray(type)) return type.map((one: unknown) => simple(one)).join(" | ");
  if (type === "array") {
    const items = field(schema, "items");
    // A list of which the first item has a rule of its own: the items are of one kind here.
    const item = typeOf(Array.isArray(items) ? items[0] : (items ?? {}), indent);
    return `readonly ${item.includes("|") && !item.startsWith("{") ? `(${item})` : item.startsWith("readonly") ? `(${item})` : item}[]`;
  }
  if (type === "object") return objectOf(schema, indent);
  return simple(type);
}

function objectOf(schema: unknown, indent: string): string {
  const properties = Object.entries(field(schema, "properties") ?? {});
  if (field(schema, "patternProperties") !== undefined) return "Readonly<Record<string, ReloadService>>";
  const more = field(schema, "additionalProperties");
  if (properties.length === 0)
    return `Readonly<Record<string, ${more === undefined || typeof more === "boolean" ? "unknown" : typeOf(more, indent)}>>`;
  const required = listOf(field(schema, "required") ?? []);
  const lines = properties.map(([name, property]) => {
    const about = field(property, "description");
    const isEvent = field(schema, "title") !== undefined && name === "time";
    const doc = typeof about === "string" && !isEvent ? `${indent}  /** ${about.replaceAll("*/", "*\\/")} */\n` : "";
    const key = /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
    return `${doc}${indent}  readonly ${key}${required.includes(name) ? "" : "?"}: ${typeOf(property, `${indent}  `)};`.replace(
      ": \n",
      ":\n",
    );
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

const simple = (type: unknown): string =>
  type === "integer" || type === "number"
    ? "number"
    : type === "string" || type === "boolean" || type === "null"
      ? type
      : "unknown";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
