/** What the parts of the translation of air's file share: how to ask for a value, and where to put what it becomes. */

import type { Complaint } from "../keys/decode.ts";
import { airKeys } from "./keys.ts";
import type { AirValue } from "./read.ts";

export interface Reader {
  readonly platform: NodeJS.Platform;
  of(name: string): AirValue;
  text(name: string): string;
  list(name: string): readonly string[];
  is(name: string): boolean;
  /** @param from the key of air's that says so */
  set(name: string, raw: unknown, from?: string): void;
  complain(complaint: Complaint): void;
}

export const listIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" && value !== "" ? [value] : [];

/** Whether the key is as air has it when nothing is said, in words or by silence. */
export function isDefault(reader: Reader, name: string): boolean {
  const fallback = airKeys.find((key) => key.name === name)?.default;
  return reader.of(name).path === undefined || JSON.stringify(reader.of(name).value) === JSON.stringify(fallback);
}
