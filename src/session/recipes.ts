/** What is executed to an end: builds, rules and hooks of all services, as the machine and the world want them. What is equal is one. */
import { resolve } from "node:path";
import type { LoadedConfig } from "../config/layers/load.ts";
import type { Ground, ServiceConfig } from "../config/layers/service-config.ts";
import type { Command } from "../core/command.ts";
import type { CycleStep, Recipe, RecipeId, Service } from "../core/types.ts";
import { type GuardingRule, guardsOf } from "./guards.ts";
import { productsOf } from "./products.ts";
import type { ProgramPlace } from "./programs.ts";
import { idOf, ruleId } from "./rule-id.ts";

/** How a recipe is carried out. */
export interface RecipeSettings {
  /** One after the other; the first that fails ends it. */
  readonly commands: readonly Command[];
  readonly place: ProgramPlace;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  /** `tmp_dir` has to be there. */
  readonly isBuild: boolean;
  /** Of a check: nothing is executed, files are read. */
  readonly check?: GuardingRule;
}

/** Those of one service. */
export interface ServiceRecipes {
  /** In the order of one cycle. */
  readonly steps: readonly CycleStep[];
  readonly afterReady: RecipeId | undefined;
  readonly afterFail: RecipeId | undefined;
}

export interface Recipes {
  readonly settings: ReadonlyMap<RecipeId, RecipeSettings>;
  readonly plans: ReadonlyMap<RecipeId, Recipe>;
  readonly services: ReadonlyMap<Service, ServiceRecipes>;
  readonly atEnd: RecipeId | undefined;
  /** air's `post_cmd` comes before the program is ended. */
  readonly endsFirst: boolean;
  /** By rule: what is sent where it spoke. */
  readonly signals: ReadonlyMap<string, NodeJS.Signals>;
}

export function recipesOf(loaded: LoadedConfig): Recipes {
  const settings = new Map<RecipeId, RecipeSettings>();
  const plans = new Map<RecipeId, Recipe>();
  const signals = new Map<string, NodeJS.Signals>();
  const put = (id: RecipeId, recipeSettings: RecipeSettings, plan: Recipe): RecipeId | undefined => {
    if (recipeSettings.commands.length === 0 && recipeSettings.check === undefined) return undefined;
    settings.set(id, recipeSettings);
    plans.set(id, plan);
    return id;
  };

  const ofService = (service: ServiceConfig): ServiceRecipes => {
    const { build, hooks } = service.config;
    // air goes on after a failed `pre_cmd`, unless it is told to stop, and a failed `post_cmd` is only told.
    const isForgiven = (name: keyof typeof hooks): boolean =>
      service.kind === "air" && (name === "at_end" || (name === "before_build" && build.on_fail === "keep"));
    const hook = (name: keyof typeof hooks): RecipeId | undefined =>
      put(idOf(service.name, `hook ${name}`), besides(hooks[name], placeOf(service.ground, service)), {
        ...planFor("hook", service.name, labelOf(name, service.kind), isForgiven(name)),
        ...(hooks[name].every(looksAtTypes) ? { onlyReads: true } : {}),
      });
    const steps: CycleStep[] = [];
    const step = (recipe: RecipeId | undefined, more: Omit<CycleStep, "recipe"> = {}): void => {
      if (recipe !== undefined) steps.push({ recipe, ...more });
    };
    for (const check of guardsOf(service)) {
      const recipe = put(
        idOf(service.name, `check ${check.rule}`),
        { ...besides([], placeOf(service.ground, service)), check },
        { ...planFor("check", service.name, undefined, false), onChange: "restart" },
      );
      step(recipe, { rule: check.rule, atStart: true });
    }
    for (const one of service.rules) {
      const { rule, ground } = one;
      if (rule.do === "signal") signals.set(ruleId(one), rule.signal);
      const recipe = put(
        idOf(ground.owner, `rule ${rule.name}`),
        besides(rule.run, placeOf(ground, service)),
        planFor("rule", ground.owner, rule.name, service.kind === "air"),
      );
      step(recipe, { rule: ruleId(one), atStart: rule.atStart });
    }
    step(hook("before_build"));
    step(putBuild(service));
    step(hook("after_build"));
    return { steps, afterReady: hook("after_ready"), afterFail: hook("after_fail") };
  };

  const shared = buildsInCommon(loaded.services.values());
  const putBuild = (serviceConfig: ServiceConfig): RecipeId | undefined => {
    const { cmd, env, timeout, on_change } = serviceConfig.config.build;
    if (cmd === undefined) return undefined;
    const owner = shared.get(serviceConfig.name) ?? serviceConfig.name;
    const id = owner === serviceConfig.name || owner === "" ? idOf(owner, "build") : owner;
    const service = id === owner ? "" : owner;
    const products = [...(plans.get(id)?.products ?? []), ...productsFor(serviceConfig, loaded.root)];
    const place = placeOf(serviceConfig.buildGround, serviceConfig);
    return put(id, settings.get(id) ?? { commands: [cmd], place, env, timeoutMs: timeout, isBuild: true }, {
      kind: "build",
      service,
      onChange: on_change,
      products: [...new Set(products)],
      isOptional: false,
    });
  };

  const services = new Map([...loaded.services].map(([name, service]) => [name, ofService(service)] as const));
  const first = loaded.services.values().next().value;
  const atEnd =
    first === undefined
      ? undefined
      : put(
          idOf("", "hook at_end"),
          besides(loaded.config.hooks.at_end, placeOf(topOf(loaded), first)),
          planFor("hook", "", labelOf("at_end", loaded.kind), loaded.kind === "air"),
        );
  return { settings, plans, services, atEnd, endsFirst: loaded.kind === "air", signals };
}

