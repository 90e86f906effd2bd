/** `reload explain PATH...`: what a change of it would do, and which pattern of which file decides. */
import { resolve, sep } from "node:path";
import type { Effectives } from "../config/layers/layers.ts";
import { type ConfigRequest, type LoadedConfig, load } from "../config/layers/load.ts";
import { locator } from "../config/text/locate.ts";
import { type Because, type Verdict, verdicts } from "../core/demand.ts";
import { type Explanation, explainPath } from "../matchers/explain.ts";
import { problemsText } from "../report/problem.ts";
import { printable } from "../report/words.ts";
import { guardedBy } from "../session/guards.ts";
import { treesOf } from "../session/trees.ts";
import type { ConfigOutput } from "./config.ts";
import { realParent, wayWithin, whatLies } from "./ways.ts";

export interface ExplainCommand {
  readonly request: ConfigRequest;
  /** Absolute: what the paths are relative to. */
  readonly from: string;
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly stdout: ConfigOutput;
  readonly stderr: ConfigOutput;
}

interface Answer extends Explanation {
  readonly path: string;
  /** Whose program it is about; `""` where there is only one. */
  readonly service: string;
  /** No root that is watched holds it. */
  readonly isOutside: boolean;
}

/** @returns the exit code: 0, or 2 if the configuration is wrong */
export async function explain({ request, from, paths, json, stdout, stderr }: ExplainCommand): Promise<number> {
  const loaded = await load(request);
  if (!loaded.ok) {
    stderr.write(`${problemsText(loaded.problems, stderr.colors)}\n`);
    return 2;
  }
  const { options, problems } = await treesOf(loaded, ({ message }) => stderr.write(`${message}\n`));
  const wrong = problems.filter(({ severity }) => severity === "error");
  if (wrong.length > 0) {
    stderr.write(`${problemsText(wrong, stderr.colors)}\n`);
    return 2;
  }
  for (const path of paths) {
    const read = readsOf(realParent(resolve(from, path)), loaded);
    if (read.length > 0) {
      for (const one of read) stdout.write(`${await toldOfRead(one, path, loaded, json, stdout)}\n`);
      continue;
    }
    const answers = [...loaded.services.keys()].map((service) => answerOf(path, from, options.trees, service));
    // Services that do not look there have nothing to say, unless none of them does.
    const inside = answers.filter(({ isOutside }) => !isOutside);
    for (const answer of inside.length === 0 ? answers.slice(0, 1) : inside) {
      const service = loaded.services.get(answer.service);
      const layers = [...(service === undefined ? [] : [service.effectives]), loaded.effectives];
      const place = answer.because === undefined ? undefined : await placeOf(answer.because, layers);
      const schema = guardedBy(loaded).find(({ service, rule }) => service === answer.service && rule === answer.rule)
        ?.schema.name;
      if (json) stdout.write(`${JSON.stringify(asJson(answer, place, schema))}\n`);
      else stdout.write(`${asText(answer, place, schema, loaded, stdout)}\n`);
    }
  }
  return 0;
}

const outside = {
  verdict: "ignore",
  because: undefined,
  rule: undefined,
  matcher: undefined,
  prunedAt: undefined,
} as const;

type Trees = Awaited<ReturnType<typeof treesOf>>["options"]["trees"];

function answerOf(path: string, cwd: string, trees: Trees, service: string): Answer {
  const absolute = realParent(resolve(cwd, path));
  const kind = whatLies(absolute);
  const isDirectory = kind === undefined ? path.endsWith("/") || path.endsWith(sep) : kind === "directory";
  let best: Explanation | undefined;
  for (const tree of trees) {
    const way = wayWithin(tree, path, cwd);
    if (way === undefined) continue;
    for (const { matchers } of tree.views.filter(({ owner }) => owner === service)) {
      const found = explainPath(way, isDirectory, matchers);
      // A path that several roots hold counts as much as it does in any of them.
      if (best === undefined || weight(found) > weight(best)) best = found;
    }
  }
  return { path, service, isOutside: best === undefined, ...(best ?? outside) };
}

const weight = ({ verdict }: Explanation): number => (verdict === "entered" ? 1 : verdicts.indexOf(verdict));

/** A file that `reload` reads itself: its configuration, or variables of these services. */
interface ReadItself {
  readonly service: string;
  readonly isOfVariables: boolean;
}

function readsOf(absolute: string, { services, files }: LoadedConfig): readonly ReadItself[] {
  const users = [...services.values()].filter(({ envFiles }) => envFiles.includes(absolute));
  if (users.length > 0) return users.map(({ name }) => ({ service: name, isOfVariables: true }));
  return files.includes(absolute) ? [{ service: "", isOfVariables: false }] : [];
}

