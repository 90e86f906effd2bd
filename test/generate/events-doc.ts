/** `docs/events.md` from the schema that the tests hold sessions against. */

interface Property {
  readonly const?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly items?: Property;
}

interface EventSchema {
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

export interface EventsSchema {
  readonly oneOf: readonly EventSchema[];
}

const head = `# Events

\`reload --json\` writes one JSON object per line on stdout, \`reload --json=FILE\` into FILE (the streams stay as they are then).
Every event has \`event\` and \`time\` (ISO 8601, UTC). [\`events.schema.json\`](events.schema.json) is the JSON Schema, from which this page is made;
a test holds whole sessions against it. Builds and runs are numbered apart, each from 1. Times are in milliseconds. Fields may be added in later
versions; none changes its meaning.

| event | when | fields |
| --- | --- | --- |
`;

export function eventsDoc(schema: EventsSchema): string {
  const rows = schema.oneOf.map(({ title, description, properties, required }) => {
    const fields = Object.entries(properties)
      .filter(([name]) => name !== "event" && name !== "time")
      .map(([name, property]) => `\`${name}\` (${typeOf(property)}${required.includes(name) ? "" : "; not always"})`);
    return `| \`${title}\` | ${description} | ${fields.join(", ")} |`;
  });
  return `${head}${rows.join("\n")}\n`;
}

function typeOf({ type, enum: values, items }: Property): string {
  if (values !== undefined) return values.map((value) => `\`"${value}"\``).join(", ");
  if (items !== undefined) return items.type === "object" ? "list of `{pid, command}`" : `list of ${items.type}s`;
  return typeof type === "string" ? type : (type ?? []).join(" or ");
}
