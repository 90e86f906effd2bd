/** What a build makes, known by name before the first one: the program that is run, and what its command names that is not there yet. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import type { Command } from "../core/command.ts";

/**
 * Paths relative to `root`, `/`-separated, as the changes of the watcher name them.
 * @param cwd absolute: where the command runs
 */
export function productsOf(command: Command, args: readonly string[], cwd: string, root: string): string[] {
  const steps = typeof command === "string" ? stepsOf(command) : [command];
  const products = new Set<string>();
  for (const [program, ...words] of steps) {
    if (program !== undefined && /[/\\]/.test(program)) {
      for (const file of process.platform === "win32" ? [program, `${program}.exe`] : [program]) {
        const start = beginningOf(resolve(cwd, file));
        // A script is somebody's own work, and so is what can be read as text.
        if (start === undefined || start.includes(0)) add(file);
      }
    }
    for (const word of [...words, ...args]) {
      if (/^[\w./\\][^=*?]*\.\w+$/.test(word) && beginningOf(resolve(cwd, word)) === undefined) add(word);
    }
  }
  return [...products];

  function add(word: string): void {
    const path = relative(root, resolve(cwd, word));
    if (path !== "" && path !== ".." && !path.startsWith(`..${sep}`)) products.add(path.replaceAll(sep, "/"));
  }
}

/** The simple commands of a line for the shell, in words; what needs a real shell to be understood is left as it is. */
function stepsOf(line: string): string[][] {
  return line.split(/&&|\|\||[;|&\n]/).map((step) => {
    const words = [...step.matchAll(/'([^']*)'|"([^"$`]*)"|([^\s'"]+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
    const first = words.findIndex((word) => !/^\w+=/.test(word) && word !== "exec");
    return first === -1 ? [] : words.slice(first);
  });
}

const enoughBytes = 512;

/** `undefined`: there is no such file, or it cannot be read. */
function beginningOf(path: string): Buffer | undefined {
  try {
    // A fifo would be waited for.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const bytes = Buffer.alloc(enoughBytes);
      return bytes.subarray(0, readSync(file, bytes, 0, enoughBytes, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