async function toldOfRead(
  { service, isOfVariables }: ReadItself,
  path: string,
  loaded: LoadedConfig,
  isJson: boolean,
  { colors }: ConfigOutput,
): Promise<string> {
  const effectives = loaded.services.get(service)?.effectives ?? loaded.effectives;
  const source = isOfVariables ? "env_files" : "the configuration itself";
  const place = isOfVariables ? await placeOf({ pattern: path, source }, [effectives, loaded.effectives]) : undefined;
  if (isJson) {
    const because = { pattern: path, source };
    const verdict = isOfVariables ? "restart" : "configure";
    return JSON.stringify({
      ...Object(asJson({ ...outside, path, service, because, isOutside: false }, place, undefined)),
      verdict,
      matcher: "configuration",
    });
  }
  const name = `${colors.bold(printable(path))}${service === "" ? "" : `: ${service}`}`;
  return isOfVariables
    ? `${name}: ${colors.green("restarts, if a value in it has changed")}: env_files${place === undefined ? "" : ` (${printable(place)})`}`
    : `${name}: ${colors.green("applied while reload runs")}: it is the configuration itself`;
}

/** Where the pattern stands, if it is one of the configuration: `.reload.toml:7:18`. An ignore file is named by the judge itself. */
async function placeOf({ source, pattern }: Because, layers: readonly Effectives[]): Promise<string | undefined> {
  const key = /^\[watch\] (\w+)$/.exec(source)?.[1];
  const isRule = source.startsWith("[[rule]]");
  for (const effectives of layers) {
    const effective = effectives.get(isRule ? "rule" : key === undefined ? source : `watch.${key}`);
    for (const origin of effective?.origins.toReversed() ?? []) {
      if (origin.from === "default" || origin.from === "detected") continue;
      if (origin.from !== "file") return origin.name;
      const list = Array.isArray(effective?.raw) ? effective.raw : [];
      const within = isRule ? placeInRules(list, { source, pattern }) : [list.indexOf(pattern)].filter((at) => at >= 0);
      if (isRule && within.length === 0) continue;
      const place = (await locator(origin.source))({ path: [...origin.path, ...within], at: "value" });
      return `${place.file}:${place.line}:${place.column}`;
    }
  }
  return undefined;
}

/** `[[rule]] protos`: the rule of this name, or the one that has no name and these patterns. */
function placeInRules(rules: readonly unknown[], { source, pattern }: Because): readonly (string | number)[] {
  for (const [index, rule] of rules.entries()) {
    if (typeof rule !== "object" || rule === null || !("match" in rule)) continue;
    const match: readonly unknown[] = [rule.match].flat();
    const at = match.indexOf(pattern);
    const name = "name" in rule ? rule.name : match.join(", ");
    if (at < 0 || (source !== "[[rule]]" && source !== `[[rule]] ${name}`)) continue;
    return [index, "match", ...(Array.isArray(rule.match) ? [at] : [])];
  }
  return [];
}

const words: Readonly<Record<Verdict | "entered", string>> = {
  ignore: "ignored",
  refresh: "refreshes the browser",
  signal: "sends a signal",
  restart: "restarts, without a build",
  rebuild: "builds and restarts",
  entered: "looked into",
};

function asText(
  answer: Answer,
  place: string | undefined,
  schema: string | undefined,
  loaded: LoadedConfig,
  { colors }: ConfigOutput,
): string {
  const path = colors.bold(printable(answer.path));
  if (answer.isOutside && answer.service !== "") return `${path}: not watched: no service looks there`;
  const name = answer.service === "" ? path : `${path}: ${answer.service}`;
  if (answer.isOutside) {
    return `${name}: not watched: it lies outside of ${printable(loaded.root)} and of [watch] include_dirs`;
  }
  const { verdict, because, prunedAt } = answer;
  const isRunAlone = verdict === "ignore" && answer.rule !== undefined && schema === undefined;
  const deed = verdict === "rebuild" && !buildsFirst(answer, loaded) ? "restarts" : words[verdict];
  const said = isRunAlone ? "runs its rule, and nothing else" : deed;
  const what = verdict === "ignore" && !isRunAlone ? colors.dim(said) : colors.green(said);
  if (because === undefined) {
    return `${name}: ${what}${verdict === "entered" ? ": what lies in it is judged file by file" : ": no pattern speaks for it"}`;
  }
  const where = place === undefined ? because.source : `${because.source}, ${place}`;
  const pruned = prunedAt === undefined ? "" : `nothing in ${printable(prunedAt)} is looked at: `;
  const guard = schema === undefined ? "" : `, once it satisfies ${printable(schema)}`;
  return `${name}: ${what}${guard}: ${pruned}${printable(because.pattern)} (${printable(where)})`;
}

/** Something is made between the change and the start. */
function buildsFirst({ service, rule }: Answer, { services }: LoadedConfig): boolean {
  const { build, hooks } = services.get(service)?.config ?? {};
  const before = [hooks?.before_build, hooks?.after_build].flat().filter((hook) => hook !== undefined);
  return rule !== undefined || build?.cmd !== undefined || before.length > 0;
}

const asJson = (
  { path, service, verdict, because, matcher, prunedAt, isOutside }: Answer,
  place: string | undefined,
  schema: string | undefined,
): unknown => ({
  path,
  ...(service === "" || isOutside ? {} : { service }),
  verdict,
  watched: !isOutside,
  matcher: matcher ?? null,
  pattern: because?.pattern ?? null,
  source: because?.source ?? null,
  place: place ?? (because !== undefined && /:\d+$/.test(because.source) ? because.source : null),
  prunedAt: prunedAt ?? null,
  schema: schema ?? null,
});
