/** Complaints → problems with their places and advice. Loaded only when there is something to complain about. */
import type { Problem } from "../../core/problem.ts";
import { airKeyHint, airKeys, nearAirKeyHint } from "../air/keys.ts";
import type { Complaint } from "../keys/decode.ts";
import { allKeys } from "../keys/keys.ts";
import { ofService, serviceKeys } from "../keys/service-keys.ts";
import type { Effectives } from "../layers/layers.ts";
import { locator } from "../text/locate.ts";
import type { SourceText } from "../text/source.ts";
import type { KeyComplaint } from "./checks.ts";
import { nearest } from "./suggest.ts";

/** What is wrong with one text. */
export async function problemsIn(source: SourceText, complaints: readonly Complaint[]): Promise<Problem[]> {
  const locate = await locator(source);
  return complaints.map((complaint) => {
    const { code, severity, message } = complaint;
    const hint = complaint.hint ?? (complaint.foreign === undefined ? undefined : hintFor(complaint.foreign));
    return { code, severity, message, place: locate(complaint), ...(hint === undefined ? {} : { hint }) };
  });
}

/** A complaint about a key is one about whoever set it. */
export async function problemOfKey(
  effectives: Effectives,
  { key, message, hint, part = [] }: KeyComplaint,
): Promise<Problem> {
  const origin = effectives.get(key)?.origins.at(-1);
  const common = {
    code: "config/conflict",
    severity: "error",
    message,
    ...(hint === undefined ? {} : { hint }),
  } as const;
  if (origin === undefined || origin.from === "default") return { ...common, origin: key };
  if (origin.from !== "file") return { ...common, origin: origin.name };
  return { ...common, place: (await locator(origin.source))({ path: [...origin.path, ...part], at: "value" }) };
}

/** In the order of the files; what has no place comes last. */
export function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => {
    if (a.place === undefined || b.place === undefined)
      return Number(a.place === undefined) - Number(b.place === undefined);
    return a.place.file === b.place.file ? a.place.line - b.place.line || a.place.column - b.place.column : 0;
  });
}

/** For a flag that is not a key: from the same tables as in files. @param services those that are declared */
export function flagHint(name: string, services: readonly string[]): string {
  if (name.startsWith("service.")) return serviceHint(name, services);
  if (name.startsWith("rule.")) return "[[rule]] can only be set in a file";
  if (airKeys.some((key) => key.name === name))
    return `${airKeyHint(name)}; air's flags hold with an .air.toml, or without a file`;
  const section = name.slice(0, name.lastIndexOf(".") + 1);
  const sections = new Set([...allKeys().values()].map((key) => key.section));
  const isSection = sections.has(section.slice(0, -1));
  const near = nearest(
    isSection ? name.slice(section.length) : name,
    [...allKeys().keys()].flatMap((key) =>
      isSection ? (key.startsWith(section) ? [key.slice(section.length)] : []) : [key],
    ),
  );
  if (near !== undefined) return `did you mean --${isSection ? section : ""}${near}?`;
  return hintFor(name) ?? "reload config prints every key";
}

function serviceHint(name: string, services: readonly string[]): string {
  const [, service = "", ...rest] = name.split(".");
  if (services.length === 0) return "no service is declared here: new ones come from files only";
  const key = rest.join(".");
  const meant = services.includes(service) ? service : nearest(service, services);
  if (meant === undefined) return `there is no service ${service}, but: ${services.join(", ")}`;
  const near = serviceKeys().has(key) ? key : nearest(key, serviceKeys().keys());
  return near === undefined ? "reload config prints every key" : `did you mean --${ofService(meant, near)}?`;
}

/** For a name that is near to none of its neighbours: one of air's, or one that lives elsewhere. */
function hintFor(name: string): string | undefined {
  return airKeyHint(name) ?? nearElsewhere(name.slice(name.lastIndexOf(".") + 1)) ?? nearAirKeyHint(name);
}

function nearElsewhere(leaf: string): string | undefined {
  const keys = [...allKeys().values()];
  const near = nearest(leaf, new Set(keys.map((key) => key.leaf)));
  const home = keys.find((key) => key.leaf === near);
  if (home === undefined) return undefined;
  return `did you mean ${home.leaf} ${home.section === "" ? "at the top" : `in [${home.section}]`}?`;
}
