/** Which services a question is about. */
import type { FinalAnswer, Question } from "../../adapters/control/channel.ts";
import { nearest } from "../../config/check/suggest.ts";
import type { Service } from "../../core/types.ts";
import { end } from "./answers.ts";

/** Those that are named, or all; the answer where one is not known. */
export function servicesNamed(
  { names, verb }: Question,
  services: ReadonlyMap<Service, unknown>,
): readonly Service[] | FinalAnswer {
  const unknown = names.find((name) => !services.has(name));
  if (unknown === undefined) return names.length === 0 ? [...services.keys()] : [...new Set(names)];
  const known = [...services.keys()].filter((name) => name !== "");
  return end(2, `there is no service ${unknown}${meantBy(unknown, verb, known)}`);
}

function meantBy(unknown: string, verb: string, known: readonly Service[]): string {
  if (verb === "logs" && /^builds?$/.test(unknown)) return "; did you mean --build?";
  if (known.length === 0) return `: one program runs here, and has no name; write reload ${verb}`;
  if (unknown === "all") return `: without a name, reload ${verb} is about all of them`;
  const near = nearest(unknown, known);
  return near === undefined ? ` (there are ${known.join(", ")})` : `; did you mean ${near}?`;
}
