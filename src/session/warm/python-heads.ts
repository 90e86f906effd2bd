/** The heads of Python modules: down to the end of the last import that is made when the module is loaded. */
import type { RunRecord } from "../../gate/order.ts";
import { type Heads, sourceText } from "./heads.ts";

export const headsOfPython = ({ own }: RunRecord): Heads => ({
  texts: new Map(own.map((file) => [file, sourceText(file)])),
  names: new Set(),
});

const isImport = (line: string): boolean => /^\s*(?:import|from)\s+[\w.]/.test(line);

/** What others may see, wherever it is done. */
const outward =
  /\bos\s*\.\s*(?:environ|putenv|unsetenv)|\benviron\b|\bload_dotenv\b|\bsys\s*\.\s*(?:path|modules|meta_path|path_hooks)|\bsetattr\b|\bbuiltins\b|\bimportlib\b|\b__import__\b|\bglobals\s*\(|\breload\b|\bsys\s*\.\s*\w+\s*=(?!=)/;

export function otherPythonHead({ texts }: Heads): string | undefined {
  for (const [file, before] of texts) {
    const now = sourceText(file);
    if (now === before) continue;
    if (now === undefined || before === undefined) return `${file} has come or gone`;
    if (pythonHead(before) !== pythonHead(now)) return `${file} has other imports, or other lines above them`;
    const [was, is] = [before.split("\n"), now.split("\n")];
    const differing = [...without(is, was), ...without(was, is)];
    if (differing.some(isImport)) return `${file} has other imports`;
    if (differing.some((line) => outward.test(line)))
      return `${file} has another line about the environment or the import system`;
  }
  return undefined;
}

/** Lines of these that are not among those. */
const without = (these: readonly string[], those: readonly string[]): string[] => {
  const known = new Set(those);
  return these.filter((line) => !known.has(line));
};

export function pythonHead(text: string): string {
  const lines = text.split("\n");
  const last = lines.findLastIndex((line, at) => isImport(line) && !isInFunction(lines, at));
  return lines.slice(0, endOf(lines, last)).join("\n");
}

/** Functions run later, or are called by what is the head itself. */
function isInFunction(lines: readonly string[], at: number): boolean {
  let indent = indentOf(lines[at] ?? "");
  for (let above = at - 1; above >= 0 && indent > 0; above -= 1) {
    const line = lines[above] ?? "";
    if (line.trim() === "" || indentOf(line) >= indent) continue;
    indent = indentOf(line);
    if (/^\s*(?:async\s+)?def\b/.test(line)) return true;
  }
  return false;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** An import in parentheses, or with a backslash, goes on. */
function endOf(lines: readonly string[], first: number): number {
  let at = first;
  if (/\([^)]*$/.test(lines[at] ?? "")) while (at + 1 < lines.length && !/\)/.test(lines[at] ?? "")) at += 1;
  while (at >= 0 && at + 1 < lines.length && /\\\s*$/.test(lines[at] ?? "")) at += 1;
  return at + 1;
}
