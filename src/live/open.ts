/** One configuration that is alive: the store, the watch on the files, and the listeners, put together. */
import { nearest } from "../config/check/suggest.ts";
import { openStore, type ReadSource, type StoreReading, type Version } from "../config/store/store.ts";
import { watchFiles } from "../config/store/watch-files.ts";
import { type Read, readText } from "../config/text/source.ts";
import { LiveConfigError, liveProblem, throwRefusal } from "./error.ts";
import { judgesOf } from "./judge.ts";
import { createListeners } from "./listeners.ts";
import { layersOf } from "./names.ts";
import { readConfig, type Sources } from "./read.ts";
import type { Surroundings } from "./surroundings.ts";
import { comparableText, expanded, isTree, leavesOf, valueAt } from "./tree.ts";
import type { ConfigProblem, ConfigVersion, LiveConfig, LiveConfigOptions, ValueAt } from "./types.ts";

/** Events tell at once, and most writers write in one go; what is empty or broken is read again later. */
const restMs = 20;
const rereadAfterMs = 100;
const keptVersions = 100;

/** For tests. */
export interface Timing {
  readonly restMs?: number;
  readonly rereadAfterMs?: number;
  readonly pollMs?: number;
}

export async function openLive<T>(
  options: LiveConfigOptions,
  surroundings: Surroundings,
  timing: Timing = {},
): Promise<LiveConfig<T>> {
  checkOptions(options);
  const { load, readSource, files } = loaderOf(options, surroundings);
  const opened = await openStore<unknown, ConfigProblem>({
    load,
    readSource,
    keys,
    faultOf,
    keptVersions,
    rereadAfterMs,
    ...timing,
  });
  if (!opened.ok) throw new LiveConfigError(opened.faults);
  const { store } = opened;
  const listeners = createListeners(surroundings.warn);
  // Which type the configuration has is the program's word: its schema says whether that holds.
  const typed = (value: unknown): T => value as T;
  const versionOf = ({ number, hash, value }: Version<unknown>): ConfigVersion<T> =>
    Object.freeze({ number, at: new Date(), changed: [...keys(value).keys()], hash, snapshot: typed(value) });
  let versions: readonly ConfigVersion<T>[] = Object.freeze([versionOf(store.current)]);
  let current = versions[0] ?? versionOf(store.current);
  let isClosed = false;

  const stop = store.subscribe((outcome) => {
    if (outcome.is === "refused" || outcome.is === "gone") listeners.failed(new LiveConfigError(outcome.faults));
    if (outcome.is !== "applied") return;
    const { before, after, changed } = outcome.edit;
    // The value of an earlier version is that version come back.
    const earlier = versions.find(({ snapshot }) => snapshot === after.value)?.number;
    const back = earlier === undefined ? {} : { rollbackTo: earlier };
    current = Object.freeze({ ...versionOf(after), parent: before.number, changed, ...back });
    versions = Object.freeze([...versions, current].slice(-keptVersions));
    listeners.changed(after.value, before.value, after.number);
  });

  const look = async (): Promise<void> => {
    try {
      await store.check();
    } catch (error) {
      listeners.failed(new LiveConfigError([faultOf(error)], { cause: error }));
    }
    if (!isClosed) watch.aim(files());
  };
  const watch = watchFiles(files(), () => void look(), { restMs, ...timing });
  // What was edited between the first reading and now.
  await look();

  const close = async (): Promise<void> => {
    isClosed = true;
    stop();
    listeners.clear();
    watch.close();
  };
  return {
    get: <K extends string>(key: K) => valueAt(current.snapshot, key) as ValueAt<T, K>,
    get snapshot() {
      return current.snapshot;
    },
    get version() {
      return current.number;
    },
    get versions() {
      return versions;
    },
    on: (key: string, listener: (...values: never[]) => unknown) => {
      if (typeof listener !== "function")
        throwRefusal("usage/bad-argument", `on(${JSON.stringify(key)})`, "a listener is a function");
      return listeners.add(key, listener);
    },
    async rollback(number) {
      if (!versions.some((version) => version.number === number)) {
        const known = versions.map((version) => version.number);
        const hint = `there are ${known.length > 8 ? `${known[0]} to ${known.at(-1)}` : known.join(", ")}`;
        throwRefusal("usage/bad-argument", `rollback(${number})`, "there is no such version", hint);
      }
      await store.rollback(number);
      return current.number;
    },
    async refresh() {
      if (!isClosed) await look();
      return current.number;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const known: Readonly<Record<keyof LiveConfigOptions, true>> = {
  files: true,
  environment: true,
  env: true,
  overrides: true,
  schema: true,
};

/** For programs whose types nobody checks. */
function checkOptions(options: unknown): void {
  if (!isTree(options))
    throwRefusal("usage/bad-argument", "liveConfig", 'an object is needed, as { files: "app.yaml" }');
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const near = nearest(name, Object.keys(known));
    const hint = near === undefined ? `there are ${Object.keys(known).join(", ")}` : `did you mean ${near}?`;
    throwRefusal("usage/bad-argument", "liveConfig", `there is no option ${JSON.stringify(name)}`, hint);
  }
}

/** What reads all of it once, and which files that were at the last time. */
function loaderOf(options: LiveConfigOptions, surroundings: Surroundings) {
  const sources = sourcesOf(options, surroundings);
  const judges = judgesOf(options, surroundings);
  const reads = new Map<string, Read>();
  let files: readonly string[] = sources.layers.map(({ path }) => path);
  const load = async (readSource: ReadSource): Promise<StoreReading<unknown, ConfigProblem>> => {
    const paths = new Set(sources.layers.map(({ path }) => path));
    const read = (path: string): Read => {
      paths.add(path);
      const text = readSource(path);
      return text === undefined ? (reads.get(path) ?? { is: "missing" }) : { is: "text", text };
    };
    const judging = await judges(read);
    const reading = judging.ok ? await readConfig(sources, judging.judge, read) : judging;
    files = [...paths];
    if ("value" in reading) return { is: "good", value: reading.value };
    const { problems: faults } = reading;
    // Any mistake may be one half of a file that is being written.
    return "is" in reading && reading.is === "gone" ? { is: "gone", faults } : { is: "bad", faults, isPartial: true };
  };
  const readSource = (path: string): string | undefined => {
    const read = readText(path);
    reads.set(path, read);
    return read.is === "text" ? read.text : undefined;
  };
  return { load, readSource, files: () => files };
}

function sourcesOf(options: LiveConfigOptions, surroundings: Surroundings): Sources {
  const { env, overrides } = options;
  if (env !== undefined && (typeof env !== "string" || env === ""))
    throwRefusal("usage/bad-argument", "env", 'a prefix is needed, as "APP_"');
  if (overrides !== undefined && !isTree(overrides))
    throwRefusal("usage/bad-argument", "overrides", "an object is needed");
  const variables = Object.entries(surroundings.env).flatMap(([name, value]) =>
    env !== undefined && name.startsWith(env) && name.length > env.length && value !== undefined
      ? [{ name, rest: name.slice(env.length), value }]
      : [],
  );
  return { layers: layersOf(options, surroundings), prefix: env, variables, overrides: expanded(overrides ?? {}) };
}

const keys = (value: unknown): ReadonlyMap<string, string> =>
  new Map(leavesOf(value).map((leaf) => [leaf.path.join("."), comparableText(leaf.value)]));

const faultOf = (error: unknown): ConfigProblem =>
  liveProblem("session/fault", "reload-dev/config", error instanceof Error ? error.message : String(error));
