/** From one version of the configuration to the next: which keys changed, and what that touches, service by service. */

import type { Touch } from "../keys/keys.ts";
import type { RuleConfig } from "../keys/rule-kinds.ts";
import { keyOfService, ofService } from "../keys/service-keys.ts";
import type { Effective } from "../layers/layers.ts";
import type { LoadedConfig } from "../layers/load.ts";
import type { ConfigKind, ServiceConfig, ServiceRule } from "../layers/service-config.ts";
import { shown } from "../write/write.ts";
import { describeRules, touchedByRules } from "./rule-edits.ts";

export interface ConfigEdit {
  /** `watch.debounce`, `service.api.proc.cmd`; `.env` variables as `env_files: PORT`; a service that came or went as `service.api`. */
  readonly changed: readonly string[];
  /** What has to be done so that the new values count; empty: they count by themselves from now on. */
  readonly touches: ReadonlySet<Touch>;
  /** The same for each service that there was and is; `""` where there is only one. */
  readonly services: ReadonlyMap<string, ReadonlySet<Touch>>;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `watch.debounce "auto" → "20ms"; proc.cmd (restarts)`: for one line. Values of variables are not in it. */
  readonly summary: string;
}

/** Every key with a text that is equal if, and only if, its value is: what the store compares. Not for printing: values of env files are in it. Names in parentheses are not keys, but what follows from them. */
export function comparable(loaded: LoadedConfig): ReadonlyMap<string, string> {
  const pairs: [string, string][] = [...loaded.effectives].map(([name, { raw }]) => [name, textOf(raw)]);
  const rest: [string, string][] = [
    ["(kind)", loaded.kind satisfies ConfigKind],
    ["(root)", loaded.root],
    ["(command directory)", loaded.commandDirectory],
    ["(restart patterns)", textOf(loaded.restartPatterns)],
  ];
  const services = [...loaded.services.values()].filter(({ name }) => name !== "").flatMap(ownPairs);
  return new Map([...pairs, ...variables(loaded.fileEnv), ...rest, ...services]);
}

const envPrefix = "env_files: ";

const textOf = (raw: unknown): string => JSON.stringify(raw) ?? "";

