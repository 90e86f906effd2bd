/** What has to be made before a program of a package starts: as commands of `[build]`, and what of the tree they write. */
import { relative } from "node:path";
import { cacheOf } from "../../transpile/cache.ts";
import { has } from "./project.ts";
import { quickly, transpiler } from "./quick.ts";
import { flattened, madeFile, runsWhatIsMade } from "./scripts/making.ts";
import { withoutOwnStart } from "./scripts/own-start.ts";
import type { Package } from "./scripts/package.ts";
import type { Before, FoundSetting, Program } from "./scripts/program.ts";
import { lineOf, quote, readLine } from "./scripts/shell.ts";
import { compilationOf } from "./scripts/tsconfig.ts";

export interface Built {
  readonly settings: readonly FoundSetting[];
  /** Patterns of `exclude_dirs`. */
  readonly excluded: readonly string[];
  readonly remarks: readonly string[];
}

/** @param types of what is compiled ahead of the program, where its own way looks at them */
export function buildSettings(pkg: Package, program: Program, types: string | undefined): Built {
  const needed = unique(program.builds.length > 0 ? program.builds : byScript(pkg, program));
  const asked = needed.map((each) => ({ ...each, line: withoutOwnStart(each.line, each.directory) }));
  const quick = new Map(asked.map((each) => [each, quickly(each)]));
  const builds = asked.map((each) => ({ ...each, line: quick.get(each)?.line ?? each.line }));
  const first = unique(program.once).filter(({ line }) => !asked.some((build) => build.line === line));
  const lines = [
    ...(first.length === 0
      ? []
      : [onlyOnce(first.map((each) => inPlace(each, pkg)).join(" && "), cacheOf(pkg.directory))]),
    ...builds.map((each) => inPlace(each, pkg)),
  ];
  const outputs = outputsOf(pkg, program, builds);
  if (lines.length === 0) return { settings: [], excluded: [], remarks: [] };
  const env = Object.keys(program.env).length === 0 ? [] : [{ name: "build.env", raw: program.env }];
  const checks = [
    ...[...quick].flatMap(([{ directory }, each]) =>
      each?.config === undefined ? [] : [{ directory, config: each.config }],
    ),
    ...(types === undefined ? [] : [{ directory: program.directory, config: types }]),
  ];
  return {
    settings: [
      ...(has(pkg.directory, "node_modules") ? [{ name: "tmp_dir", raw: cacheOf(pkg.directory) }] : []),
      { name: "build.cmd", raw: lines.join(" && ") },
      ...env,
      ...(checks.length === 0 ? [] : [{ name: "hooks.after_ready", raw: checks.map((each) => checkOf(each, pkg)) }]),
    ],
    excluded: outputs.map((output) => `/${output}`),
    remarks:
      first.length === 0 ? [] : [`once, before the first start: ${first.map(({ line }) => shown(line)).join(" && ")}`],
  };
}

const shown = (line: string): string => line.replace(/^\{ (.*?)(?: \|\| true)?; \}$/, "$1");

/** Nothing waits for it. */
const checkOf = ({ directory, config }: { directory: string; config: string }, pkg: Package): string =>
  inPlace({ line: `node ${quote(transpiler(directory))} --types -p ${quote(config)}`, directory }, pkg);

const unique = (all: readonly Before[]): Before[] => [
  ...new Map(all.map((each) => [`${each.directory}\0${each.line}`, each])).values(),
];

function inPlace({ line, directory }: Before, pkg: Package): string {
  const way = relative(pkg.directory, directory).replaceAll("\\", "/");
  return way === "" ? line : `(cd ${quote(way)} && ${line})`;
}

/** Done by the first build that gets through, and not again as long as this `reload` lives: `$PPID` is its number. */
function onlyOnce(line: string, cache: string): string {
  if (process.platform === "win32") return line;
  const mark = `${cache}/once`;
  return `{ [ "$(cat ${mark} 2>/dev/null)" = $PPID ] || { ${line} && mkdir -p ${cache} && echo $PPID > ${mark}; }; }`;
}

/** A program that lies where builds put theirs, and a script that makes it. */
function byScript(pkg: Package, program: Program): Before[] {
  if (!runsWhatIsMade(program)) return [];
  const name = ["build", "compile", "build:server", "build:ts"].find((each) => pkg.scripts[each] !== undefined);
  if (name === undefined) return [];
  const line = `${pkg.manager} run ${name}`;
  const step = readLine(line)?.steps[0];
  const made = step === undefined ? [] : flattened(step, pkg);
  const isWatching = made.some(({ command }) => command.words.some(({ raw }) => raw === "-w" || raw === "--watch"));
  return isWatching ? [] : made.map(({ command, directory }) => ({ line: lineOf(command), directory }));
}

/** Sources lie in `lib`, `bin` and `js` as well, where no build says that it writes there. */
function headOf(file: string | undefined, builds: readonly Before[]): string | undefined {
  const head = file?.replace(/^\.\//, "").split("/")[0];
  const isDoubtful = head !== undefined && /^(?:lib|bin|js)\d*$/.test(head);
  const writes = (line: string): boolean => new RegExp(`[\\s=:/]${head}(?:["'/\\s]|$)`).test(line);
  return isDoubtful && !builds.some(({ line }) => writes(line)) ? undefined : head;
}

/** What builds write is not watched. */
function outputsOf(pkg: Package, program: Program, builds: readonly Before[]): string[] {
  if (builds.length === 0) return [];
  const head = headOf(madeFile(program), builds);
  const config = has(program.directory, "tsconfig.build.json") ? "tsconfig.build.json" : "tsconfig.json";
  const outDir = compilationOf(program.directory, config)?.outDir;
  const way = outDir === undefined ? undefined : relative(pkg.directory, outDir).replaceAll("\\", "/");
  const isBelow = way !== undefined && way !== "" && !way.startsWith("..");
  const own =
    head !== undefined
      ? [relative(pkg.directory, program.directory).replaceAll("\\", "/"), head].filter((part) => part !== "").join("/")
      : undefined;
  return [...new Set([...(own === undefined ? [] : [own]), ...(isBelow ? [way] : [])])];
}
