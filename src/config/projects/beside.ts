/** Several projects in the sub-directories of one: each is a service there. */
import { type Dirent, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { detect } from "./detect.ts";
import { nameFor, type Services } from "./procfile.ts";
import type { FoundSetting } from "./scripts/program.ts";

export interface Beside extends Services {
  /** One line for each: where it lies and what it is. */
  readonly found: readonly string[];
}

/** Directories that hold no program that is developed here. */
const passedOver =
  /^(?:\.|_)|^(?:node_modules|vendor|tmp|temp|dist|build|out|target|bin|obj|docs?|examples?|samples?|fixtures?|testdata|tests?|e2e|scripts|coverage|venv|env)$/;

/** How deep projects lie: `apps/web`. */
const deepest = 2;

/** @returns `undefined` where there are not two of them */
export function projectsBeside(directory: string, env: NodeJS.ProcessEnv): Beside | undefined {
  const names: string[] = [];
  const settings: FoundSetting[] = [];
  const remarks: string[] = [];
  const found: string[] = [];
  const look = (at: string, depth: number): void => {
    for (const entry of entriesOf(at)) {
      if (!entry.isDirectory() || passedOver.test(entry.name)) continue;
      const place = join(at, entry.name);
      const its = programIn(place, env);
      if (its !== undefined) {
        const name = nameFor(entry.name, names);
        const root = relative(directory, place).replaceAll("\\", "/");
        names.push(name);
        found.push(`${root}: ${its.what}`);
        remarks.push(...its.remarks.map((remark) => `${root}: ${remark}`));
        settings.push({ name: `service.${name}.root`, raw: root });
        for (const { name: key, raw } of its.settings)
          settings.push({ name: `service.${name}.${key}`, raw: inSharedTmp(key, raw, root) });
      } else if (depth < deepest) look(place, depth + 1);
    }
  };
  look(directory, 1);
  return names.length < 2 ? undefined : { names, settings, remarks, found };
}

interface Found {
  readonly what: string;
  readonly settings: readonly FoundSetting[];
  readonly remarks: readonly string[];
}

function programIn(directory: string, env: NodeJS.ProcessEnv): Found | undefined {
  const its = detect(directory, env, false);
  if (its.is === "found" && its.services.length === 0)
    return { what: its.what, settings: its.settings.filter(({ name }) => name !== "tmp_dir"), remarks: [] };
  if (its.is !== "unclear" || its.through === undefined) return undefined;
  // It watches by itself, and belongs to the project all the same.
  const settings = [
    { name: "proc.cmd", raw: its.through },
    { name: "watch", raw: false },
  ];
  return { what: `${its.through}, which watches by itself`, settings, remarks: [] };
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
