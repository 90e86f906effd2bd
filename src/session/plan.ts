/** What the machine decides by, from the configuration and the command line. */
import { resolve } from "node:path";
import { hasProxy, type LoadedConfig } from "../config/layers/load.ts";
import type { Plan, Recipe, ServicePlan } from "../core/types.ts";
import { productsOf } from "./products.ts";
import type { Circumstances } from "./settings.ts";

export function planOf(
  loaded: LoadedConfig,
  isChecked: boolean,
  { once, postpone, commandGiven }: Circumstances,
): Plan {
  const { build, proc, watch } = loaded.config;
  const service: ServicePlan = {
    runs: proc.cmd !== undefined,
    steps: build.cmd === undefined ? [] : [{ recipe: "build" }],
    after: [],
    checked: isChecked,
    debounce: watch.debounce,
    maxWaitMs: watch.max_wait,
    onFail: build.on_fail,
    onExit: proc.on_exit,
    onChange: "restart",
    swap: proc.swap,
    // Without a proxy nobody could keep traffic from it.
    keepOldMs: hasProxy(loaded.effectives) ? proc.keep_old : 0,
  };
  return {
    services: new Map([["", service]]),
    recipes: new Map(build.cmd === undefined ? [] : [["build", buildOf(loaded)]]),
    commandGiven,
    postpone,
    once: once !== undefined,
  };
}

function buildOf({ config: { build, proc }, root, commandDirectory }: LoadedConfig): Recipe {
  return {
    kind: "build",
    service: "",
    onChange: build.on_change,
    products:
      proc.cmd === undefined ? [] : productsOf(proc.cmd, proc.args, resolve(commandDirectory, proc.cwd ?? "."), root),
    isOptional: false,
  };
}
