/** Settings for the machine, as a test writes them. */
import type { Plan, Recipe, Service, ServicePlan } from "../../src/core/types.ts";

/** Of one nameless service with one build. */
export interface Settings {
  readonly builds: boolean;
  readonly products: readonly string[];
  readonly runs: boolean;
  readonly debounce: "auto" | number;
  readonly maxWaitMs: number;
  readonly onChange: "restart" | "finish";
  readonly onFail: "keep" | "stop";
  readonly onExit: ServicePlan["onExit"];
  readonly onRunChange: ServicePlan["onChange"];
  readonly swap: "stop-first" | "start-first";
  readonly keepOldMs: number;
  readonly commandGiven: boolean;
  readonly postpone: boolean;
  readonly once: { readonly checked: boolean } | undefined;
}

export const defaults: Settings = {
  builds: true,
  products: [],
  runs: true,
  debounce: "auto",
  maxWaitMs: 2_000,
  onChange: "restart",
  onFail: "keep",
  onExit: "wait",
  onRunChange: "restart",
  swap: "stop-first",
  keepOldMs: 0,
  commandGiven: false,
  postpone: false,
  once: undefined,
};

export function planOf(settings: Partial<Settings> = {}): Plan {
  const all: Settings = { ...defaults, ...settings };
  const build: Recipe = {
    kind: "build",
    service: "",
    onChange: all.onChange,
    products: all.products,
    isOptional: false,
  };
  return {
    services: new Map([["", serviceOf(all, all.builds ? ["build"] : [])]]),
    recipes: new Map(all.builds ? [["build", build]] : []),
    commandGiven: all.commandGiven,
    postpone: all.postpone,
    once: all.once !== undefined,
  };
}

export function serviceOf(
  settings: Partial<Settings>,
  builds: readonly string[],
  after: readonly Service[] = [],
): ServicePlan {
  const all: Settings = { ...defaults, ...settings };
  return {
    runs: all.runs,
    steps: builds.map((recipe) => ({ recipe })),
    after,
    checked: all.once?.checked ?? false,
    debounce: all.debounce,
    maxWaitMs: all.maxWaitMs,
    onFail: all.onFail,
    onExit: all.onExit,
    onChange: all.onRunChange,
    swap: all.swap,
    keepOldMs: all.keepOldMs,
  };
}
