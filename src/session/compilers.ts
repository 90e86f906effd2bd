/** The compiler that the build of a detected project leaves behind for the next one ends with the session. */
import { sweep } from "../adapters/process/sweep.ts";
import type { Command } from "../core/command.ts";

/** @param session as it stands in the environment of what it starts */
export async function endCompilers(session: string, command: Command | undefined): Promise<void> {
  if (command !== undefined && /\/transpile\.js /.test(String(command))) await sweep(`${session}-runcompiler.`);
}
