/**
 * air's files with a `cmd` that never ends (`go run .`) beside a `bin` that never comes to be: the `cmd` is the program.
 * air itself waits for it for ever, and starts it again at every change. What its words tell is a guess, which is given
 * up for what happens: a "program" that has made `bin` and ended is the build, and a build that serves is the program.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isRunner, textOfCommand } from "../config/projects/watchers.ts";
import type { Moment } from "../report/moment.ts";
import type { ServiceSettings } from "./service-settings.ts";
import type { Settings } from "./settings.ts";

export interface BuildAsProgram {
  /** The settings with its build as the program, where that is what it is. */
  read(settings: Settings): Settings;
  /** What is to be said where what happens tells better; what is read has changed then. */
  learn(moment: Moment): string | undefined;
}

export function createBuildAsProgram(): BuildAsProgram {
  let isProgram: { readonly command: string; readonly is: boolean } | undefined;
  let read:
    | { readonly build: string; readonly program: string; readonly isBuilt: () => boolean; is: boolean }
    | undefined;
  return {
    read(settings) {
      const [only] = settings.services.values();
      if (only?.build === undefined || only.process === undefined) return settings;
      const command = textOfCommand(only.build.command);
      const isBuilt = (): boolean => !isProgramMissing(only);
      // Once: by the next version of the configuration it may have made what was missing.
      if (isProgram?.command !== command)
        isProgram = { command, is: isRunner(only.build.command, only.root, settings.plan.once) && !isBuilt() };
      const { is } = isProgram;
      read = { build: command, program: textOfCommand(only.process.command), isBuilt, is };
      return is ? withoutBuild(settings, only) : settings;
    },
    learn(moment) {
      if (read === undefined) return undefined;
      const { build: command, program, isBuilt, is } = read;
      if (is && hasEndedWell(moment) && isBuilt()) {
        isProgram = { command, is: false };
        return `${command} has ended, and ${program} is there: it is the build`;
      }
      if (!is && moment.type === "warned" && moment.isServer === true && !isBuilt()) {
        isProgram = { command, is: true };
        return asProgramText(command, program);
      }
      return undefined;
    },
  };
}

const hasEndedWell = (moment: Moment): boolean =>
  moment.type === "turn" &&
  moment.fact.type === "runExited" &&
  moment.fact.exit.is === "code" &&
  moment.fact.exit.code === 0;

function withoutBuild(settings: Settings, only: ServiceSettings): Settings {
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

const asProgramText = (command: string, program: string): string =>
  `${command} is run as the program: it does not end, and ${program} is not there`;

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
    remark: asProgramText(textOfCommand(build.command), textOfCommand(program.command)),
  };
}
