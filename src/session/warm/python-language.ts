/** Keeping a program of Python warm. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { aboveOf, entriesIn, ofSystem, stamp, stampInstalled } from "../../adapters/warm/stamps.ts";
import { orderVariable, type RunRecord, type Trial } from "../../gate/order.ts";
import { write } from "./gate-files.ts";
import { sourceText } from "./heads.ts";
import type { KnownProgram, WarmLanguage } from "./language.ts";
import { headsOfPython, otherPythonHead } from "./python-heads.ts";
import { pythonRecordOf } from "./python-record.ts";
import type { PythonShape } from "./python-shape.ts";
import {
  exchangedIn,
  isInPackage,
  libraryIn,
  limits,
  moduleNameOf,
  replacedIn,
  silences,
  toldIn,
  topOf,
} from "./python-text.ts";

const shippedGate = (): string => fileURLToPath(new URL("./python/sitecustomize.py", import.meta.url));

/** Python loads a file of this name from its path before anything else: a directory that has nothing else in it. */
function gateIn(directory: string): string {
  const place = join(directory, "python");
  const gate = join(place, "sitecustomize.py");
  mkdirSync(place, { recursive: true });
  if (!existsSync(gate)) copyFileSync(shippedGate(), gate);
  return place;
}

/** In milliseconds. */
const quietMs = 400;
const longestQuietMs = 10_000;

/** A run that counts as ready because it lives may still be loading: nothing comes any more, or a port is open. */
async function settledText(file: string, over: AbortSignal): Promise<string> {
  const read = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  let text = read();
  const until = performance.now() + longestQuietMs;
  for (let quietSince = performance.now(); performance.now() - quietSince < quietMs && performance.now() < until; ) {
    if (over.aborted || text.includes('["t","bind"')) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = read();
    if (now !== text) quietSince = performance.now();
    text = now;
  }
  return text;
}

/** They must see every load, or stand in front of the import system. */
const apart =
  /^(?:opentelemetry\.(?:sdk|instrumentation|distro)|sentry_sdk|ddtrace|newrelic|elasticapm|scout_apm|appsignal|logfire|instana|coverage|pytest|_pytest|debugpy|_pydevd_bundle|pydevd|gevent|eventlet|beartype|typeguard|jaxtyping|viztracer|pyinstrument|scalene|usercustomize)(?:\.|$)/;

export const pythonLanguage = (directory: () => string, shape: PythonShape): WarmLanguage => ({
  withGate(env, order, file) {
    const { PYTHONPATH: own } = env;
    write(file, {
      ...order,
      words: shape.words,
      script: shape.script ?? null,
      module: shape.module ?? null,
      pythonPath: own ?? null,
      place: order.place ?? null,
      failed: order.failed ?? [],
      configured: order.configured ?? [],
      logged: order.logged ?? {},
      path: order.path ?? [],
      told: order.told ?? [],
      entries: order.entries.flatMap((entry) => (entry.is === "python" ? [[entry.name, entry.file]] : [])),
      startedMs: Date.now(),
    });
    const place = gateIn(directory());
    return { ...env, PYTHONPATH: own === undefined || own === "" ? place : `${place}:${own}`, [orderVariable]: file };
  },
  async ask({ answer }, over) {
    const text = await settledText(answer, over);
    if (over.aborted) return undefined;
    const record = pythonRecordOf(text, shape.main);
    if (record === undefined) throw new Error("the run does not say what it has loaded");
    const library = libraryIn(record.entries);
    const texts = record.own.map((file) => sourceText(file) ?? "");
    const replaced = texts.flatMap((text) => replacedIn(text, library));
    const told = texts.flatMap((text) => toldIn(text, library));
    const exchanged = texts.map((text) => exchangedIn(text, record.entries));
    return {
      ...record,
      settings: [...new Set([...replaced, ...exchanged.flatMap(({ names }) => names)])],
      replaced: [
        ...record.replaced,
        ...(exchanged.some(({ areUnknown }) => areUnknown) ? ["modules that are loaded (sys.modules)"] : []),
      ],
      told: [...new Set(told)],
    };
  },
  mentioned,
  refusal: refusalOfPython,
  stamps(program, files, record, names) {
    // Of directories that were only asked for, nothing counts but that they are there.
    const asked = files.filter((file) => file.endsWith("/."));
    const others = files.filter((file) => !file.endsWith("/."));
    const places = (record.python?.path ?? []).map((place) => resolve(program.cwd, place));
    return new Map([
      ...stamp(sources(program, others, record, shape, names), [
        program.cwd,
        ...asked.map((file) => file.slice(0, -2)),
      ]),
      ...stampInstalled(places.filter((place) => !isInPackage(place))),
    ]);
  },
  headsOf: headsOfPython,
  otherHead: otherPythonHead,
});

