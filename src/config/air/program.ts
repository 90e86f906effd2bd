/** Where in air's `bin` the program ends and its words begin: `/home/me/my app/tmp/main`, but also `/go/bin/dlv exec /tmp/x`. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * The longest leading part that is what `cmd` builds, or a file; else one that lies in a directory with a blank in its name; else the first word.
 * @param bin with single blanks between words, as everywhere in air
 */
export function programIn(bin: string, cmd: string, workingDirectory: string): string {
  const words = bin.split(" ");
  const [first = ""] = words;
  const parts = words.map((_, index) => words.slice(0, index + 1).join(" ")).filter((part) => !part.endsWith(" "));
  const longest = parts.toReversed();
  const at = (path: string): string => resolve(workingDirectory, path);
  const outputs = outputsOf(cmd).map(at);
  return (
    longest.find((part) => outputs.includes(at(part))) ??
    longest.find((part) => kindOf(at(part)) === "file") ??
    parts.find((part) => liesInBlanks(part, at)) ??
    first
  );
}

/** What `-o` names, in quotes or not. */
function outputsOf(cmd: string): string[] {
  return [...cmd.matchAll(/(?:^|\s)-o(?:\s+|=)(?:"([^"]*)"|'([^']*)'|(\S+))/g)].flatMap(
    ([, double, single, plain]) => double ?? single ?? plain ?? [],
  );
}

function liesInBlanks(part: string, at: (path: string) => string): boolean {
  for (let above = dirname(part); above.includes(" "); above = dirname(above)) {
    if (kindOf(at(above)) === "directory") return true;
  }
  return false;
}

function kindOf(path: string): "file" | "directory" | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? "file" : stat?.isDirectory() ? "directory" : undefined;
  } catch {
    return undefined;
  }
}