const variables = (fileEnv: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(fileEnv).map(([name, value]) => [`${envPrefix}${name}`, value]);

/** What is said of one service alone: what it has from the top is compared there. */
function ownPairs({ name, effectives, own, ground }: ServiceConfig): [string, string][] {
  const keys = [...own].map((key): [string, string] => [key, textOf(effectives.get(key)?.raw)]);
  const all = [...keys, ...(own.has("env_files") ? variables(ground.fileEnv) : [])];
  return [[whole(name), ""], ...all.map(([key, text]): [string, string] => [ofService(name, key), text])];
}

/** As it is named when it comes and goes. */
const whole = (service: string): string => `service.${service}`;

export function describeEdit(before: LoadedConfig, after: LoadedConfig, changed: readonly string[]): ConfigEdit {
  const added = [...after.services.keys()].filter((name) => !before.services.has(name));
  const removed = [...before.services.keys()].filter((name) => !after.services.has(name));
  const isOne = before.services.has("") && after.services.has("");
  const services = new Map<string, ReadonlySet<Touch>>();
  for (const [name, service] of after.services) {
    const earlier = before.services.get(name);
    if (earlier !== undefined)
      services.set(
        name,
        isOne ? new Set(changed.flatMap((key) => touchesOf(key, before, after))) : between(earlier, service),
      );
  }
  const touches = new Set([...services.values()].flatMap((each) => [...each]));
  // One that came or went is named as such, without its keys.
  const others = [...added, ...removed].map((name) => ofService(name, ""));
  const isNamed = (name: string): boolean =>
    !name.startsWith("(") && !others.some((each) => name.startsWith(each)) && !isSame(name, before, after);
  const named = changed.filter(isNamed);
  const said = named.map((name) => describe(name, before, after));
  const then = isOne ? consequence(touches) : consequences(services, added, removed);
  return { changed: named, touches, services, added, removed, summary: [...said, ...then].join("; ") };
}

function touchesOf(name: string, before: LoadedConfig, after: LoadedConfig): readonly Touch[] {
  if (name.startsWith(envPrefix)) return ["restart"];
  if (name.startsWith("(")) return ["watch", "rebuild"];
  if (name === "rule") return touchedByRules(rulesOf(before), rulesOf(after));
  return (after.effectives.get(name) ?? before.effectives.get(name))?.key.touches ?? [];
}

const rulesOf = ({ services }: LoadedConfig): readonly ServiceRule[] => services.get("")?.rules ?? [];

/** What it touches that a service is one and then the other. */
function between(before: ServiceConfig, after: ServiceConfig): ReadonlySet<Touch> {
  const touches = new Set<Touch>();
  const touch = (...more: readonly Touch[]): void => {
    for (const one of more) touches.add(one);
  };
  for (const [name, { key, raw }] of after.effectives)
    if (name !== "rule" && textOf(raw) !== textOf(before.effectives.get(name)?.raw)) touch(...key.touches);
  touch(...touchedByRules(before.rules, after.rules));
  if (textOf(before.ground.fileEnv) !== textOf(after.ground.fileEnv)) touch("restart");
  const place = ({ kind, ground, restartPatterns }: ServiceConfig): string =>
    textOf([kind, ground.root, ground.commandDirectory, restartPatterns]);
  if (place(before) !== place(after)) touch("watch", "rebuild");
  const build = ({ buildGround, config }: ServiceConfig): string =>
    config.build.cmd === undefined ? "" : textOf([buildGround.owner, buildGround.commandDirectory]);
  if (build(before) !== build(after)) touch("rebuild");
  return touches;
}

function effectiveOf(name: string, loaded: LoadedConfig): Effective | undefined {
  const ofService = keyOfService(name);
  return ofService === undefined
    ? loaded.effectives.get(name)
    : loaded.services.get(ofService.service)?.effectives.get(ofService.key.name);
}

const rulesIn = (name: string, { config, services }: LoadedConfig): readonly RuleConfig[] => {
  const service = keyOfService(name)?.service;
  return (service === undefined ? config : services.get(service)?.config)?.rule ?? [];
};

/** A service that says now what it had from the top says nothing new. */
const isSame = (name: string, before: LoadedConfig, after: LoadedConfig): boolean =>
  keyOfService(name) !== undefined && textOf(effectiveOf(name, before)?.raw) === textOf(effectiveOf(name, after)?.raw);

function describe(name: string, before: LoadedConfig, after: LoadedConfig): string {
  const service = /^service\.([^.]+)$/.exec(name)?.[1];
  if (service !== undefined) return `${name} ${after.services.has(service) ? "added" : "removed"}`;
  // What is in the environment may be a secret: names only.
  if (name.includes(envPrefix) || name.endsWith(".env")) return name;
  if (name === "rule" || name.endsWith(".rule")) {
    const [were = [], are = []] = [before, after].map((loaded) => rulesIn(name, loaded));
    return `${name} ${describeRules(were, are)}`;
  }
  const [old, current] = [before, after].map((loaded) => effectiveOf(name, loaded)?.raw);
  return `${name} ${old === undefined ? "(not set)" : shown(old)} → ${current === undefined ? "(not set)" : shown(current)}`;
}

function consequence(touches: ReadonlySet<Touch>): string[] {
  if (touches.has("rebuild")) return ["builds and restarts"];
  if (touches.has("restart")) return ["restarts"];
  return touches.has("watch") ? ["watches anew"] : [];
}

/** `restarts api, worker` */
function consequences(
  services: ReadonlyMap<string, ReadonlySet<Touch>>,
  added: readonly string[],
  removed: readonly string[],
): string[] {
  const of = new Map<string, string[]>();
  const add = (what: string, name: string): void => void of.set(what, [...(of.get(what) ?? []), name]);
  for (const [name, touches] of services) for (const what of consequence(touches)) add(what, name);
  // The only one there was, or is from now on.
  for (const name of removed) add("ends", name === "" ? "the program" : name);
  for (const name of added) add("starts", name === "" ? "the program" : name);
  return [...of].map(([what, names]) => [what, names.filter((name) => name !== "").join(", ")].join(" ").trimEnd());
}
