/** Both streams into one pipe, so that what is written to one file keeps its order. Only a shell can do that. */
import type { Command } from "../core/command.ts";

export const joinedCommand = (command: Command): Command =>
  typeof command === "string" && process.platform !== "win32" ? `exec 2>&1; ${command}` : command;
