/** No configuration and no COMMAND: what lies in the directory says what to build and to run. */
import type { Problem } from "../../core/problem.ts";
import { lookForDeno } from "./deno.ts";
import { lookForGo } from "./go.ts";
import { lookForNode } from "./node.ts";
import { servicesOf } from "./procfile.ts";
import {
  commandText,
  type LookForProject,
  type Project,
  type ProjectFinding,
  textOf,
  type Unclear,
} from "./project.ts";
import { lookForPython } from "./python/look.ts";
import { commandsHere } from "./runners-here.ts";
import { lookForRust } from "./rust.ts";

export interface DetectedProject {
  readonly is: "found";
  /** `a Go project` */
  readonly what: string;
  readonly settings: Project["settings"];
  readonly reasons: Readonly<Record<string, string>>;
  readonly endsAtOnce: string | undefined;
  /** As in `Project`. */
  readonly liesBelow: boolean;
  /** Names of the programs, where there are several: the settings are `service.NAME.KEY`. */
  readonly services: readonly string[];
  /** Patterns whose change restarts without a build. */
  readonly restartPatterns: readonly string[];
  /** For the user: what was found, what was passed over, and how to keep it. */
  readonly notes: readonly string[];
}

/** A project that is known, but what of it is meant cannot be told. */
export interface UnclearProject extends Pick<Unclear, "through" | "services"> {
  readonly is: "unclear";
  readonly problem: Problem;
}

export type Detection =
  | DetectedProject
  | UnclearProject
  /** `reasons`: why what looked like a project is none. */
  | { readonly is: "nothing"; readonly problem: Problem; readonly reasons: readonly string[] };

/** The first kind that fits counts. */
const looks: readonly LookForProject[] = [lookForGo, lookForRust, lookForNode, lookForPython, lookForDeno];

/** @param keepsSocket whether `[sockets]` may be used for a server that can be handed its port */
export function detect(directory: string, env: NodeJS.ProcessEnv, keepsSocket: boolean): Detection {
  const several = lookForProcfile(directory, env);
  if (several !== undefined) return several;
  const passed: string[] = [];
  for (const look of looks) {
    const first = look(directory, env, keepsSocket);
    const finding =
      look === lookForNode && first?.is === "unclear" && first.through !== undefined && first.services === undefined
        ? (besidePages(first, lookForPython(directory, env, keepsSocket)) ?? first)
        : first;
    if (finding === undefined) continue;
    switch (finding.is) {
      case "passed over":
        passed.push(...finding.remarks);
        break;
      case "unclear":
        return {
          is: "unclear",
          ...(finding.through === undefined ? {} : { through: finding.through }),
          ...(finding.services === undefined ? {} : { services: finding.services }),
          problem: {
            code: "config/nothing-to-run",
            severity: "error",
            origin: "reload",
            message: finding.message,
            hint: [finding.hint, ...(finding.services === undefined ? lines(commandsHere(directory)) : [])].join("\n"),
          },
        };
      case "project":
        return {
          is: "found",
          what: finding.what,
          settings: finding.settings,
          reasons: finding.reasons ?? {},
          endsAtOnce: finding.endsAtOnce,
          liesBelow: finding.liesBelow === true,
          services: [],
          restartPatterns: [".env*"],
          notes: [...passed, ...finding.remarks, summary(finding)],
        };
    }
  }
  return { is: "nothing", problem: nothing(directory, passed), reasons: passed };
}

/** Django and a Vite for its pages: the one is run, and the other said. */
function besidePages({ message, through }: Unclear, finding: ProjectFinding | undefined): Project | undefined {
  if (finding?.is !== "project" || finding.endsAtOnce !== undefined) return undefined;
  return { ...finding, remarks: [...finding.remarks, `${message}: run it beside this one: ${through}`] };
}

/** The programs of a project side by side: asked before the others, since it says more. */
function lookForProcfile(directory: string, env: NodeJS.ProcessEnv): DetectedProject | undefined {
  const text = textOf(directory, procfile);
  const services = text === undefined ? undefined : servicesOf(text, directory, env);
  if (services === undefined || services.names.length === 0) return undefined;
  return {
    is: "found",
    what: procfile,
    settings: services.settings,
    reasons: {},
    endsAtOnce: undefined,
    liesBelow: false,
    services: services.names,
    restartPatterns: [".env*"],
    notes: [...services.remarks, `found ${procfile}: ${services.names.join(", ")}${keeping}`],
  };
}

const procfile = "Procfile.dev";

/** `found a FastAPI project: uvicorn main:app · keep it: reload init` */
function summary({ what, how, settings }: Project): string {
  const raw = (name: string): unknown => settings.find((setting) => setting.name === name)?.raw;
  const steps = [raw("build.cmd"), raw("proc.cmd")]
    .filter((step) => step !== undefined)
    .map(commandText)
    .filter((step) => step !== "");
  return `found ${what}: ${steps.join(", then ")}${how === undefined ? "" : ` (${how})`}${keeping}`;
}

/** What the line of a project ends with. */
export const keeping = " · keep it: reload init";

function lines(commands: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...commands.map(([command]) => command.length));
  return commands.map(([command, line]) => `${command.padEnd(width)}   ${line}`.trimEnd());
}

function nothing(directory: string, passed: readonly string[]): Problem {
  const here = lines(commandsHere(directory));
  return {
    code: "config/nothing-to-run",
    severity: "error",
    origin: "reload",
    message: "nothing to run here: no .reload.toml, no COMMAND, and no known kind of project",
    hint: [
      ...passed,
      ...here,
      ...(passed.length + here.length > 0 ? [""] : []),
      "reload -- ./server --port 3000     run a command, and again on every change",
      'reload -b "make" -- ./server       build first',
      "reload init                        write a .reload.toml to begin with",
      "reload -c FILE                     use that configuration (an .air.toml works as it is)",
      "reload --help                      everything else",
      "",
      "Known by themselves: Procfile.dev, go.mod, go.work, Cargo.toml, package.json (a dev or start",
      "script, or main), manage.py, main.py, app.py, deno.json.",
      `Looked in ${directory} and for a .reload.toml also above it.`,
    ].join("\n"),
  };
}
