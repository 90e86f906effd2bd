/**
 * air's files with a `cmd` that never ends (`go run .`) beside a `bin` that never comes to be: the `cmd` is the program.
 * air itself waits for it for ever, and starts it again at every change.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isRunner, textOfCommand } from "../config/projects/watchers.ts";
import type { Settings } from "./settings.ts";

/** What the build should make is not there. */
export function isProgramMissing({ process: program, root }: Settings): boolean {
  if (program === undefined) return false;
  const words = typeof program.command === "string" ? program.command.split(" ") : [program.command[0]];
  // A path may have spaces in it.
  return words.every((_, count) => !existsSync(resolve(root, words.slice(0, count + 1).join(" "))));
}

/** As far as the words of its command tell. */
export const isBuildRunner = (settings: Settings): boolean =>
  settings.build !== undefined && isRunner(settings.build.command);

/** The same, with the build as what runs. */
export function asProgram(settings: Settings): Settings {
  const { build, process: program, plan } = settings;
  if (build === undefined || program === undefined) return settings;
  const services = [...plan.services].map(([name, service]) => [name, { ...service, steps: [] }] as const);
  return {
    ...settings,
    plan: { ...plan, services: new Map(services), recipes: new Map() },
    build: undefined,
    process: {
      ...program,
      command: build.command,
      args: [],
      env: { ...build.env, ...program.env },
      cwd: settings.root,
    },
    remark: `${textOfCommand(build.command)} is run as the program: it does not end, and ${textOfCommand(program.command)} is not there`,
  };
}
