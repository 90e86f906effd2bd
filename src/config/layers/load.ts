/**
 * The configuration: defaults < file < profile < `RELOAD_*` < flags < COMMAND, decoded and checked.
 * On the way of a configuration without mistakes little is imported and nothing waits: every start goes through here.
 */
import { resolve } from "node:path";
import type { Problem } from "../../core/problem.ts";
import type { KeyComplaint } from "../check/checks.ts";
import type { Config } from "../keys/keys.ts";
import { placeAt, type Read, readText, type SourceText } from "../text/source.ts";
import { type FoundFile, fileNames } from "./discover.ts";
import type { ReadLayer } from "./file-layers.ts";
import { type ConfigRequest, gather } from "./gather.ts";
import { combine, configOf, type Effectives } from "./layers.ts";
import { isFromOutside } from "./outside.ts";
import { scopeOf } from "./scope.ts";
import type { ConfigKind, ServiceConfig, Top } from "./service-config.ts";

export type { ConfigRequest } from "./gather.ts";
export { hasProxy } from "./scope.ts";

export interface LoadedConfig {
  readonly ok: true;
  readonly kind: ConfigKind;
  readonly config: Config;
  /** The same by key, as it would be written and with where it comes from. */
  readonly effectives: Effectives;
  /** Everything that runs, by name, each a whole view of its own; one with the name `""` where no service is declared. */
  readonly services: ReadonlyMap<string, ServiceConfig>;
  /** The configuration file, if there is one. */
  readonly file: FoundFile | undefined;
  readonly profile: string | undefined;
  /** Absolute paths of all files that were read or looked for: the configuration, the profile, `env_files`. */
  readonly files: readonly string[];
  /** What was in those of them that were read. */
  readonly reads: ReadonlyMap<string, Read>;
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
  /** Said where the program ends by itself with 0 as soon as it is started. */
  readonly endsAtOnce: string | undefined;
  /** Where on the `PATH` the programs of packages and of a virtual environment are: in front for what was found and for a COMMAND. */
  readonly programs: { readonly isInFront: boolean };
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
  /** The file that an earlier load found, if it found one: it is not looked for again, wherever another one may have appeared. */
  readonly pinned?: FoundFile | "none";
}

/** Expected mistakes are values. Never throws for what a user can write. */
export async function load(invocation: ConfigRequest, options: LoadOptions = {}): Promise<Loaded> {
  const { cwd, env } = invocation;
  const files = new Set<string>();
  const reads = new Map<string, Read>();
  const read = (path: string): Read => {
    files.add(path);
    const content = (options.read ?? readText)(path);
    reads.set(path, content);
    return content;
  };
  const gathered = await gather(invocation, options.pinned, read);
  const { file, air, detection, isGone, isPartial } = gathered;
  const said = combine(gathered.items.filter(({ service }) => service === undefined));
  // Without a file, one that appears is to be seen.
  if (file === undefined) for (const name of fileNames) files.add(resolve(cwd, name));
  const problems = [...gathered.problems, ...(await complaintsOf(gathered.layers))];

  const directory = air?.workingDirectory ?? file?.directory ?? cwd;
  const root = resolve(isFromOutside(said.get("root")) ? cwd : directory, configOf(said).root);
  const commandDirectory = air?.workingDirectory ?? root;
  const isMany = gathered.services.size > 0;
  const surroundings = { cwd, env, isAir: air !== undefined, isTopOfMany: isMany, read };
  const ofTop = isMany ? gathered.items.filter(({ service }) => service === undefined) : gathered.items;
  const scope = await scopeOf(ofTop, { directory, root, commandDirectory }, surroundings);
  const { config, effectives, envFiles } = scope;
  problems.push(...(await aboutKeys(effectives, scope.faults)));
  const isDoingNothing = config.proc.cmd === undefined && config.build.cmd === undefined;
  if (isDoingNothing && !isMany && !problems.some(isError)) problems.push(nothingToDo(gathered.layers[0]?.source));

  const kind =
    air !== undefined ? "air" : file !== undefined ? "reload" : detection !== undefined ? "detected" : "command";
  const ground = { owner: "", root, commandDirectory, fileEnv: envFiles.values };
  const { restartPatterns } = gathered;
  const programs = { isInFront: file === undefined };
  const top = { kind, scope, ground, restartPatterns, programs, endsAtOnce: detection?.endsAtOnce } as const;
  const { only = [] } = invocation;
  const many = isMany
    ? await (await import("../services/views.ts")).viewsOf(gathered, only, top, surroundings)
    : undefined;
  problems.push(...(many?.problems ?? []));

  const told = problems.length < 2 ? problems : (await import("../check/complain.ts")).sorted(problems);
  if (problems.some(isError)) return { ok: false, problems: told, files: [...files], isGone, isPartial };
  const services = many?.services ?? new Map([["", onlyOne(top)]]);
  return {
    ok: true,
    kind,
    config,
    effectives,
    services,
    file,
    profile: gathered.profile,
    files: [...files],
    reads,
    directory,
    root,
    commandDirectory,
    fileEnv: envFiles.values,
    envFiles: [...new Set([...services.values()].flatMap((service) => service.envFiles))],
    port: scope.port,
    restartPatterns,
    endsAtOnce: detection?.endsAtOnce,
    programs,
    warnings: [...told, ...envFiles.problems, ...(many?.warnings ?? [])],
    notes: [...gathered.notes, ...envFiles.notes, ...scope.notes, ...(many?.notes ?? [])],
  };
}

/** Without services there is one, which is all of the configuration. */
function onlyOne({ kind, scope, ground, ...rest }: Top & Pick<ServiceConfig, "endsAtOnce">): ServiceConfig {
  const { config, effectives, envFiles, port, isWatched } = scope;
  return {
    name: "",
    kind,
    config,
    effectives,
    own: new Set(effectives.keys()),
    ground,
    tmpDir: resolve(ground.root, config.tmp_dir),
    envFiles: envFiles.paths,
    port,
    after: [],
    isWatched,
    buildGround: ground,
    rules: config.rule.map((rule) => ({ rule, ground })),
    ...rest,
  };
}

const isError = ({ severity }: Problem): boolean => severity === "error";

// ── problems ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function complaintsOf(layers: readonly ReadLayer[]): Promise<Problem[]> {
  const wrong = layers.filter(({ complaints }) => complaints.length > 0);
  if (wrong.length === 0) return [];
  const { problemsIn } = await import("../check/complain.ts");
  return (await Promise.all(wrong.map(({ source, complaints }) => problemsIn(source, complaints)))).flat();
}

async function aboutKeys(effectives: Effectives, faults: readonly KeyComplaint[]): Promise<Problem[]> {
  if (faults.length === 0) return [];
  const { problemOfKey: problemOf } = await import("../check/complain.ts");
  return Promise.all(faults.map((fault) => problemOf(effectives, fault)));
}

function nothingToDo(source: SourceText | undefined): Problem {
  const message = "there is nothing to do: neither [build] cmd nor [proc] cmd is set";
  const hint = "set one of them, or give a COMMAND: reload -- ./server";
  if (source === undefined)
    return { code: "config/nothing-to-run", severity: "error", origin: "reload", message, hint };
  return { code: "config/nothing-to-run", severity: "error", message, hint, place: placeAt(source, 1, 1) };
}
