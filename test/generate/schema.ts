/** `schema.json`: the table of keys as a JSON Schema, for editors (`#:schema` in a `.reload.toml`). */
import { allKeys, type NamedKey, sections } from "../../src/config/keys/keys.ts";

export const schemaAddress = "https://unpkg.com/reload-dev/schema.json";

export function schema(): Record<string, unknown> {
  const available = [...allKeys().values()].filter(({ isLater }) => isLater !== true);
  const propertiesOf = (section: string): [string, unknown][] =>
    available.filter((key) => key.section === section).map((key) => [key.leaf, propertyOf(key)]);
  const nested = sections().flatMap((section): [string, unknown][] => {
    const properties = Object.fromEntries(propertiesOf(section));
    if (Object.keys(properties).length === 0) return [];
    return [[section, { type: "object", additionalProperties: false, properties }]];
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: schemaAddress,
    title: ".reload.toml",
    description: "The configuration of reload (npm: reload-dev).",
    type: "object",
    additionalProperties: false,
    properties: { ...Object.fromEntries(propertiesOf("")), ...Object.fromEntries(nested) },
  };
}

function propertyOf(key: NamedKey): Record<string, unknown> {
  return {
    ...key.kind.schema,
    description: key.means.replaceAll("`", ""),
    ...(key.default === undefined ? {} : { default: key.default }),
  };
}
