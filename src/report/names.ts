/** Names of services at the beginning of lines: aligned, each in a colour of its own. */
import type { Service } from "../core/types.ts";
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

/** @param all the names of all services, in their order */
export function paintName(name: Service, all: readonly Service[], colors: Colors): string {
  const width = Math.max(0, ...all.map((each) => each.length));
  const at = all.indexOf(name);
  const ink = at === -1 ? "dim" : (inks[at % inks.length] ?? "dim");
  return colors[ink](name.padEnd(width));
}
