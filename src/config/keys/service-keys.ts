/** Which keys a service has, and which of them it takes from the top where it does not say them. */
import { allKeys, type NamedKey } from "./keys.ts";
import { strings } from "./kinds.ts";

/** What a service can be called. */
export const serviceName = /^[a-z][a-z0-9-]*$/;

const after: NamedKey = {
  name: "after",
  section: "",
  leaf: "after",
  kind: strings,
  default: [],
  touches: [],
  means:
    "Services that have to be ready before this one is started: one that has a check when it is met, another when it has lived for 500 ms or has ended with 0; one without `[proc] cmd` when its build has passed.",
};

/** One thing for all services: said at the top. */
const isForAll = ({ name, section }: NamedKey): boolean =>
  ["tmp_dir", "clean_on_exit", "hooks.at_end"].includes(name) || section === "ui" || section === "log";

let known: ReadonlyMap<string, NamedKey> | undefined;

/** By their names below `[service.NAME]`. */
export function serviceKeys(): ReadonlyMap<string, NamedKey> {
  known ??= new Map([...[...allKeys()].filter(([, key]) => !isForAll(key)), [after.name, after]]);
  return known;
}

/** Key by key a default of every service. `[build]` is not a default but one build for all, and `[[rule]]` one rule for all. */
export const isServiceDefault = ({ name, section }: NamedKey): boolean =>
  ["env_files", "watch", "ready.timeout"].includes(name) ||
  section === "watch" ||
  (section === "hooks" && name !== "hooks.at_end") ||
  (section === "proc" && name !== "proc.cmd" && name !== "proc.args");

/** At the top beside a service nobody knows whose it is. */
export const isOfOneProgram = (key: NamedKey): boolean =>
  ["proc", "ready", "proxy", "sockets"].includes(key.section) && !isServiceDefault(key);

/** `service.api.proc.cmd`: the key of a service, as flags and variables name it. */
export function keyOfService(name: string): { readonly service: string; readonly key: NamedKey } | undefined {
  const [, service, rest] = /^service\.([^.]+)\.(.+)$/.exec(name) ?? [];
  const key = serviceKeys().get(rest ?? "");
  return service === undefined || key === undefined ? undefined : { service, key };
}

/** `service.api.proc.cmd` */
export const ofService = (service: string, key: string): string => `service.${service}.${key}`;
