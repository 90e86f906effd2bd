/** Django's `runserver` opens its port by itself: a module that Python loads in front of it gives it the socket that is open. */
import { fileURLToPath } from "node:url";
import type { Command } from "../../core/command.ts";

/** For the front of `PYTHONPATH`; `undefined`: another program. */
export function runserverPath(command: Command): string | undefined {
  const line = typeof command === "string" ? command : command.join(" ");
  return /(?:^|[\s/])manage\.py\s+runserver(?:\s|$)/.test(line)
    ? fileURLToPath(new URL("./runserver", import.meta.url))
    : undefined;
}
