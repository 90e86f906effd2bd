/**
 * The configuration: defaults < file < profile < `RELOAD_*` < flags < COMMAND, decoded and checked.
 * On the way of a configuration without mistakes nothing is loaded but smol-toml, and nothing waits.
 */
import { basename, resolve } from "node:path";
import type { Problem } from "../problem.ts";
import type { AirReading } from "./air.ts";
import { check, checkPort } from "./checks.ts";
import { type Complaint, decodeTable } from "./decode.ts";
import type { DetectedProject } from "./detect.ts";
import { discover, type FoundFile, fileNames, namedFile, nameOf, profileFiles } from "./discover.ts";
import { type Flag, fromEnvironment, fromFlags, type Given } from "./given.ts";
import { allKeys, type Config } from "./keys.ts";
import { combine, configOf, type Effectives, type LayerItem, type Origin } from "./layers.ts";
import { locator } from "./locate.ts";
import { placeAt, type Read, readText, type SourceText, unreadable } from "./source.ts";
import { parseToml, type Table } from "./toml.ts";
import { inline } from "./write.ts";

export type { Flag } from "./given.ts";

export interface Invocation {
  /** Absolute. */
  readonly cwd: string;
  readonly configFile?: string;
  readonly profile?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: readonly Flag[];
  readonly command?: readonly [string, ...string[]];
}

/** How a program is known: by a file of ours, by one of air's, by what lies in the directory, or by COMMAND alone. */
export type ConfigKind = "reload" | "air" | "detected" | "command";

export interface LoadedConfig {
  readonly ok: true;
  readonly kind: ConfigKind;
  readonly config: Config;
  /** The same by key, as it would be written and with where it comes from. */
  readonly effectives: Effectives;
  /** The configuration file, if there is one. */
  readonly file: FoundFile | undefined;
  readonly profile: string | undefined;
  /** Absolute paths of all files that were read or looked for: the configuration, the profile, `env_files`. */
  readonly files: readonly string[];
  /** Absolute: what `root` is relative to. */
  readonly directory: string;
  /** Absolute: what is watched, and what every pattern is relative to. */
  readonly root: string;
  /** Absolute: where commands run. `root`, but for air's files, whose commands run in the working directory. */
  readonly commandDirectory: string;
  /** What `env_files` say; the inherited environment and `[proc] env` win over it. */
  readonly fileEnv: Readonly<Record<string, string>>;
  /** Absolute paths of `env_files`, those that are missing as well. */
  readonly envFiles: readonly string[];
  /** The `PORT` that the process finds in its environment, if it is one. */
  readonly port: number | undefined;
  /** Patterns as in `include_files` whose change restarts without a build. */
  readonly restartPatterns: readonly string[];
  readonly warnings: readonly Problem[];
  /** What a user should know: the file that was found above, the project that was detected, an env file that is missing. */
  readonly notes: readonly string[];
}

export interface LoadFailure {
  readonly ok: false;
  readonly problems: readonly Problem[];
  /** As in `LoadedConfig`. */
  readonly files: readonly string[];
  /** The configuration file is not there. */
  readonly isGone: boolean;
  /** Some file is no TOML, or holds nothing: perhaps it is being written at this moment. */
  readonly isPartial: boolean;
}

export type Loaded = LoadedConfig | LoadFailure;

export interface LoadOptions {
  /** Reads a file; the default is the disk. */
  readonly read?: (path: string) => Read;
  /** The file that an earlier load found: it is not looked for again, wherever another one may have appeared. */
  readonly pinned?: FoundFile;
}

/** A file layer: its text, what it sets, and what is wrong with it. */
interface FileLayer {
  readonly source: SourceText;
  readonly items: readonly LayerItem[];
  readonly complaints: readonly Complaint[];
}

