/** What the command line asks to be configured, and how it is refused. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigRequest } from "../config/layers/load.ts";
import type { Problem } from "../core/problem.ts";
import type { Given } from "../line/given.ts";
import { hasColor, palette } from "../report/colour.ts";
import { problemsText } from "../report/problem.ts";
import type { Io } from "../session/io.ts";

export type Usage =
  | { readonly ok: true; readonly request: ConfigRequest }
  | { readonly ok: false; readonly problem: Problem };

const wrong = (origin: string, message: string, hint?: string): Usage => ({
  ok: false,
  problem: { code: "usage/bad-argument", severity: "error", origin, message, ...(hint === undefined ? {} : { hint }) },
});

/** @param command COMMAND and its arguments; empty where there is none */
export function requestOf(given: Given, command: readonly string[], io: Io): Usage {
  let cwd: string;
  try {
    cwd = resolve(io.cwd(), given.cwd ?? ".");
    if (!statSync(cwd).isDirectory()) return wrong("--cwd", `${given.cwd} is not a directory`);
  } catch {
    if (given.cwd === undefined) return wrong("reload", "the working directory no longer exists");
    return wrong("--cwd", `${given.cwd} does not exist`);
  }
  const [program, ...args] = command;
  if (program === "") return wrong("COMMAND", "an empty word cannot be run");
  return {
    ok: true,
    request: {
      cwd,
      env: io.env,
      flags: given.flags,
      ...(given.config === undefined ? {} : { configFile: given.config }),
      ...(given.profile === undefined ? {} : { profile: given.profile }),
      ...(program === undefined ? {} : { command: [program, ...args] }),
      ...(given.only.length === 0 ? {} : { only: given.only }),
    },
  };
}

/** Prints what is wrong; the exit code of usage and configuration. */
export function refuseUsage(given: Pick<Given, "color">, problems: readonly Problem[], { env, stderr }: Io): 2 {
  const colors = palette(hasColor(given.color, env, stderr));
  stderr.write(`${problemsText(problems, colors)}\n`);
  return 2;
}
