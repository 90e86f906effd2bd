/** The file that a program is started from. */
import { statSync } from "node:fs";
import { basename, relative, resolve } from "node:path";

const interpreters =
  /^(?:node|nodejs|tsx|ts-node|babel-node|vite-node|swc-node|esno|bun|deno|python[\d.]*|py|ruby|php)(?:\.exe)?$/;

/**
 * It counts whatever its name ends in: `bin/www` of `node ./bin/www`.
 *
 * @param files patterns that count anyway
 * @returns a pattern relative to `root`, or none
 */
export function ownFile(
  [program = "", ...args]: readonly string[],
  directory: string,
  root: string,
  files: readonly string[],
): string[] {
  if (!interpreters.test(basename(program))) return [];
  const file = args.find((text) => !text.startsWith("-") && isFile(resolve(directory, text)));
  if (file === undefined || files.some((pattern) => pattern.startsWith(".") && file.endsWith(pattern))) return [];
  const way = relative(root, resolve(directory, file)).replaceAll("\\", "/");
  return way.startsWith("..") || /[*?[\]{}!\\]/.test(way) ? [] : [way];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
