/** What the configuration and the command line come to: plain settings, as the machine and the adapters want them. */
import { resolve } from "node:path";
import type { LoadedConfig } from "../config/layers/load.ts";
import type { Plan, RecipeId, Service } from "../core/types.ts";
import type { Level } from "../report/story/story.ts";
import { planFrom } from "./plan.ts";
import type { RecipeSettings } from "./recipes.ts";
import { type ServiceSettings, serviceSettingsOf } from "./service-settings.ts";

/** What holds for all, and for each by name. */
export interface Settings {
  /** What the machine decides by. */
  readonly plan: Plan;
  /** What is executed to an end. */
  readonly recipes: ReadonlyMap<RecipeId, RecipeSettings>;
  /** By rule: what is sent where it spoke. */
  readonly signals: ReadonlyMap<string, NodeJS.Signals>;
  /** One with the name `""` where no service is declared. */
  readonly services: ReadonlyMap<Service, ServiceSettings>;
  /** Absolute. */
  readonly tmpDir: string;
  readonly cleanOnExit: boolean;
  readonly clear: boolean;
  /** What is typed is for `reload`, not for the program. */
  readonly keys: boolean;
  /** What runs print is kept for `reload logs`, even where it would pass through unread. */
  readonly keepsOutput: boolean;
  /** The desktop is told of failures. */
  readonly notifies: boolean;
  readonly level: Level;
  readonly time: boolean;
}

/** How `--once`, `--for`, `--postpone` and COMMAND bear on it. */
export interface Circumstances {
  /** `forMs`: `--for`, in milliseconds. */
  readonly once: { readonly forMs: number | undefined } | undefined;
  readonly postpone: boolean;
  readonly commandGiven: boolean;
}

export function settingsOf(loaded: LoadedConfig, circumstances: Circumstances): Settings {
  const { config } = loaded;
  const services = new Map(
    [...loaded.services].map(([name, service]) => [name, serviceSettingsOf(service, circumstances.once)] as const),
  );
  const all = [...services.values()];
  return {
    ...planFrom(loaded, circumstances),
    services,
    tmpDir: resolve(loaded.root, config.tmp_dir),
    cleanOnExit: config.clean_on_exit,
    clear: config.ui.clear,
    keys: config.ui.keys && all.every((settings) => settings.process?.stdin !== true),
    keepsOutput: config.log.keep,
    notifies: config.ui.notify,
    level: config.log.level,
    time: config.log.time,
  };
}

/** More than one program runs, so that it has to be said which one it is. */
export const areSeveral = ({ services }: Settings): boolean =>
  services.size > 1 && [...services.values()].filter((settings) => settings.process !== undefined).length > 1;
