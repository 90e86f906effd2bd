/** Each service as a whole configuration of its own: what it says, over what the top says for all. */
import { resolve } from "node:path";
import type { Problem } from "../../core/problem.ts";
import { problemOfKey } from "../check/complain.ts";
import type { RuleConfig } from "../keys/rule-kinds.ts";
import { isServiceDefault, serviceKeys } from "../keys/service-keys.ts";
import { nameOf } from "../layers/discover.ts";
import type { Gathered } from "../layers/gather.ts";
import { combine, configOf, type Effectives, type LayerItem, type Origin } from "../layers/layers.ts";
import { isFromOutside } from "../layers/outside.ts";
import { type Scope, type ScopeSurroundings, scopeOf } from "../layers/scope.ts";
import type { Ground, ServiceConfig, ServiceRule, Top } from "../layers/service-config.ts";
import { complaintsAbout, type Seen, topComplaints } from "./check.ts";
import { picked } from "./order.ts";

export interface Views {
  readonly services: ReadonlyMap<string, ServiceConfig>;
  readonly problems: readonly Problem[];
  /** Of `env_files` that the top does not know. */
  readonly notes: readonly string[];
  readonly warnings: readonly Problem[];
}

/** @param only what `--only` names; none: all */
export async function viewsOf(
  { items, services, layers }: Pick<Gathered, "items" | "services" | "layers">,
  only: readonly string[],
  top: Top,
  surroundings: ScopeSurroundings,
): Promise<Views> {
  // Of one whose own keys are wrong nothing follows from those that are missing.
  const flawed = new Set(layers.flatMap(({ complaints }) => complaints.map(({ path }) => path[1])));
  const seen: (Seen & { readonly scope: Scope })[] = [];
  for (const [name, declared] of services) {
    const own = items.filter(({ service }) => service === name);
    const { scope, ground } = await scopeOfService(name, own, items, top, surroundings);
    const view = viewOf(name, own, scope, ground, top);
    seen.push({ name, scope, view, items: own, declared, isFlawed: flawed.has(name) });
  }
  const problems = await Promise.all([
    ...topComplaints(items, top.scope.effectives).map((fault) => problemOfKey(top.scope.effectives, fault)),
    ...seen.flatMap(({ scope }) => scope.faults.map((fault) => problemOfKey(scope.effectives, fault))),
    ...complaintsAbout(seen).map(({ of, ...fault }) =>
      problemOfKey(fault.key === "" ? standingAt(of) : of.view.effectives, fault),
    ),
  ]);
  const views = new Map(seen.map(({ name, view }) => [name, view]));
  const ownFiles = seen.filter(({ view }) => view.own.has("env_files"));
  return {
    services: picked(views, only),
    problems: unique(problems),
    notes: [
      ...ownFiles.flatMap(({ name, scope }) => scope.envFiles.notes.map((note) => `${name}: ${note}`)),
      ...seen.flatMap(({ name, scope }) => scope.notes.map((note) => `${name}: ${note}`)),
    ],
    warnings: ownFiles.flatMap(({ scope }) => scope.envFiles.problems),
  };
}

/** A complaint about a service as such stands where it is declared. */
function standingAt({ view, declared }: Seen): Effectives {
  return new Map([...view.effectives.values()].slice(0, 1).map((any) => ["", { ...any, origins: [declared] }]));
}

async function scopeOfService(
  name: string,
  ownItems: readonly LayerItem[],
  all: readonly LayerItem[],
  top: Top,
  surroundings: ScopeSurroundings,
): Promise<{ readonly scope: Scope; readonly ground: Ground }> {
  const own = combine(ownItems);
  const base = isFromOutside(own.get("root")) ? surroundings.cwd : top.ground.root;
  const root = resolve(base, configOf(own).root);
  const items = [...joined(all, ownItems, (item) => fromTop(item, top.ground.root, root)), ...forAll(top, root)];
  const directories = { directory: top.ground.root, root, commandDirectory: root };
  const scope = await scopeOf(items, directories, { ...surroundings, isTopOfMany: false });
  return { scope, ground: { owner: name, root, commandDirectory: root, fileEnv: scope.envFiles.values } };
}

