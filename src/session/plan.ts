/** What the machine decides by, from the configuration and the command line. */
import { hasProxy, type LoadedConfig } from "../config/layers/load.ts";
import type { ServiceConfig } from "../config/layers/service-config.ts";
import type { Plan, RecipeId, Service, ServicePlan } from "../core/types.ts";
import { type RecipeSettings, type Recipes, recipesOf } from "./recipes.ts";
import type { Circumstances } from "./settings.ts";

export interface Planned {
  readonly plan: Plan;
  readonly recipes: ReadonlyMap<RecipeId, RecipeSettings>;
  readonly signals: ReadonlyMap<string, NodeJS.Signals>;
}

export function planFrom(loaded: LoadedConfig, { once, postpone, commandGiven }: Circumstances): Planned {
  const recipes = recipesOf(loaded);
  const services = new Map<Service, ServicePlan>();
  for (const [name, service] of loaded.services) services.set(name, servicePlanOf(service, recipes));
  const plan: Plan = {
    services,
    recipes: recipes.plans,
    commandGiven,
    postpone,
    once: once !== undefined,
    ...(recipes.atEnd === undefined ? {} : { atEnd: recipes.atEnd, endsFirst: recipes.endsFirst }),
  };
  return { plan, recipes: recipes.settings, signals: recipes.signals };
}

function servicePlanOf({ name, config, effectives, after }: ServiceConfig, recipes: Recipes): ServicePlan {
  const { build, proc, ready, watch } = config;
  const own = recipes.services.get(name);
  const hasCheck =
    ready.tcp !== undefined || ready.http !== undefined || ready.log !== undefined || ready.exec !== undefined;
  return {
    runs: proc.cmd !== undefined,
    steps: own?.steps ?? [],
    after,
    checked: hasCheck || hasProxy(effectives),
    debounce: watch.debounce,
    maxWaitMs: watch.max_wait,
    onFail: build.on_fail,
    onExit: proc.on_exit,
    onChange: proc.on_change,
    swap: proc.swap,
    // Without a proxy nobody could keep traffic from it.
    keepOldMs: hasProxy(effectives) ? proc.keep_old : 0,
    ...(own?.afterReady === undefined ? {} : { afterReady: own.afterReady }),
    ...(own?.afterFail === undefined ? {} : { afterFail: own.afterFail }),
  };
}
