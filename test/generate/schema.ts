/** `schema.json`: the table of keys as a JSON Schema, for editors (`#:schema` in a `.reload.toml`). */
import { allKeys, type NamedKey } from "../../src/config/keys/keys.ts";
import { serviceKeys, serviceName } from "../../src/config/keys/service-keys.ts";

export const schemaAddress = "https://unpkg.com/reload-dev/schema.json";

export function schema(): Record<string, unknown> {
  const service = {
    description: "Several programs in one project: [service.NAME].",
    type: "object",
    additionalProperties: false,
    patternProperties: { [serviceName.source]: tableOf([...serviceKeys().values()]) },
  };
  const top = tableOf([...allKeys().values()]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: schemaAddress,
    title: ".reload.toml",
    description: "The configuration of reload (npm: reload-dev).",
    ...top,
    properties: { ...top.properties, service },
  };
}

function tableOf(keys: readonly NamedKey[]) {
  const propertiesOf = (section: string): [string, Record<string, unknown>][] =>
    keys.filter((key) => key.section === section).map((key) => [key.leaf, propertyOf(key)]);
  const properties = new Map(propertiesOf(""));
  for (const section of new Set(keys.map((key) => key.section))) {
    if (section === "") continue;
    const table = {
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(propertiesOf(section)),
    };
    const other = properties.get(section);
    properties.set(section, other === undefined ? table : { anyOf: [table, other] });
  }
  return { type: "object", additionalProperties: false, properties: Object.fromEntries(properties) };
}

function propertyOf(key: NamedKey): Record<string, unknown> {
  return {
    ...key.kind.schema,
    description: key.means.replaceAll("`", ""),
    ...(key.default === undefined ? {} : { default: key.default }),
  };
}