function refusalOfPython(
  { entries, own: files, replaced, hasMoved, python }: RunRecord,
  trial: Trial | undefined,
): string | undefined {
  const looksOn = Object.values(python?.moments ?? {}).at(-1)?.["whether sentry_sdk looks on"] !== "False";
  const names = entries.map(moduleNameOf);
  // The command of FastAPI's cloud loads it each time, for itself.
  const isIdle = !looksOn && names.includes("fastapi_cloud_cli");
  const name = names.find((each) => apart.test(each) && !(isIdle && topOf(each) === "sentry_sdk"));
  if (name !== undefined) return `${topOf(name)} must see every module being loaded`;
  if (python?.hook !== undefined) return `${python.hook} stands in front of the import system`;
  if (hasMoved) return "the program changes its working directory";
  const texts = files.map(sourceText).filter((text) => text !== undefined);
  const limit = texts.map(limits).find((each) => each !== undefined);
  if (limit !== undefined) return `the program sets what holds for the whole process: ${limit}`;
  if (texts.some(silences))
    return "the program may disable the loggers that are there: disable_existing_loggers = False";
  const own = replaced.find((each) => trial?.replaced.includes(each) !== true);
  return trial === undefined || own === undefined ? undefined : `the program replaces ${own}`;
}

/** Modules that look for what the program adds to what is built in, or replaces. */
function mentioned({ entries, added, settings: replaced = [] }: RunRecord): Map<string, string> {
  const left = new Map<string, string>();
  const isReplaced = replaced.length === 0 ? undefined : new RegExp(`\\b(?:${replaced.join("|")})\\b`);
  const isAdded = added.length === 0 ? undefined : new RegExp(`\\b(?:${added.join("|")})\\b`);
  for (const entry of entries) {
    if (!entry.file.endsWith(".py") || (!isInPackage(entry.file) && isReplaced === undefined)) continue;
    const text = sourceText(entry.file);
    if (text === undefined) {
      left.set(moduleNameOf(entry), "cannot be read: it is in an archive, or gone");
      continue;
    }
    const part = isReplaced?.exec(text)?.[0];
    if (part !== undefined) left.set(moduleNameOf(entry), `uses ${part}, which the program replaces`);
    if (!isInPackage(entry.file)) continue;
    const asked = isAdded?.exec(text)?.[0];
    if (asked !== undefined) left.set(moduleNameOf(entry), `asks for ${asked}`);
  }
  return left;
}

const projectFiles = [
  "pyproject.toml",
  "uv.lock",
  "uv.toml",
  "poetry.lock",
  "pdm.lock",
  "Pipfile.lock",
  "setup.cfg",
  ".python-version",
];

/** Files that were loaded, and everything that decided which ones these are. */
function sources(
  { cwd, env, main }: KnownProgram,
  files: readonly string[],
  record: RunRecord,
  shape: PythonShape,
  onTrial: readonly string[] = [],
): Set<string> {
  const found = new Set<string>([...ofSystem, ...files]);
  // A file that is added may come before the one that was found.
  for (const file of files) if (isInPackage(file)) found.add(dirname(file));
  const { path, names } = record.python ?? { path: [], names: [] };
  const ownNames = new Set(record.own.map((file) => file.split("/").at(-1)?.replace(/\.py$/, "")));
  for (const each of path) {
    const place = resolve(cwd, each);
    found.add(place);
    if (isInPackage(place)) {
      found.add(join(dirname(dirname(dirname(place))), "pyvenv.cfg"));
      for (const name of entriesIn(place)) if (/\.(?:pth|egg-link)$/.test(name)) found.add(join(place, name));
    } else if (!files.some((file) => dirname(file) === place) && !place.endsWith(".zip")) {
      // The program's own: other files come and go there, but none of these names.
      found.delete(place);
      for (const name of new Set([...names, ...onTrial])) {
        if (ownNames.has(name)) continue;
        const directory = join(place, name);
        // One that is there and no package may become one.
        for (const file of [existsSync(directory) ? join(directory, "__init__.py") : directory, `${directory}.py`])
          if (!existsSync(file)) found.add(file);
      }
    }
  }
  const home = env["HOME"];
  if (home !== undefined) found.add(join(env["PYENV_ROOT"] ?? join(home, ".pyenv"), "version"));
  for (const above of new Set([...aboveOf(cwd), ...(main === undefined ? [] : aboveOf(dirname(main)))]))
    for (const name of projectFiles) found.add(join(above, name));
  for (const place of (env["PATH"] ?? "").split(":"))
    for (const name of shape.programs) found.add(join(place === "" ? cwd : place, name));
  return found;
}
