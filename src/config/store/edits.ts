/** From one version of the configuration to the next: which keys changed, and what that touches. */

import type { Touch } from "../keys/keys.ts";
import type { LoadedConfig } from "../layers/load.ts";
import type { ConfigKind } from "../layers/service-config.ts";
import { shown } from "../write/write.ts";

export interface ConfigEdit {
  /** `watch.debounce`; `.env` variables as `env_files: PORT`. */
  readonly changed: readonly string[];
  /** What has to be done so that the new values count; empty: they count by themselves from now on. */
  readonly touches: ReadonlySet<Touch>;
  /** `watch.debounce "auto" → "20ms"; proc.cmd (restarts)`: for one line. Values of variables are not in it. */
  readonly summary: string;
}

/** Every key with a text that is equal if, and only if, its value is: what the store compares. Not for printing: values of env files are in it. Names in parentheses are no keys, but what follows from them. */
export function comparable(loaded: LoadedConfig): ReadonlyMap<string, string> {
  const pairs: [string, string][] = [...loaded.effectives].map(([name, { raw }]) => [name, JSON.stringify(raw) ?? ""]);
  const variables = Object.entries(loaded.fileEnv).map(([name, value]): [string, string] => [
    `${envPrefix}${name}`,
    value,
  ]);
  const rest: [string, string][] = [
    ["(kind)", loaded.kind satisfies ConfigKind],
    ["(root)", loaded.root],
    ["(command directory)", loaded.commandDirectory],
    ["(restart patterns)", JSON.stringify(loaded.restartPatterns)],
  ];
  return new Map([...pairs, ...variables, ...rest]);
}

const envPrefix = "env_files: ";

export function describeEdit(before: LoadedConfig, after: LoadedConfig, changed: readonly string[]): ConfigEdit {
  const touches = new Set<Touch>(changed.flatMap((name) => touchesOf(name, before, after)));
  const named = changed.filter((name) => !name.startsWith("("));
  const said = named.map((name) => describe(name, before, after));
  return { changed: named, touches, summary: [...said, ...consequence(touches)].join("; ") };
}

function touchesOf(name: string, before: LoadedConfig, after: LoadedConfig): readonly Touch[] {
  if (name.startsWith(envPrefix)) return ["restart"];
  if (name.startsWith("(")) return ["watch", "rebuild"];
  return (after.effectives.get(name) ?? before.effectives.get(name))?.key.touches ?? [];
}

function describe(name: string, before: LoadedConfig, after: LoadedConfig): string {
  // What is in the environment may be a secret: names only.
  if (name.startsWith(envPrefix) || name.endsWith(".env")) return name;
  const [old, current] = [before, after].map((loaded) => loaded.effectives.get(name)?.raw);
  return `${name} ${old === undefined ? "(not set)" : shown(old)} → ${current === undefined ? "(not set)" : shown(current)}`;
}

function consequence(touches: ReadonlySet<Touch>): string[] {
  if (touches.has("rebuild")) return ["builds and restarts"];
  if (touches.has("restart")) return ["restarts"];
  return touches.has("watch") ? ["watches anew"] : [];
}
