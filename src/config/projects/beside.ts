/** Several projects in the sub-directories of one: each is a service there. */
import { type Dirent, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { detect, keeping } from "./detect.ts";
import { nameFor } from "./procfile.ts";
import { allOfThem, type Services } from "./project.ts";
import type { FoundSetting } from "./scripts/program.ts";
import { quote } from "./scripts/shell.ts";

export interface Beside extends Services {
  /** One line for each: where it lies and what it is. */
  readonly found: readonly string[];
  /** For each: the command that runs it from here, and what that is. */
  readonly commands: readonly string[];
  readonly said: readonly string[];
}

/** Directories that hold no program that is developed here. */
const passedOver =
  /^(?:\.|_)|^(?:node_modules|vendor|tmp|temp|dist|build|out|target|bin|obj|docs?|examples?|samples?|fixtures?|testdata|tests?|e2e|scripts|coverage|venv|env)$/;

/** How deep projects lie: `apps/web`. */
const deepest = 2;
/** In a home directory everything lies below. */
const mostLooks = 300;
const mostFound = 12;

/** @returns `undefined` where there are not two of them */
export function projectsBeside(directory: string, env: NodeJS.ProcessEnv): Beside | undefined {
  const below = projectsBelow(directory, env);
  return below.names.length < 2 ? undefined : below;
}

/** For the one of them that is run. */
export function notAlone(directory: string, env: NodeJS.ProcessEnv): string[] {
  const beside = projectsBeside(directory, env);
  return beside === undefined ? [] : [`projects lie below: ${beside.names.join(", ")} · ${allOfThem}`];
}

/** A hint with what lies below the directory, where nothing of it is run by itself. */
export function withBelow(hint: string, directory: string, env: NodeJS.ProcessEnv): string {
  if (directory === env["HOME"] || directory === "/") return hint;
  const { names, commands, said } = projectsBelow(directory, env);
  if (names.length === 0) return hint;
  const width = Math.max(...commands.map((command) => command.length));
  return [
    "projects lie below:",
    ...commands.map((command, at) => `${command.padEnd(width)}   ${said[at] ?? ""}`),
    ...(names.length < 2 ? [] : [allOfThem]),
    "",
    hint,
  ].join("\n");
}

function projectsBelow(directory: string, env: NodeJS.ProcessEnv): Beside {
  const names: string[] = [];
  const settings: FoundSetting[] = [];
  const remarks: string[] = [];
  const found: string[] = [];
  const commands: string[] = [];
  const said: string[] = [];
  let looks = 0;
  const look = (at: string, depth: number): void => {
    for (const entry of entriesOf(at)) {
      if (!entry.isDirectory() || passedOver.test(entry.name)) continue;
      looks += 1;
      if (looks > mostLooks || names.length >= mostFound) return;
      const place = join(at, entry.name);
      const part = programIn(place, env);
      if (part !== undefined) {
        const name = nameFor(entry.name, names);
        const root = relative(directory, place).replaceAll("\\", "/");
        names.push(name);
        found.push(`${root}: ${part.what}`);
        commands.push(part.through === undefined ? `reload -C ${quote(root)}` : `cd ${quote(root)} && ${part.through}`);
        said.push(part.through === undefined ? part.said : "watches by itself");
        remarks.push(...part.remarks.map((remark) => `${root}: ${remark}`));
        settings.push({ name: `service.${name}.root`, raw: root });
        for (const { name: key, raw } of part.settings)
          settings.push({ name: `service.${name}.${key}`, raw: inSharedTmp(key, raw, root) });
      } else if (depth < deepest) look(place, depth + 1);
    }
  };
  look(directory, 1);
  return { names, settings, remarks, found, commands, said };
}

interface Found {
  readonly what: string;
  /** `a Go project: go build …, then ./tmp/api` */
  readonly said: string;
  /** How people run it, where it watches by itself. */
  readonly through?: string;
  readonly settings: readonly FoundSetting[];
  readonly remarks: readonly string[];
}

/** Without one of these there is nothing to look at more closely: that takes time where much lies below. */
const marks =
  /^(?:go\.(?:mod|work)|Cargo\.toml|package\.json|Procfile\.dev|Pipfile|requirements\.txt|pyproject\.toml|\.flaskenv|deno\.jsonc?|[\w-]+\.py)$/;

function programIn(directory: string, env: NodeJS.ProcessEnv): Found | undefined {
  if (!entriesOf(directory).some(({ name }) => marks.test(name))) return undefined;
  const detected = detect(directory, env, false);
  // What has a main alone is a library, as far as can be told.
  const said = detected.is === "found" ? detected.notes.at(-1) : undefined;
  if (said?.endsWith(` (main)${keeping}`) === true) return undefined;
  if (detected.is === "found" && detected.services.length === 0)
    return {
      what: detected.what,
      said: (said ?? "").replace(/^found /, "").replace(keeping, ""),
      settings: detected.settings.filter(({ name }) => name !== "tmp_dir"),
      remarks: [],
    };
  if (detected.is !== "unclear" || detected.through === undefined) return undefined;
  // It watches by itself, and belongs to the project all the same.
  const settings = [
    { name: "proc.cmd", raw: detected.through },
    { name: "watch", raw: false },
  ];
  return {
    what: `${detected.through}, which watches by itself`,
    said: "",
    through: detected.through,
    settings,
    remarks: [],
  };
}

/** What is built goes to the one `tmp_dir` of all. */
function inSharedTmp(key: string, raw: unknown, root: string): unknown {
  const up = root
    .split("/")
    .map(() => "..")
    .join("/");
  const moved = (text: unknown): unknown =>
    typeof text === "string" ? text.replaceAll(/(^|[\s"'=])(?:\.\/)?tmp\//g, `$1${up}/tmp/`) : text;
  if (key !== "build.cmd" && key !== "proc.cmd") return raw;
  return Array.isArray(raw) ? raw.map(moved) : moved(raw);
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
