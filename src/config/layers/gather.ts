/** Where values come from: the file that is found or named, the profile over it, variables, flags, COMMAND, and what lies in the directory. */
import { basename } from "node:path";
import type { Problem } from "../../core/problem.ts";
import type { AirReading } from "../air/air.ts";
import { allKeys } from "../keys/keys.ts";
import type { DetectedProject, Detection } from "../projects/detect.ts";
import type { Read, SourceText } from "../text/source.ts";
import { asWritten } from "./as-written.ts";
import { commandItems, detectedBy, detectedItems, kindItems } from "./derived.ts";
import { discover, type FoundFile, homeOfUser, namedFile, passedOver } from "./discover.ts";
import { airLayer, fileLayer, type OpenedLayer, openToml, profileLayer, type ReadLayer } from "./file-layers.ts";
import { fromEnvironment, fromFlags, type GivenFlag, type GivenLayer } from "./given.ts";
import type { LayerItem, Origin } from "./layers.ts";

export interface ConfigRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly configFile?: string;
  /** What a program gives as its configuration: no file is looked for. */
  readonly document?: SourceText;
  readonly profile?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: readonly GivenFlag[];
  readonly command?: readonly [string, ...string[]];
  /** `--only`: the services that are to run, with what they are `after`; none: all. */
  readonly only?: readonly string[];
}

/** What the layers come to, before they are one configuration. */
export interface Gathered {
  readonly file: FoundFile | undefined;
  readonly profile: string | undefined;
  readonly layers: readonly ReadLayer[];
  readonly air: AirReading | undefined;
  readonly detection: DetectedProject | undefined;
  /** Patterns as in `include_files` whose change restarts without a build. */
  readonly restartPatterns: readonly string[];
  /** What every layer sets, the lowest first. */
  readonly items: readonly LayerItem[];
  /** The services that files declare, in their order, each with where. */
  readonly services: ReadonlyMap<string, Origin>;
  /** What has to do with no text: flags, variables, files that are missing or no TOML. */
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly isGone: boolean;
  readonly isPartial: boolean;
}

/** Reads every layer; nothing is judged yet but what each says by itself. */
export async function gather(
  { cwd, env, flags, ...invocation }: ConfigRequest,
  pinned: FoundFile | "none" | undefined,
  read: (path: string) => Read,
): Promise<Gathered> {
  const named = invocation.configFile === undefined ? undefined : namedFile(cwd, invocation.configFile);
  const { document } = invocation;
  const isLooked = pinned !== "none" && document === undefined;
  const file = named ?? (isLooked ? (pinned ?? discover(cwd, env)) : undefined);
  const ignored = file === undefined && isLooked ? notUsed(passedOver(cwd)) : [];
  const notes = file === undefined || file.isNamed || file.directory === cwd ? [] : [`using ${file.name}`];
  const profile = invocation.profile ?? (env["RELOAD_PROFILE"] || undefined);

  const base =
    document !== undefined
      ? ofDocument(document)
      : file === undefined
        ? await airByFlags(flags, { cwd, env })
        : await readFile(file, { cwd, env, flags }, read);
  const over = profile === undefined ? undefined : profileLayer(file, cwd, profile, read);
  const unopened = [base.unopened, over?.unopened].filter((each) => each !== undefined);
  const opened = [base.layer, over?.layer].filter((each) => each !== undefined);
  const isDeclared = opened.some(({ services }) => services !== undefined);
  const declared = isDeclared ? (await import("../services/gather.ts")).declare(opened) : undefined;
  const layers = await Promise.all((declared?.layers ?? opened).map(asWritten));

  const { command, only = [] } = invocation;
  const ofAir = base.air === undefined ? flags : flags.filter((flag) => !base.airFlags.includes(flag));
  let services: ReadonlyMap<string, Origin> = declared?.services ?? new Map();
  let outside = await fromOutside(env, ofAir, [...services.keys()], only);
  const inFiles = [...base.items, ...layers.flatMap(({ items }) => items)];
  let given = [...inFiles, ...outside.items];
  const isKnown =
    file !== undefined ||
    document !== undefined ||
    base.air !== undefined ||
    command !== undefined ||
    outside.items.some(runs);
  const found = isKnown ? undefined : (await import("../projects/detect.ts")).detect(cwd, env, !given.some(says));
  const detection = found?.is === "found" ? found : undefined;
  const kind = file === undefined && command !== undefined ? await kindItems(command, cwd, env) : undefined;
  const undetected =
    found !== undefined && found.is !== "found" && !given.some((item) => runs(item) || builds(item))
      ? [await whereItLies(found, cwd, env)]
      : [];
  if (detection !== undefined && detection.services.length > 0) {
    services = new Map(detection.services.map((name) => [name, detectedBy(detection)]));
    outside = await fromOutside(env, ofAir, [...services.keys()], only);
    given = [...inFiles, ...outside.items];
  }
  // One in a directory below is run: what lies beside it is said.
  const besides = detection?.liesBelow === true ? (await import("../projects/beside.ts")).notAlone(cwd, env) : [];
  const of = services.size > 0 ? only[0] : undefined;
  const isMany = services.size > 0 || only.length > 0;

  return {
    file,
    profile,
    layers,
    air: base.air,
    detection,
    restartPatterns: detection?.restartPatterns ?? kind?.restartPatterns ?? [],
    items: [
      ...detectedItems(detection),
      ...(kind?.items ?? []),
      ...given,
      ...commandItems(command, base.air !== undefined).map((item) =>
        of === undefined ? item : { ...item, service: of },
      ),
    ],
    services,
    problems: [
      ...ignored,
      ...base.problems,
      ...outside.problems,
      ...(isMany
        ? (await import("../services/gather.ts")).misasked([...services.keys()], {
            only,
            flags,
            isCommandGiven: command !== undefined,
          })
        : []),
      ...unopened.map(({ problem }) => problem),
      ...undetected,
    ],
    notes: [...notes, ...(detection?.notes ?? []), ...besides],
    isGone: base.unopened?.is === "missing",
    isPartial: unopened.some(({ is }) => is === "unparsable"),
  };
}

