/** Checks of a cycle: the files of a rule are held against the schema, and looked at again when that changes. */
import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { realAsFarAs } from "../config/check/checks.ts";
import { type FileWatch, watchFiles } from "../config/store/watch-files.ts";
import { type Demand, enters, judge, type Matcher, type PathDemand } from "../core/demand.ts";
import { reasonOf } from "../core/errors.ts";
import type { House } from "../core/house.ts";
import { type JobId, jobName } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { BuildResult, Changes, HeldFile, Service } from "../core/types.ts";
import type { CheckOutcome } from "../rules/check.ts";
import type { GuardingRule, Guards } from "./guards.ts";
import type { Trees } from "./trees.ts";

type Tree = Trees["options"]["trees"][number];

export interface ChecksParts {
  readonly guards: Guards;
  /** Of the version in force. */
  rules(): readonly GuardingRule[];
  /** Absolute. */
  root(): string;
  trees(): Promise<Trees>;
  /** Paths that are held back now, by service. */
  held(): House["held"];
  ended(job: JobId, result: BuildResult): void;
  /** These are to be looked at again. */
  again(changes: Changes): void;
  warn(problem: Problem): void;
}

export interface SchemaChecks {
  start(job: JobId, check: GuardingRule, demand: Demand): void;
  cancel(job: JobId): void;
  /** From now on an edit of a schema, or of what it refers to, has the files looked at again. */
  follow(): void;
  /** Has at hand what reads the files, also those that are yet to come: the package may be replaced while we run. */
  prepare(): Promise<void>;
  /** Reads the schemas now; what has to be looked at again is known when it resolves. */
  review(): Promise<void>;
  /** Other rules are in force. */
  renew(): Promise<void>;
  close(): void;
}

export function createSchemaChecks(parts: ChecksParts): SchemaChecks {
  const underWay = new Set<string>();
  let watch: FileWatch | undefined;
  let reviewing: Promise<void> = Promise.resolve();

  const end = (job: JobId, result: BuildResult): void => {
    // One that was given up has been answered.
    if (underWay.delete(jobName(job))) parts.ended(job, result);
  };

  const carryOut = async ({ service, rule, schema }: GuardingRule, demand: Demand): Promise<BuildResult> => {
    const named = [...demand].flatMap(([path, asked]) => (path !== "" && asked.rule === rule ? [path] : []));
    const all = demand.has("") ? filesOfRule(service, rule, await parts.trees()) : [];
    const paths = [...new Set([...named, ...all])];
    const files = paths.map((path) => ({ path: resolve(parts.root(), path), name: path }));
    const outcome = await (await parts.guards.of(schema)).check(files);
    aim();
    const wrong = wrongOf(outcome, paths).filter(({ path }) => isThere(resolve(parts.root(), path)));
    if (wrong.length === 0) return { is: "ok" };
    return { is: "held", files: [...wrong, ...sameFiles(wrong, demand, parts.root())] };
  };

  const aim = (): void => {
    if (watch === undefined) return;
    const watching = watch;
    void sourcesOf(parts).then((sources) => watching.aim(sources));
  };

  const again = async (rules: readonly GuardingRule[], held: House["held"] = new Map()): Promise<void> => {
    const trees = rules.length === 0 ? undefined : await parts.trees();
    const changes = new Map<Service, { demand: Map<string, PathDemand>; empty: boolean }>();
    const ask = (service: Service, path: string, asked: PathDemand): void => {
      const found = changes.get(service) ?? { demand: new Map<string, PathDemand>(), empty: false };
      found.demand.set(path, asked);
      changes.set(service, found);
    };
    for (const [service, paths] of held) for (const path of paths.keys()) ask(service, path, { verdict: "ignore" });
    for (const { service, rule } of rules)
      for (const path of trees === undefined ? [] : filesOfRule(service, rule, trees))
        ask(service, path, { verdict: "ignore", rule });
    if (changes.size > 0) parts.again(changes);
  };

  /** Those whose schema is another one than at the last look. */
  const review = async (): Promise<void> => {
    const renewed: GuardingRule[] = [];
    for (const guarding of parts.rules()) {
      const { isNew, problems } = await (await parts.guards.of(guarding.schema)).review();
      const isSeen = renewed.some(({ schema }) => schema.path === guarding.schema.path);
      if (!isNew && !isSeen) continue;
      renewed.push(guarding);
      // Without a file that is held back for it, nobody else would say so.
      const files =
        problems.length === 0 || isSeen ? [] : filesOfRule(guarding.service, guarding.rule, await parts.trees());
      if (problems.length > 0 && files.length === 0 && !isSeen) for (const problem of problems) parts.warn(problem);
    }
    if (renewed.length > 0) await again(renewed);
    aim();
  };

  /** One look at a time: two at once would both find the same news, or neither. */
  const inTurn = (look: () => Promise<void>): Promise<void> => {
    reviewing = reviewing.then(look).catch((error: unknown) => {
      const message = `a schema cannot be read again: ${reasonOf(error)}`;
      parts.warn({ code: "schema/bad-schema", severity: "warning", origin: "reload", message });
    });
    return reviewing;
  };

  const prepare = async (): Promise<void> => {
    for (const { schema, match } of parts.rules()) await (await parts.guards.of(schema)).prepare(match);
  };

  return {
    start(job, check, demand) {
      underWay.add(jobName(job));
      carryOut(check, demand).then(
        (result) => end(job, result),
        (error: unknown) =>
          end(job, { is: "failed", exit: { is: "unstartable", missing: false, message: reasonOf(error) } }),
      );
    },
    cancel: (job) => end(job, { is: "cancelled" }),
    follow() {
      if (watch !== undefined) return;
      watch = watchFiles([], () => void inTurn(review));
      // What was edited between the first reading and now.
      void inTurn(review);
    },
    prepare,
    review: () => inTurn(review),
    renew: () =>
      inTurn(async () => {
        await again(parts.rules(), parts.held());
        aim();
        await prepare();
      }),
    close() {
      watch?.close();
    },
  };
}

