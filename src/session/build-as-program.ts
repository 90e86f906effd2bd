/**
 * air's files with a `cmd` that never ends (`go run .`) beside a `bin` that never comes to be: the `cmd` is the program.
 * air itself waits for it for ever, and starts it again at every change.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isRunner, textOfCommand } from "../config/projects/watchers.ts";
import type { ServiceSettings } from "./service-settings.ts";
import type { Settings } from "./settings.ts";

/** The build is run as the program where its command is one that does not end, as far as its words tell, and what it should make is not there. */
export function withRunnersAsPrograms(settings: Settings): Settings {
  const [only] = settings.services.values();
  if (only?.build === undefined || !isRunner(only.build.command) || !isProgramMissing(only)) return settings;
  const services = [...settings.plan.services].map(([name, service]) => [name, { ...service, steps: [] }] as const);
  return {
    ...settings,
    plan: { ...settings.plan, services: new Map(services), recipes: new Map() },
    services: new Map([[only.name, asProgram(only)]]),
  };
}

/** What the build should make is not there. */
function isProgramMissing({ process: program, root }: ServiceSettings): boolean {
  if (program === undefined) return false;
  const words =
    typeof program.command === "string"
      ? program.command.replace(/^(["'])(.*?)\1/, "$2").split(" ")
      : [program.command[0]];
  // A path may have spaces in it.
  return words.every((_, count) => !existsSync(resolve(root, words.slice(0, count + 1).join(" "))));
}

/** The same, with the build as what runs. */
function asProgram(settings: ServiceSettings): ServiceSettings {
  const { build, process: program } = settings;
  if (build === undefined || program === undefined) return settings;
  return {
    ...settings,
    build: undefined,
    process: {
      ...program,
      command: build.command,
      isBin: false,
      args: [],
      env: { ...build.env, ...program.env },
      cwd: settings.root,
    },
    remark: `${textOfCommand(build.command)} is run as the program: it does not end, and ${textOfCommand(program.command)} is not there`,
  };
}