/** Nothing is run here: what lies below is said as well. */
async function whereItLies(found: Exclude<Detection, DetectedProject>, cwd: string, env: NodeJS.ProcessEnv) {
  const { problem } = found;
  if (found.is === "unclear" && found.through === undefined) return problem;
  const { withBelow } = await import("../projects/beside.ts");
  return { ...problem, hint: withBelow(problem.hint ?? "", cwd, env) };
}

/** Variables and flags; those of services are known where there are services. */
async function fromOutside(
  env: NodeJS.ProcessEnv,
  flags: readonly GivenFlag[],
  services: readonly string[],
  only: readonly string[],
): Promise<GivenLayer> {
  const variables = fromEnvironment(env, services);
  const all = services.length === 0 ? flags : (await import("../services/gather.ts")).forEachService(flags, only);
  const typed = fromFlags(all, services);
  return {
    items: [...variables.items, ...typed.items],
    problems: [...variables.problems, ...typed.problems, ...(await unknownFlags(typed.unknown, services))],
  };
}

/** Whoever says how the program is reached, what it is told, or that it is kept warm, means the program as it listens by itself. */
const says = ({ key: { name } }: LayerItem): boolean =>
  /^(?:sockets|proxy|ready)\.|^(?:proc\.(?:args|env|cwd|swap|warm)|env_files)$/.test(name);
const runs = ({ key, value }: LayerItem): boolean => key.name === "proc.cmd" && value !== undefined;
const builds = ({ key, value }: LayerItem): boolean => key.name === "build.cmd" && value !== undefined;

interface Base extends Partial<OpenedLayer> {
  readonly air?: AirReading;
  /** Those flags that air's file was read with. */
  readonly airFlags: readonly GivenFlag[];
  /** What air's flags set where there is no file. */
  readonly items: readonly LayerItem[];
  readonly problems: readonly Problem[];
}

const nothing = { airFlags: [], items: [], problems: [] };

/** Without a file, one of air's own flags says that this is a project of air's: all that it does not say is as air has it. */
async function airByFlags(flags: readonly GivenFlag[], where: Where): Promise<Base> {
  if (!flags.some(({ name }) => name.includes(".") && !allKeys().has(name))) return nothing;
  const { airFlagsOf, isAirsAlone } = await import("../air/flags.ts");
  if (!flags.some(isAirsAlone)) return nothing;
  const { translateAir } = await import("../air/air.ts");
  const { values, taken, problems } = airFlagsOf(flags);
  const air = translateAir({}, { workingDirectory: where.cwd, home: homeOfUser(where.env), flags: values });
  const layer = airLayer({ path: where.cwd, name: "air's flags", text: "" }, air);
  const said = layer.complaints.map(({ code, severity, message, hint }): Problem => {
    return { code, severity, origin: "air's flags", message, ...(hint === undefined ? {} : { hint }) };
  });
  return { air, airFlags: taken, items: layer.items, problems: [...problems, ...said] };
}

async function unknownFlags(flags: readonly GivenFlag[], services: readonly string[]): Promise<Problem[]> {
  if (flags.length === 0) return [];
  const { flagHint } = await import("../check/complain.ts");
  return flags.map(({ name, spelled }) => {
    return {
      code: "config/unknown-key",
      severity: "error",
      origin: spelled,
      message: "unknown key",
      hint: flagHint(name, services),
    };
  });
}

type Where = Pick<ConfigRequest, "cwd" | "env">;

function ofDocument({ path, name, text }: SourceText): Base {
  const opened = openToml(path, name, () => ({ is: "text", text }));
  return "problem" in opened
    ? { ...nothing, unopened: opened }
    : { ...nothing, layer: fileLayer(opened.source, opened.table) };
}

async function readFile(
  file: FoundFile,
  { cwd, env, flags }: Where & Pick<ConfigRequest, "flags">,
  read: (path: string) => Read,
): Promise<Base> {
  const opened = openToml(file.path, file.name, read);
  if ("problem" in opened) return { ...nothing, unopened: opened };
  // A file that was found by one of our names is ours; one that was named is looked into.
  if (file.isNamed || basename(file.name).includes("air")) {
    const { isAirFile, translateAir } = await import("../air/air.ts");
    if (isAirFile(opened.table, file.path)) {
      const { airFlagsOf } = await import("../air/flags.ts");
      const { values, taken, problems } = airFlagsOf(flags);
      const air = translateAir(opened.table, {
        workingDirectory: file.isNamed ? cwd : file.directory,
        home: homeOfUser(env),
        flags: values,
      });
      return { ...nothing, layer: airLayer(opened.source, air), air, airFlags: taken, problems };
    }
  }
  return { ...nothing, layer: fileLayer(opened.source, opened.table) };
}

function notUsed(name: string | undefined): Problem[] {
  if (name === undefined) return [];
  const message = "not used: it lies in the home directory, in /, or in a directory of another user";
  return [{ code: "config/not-used", severity: "warning", origin: name, message, hint: `reload -c ${name} reads it` }];
}
