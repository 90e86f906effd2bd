/** Where in air's `bin` the program ends and its words begin: `/home/me/my app/tmp/main`, but also `/go/bin/dlv exec /tmp/x`. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Effective } from "../layers/layers.ts";

/**
 * The longest leading part that is what `cmd` builds, or a file; else one that lies in a directory with a blank in its name; else the first word.
 * @param bin with single blanks between words, as everywhere in air
 */
export function airProgram(bin: string, cmd: string, workingDirectory: string): string {
  const parts = partsOf(bin);
  const at = (path: string): string => resolve(workingDirectory, path);
  return builtIn(bin, cmd, workingDirectory) ?? parts.find((part) => liesInBlanks(part, at)) ?? parts[0] ?? "";
}

/**
 * What runs, as air has it: which part of `bin` is the program is known once the build has made it.
 * @param command as it was made of `bin` when the file was read
 */
export function asBuilt(command: string, cmd: string, workingDirectory: string): string {
  const bare = command.replace(/^(["'])(.*?)\1(?= |$)/, "$2");
  const program = builtIn(bare, cmd, workingDirectory);
  if (program === undefined || !program.includes(" ")) return command;
  return shellQuoted(locally(program, process.platform), process.platform) + bare.slice(program.length);
}

/** Whether a command comes from air's `bin`, in the file or as a flag. */
export function isFromBin(command: Effective | undefined): boolean {
  const origin = command?.origins.at(-1);
  if (origin?.from === "file") return origin.path.join(".") === "build.bin";
  return origin?.from === "flag" && /^--build[.-]bin\b/.test(origin.name);
}

/** A bare name is one in the working directory. */
export function locally(program: string, platform: NodeJS.Platform): string {
  return /[/\\]/.test(program) ? program : `.${platform === "win32" ? "\\" : "/"}${program}`;
}

export function shellQuoted(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./\\-]+$/.test(word) && (platform === "win32" || !word.includes("\\"))) return word;
  return platform === "win32" ? `"${word.replaceAll('"', '""')}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

function builtIn(bin: string, cmd: string, workingDirectory: string): string | undefined {
  const longest = partsOf(bin).toReversed();
  const at = (path: string): string => resolve(workingDirectory, path);
  const outputs = outputsOf(cmd).map(at);
  return longest.find((part) => outputs.includes(at(part))) ?? longest.find((part) => kindOf(at(part)) === "file");
}

/** All leading parts, the shortest first. */
function partsOf(bin: string): string[] {
  const words = bin.split(" ");
  return words.map((_, index) => words.slice(0, index + 1).join(" ")).filter((part) => !part.endsWith(" "));
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