export async function load(invocation: Invocation, options: LoadOptions = {}): Promise<Loaded> {
  const { cwd, env } = invocation;
  const files = new Set<string>();
  const read = (path: string): Read => {
    files.add(path);
    return (options.read ?? readText)(path);
  };
  const problems: Problem[] = [];
  const notes: string[] = [];
  const layers: FileLayer[] = [];
  const variables = fromEnvironment(env);
  const flags = fromFlags(invocation.flags);
  problems.push(...variables.problems, ...flags.problems);

  const file =
    invocation.configFile === undefined
      ? (options.pinned ?? discover(cwd, env))
      : namedFile(cwd, invocation.configFile);
  if (file === undefined) for (const name of fileNames) files.add(resolve(cwd, name));
  else if (!file.isNamed && file.directory !== cwd) notes.push(`using ${file.name}`);

  let air: AirReading | undefined;
  let isGone = false;
  let isPartial = false;
  if (file !== undefined) {
    const opened = open(file.path, file.name, read);
    if ("problem" in opened) {
      problems.push(opened.problem);
      isGone = opened.is === "missing";
      isPartial = opened.is === "unparsable";
    } else if (mayBeAir(file) && (await import("./air.ts")).isAirFile(opened.table, file.path)) {
      const { translateAir } = await import("./air.ts");
      air = translateAir(opened.table, { workingDirectory: file.isNamed ? cwd : file.directory });
      layers.push(airLayer(opened.source, air));
    } else layers.push(fileLayer(opened.source, opened.table));
  }

  const profile = invocation.profile ?? (env["RELOAD_PROFILE"] || undefined);
  if (profile !== undefined) {
    const layer = profileLayer(file, cwd, profile, read);
    if ("problem" in layer) {
      problems.push(layer.problem);
      isPartial ||= layer.is !== "unreadable";
    } else layers.push(layer);
  }

  const outside = [...given(variables.given, "variable"), ...given(flags.given, "flag")];
  let detection: DetectedProject | undefined;
  const isGiven = outside.some(({ key, value }) => key.name === "proc.cmd" && value !== undefined);
  if (file === undefined && invocation.command === undefined && !isGiven) {
    const { detect } = await import("./detect.ts");
    const found = detect(cwd, env);
    if (found.is === "found") {
      detection = found;
      notes.push(...found.notes);
    } else if (!hasCommand([...layers.flatMap(({ items }) => items), ...outside])) problems.push(found.problem);
  }

  const effectives = combine([
    ...(detection === undefined ? [] : detectedLayer(detection)),
    ...layers.flatMap(({ items }) => items),
    ...outside,
    ...commandLayer(invocation.command, air),
  ]);
  problems.push(...(await located(layers)));

  const directory = air?.workingDirectory ?? file?.directory ?? cwd;
  const written = configOf(effectives);
  const root = resolve(isFromOutside(effectives, "root") ? cwd : directory, written.root);
  const config = configOf(anchored(effectives, cwd, root));
  const isDecoded = !problems.some(({ severity }) => severity === "error");
  const complaints = [...check(config, root)];
  if (isDecoded && complaints.length === 0 && config.proc.cmd === undefined && config.build.cmd === undefined)
    problems.push(nothingToDo(layers[0]?.source));
  for (const complaint of complaints) problems.push(await aboutKey(effectives, complaint));

  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { ok: false, problems: sorted(problems), files: [...files], isGone, isPartial };

  const commandDirectory = air?.workingDirectory ?? root;
  const { readEnvFiles } = config.env_files.length === 0 ? noEnvFiles : await import("./env-files.ts");
  const envFiles = readEnvFiles(config.env_files, commandDirectory, read);
  notes.push(...envFiles.notes);
  const port = portOf(config, env, envFiles.values);
  const portless = port === undefined ? checkPort(config) : undefined;
  if (portless !== undefined) {
    return { ok: false, problems: [await aboutKey(effectives, portless)], files: [...files], isGone, isPartial };
  }
  return {
    ok: true,
    kind: air !== undefined ? "air" : file !== undefined ? "reload" : detection !== undefined ? "detected" : "command",
    config,
    effectives,
    file,
    profile,
    files: [...files],
    directory,
    root,
    commandDirectory,
    fileEnv: envFiles.values,
    envFiles: envFiles.paths,
    port,
    restartPatterns: detection?.restartPatterns ?? [],
    warnings: sorted([...problems, ...envFiles.problems]),
    notes,
  };
}