/** Ours, for a project that was found: it ends with the next build, and so at the very moment of each save. */
const looksAtTypes = (command: Command): boolean =>
  typeof command === "string" && /\btranspile\.js'? --types -p /.test(command);

const topOf = ({ root, commandDirectory, fileEnv }: LoadedConfig): Ground => ({
  owner: "",
  root,
  commandDirectory,
  fileEnv,
});

const placeOf = ({ commandDirectory, fileEnv }: Ground, { programs }: ServiceConfig): ProgramPlace => ({
  root: commandDirectory,
  fileEnv,
  areProgramsInFront: programs.isInFront,
});

const besides = (commands: readonly Command[], place: ProgramPlace): RecipeSettings => ({
  commands,
  place,
  env: {},
  timeoutMs: undefined,
  isBuild: false,
});

/** A hook as the file calls it that says what it does. */
const labelOf = (hook: keyof LoadedConfig["config"]["hooks"], kind: ServiceConfig["kind"]): string =>
  kind !== "air" ? hook : hook === "at_end" ? "post_cmd" : hook === "before_build" ? "pre_cmd" : hook;

const planFor = (kind: Recipe["kind"], service: Service, label: string | undefined, isOptional: boolean): Recipe => ({
  kind,
  service,
  ...(label === undefined ? {} : { label }),
  onChange: "finish",
  products: [],
  isOptional,
});

/** By service, where it is not its own: the name of the build that it has in common with others. `""`: the top's. */
function buildsInCommon(services: Iterable<ServiceConfig>): ReadonlyMap<Service, string> {
  const named = new Map<Service, string>();
  const equal = new Map<string, Service[]>();
  for (const { name, buildGround, config } of services) {
    const { cmd, env } = config.build;
    if (name === "" || cmd === undefined) continue;
    if (buildGround.owner === "") named.set(name, "");
    else {
      const what = JSON.stringify([cmd, buildGround.commandDirectory, { ...buildGround.fileEnv, ...env }]);
      equal.set(what, [...(equal.get(what) ?? []), name]);
    }
  }
  for (const users of equal.values())
    if (users.length > 1) for (const user of users) named.set(user, `build of ${users.join(" and ")}`);
  return named;
}

/** Of a build: paths that nobody but it writes. */
const productsFor = ({ config: { proc }, ground }: ServiceConfig, root: string): readonly string[] =>
  proc.cmd === undefined
    ? []
    : productsOf(proc.cmd, proc.args, resolve(ground.commandDirectory, proc.cwd ?? "."), root);

/** Several commands as one: what a shell does with each of them, one after the other. */
export function inTurn(commands: readonly Command[]): Command {
  const [first, ...others] = commands;
  if (first === undefined) throw new Error("nothing to carry out");
  if (others.length === 0) return first;
  return commands.map(asLine).join(" && ");
}

const isWindows = process.platform === "win32";

/** A line of its own for the shell, whatever it consists of. */
function asLine(command: Command): string {
  if (isWindows) return typeof command === "string" ? `(${command})` : command.map((word) => `"${word}"`).join(" ");
  return typeof command === "string" ? `sh -c ${quoted(command)}` : command.map(quoted).join(" ");
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
