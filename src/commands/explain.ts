/** `reload explain PATH...`: what a change of it would do, and which pattern of which file decides. */
import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
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

export interface ExplainCommand {
  readonly request: ConfigRequest;
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
export async function explain({ request, paths, json, stdout, stderr }: ExplainCommand): Promise<number> {
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
    const answers = [...loaded.services.keys()].map((service) => answerOf(path, request.cwd, options.trees, service));
    // Services that do not look there have nothing to say, unless none of them does.
    const inside = answers.filter(({ isOutside }) => !isOutside);
    for (const answer of inside.length === 0 ? answers.slice(0, 1) : inside) {
      const effectives = loaded.services.get(answer.service)?.effectives ?? loaded.effectives;
      const place = answer.because === undefined ? undefined : await placeOf(answer.because, effectives);
      const schema = guardedBy(loaded).find(({ service, rule }) => service === answer.service && rule === answer.rule)
        ?.schema.name;
      if (json) stdout.write(`${JSON.stringify(asJson(answer, place, schema))}\n`);
      else stdout.write(`${asText(answer, place, schema, loaded, stdout)}\n`);
    }
  }
  return 0;
}

type Trees = Awaited<ReturnType<typeof treesOf>>["options"]["trees"];

function answerOf(path: string, cwd: string, trees: Trees, service: string): Answer {
  const absolute = realParent(resolve(cwd, path));
  const kind = kindOf(absolute);
  const isDirectory = kind === undefined ? path.endsWith("/") || path.endsWith(sep) : kind === "directory";
  let best: Explanation | undefined;
  for (const { base, views } of trees) {
    const isSingle = kindOf(base) === "file";
    const root = isSingle ? dirname(base) : base;
    const way = relative(realParent(root), absolute);
    if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) || (isSingle && absolute !== realParent(base)))
      continue;
    for (const { matchers } of views.filter(({ owner }) => owner === service)) {
      const found = explainPath(way.replaceAll(sep, "/"), isDirectory, matchers);
      // A path that several roots hold counts as much as it does in any of them.
      if (best === undefined || weight(found) > weight(best)) best = found;
    }
  }
  const outside = {
    verdict: "ignore",
    because: undefined,
    rule: undefined,
    matcher: undefined,
    prunedAt: undefined,
  } as const;
  return { path, service, isOutside: best === undefined, ...(best ?? outside) };
}

function kindOf(path: string): "file" | "directory" | undefined {
  try {
    return lstatSync(path).isDirectory() ? "directory" : "file";
  } catch {
    return undefined;
  }
}

const weight = ({ verdict }: Explanation): number => (verdict === "entered" ? 1 : verdicts.indexOf(verdict));

/** The way to it without links: the watcher knows roots by their real names. What is not there has no real name. */
function realParent(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** Where the pattern stands, if it is one of the configuration: `.reload.toml:7:18`. An ignore file is named by the judge itself. */
async function placeOf({ source, pattern }: Because, effectives: Effectives): Promise<string | undefined> {
  const key = /^\[watch\] (\w+)$/.exec(source)?.[1];
  const effective = effectives.get(key === undefined ? source : `watch.${key}`);
  for (const origin of effective?.origins.toReversed() ?? []) {
    if (origin.from === "default") continue;
    if (origin.from !== "file") return origin.name;
    const locate = await locator(origin.source);
    const whole = locate({ path: origin.path, at: "value" });
    const list = Array.isArray(effective?.raw) ? effective.raw : [];
    const at = list.indexOf(pattern);
    const place = at < 0 ? whole : locate({ path: [...origin.path, at], at: "value" });
    return `${place.file}:${place.line}:${place.column}`;
  }
  return undefined;
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
  const what = verdict === "ignore" ? colors.dim(words.ignore) : colors.green(words[verdict]);
  if (because === undefined) {
    return `${name}: ${what}${verdict === "entered" ? ": what lies in it is judged file by file" : ": no pattern speaks for it"}`;
  }
  const where = place === undefined ? because.source : `${because.source}, ${place}`;
  const pruned = prunedAt === undefined ? "" : `nothing in ${printable(prunedAt)} is looked at: `;
  const guard = schema === undefined ? "" : `, once it satisfies ${printable(schema)}`;
  return `${name}: ${what}${guard}: ${pruned}${printable(because.pattern)} (${printable(where)})`;
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
