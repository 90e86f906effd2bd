/**
 * What decides, in the user's own code, which packages are loaded and what they find: the head of each file, down to the last
 * line that imports something. A standby has loaded what the head of before asked for.
 */
import { readFileSync } from "node:fs";
import { packageNameOf, packageOf } from "../../gate/packages.ts";

/** File → its text; `undefined`: it could not be read. */
export type Heads = { readonly texts: ReadonlyMap<string, string | undefined>; readonly names: ReadonlySet<string> };

export const sourceText = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

/** @param own files of the user's own that are loaded @param loaded those of packages */
export const headsOf = (own: readonly string[], loaded: readonly string[]): Heads => ({
  texts: new Map(own.map((file) => [file, sourceText(file)])),
  names: new Set(loaded.map((file) => packageNameOf(packageOf(file) ?? ""))),
});

/** What others may see, wherever it is done. */
const outward = /\bprocess\s*\.\s*env\b|\bglobal(?:This)?\b|\bprototype\b|\bdefineProperty\b|\bprocess\s*\[/;

/** @returns why other packages may be loaded now, or may find another thing; `undefined`: all is as it was */
export function otherHead({ texts, names }: Heads): string | undefined {
  for (const [file, before] of texts) {
    const now = sourceText(file);
    if (now === before) continue;
    if (now === undefined || before === undefined) return `${file} has come or gone`;
    if (headOf(before, names) !== headOf(now, names)) return `${file} has other imports, or other lines above them`;
    const known = new Set(before.split("\n"));
    if (now.split("\n").some((line) => !known.has(line) && outward.test(line)))
      return `${file} has a new line about process.env or a global`;
    const lines = new Set(now.split("\n"));
    if (before.split("\n").some((line) => !lines.has(line) && outward.test(line)))
      return `${file} has lost a line about process.env or a global`;
  }
  return undefined;
}

function headOf(text: string, names: ReadonlySet<string>): string {
  const lines = text.split("\n");
  const last = lines.findLastIndex((line) => asks(line, names));
  return lines.slice(0, last + 1).join("\n");
}

const asks = (line: string, names: ReadonlySet<string>): boolean =>
  /\b(?:import|require|from)\b/.test(line) ||
  [...line.matchAll(/["'`]((?:@[^"'`/]+\/)?[^"'`/]+)(?:\/[^"'`]*)?["'`]/g)].some(([, name]) => names.has(name ?? ""));
