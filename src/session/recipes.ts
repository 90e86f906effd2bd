/** What is executed to an end for a service: builds, rules and hooks, as the machine and the world want them. */
import type { LoadedConfig } from "../config/layers/load.ts";
import type { Command } from "../core/command.ts";
import type { CycleStep, Recipe, RecipeId } from "../core/types.ts";

/** How a recipe is carried out. */
export interface RecipeSettings {
  /** One after the other; the first that fails ends it. */
  readonly commands: readonly Command[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
  /** `tmp_dir` has to be there. */
  readonly isBuild: boolean;
  /** As it is shown: the name of a rule, of a hook. */
  readonly label: string;
}

export interface Recipes {
  readonly settings: ReadonlyMap<RecipeId, RecipeSettings>;
  readonly plans: ReadonlyMap<RecipeId, Recipe>;
  /** In the order of one cycle. */
  readonly steps: readonly CycleStep[];
  readonly afterReady: RecipeId | undefined;
  readonly afterFail: RecipeId | undefined;
  readonly atEnd: RecipeId | undefined;
  /** By rule: what is sent where it spoke. */
  readonly signals: ReadonlyMap<string, NodeJS.Signals>;
}

/** @param products of the build: paths that nobody but it writes */
export function recipesOf({ config, kind }: LoadedConfig, products: () => readonly string[]): Recipes {
  const { build, hooks, rule: rules } = config;
  // air goes on after a failed `pre_cmd`, unless it is told to stop, and a failed `post_cmd` is only told.
  const isForgiven = (name: keyof typeof hooks): boolean =>
    kind === "air" && (name === "at_end" || (name === "before_build" && build.on_fail === "keep"));
  const settings = new Map<RecipeId, RecipeSettings>();
  const plans = new Map<RecipeId, Recipe>();
  const steps: CycleStep[] = [];
  const add = (
    id: RecipeId,
    kind: "rule" | "hook",
    label: string,
    commands: readonly Command[],
    isOptional: boolean,
  ): RecipeId | undefined => {
    if (commands.length === 0) return undefined;
    settings.set(id, { commands, env: {}, timeoutMs: undefined, isBuild: false, label });
    plans.set(id, { kind, service: "", onChange: "finish", products: [], isOptional });
    return id;
  };
  const hook = (name: keyof typeof hooks): RecipeId | undefined =>
    add(`hook ${name}`, "hook", name, hooks[name], isForgiven(name));
  const step = (recipe: RecipeId | undefined, more: Omit<CycleStep, "recipe"> = {}): void => {
    if (recipe !== undefined) steps.push({ recipe, ...more });
  };

  for (const { name, run, atStart, isOptional } of rules)
    step(add(`rule ${name}`, "rule", name, run, isOptional), { rule: name, atStart });
  step(hook("before_build"));
  if (build.cmd !== undefined) {
    const { cmd, env, timeout } = build;
    settings.set("build", { commands: [cmd], env, timeoutMs: timeout, isBuild: true, label: "build" });
    plans.set("build", {
      kind: "build",
      service: "",
      onChange: build.on_change,
      products: products(),
      isOptional: false,
    });
    step("build");
  }
  step(hook("after_build"));
  return {
    settings,
    plans,
    steps,
    afterReady: hook("after_ready"),
    afterFail: hook("after_fail"),
    atEnd: hook("at_end"),
    signals: new Map(rules.filter((rule) => rule.do === "signal").map(({ name, signal }) => [name, signal])),
  };
}

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