/** `PORT`, by the precedence of the environment that the process gets. */
function portOf(
  { proc }: Config,
  env: NodeJS.ProcessEnv,
  fileEnv: Readonly<Record<string, string>>,
): number | undefined {
  const text = proc.env["PORT"] ?? env["PORT"] ?? fileEnv["PORT"];
  const port = Number(text);
  return text !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** A file that was found by one of our names is ours; one that was named is looked into. */
const mayBeAir = ({ isNamed, name }: FoundFile): boolean => isNamed || basename(name).includes("air");

const noEnvFiles: Pick<typeof import("./env-files.ts"), "readEnvFiles"> = {
  readEnvFiles: () => ({ values: {}, paths: [], notes: [], problems: [] }),
};

// ── layers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Unopened {
  readonly problem: Problem;
  readonly is: "missing" | "unreadable" | "unparsable";
}
type Opened = { readonly source: SourceText; readonly table: Table } | Unopened;

function open(path: string, name: string, read: (path: string) => Read): Opened {
  const text = read(path);
  if (text.is !== "text") return { problem: unreadable(name, text), is: text.is };
  const source = { path, name, text: text.text };
  const parsed = parseToml(source);
  return parsed.ok ? { source, table: parsed.table } : { problem: parsed.problem, is: "unparsable" };
}

function fileLayer(source: SourceText, table: Table): FileLayer {
  const { settings, complaints } = decodeTable(table);
  const items = settings.map(({ key, raw, value, path }): LayerItem => {
    return { key, raw, value, origin: { from: "file", source, path }, adds: key.kind.isTable === true };
  });
  return { source, items, complaints };
}

function airLayer(source: SourceText, { settings, complaints }: AirReading): FileLayer {
  const items: LayerItem[] = [];
  const faults: Complaint[] = [];
  for (const { name, raw, path } of settings) {
    const key = allKeys().get(name);
    if (key === undefined) throw new Error(`air's file became ${name}, which is no key`);
    const decoded = key.kind.decode(raw);
    const origin: Origin =
      path === undefined ? { from: "detected", name: "air's default" } : { from: "file", source, path };
    if (decoded.ok) items.push({ key, raw, value: decoded.value, origin, adds: false });
    else
      for (const { message } of decoded.faults)
        faults.push({
          severity: "error",
          path: path ?? [],
          at: "value",
          message: `${path?.join(".") ?? name}: ${message}`,
        });
  }
  return { source, items, complaints: [...complaints, ...faults] };
}

function profileLayer(
  file: FoundFile | undefined,
  cwd: string,
  profile: string,
  read: (path: string) => Read,
): FileLayer | Unopened {
  if (!/^[\w.-]+$/.test(profile) || /^\.+$/.test(profile))
    return {
      is: "unreadable",
      problem: {
        severity: "error",
        origin: "--profile",
        message: `"${profile}" cannot be the name of a profile: letters, digits, "-", "_" and "." can stand in one`,
      },
    };
  const [first = "", ...others] = profileFiles(file, cwd, profile);
  const path = [first, ...others].find((candidate) => read(candidate).is !== "missing") ?? first;
  const opened = open(path, nameOf(cwd, path), read);
  return "problem" in opened ? opened : fileLayer(opened.source, opened.table);
}

const given = (values: readonly Given[], from: "variable" | "flag"): LayerItem[] =>
  values.map(({ key, raw, value, from: name, adds }) => ({ key, raw, value, origin: { from, name }, adds }));

function detectedLayer({ settings, what }: DetectedProject): LayerItem[] {
  return settings.map(({ name, raw }) => item(name, raw, { from: "detected", name: what }));
}