/** Files are one text, in which the service has the last word; what is said from outside comes after all of it. */
function joined(
  all: readonly LayerItem[],
  own: readonly LayerItem[],
  passedOn: (item: LayerItem) => LayerItem,
): LayerItem[] {
  const ofTop = all.filter(({ service }) => service === undefined);
  const isBuilt = own.some(builds);
  const ownWatch = own.filter(ofWatching);
  const isOff = (ownWatch.length > 0 ? ownWatch : ofTop.filter(ofWatching)).at(-1)?.key.name === "watch";
  const inherited = ofTop
    .filter((item) => (item.key.section === "build" ? !isBuilt : isServiceDefault(item.key)))
    // One that only runs is not watched because of what is said of all; one that says what it watches is.
    .filter(({ key }) => (isOff ? key.name !== "watch.include_dirs" : key.name !== "watch" || ownWatch.length === 0))
    .map(passedOn);
  return ([undefined, "variable", "flag", "command"] as const).flatMap((from) => {
    const isOf = ({ origin }: LayerItem): boolean => from === (isLate(origin) ? origin.from : undefined);
    return [...inherited.filter(isOf), ...own.filter(isOf)];
  });
}

const isLate = ({ from }: Origin): boolean => from === "variable" || from === "flag" || from === "command";
const ofWatching = ({ key }: LayerItem): boolean => key.name === "watch" || key.section === "watch";
const builds = ({ key, value }: LayerItem): boolean => key.name === "build.cmd" && value !== undefined;

/** Paths at the top are relative to its `root`; patterns begin at that of the service. */
function fromTop(item: LayerItem, top: string, root: string): LayerItem {
  if (top === root || !["env_files", "watch.matcher"].includes(item.key.name) || isLate(item.origin)) return item;
  const move = (path: unknown): unknown => (typeof path === "string" ? nameOf(root, resolve(top, path)) : path);
  const moved = (value: unknown): unknown => (Array.isArray(value) ? value.map(move) : move(value));
  return { ...item, raw: moved(item.raw), value: moved(item.value) };
}

/** What is one thing for all of them. */
function forAll({ scope, ground }: Top, root: string): LayerItem[] {
  return [...scope.effectives.values()]
    .filter(({ key }) => !serviceKeys().has(key.name) && key.name !== "hooks.at_end")
    .map(({ key, raw, value, origins }) => {
      const item = { key, raw, value, origin: origins.at(-1) ?? { from: "default" }, adds: false } as const;
      const path = key.name === "tmp_dir" ? nameOf(root, resolve(ground.root, scope.config.tmp_dir)) : undefined;
      return path === undefined ? item : { ...item, raw: path, value: path };
    });
}

function viewOf(name: string, own: readonly LayerItem[], scope: Scope, ground: Ground, top: Top): ServiceConfig {
  const { config, effectives, envFiles, port, isWatched } = scope;
  const after = effectives.get("after")?.value;
  const rulesOf = (rules: readonly RuleConfig[], ground: Ground): ServiceRule[] =>
    rules.map((rule) => ({ rule, ground }));
  return {
    name,
    kind: top.kind,
    config,
    effectives,
    own: new Set(own.map(({ key }) => key.name)),
    ground,
    tmpDir: resolve(ground.root, config.tmp_dir),
    envFiles: envFiles.paths,
    port,
    after: Array.isArray(after) ? after.map(String) : [],
    isWatched,
    buildGround: own.some(builds) ? ground : top.ground,
    rules: [...rulesOf(config.rule, ground), ...rulesOf(top.scope.config.rule, top.ground)],
    restartPatterns: top.restartPatterns,
    endsAtOnce: undefined,
    programs: top.programs,
  };
}

/** The same of two services is said once. */
function unique(problems: readonly Problem[]): Problem[] {
  const key = ({ message, origin, place }: Problem): string =>
    JSON.stringify([message, origin, place?.file, place?.line, place?.column]);
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()];
}