async function sourcesOf({ guards, rules }: ChecksParts): Promise<string[]> {
  const all = await Promise.all(rules().map(async ({ schema }) => (await guards.of(schema)).sources));
  return [...new Set(all.flat())];
}

/** Where the schema is wrong, no file can be told right. */
function wrongOf(outcome: CheckOutcome, paths: readonly string[]): HeldFile[] {
  if (outcome.is === "no schema") return paths.map((path) => ({ path, problems: outcome.problems }));
  return outcome.files.flatMap(({ file, problems }) => (problems.length === 0 ? [] : [{ path: file.name, problems }]));
}

/** What else has changed, and is one of these by another path: a link, or what it leads to. */
function sameFiles(wrong: readonly HeldFile[], demand: Demand, root: string): HeldFile[] {
  const problems = new Map(wrong.map((file) => [realAsFarAs(resolve(root, file.path)), file.problems]));
  return [...demand.keys()].flatMap((path) => {
    if (path === "" || wrong.some((file) => file.path === path)) return [];
    const problem = problems.get(realAsFarAs(resolve(root, path)));
    return problem === undefined ? [] : [{ path, problems: problem }];
  });
}

/** What is gone says nothing wrong; a link that leads nowhere is there. */
const isThere = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
};

/** Files that this rule decides about for this service, as the user sees them. */
export function filesOfRule(service: Service, rule: string, { options }: Pick<Trees, "options">): string[] {
  return options.trees.flatMap((tree) => {
    const matchers = tree.views.find(({ owner }) => owner === service)?.matchers;
    return matchers === undefined
      ? []
      : matchingIn(rule, tree, matchers, tree.followSymlinks ?? options.followSymlinks);
  });
}

function matchingIn(
  rule: string,
  { base, label }: Tree,
  matchers: readonly Matcher[],
  followsLinks: boolean,
): string[] {
  const found: string[] = [];
  const open = [""];
  // A link may lead back to where it lies.
  const entered = new Set<string>();
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of entriesOf(join(base, at))) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      const isLink = entry.isSymbolicLink();
      if (entry.isDirectory() || (isLink && followsLinks && leadsTo(entry, join(base, path)) === "directory")) {
        const real = isLink ? realpathSync(join(base, path)) : undefined;
        if (!enters(path, matchers) || (real !== undefined && entered.has(real))) continue;
        if (real !== undefined) entered.add(real);
        open.push(path);
      } else if (
        judge({ path, kind: "changed" }, matchers)?.rule === rule &&
        leadsTo(entry, join(base, path)) !== "directory"
      )
        found.push(label(path));
    }
  }
  return found;
}

function leadsTo(entry: Dirent, path: string): "directory" | "file" {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? "directory" : "file";
  try {
    return statSync(path).isDirectory() ? "directory" : "file";
  } catch {
    return "file";
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // A single file that is a root, or a directory that cannot be read.
    return [];
  }
}
