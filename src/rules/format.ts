/** The formats of configuration files, and by which names they are known. */
import { basename } from "node:path";

export type Format = "json" | "yaml" | "toml" | "properties" | "env";

const endings: readonly (readonly [Format, RegExp])[] = [
  ["json", /\.(?:json|jsonc)$/i],
  ["yaml", /\.(?:yaml|yml)$/i],
  ["toml", /\.toml$/i],
  ["properties", /\.properties$/i],
  // `.env`, `.env.local`, `local.env`; `.envrc` is a script.
  ["env", /^\.env(?:\..+)?$|\.env$/i],
];

export const formatNames: readonly Format[] = endings.map(([format]) => format);

export const knownFormats = "JSON (.json, .jsonc), YAML (.yaml, .yml), TOML (.toml), .properties and .env";

/** By the name of the file alone; `undefined`: it is of none of the formats. */
export function formatOf(path: string): Format | undefined {
  const name = basename(path);
  // `.env.json` is JSON.
  return endings.find(([, ending]) => ending.test(name))?.[0];
}
