/** Names of services at the beginning of lines: aligned, each in a colour of its own. */
import type { Plan, Service } from "../core/types.ts";
import type { Colors } from "./colour.ts";

const inks = [
  "cyan",
  "yellow",
  "green",
  "magenta",
  "blue",
  "cyanBright",
  "yellowBright",
  "greenBright",
  "magentaBright",
  "blueBright",
] as const;

/** What is made for several services is told by what it is; in brackets, for a service may be called the same. */
export const nameOfShared = (kind: string): string => `(${kind})`;

/**
 * @param all the names of all services, in their order
 * @param width of the longest name that is to be aligned with it
 */
export function paintName(name: string, all: readonly Service[], width: number, colors: Colors): string {
  const at = all.indexOf(name);
  const ink = at === -1 ? "dim" : (inks[at % inks.length] ?? "dim");
  return colors[ink](name.padEnd(width));
}

/** As wide as the widest that stands before a line. */
export const widthOfNames = ({ services, recipes }: Plan): number =>
  Math.max(
    0,
    ...[...services.keys()].map((name) => name.length),
    ...[...recipes.values()].map(({ service, kind }) => (service === "" ? nameOfShared(kind).length : 0)),
  );