/** COMMAND takes the place of the command and its arguments; air's get it appended, as air does. */
function commandLayer(command: Invocation["command"], air: AirReading | undefined): LayerItem[] {
  if (command === undefined) return [];
  const origin: Origin = { from: "command", name: "COMMAND" };
  if (air !== undefined) return [{ ...item("proc.args", [...command], origin), adds: true }];
  return [item("proc.cmd", [...command], origin), item("proc.args", [], origin)];
}

function item(name: string, raw: unknown, origin: Origin): LayerItem {
  const key = allKeys().get(name);
  const decoded = key?.kind.decode(raw);
  if (key === undefined || decoded?.ok !== true) throw new Error(`${name} = ${inline(raw)} is no value of this key`);
  return { key, raw, value: decoded.value, origin, adds: false };
}

const hasCommand = (items: readonly LayerItem[]): boolean =>
  items.some(({ key, value }) => (key.name === "proc.cmd" || key.name === "build.cmd") && value !== undefined);

// ── paths from outside ─────────────────────────────────────────────────────────────────────────────────────────────

/** Keys whose values are paths, relative to `root`. */
const pathKeys = ["tmp_dir", "env_files", "watch.include_dirs", "watch.matcher", "proc.cwd"];

const isOutside = (origin: Origin | undefined): boolean => origin?.from === "variable" || origin?.from === "flag";
const isFromOutside = (effectives: Effectives, name: string): boolean =>
  isOutside(effectives.get(name)?.origins.at(-1));

/** A path on the command line is one from where the user stands; in the file it is one from `root`. */
function anchored(effectives: Effectives, cwd: string, root: string): Effectives {
  if (root === cwd || !pathKeys.some((name) => isFromOutside(effectives, name))) return effectives;
  const move = (path: unknown): unknown => (typeof path === "string" ? nameOf(root, resolve(cwd, path)) : path);
  return new Map(
    [...effectives].map(([name, effective]) => {
      if (!pathKeys.includes(name) || !isFromOutside(effectives, name)) return [name, effective];
      const { value } = effective;
      return [name, { ...effective, value: Array.isArray(value) ? value.map(move) : move(value) }];
    }),
  );
}

// ── problems ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function located(layers: readonly FileLayer[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { source, complaints } of layers) {
    if (complaints.length === 0) continue;
    const locate = await locator(source);
    for (const complaint of complaints) problems.push(toProblem(complaint, locate(complaint)));
  }
  return problems;
}

function toProblem({ severity, message, hint }: Complaint, place: Problem["place"]): Problem {
  return { severity, message, ...(place === undefined ? {} : { place }), ...(hint === undefined ? {} : { hint }) };
}

/** A complaint about a key is one about whoever set it. */
async function aboutKey(
  effectives: Effectives,
  { key, message, hint }: { key: string; message: string; hint?: string },
): Promise<Problem> {
  const origin = effectives.get(key)?.origins.at(-1);
  const common = { severity: "error", message, ...(hint === undefined ? {} : { hint }) } as const;
  if (origin === undefined || origin.from === "default") return { ...common, origin: key };
  if (origin.from !== "file") return { ...common, origin: origin.name };
  return { ...common, place: (await locator(origin.source))({ path: origin.path, at: "value" }) };
}

function nothingToDo(source: SourceText | undefined): Problem {
  const message = "there is nothing to do: neither [build] cmd nor [proc] cmd is set";
  const hint = "set one of them, or give a COMMAND: reload -- ./server";
  if (source === undefined) return { severity: "error", origin: "reload", message, hint };
  return { severity: "error", message, hint, place: placeAt(source, 1, 1) };
}

function sorted(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => {
    if (a.place === undefined || b.place === undefined)
      return Number(a.place === undefined) - Number(b.place === undefined);
    return a.place.file === b.place.file ? a.place.line - b.place.line || a.place.column - b.place.column : 0;
  });
}
