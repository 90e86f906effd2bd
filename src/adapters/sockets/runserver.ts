/** Django's `runserver` opens its port by itself: a module that Python loads in front of it gives it the socket that is open. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../../core/command.ts";

/** For the front of `PYTHONPATH`; `undefined`: another program. Throws where the module is missing and was never read. */
export function runserverPath(command: Command): string | undefined {
  const line = typeof command === "string" ? command : command.join(" ");
  return /(?:^|[\s/])manage\.py\s+runserver(?:\s|$)/.test(line) ? place() : undefined;
}

/** Python loads a file of this name from its path before anything else. */
const name = "sitecustomize.py";
let text: Buffer | undefined;
let copy: string | undefined;

/** Where it was shipped, or a copy: programs start with it also while the package is replaced (`npm ci`). */
function place(): string {
  if (copy !== undefined) return copy;
  const shipped = fileURLToPath(new URL("./runserver", import.meta.url));
  try {
    text = readFileSync(join(shipped, name));
    return shipped;
  } catch (error) {
    if (text === undefined) throw error;
  }
  const directory = mkdtempSync(join(tmpdir(), "reload-runserver-"));
  writeFileSync(join(directory, name), text);
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  copy = directory;
  return directory;
}
