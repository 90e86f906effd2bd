/** The way to a value as ajv names it → its keys and indexes. */
import type { Path } from "../config/text/locate.ts";

export function pathOf(pointer: string): Path {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).map(index);
}

const index = (part: string): string | number => (/^(?:0|[1-9]\d*)$/.test(part) ? Number(part) : part);
