/** What is started finds in its environment. */
import { stripVTControlCharacters } from "node:util";
import { type Demand, pathsOf } from "../core/demand.ts";
import { type JobId, jobToken } from "../core/job.ts";
import type { Failure, Service } from "../core/types.ts";
import { ending, problemLine } from "../report/words.ts";
import { workName } from "../report/work-name.ts";
import type { ChangedFiles } from "./changed.ts";
import type { Io } from "./io.ts";
import { type ProgramPlace, withPrograms } from "./programs.ts";
import type { Proxies } from "./proxy/late.ts";
import type { Settings } from "./settings.ts";

export interface EnvironmentParts {
  settings(): Settings;
  readonly io: Io;
  /** Unique to this `reload`: every process that it starts carries it. */
  readonly session: string;
  readonly changedFiles: ChangedFiles;
  readonly proxied: Proxies;
}

export interface RunEnvironment {
  /** One token for each process that is spawned: everything that it starts carries it, and nothing else does. */
  cookie(job: JobId): string;
  of(place: ProgramPlace, demand: Demand, job: JobId): NodeJS.ProcessEnv;
}

const systemds = ["LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"];

/** @param newestRun of a service: a hook is told of it, as what is made is numbered by itself */
export function createEnvironment(parts: EnvironmentParts, newestRun: (service: Service) => number): RunEnvironment {
  const { io } = parts;
  const cookie = (job: JobId): string => `${parts.session}-${jobToken(job)}.`;
  return {
    cookie,
    of(place, demand, job) {
      const inherited = { ...io.env };
      delete inherited["RELOAD_CHANGED"];
      delete inherited["RELOAD_CHANGED_FILE"];
      // They speak of descriptors that whoever started us gave us: ours are others, and only runs get them.
      const hasSockets = [...parts.settings().services.values()].some(({ sockets }) => sockets.length > 0);
      if (hasSockets) for (const name of systemds) delete inherited[name];
      const outer = inherited["RELOAD_SESSION"];
      return {
        ...place.fileEnv,
        ...inherited,
        ...withPrograms(inherited, place),
        ...parts.changedFiles.env(pathsOf(demand)),
        ...addresses(parts.proxied, job.service),
        RELOAD_RUN: String(job.kind === "hook" ? newestRun(job.service) : job.number),
        RELOAD_SESSION: outer === undefined || outer === "" ? cookie(job) : `${outer}:${cookie(job)}`,
      };
    },
  };
}

/** `RELOAD_URL`: of the service itself, or of the only one that has any. */
export function addresses({ urls }: Pick<Proxies, "urls">, service: Service | undefined): Record<string, string> {
  if (urls.size === 0) return {};
  const [only] = urls.size === 1 ? urls.values() : [];
  const own = (service === undefined ? undefined : urls.get(service)) ?? only;
  const named = [...urls].flatMap(([name, url]) => (name === "" ? [] : [[`RELOAD_URL_${variable(name)}`, url]]));
  return { ...(own === undefined ? {} : { RELOAD_URL: own }), ...Object.fromEntries(named) };
}

const variable = (name: Service): string => name.toUpperCase().replaceAll("-", "_");

/** So many lines of what it printed, and no longer in characters, go with it. */
const mostErrorLines = 20;
const longestError = 8 * 1024;

/** For `after_fail`. `printed`: the last of what it printed, where that is known. */
export const failureEnv = (failure: Failure, printed: string): NodeJS.ProcessEnv => ({
  RELOAD_STAGE: failure.stage,
  RELOAD_ERROR:
    (failure.files ?? []).flatMap(({ problems }) => problems.map(problemLine)).join("\n") ||
    [whatFailed(failure), lastOf(printed)].filter((text) => text !== "").join("\n"),
});

function whatFailed({ stage, job, label, exit }: Failure): string {
  if (stage === "ready") return `run ${job.number} is not ready in time`;
  if (stage === "run") return `run ${job.number} ended${exit === undefined ? "" : ` (${ending(exit)})`}`;
  return `${workName(stage, label)} ${exit === undefined ? "timed out" : `failed (${ending(exit)})`}`;
}

/** Without colours, and without what no variable can hold. */
const lastOf = (printed: string): string =>
  stripVTControlCharacters(printed)
    .replaceAll("\0", "")
    .trimEnd()
    .split("\n")
    .slice(-mostErrorLines)
    .join("\n")
    .slice(-longestError);

/** A program whose output is read sees no terminal any more; where there is one it may colour all the same. */
export function colourFor({ stdout, env }: Io): NodeJS.ProcessEnv {
  if (stdout.isTTY !== true || env["NO_COLOR"] !== undefined) return {};
  return {
    FORCE_COLOR: "1",
    CLICOLOR_FORCE: "1",
    ...(stdout.columns === undefined ? {} : { COLUMNS: String(stdout.columns) }),
  };
}
