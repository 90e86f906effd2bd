/** What the machine decides by, from the configuration and the command line. */
import { resolve } from "node:path";
import { hasProxy, type LoadedConfig } from "../config/layers/load.ts";
import type { Plan, ServicePlan } from "../core/types.ts";
import { productsOf } from "./products.ts";
import { type Recipes, recipesOf } from "./recipes.ts";
import type { Circumstances } from "./settings.ts";

export function planOf(
  loaded: LoadedConfig,
  isChecked: boolean,
  { once, postpone, commandGiven }: Circumstances,
): { readonly plan: Plan; readonly recipes: Recipes } {
  const { build, proc, watch } = loaded.config;
  const recipes = recipesOf(loaded, () => products(loaded));
  const { afterReady, afterFail, atEnd } = recipes;
  const service: ServicePlan = {
    runs: proc.cmd !== undefined,
    steps: recipes.steps,
    after: [],
    checked: isChecked,
    debounce: watch.debounce,
    maxWaitMs: watch.max_wait,
    onFail: build.on_fail,
    onExit: proc.on_exit,
    onChange: proc.on_change,
    swap: proc.swap,
    // Without a proxy nobody could keep traffic from it.
    keepOldMs: hasProxy(loaded.effectives) ? proc.keep_old : 0,
    ...(afterReady === undefined ? {} : { afterReady }),
    ...(afterFail === undefined ? {} : { afterFail }),
  };
  const plan: Plan = {
    services: new Map([["", service]]),
    recipes: recipes.plans,
    commandGiven,
    postpone,
    once: once !== undefined,
    ...(atEnd === undefined ? {} : { atEnd }),
  };
  return { plan, recipes };
}

const products = ({ config: { proc }, root, commandDirectory }: LoadedConfig): readonly string[] =>
  proc.cmd === undefined ? [] : productsOf(proc.cmd, proc.args, resolve(commandDirectory, proc.cwd ?? "."), root);
