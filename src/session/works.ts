/** What is executed to an end, as the machine orders it: builds, rules, hooks. */
import { existsSync } from "node:fs";
import type { Lock } from "../adapters/lock/lock.ts";
import type { Guardian } from "../adapters/process/guardian.ts";
import { launchByExeca } from "../adapters/process/launch.ts";
import type { MadeDirectories } from "../adapters/system/made-directories.ts";
import { textOfCommand } from "../config/projects/watchers.ts";
import { reasonOf } from "../core/errors.ts";
import { type JobId, jobName, jobToken } from "../core/job.ts";
import type { Problem } from "../core/problem.ts";
import type { Order, RecipeId } from "../core/types.ts";
import type { Note } from "../report/moment.ts";
import type { SchemaChecks } from "./checks.ts";
import { startBuild } from "./compilers.ts";
import { endlessBuild, lateBuild, watchForEnd } from "./endless.ts";
import { colourFor, failureEnv, type RunEnvironment } from "./environment.ts";
import type { Io } from "./io.ts";
import { joinedCommand } from "./joined.ts";
import { inTurn } from "./recipes.ts";
import type { Reporters } from "./reporters.ts";
import type { Settings } from "./settings.ts";
import type { WorkFact, Working } from "./work.ts";

export interface WorksParts {
  settings(): Settings;
  readonly environment: RunEnvironment;
  readonly guardian: Guardian;
  readonly madeDirectories: MadeDirectories;
  /** Absent where none is taken: `--once`, and without a configuration file. */
  readonly lock: Lock | undefined;
  readonly checks: Pick<SchemaChecks, "start" | "cancel">;
  readonly output: Reporters["output"];
  /** The last of what a job printed, as far as it was read. */
  printed(job: JobId): string;
  readonly io: Io;
  note(note: Note): void;
  /** It is over, whatever became of it; what it wrote is still to be looked at. */
  ended(fact: Extract<WorkFact, { type: "jobEnded" }>): void;
}

export interface Works {
  carryOut(order: Extract<Order, { type: "startJob" }>): void;
  cancel(job: JobId, force: boolean): void;
  signal(signal: NodeJS.Signals): void;
  /** Says what is under way, for whoever finds the lock of a `reload` that was killed. */
  say(): void;
}

export function createWorks(parts: WorksParts): Works {
  const { environment, guardian, io, note, output } = parts;
  /** By the name of the job: two services have a build 3 each. */
  const works = new Map<string, { readonly working: Working; readonly token: string; readonly unwatch: () => void }>();
  /** Those of which it has been said that they do not end. */
  const endless = new Set<RecipeId>();

  const watchBuild = (job: JobId, recipe: RecipeId, pid: number): (() => void) => {
    const { recipes, plan } = parts.settings();
    const [first] = recipes.get(recipe)?.commands ?? [];
    if (job.kind !== "build" || first === undefined || plan.once || endless.has(recipe)) return () => {};
    const command = textOfCommand(first);
    const warn = (problem: Problem, isServer: boolean): void => {
      endless.add(recipe);
      note({ type: "warned", problem, ...(isServer ? { isServer } : {}) });
    };
    return watchForEnd(pid, {
      found: (ports) => warn(endlessBuild(job.number, command, ports), true),
      late: (afterMs) => warn(lateBuild(job.number, command, afterMs), false),
    });
  };

  const say = (): void => {
    // Nobody waits for the disk, unless the next one is under way already.
    if (works.size === 0) parts.lock?.say({ work: [] });
  };

  const hear = (fact: WorkFact, recipe: RecipeId): void => {
    if (fact.type === "jobStarted") {
      const work = works.get(jobName(fact.job));
      const unwatch = watchBuild(fact.job, recipe, fact.pid);
      if (work !== undefined) works.set(jobName(fact.job), { ...work, unwatch });
      guardian.group(jobToken(fact.job), fact.pid);
    }
    if (fact.type !== "jobEnded") {
      note(fact);
      return;
    }
    works.get(jobName(fact.job))?.unwatch();
    works.delete(jobName(fact.job));
    // What it left when it finished is left on purpose.
    guardian.end(jobToken(fact.job));
    parts.ended(fact);
  };

  const begin = ({ job, recipe: id, demand, failure }: Extract<Order, { type: "startJob" }>): void => {
    const settings = parts.settings();
    const recipe = settings.recipes.get(id);
    if (recipe === undefined) throw new Error(`${jobName(job)} was ordered, but there is nothing to carry out`);
    if (recipe.check !== undefined) {
      parts.checks.start(job, recipe.check, demand);
      return;
    }
    // Where the project is gone, nothing is made in its place: whoever clones it anew finds it as it was left.
    const makes = recipe.isBuild && existsSync(recipe.place.root);
    const why = makes ? parts.madeDirectories.make(settings.tmpDir) : undefined;
    if (why !== undefined) {
      hear(notBegun(job, `${why}; set tmp_dir to a directory that can be written to`), id);
      return;
    }
    guardian.begin(jobToken(job));
    const working = startBuild(
      {
        job,
        launch: launchByExeca,
        command: io.isOneStream ? joinedCommand(inTurn(recipe.commands)) : inTurn(recipe.commands),
        args: [],
        cwd: recipe.place.root,
        env: {
          ...environment.of(recipe.place, demand, job),
          ...colourFor(io),
          ...(failure === undefined ? {} : failureEnv(failure, parts.printed(failure.job))),
          ...recipe.env,
        },
        cookie: environment.cookie(job),
        stdin: "empty",
        timeoutMs: recipe.timeoutMs,
        onOutput: (stream, chunk) => output.take(job, stream, chunk),
        ending: () => ({ signal: "SIGTERM", timeoutMs: endingMs(parts.settings(), job), sweep: true }),
      },
      (fact) => hear(fact, id),
    );
    works.set(jobName(job), { working, token: jobToken(job), unwatch: () => {} });
    parts.lock?.say({ work: [...works.values()].map(({ token }) => token) });
  };

  return {
    carryOut(order) {
      try {
        begin(order);
      } catch (error) {
        hear(notBegun(order.job, reasonOf(error)), order.recipe);
      }
    },
    cancel(job, force) {
      if (job.kind === "check") parts.checks.cancel(job);
      works.get(jobName(job))?.working.cancel(force);
    },
    signal(signals) {
      for (const { working } of works.values()) working.signal(signals);
    },
    say,
  };
}

const defaultEndingMs = 5_000;

const endingMs = ({ services }: Settings, { service }: JobId): number =>
  services.get(service)?.process?.ending.timeoutMs ?? defaultEndingMs;

const notBegun = (job: JobId, message: string): WorkFact => ({
  type: "jobEnded",
  job,
  result: { is: "failed", exit: { is: "unstartable", missing: false, message } },
});
