/** Where a value comes from, in the user's words. */

import { type Locator, locator } from "../text/locate.ts";
import type { SourceText } from "../text/source.ts";
import type { Effective, Origin } from "./layers.ts";
import type { LoadedConfig } from "./load.ts";

export type Origins = ReadonlyMap<string, readonly string[]>;

/** `default`, `.reload.toml:7`, `RELOAD_BUILD_CMD`, `--build`, `COMMAND`, for every key; several where layers add to each other. */
export async function originsOf({ effectives }: Pick<LoadedConfig, "effectives">): Promise<Origins> {
  const locators = new Map<SourceText, Locator>();
  for (const { origins } of effectives.values()) {
    for (const origin of origins) {
      if (origin.from === "file" && !locators.has(origin.source))
        locators.set(origin.source, await locator(origin.source));
    }
  }
  const text = (origin: Origin): string => {
    if (origin.from === "default") return "default";
    if (origin.from !== "file") return origin.name;
    const line = locators.get(origin.source)?.({ path: origin.path, at: "key" }).line ?? 1;
    return `${origin.source.name}:${line}`;
  };
  return new Map([...effectives].map(([name, { origins }]: [string, Effective]) => [name, origins.map(text)]));
}
