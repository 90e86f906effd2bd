/** Keeping a program of Node warm. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { sourcesOf, stamp } from "../../adapters/warm/stamps.ts";
import type { RunRecord, Trial } from "../../gate/order.ts";
import { packageOf } from "../../gate/packages.ts";
import { withChangesByText } from "./by-text.ts";
import { answerIn, copyGate, withGate, write } from "./gate-files.ts";
import { headsOf, otherHead, sourceText } from "./heads.ts";
import { filesOf, type WarmLanguage } from "./language.ts";
import { besideLoaders, importsSetting, looksFor, mentions, namedOf, refusal, unnamedOf } from "./policy.ts";
import { isRunRecord } from "./records.ts";
import type { Shape } from "./shape.ts";

type NodeShape = Extract<Shape, { is: "node" }>;

/** How long a run may take to say what it has loaded, in milliseconds. */
const longestAnswerMs = 60_000;

/** Set by it once it has reached its command, which it does not in each run, and seen by no package that does not ask who listens. */
const ofTsx = /^process\.(?:listenerCount|listeners)$/;

/** @param directory private to this `reload` */
export const nodeLanguage = (
  directory: () => string,
  { loaders, loadedBy, files: ofNode }: NodeShape,
): WarmLanguage => ({
  withGate: (env, order, file) => withGate(env, copyGate(directory()), { ...order, loaders, loadedBy }, file),
  async ask({ ask, answer }, over) {
    write(ask, {});
    const answered = await answerIn(answer, over, longestAnswerMs);
    if (over.aborted) return undefined;
    if (!isRunRecord(answered)) throw new Error("the run does not say what it has loaded");
    const told = withChangesByText(
      answered,
      answered.own.map((file) => sourceText(file) ?? ""),
    );
    return loaders.includes("tsx")
      ? { ...told, settings: told.settings?.filter((name) => !ofTsx.test(name)) ?? [] }
      : told;
  },
  mentioned: (record, trial) => new Map([...mentioned(record, trial), ...besideLoaders(record, loaders, loadedBy)]),
  refusal: (record, trial) => refusal(record, trial, loaders),
  stamps({ main, cwd, env }, files) {
    const programs = (env["PATH"] ?? "")
      .split(":")
      .flatMap((place) =>
        ["node", "npm", "pnpm", "yarn", "npx", "tsx", "cross-env"].map((name) =>
          join(place === "" ? cwd : place, name),
        ),
      );
    const home = env["HOME"];
    const settings = home === undefined ? [] : [join(home, ".npmrc"), join(home, ".node_modules")];
    const start = main ?? join(cwd, "package.json");
    const ofLoaders = loaders.flatMap((name) => filesOfLoader(name, cwd));
    const ofPackages = [...files.filter((file) => packageOf(file) !== undefined), ...ofLoaders];
    // Of the project are only files that a loader read, or looked for: others come and go beside them.
    return stamp(
      [...sourcesOf(ofPackages, cwd, start), ...files, ...programs, ...settings, ...ofNode],
      [cwd, dirname(start)],
    );
  },
  headsOf: ({ own, entries }) => headsOf(own, filesOf(entries)),
  otherHead,
});

/** All of its package, and what it compiles with: some of it is loaded by the run alone. */
function filesOfLoader(name: string, cwd: string): string[] {
  const directory = packageOf(createRequire(join(cwd, "x.cjs")).resolve(name));
  if (directory === undefined) throw new Error(`${name} is no package`);
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).map((file) => join(directory, file));
}

/** Packages whose text says that they ask who loaded them, or for what own code adds. */
function mentioned({ entries, added, own, settings = [] }: RunRecord, trial: Trial | undefined): Map<string, string> {
  const left = new Map<string, string>();
  const named = namedOf(added, own.map((file) => sourceText(file) ?? "").join("\n"));
  const unnamed = trial === undefined ? [] : unnamedOf(added, named, trial);
  for (const { file } of entries) {
    const directory = packageOf(file);
    if (directory === undefined || left.has(directory) || !/\.[cm]?js$/.test(file)) continue;
    const text = readFileSync(file, "utf8");
    const why =
      mentions(text, named) ??
      importsSetting(text, settings) ??
      (trial === undefined ? undefined : looksFor(text, directory, unnamed, trial));
    if (why !== undefined) left.set(directory, why);
  }
  return left;
}
