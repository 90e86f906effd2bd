/** `docs/events.schema.json` and `docs/events.md`, from the table of events. */
import { problemCodes } from "../../src/core/problem-codes.ts";
import { events } from "../../src/report/events.ts";

type Field = (typeof events)[string]["fields"][string];

export function eventsSchema(): unknown {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "An event of reload --json",
    description: "One object per line.",
    oneOf: Object.entries(events).map(([name, { when, fields }]) => ({
      title: name,
      description: when,
      type: "object",
      properties: {
        event: { const: name },
        time: { type: "string", description: "ISO 8601, UTC" },
        ...Object.fromEntries(Object.entries(fields).map(([field, kind]) => [field, schemaOf(kind)])),
      },
      required: ["event", "time", ...Object.keys(fields).filter((field) => fields[field]?.isOptional !== true)],
      additionalProperties: false,
    })),
  };
}

function schemaOf({ is, of, orNull }: Field): unknown {
  if (of !== undefined) return { enum: of };
  if (is === "strings") return { type: "array", items: { type: "string" } };
  if (is === "processes")
    return {
      type: "array",
      items: {
        type: "object",
        properties: { pid: { type: "integer" }, command: { type: "string" } },
        required: ["pid", "command"],
        additionalProperties: false,
      },
    };
  return { type: orNull === true ? [is, "null"] : is };
}

const head = `# Events

\`reload --json\` writes one JSON object per line on stdout, \`reload --json=FILE\` into FILE (the streams stay as they are then).
Every event has \`event\` and \`time\` (ISO 8601, UTC). [\`events.schema.json\`](events.schema.json) is the JSON Schema; both are made from
\`src/report/events.ts\`, and a test holds whole sessions against it. Builds and runs are numbered apart, each from 1; \`job\` names one of them
(\`build/2\`, \`run/3\`). What commands answer with \`--json\` is in [\`answers.schema.json\`](answers.schema.json); both schemas are in the package
(\`reload-dev/events.schema.json\`, \`reload-dev/answers.schema.json\`). Times are in milliseconds. Fields may be added in later versions; none changes its meaning.

| event | when | fields |
| --- | --- | --- |
`;

const codesHead = `## Codes of problems

What a message says may change, its code does not; \`reload config --json\` has them as well. There may be more in later versions.

| code | what is wrong |
| --- | --- |
`;

export function eventsDoc(): string {
  const rows = Object.entries(events).map(([name, { when, fields }]) => {
    const told = Object.entries(fields).map(([field, kind]) => {
      return `\`${field}\` (${wordsOf(kind)}${kind.isOptional === true ? "; not always" : ""})`;
    });
    return `| \`${name}\` | ${when} | ${told.join(", ")} |`;
  });
  const codes = Object.entries(problemCodes).map(([code, means]) => `| \`${code}\` | ${means} |`);
  return `${head}${rows.join("\n")}\n\n${codesHead}${codes.join("\n")}\n`;
}

function wordsOf({ is, of, orNull }: Field): string {
  if (of !== undefined) return of.map((value) => `\`"${value}"\``).join(", ");
  if (is === "strings") return "list of strings";
  if (is === "processes") return "list of `{pid, command}`";
  return orNull === true ? `${is} or null` : is;
}
