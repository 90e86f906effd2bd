/** Packages of Node: the first script that people run to develop, unwrapped; else `main`. */
import { unclearNode } from "./candidates.ts";
import { nodeSettings } from "./node-settings.ts";
import { has, type ProjectFinding } from "./project.ts";
import { hasModule, type Package, readPackage, upwards } from "./scripts/package.ts";
import { previewIn } from "./scripts/previews.ts";
import { commandOfProgram, type Program, programOf, type ScriptReading } from "./scripts/program.ts";
import { withServers } from "./scripts/server-within.ts";
import { word } from "./scripts/shell.ts";
import { readScript, readShell } from "./scripts/unwrap.ts";
import { aboutWatcher } from "./watchers.ts";

/** In the order in which people mean them. */
const names = ["dev", "start:dev", "develop", "serve", "watch", "start"];

export function lookForNode(directory: string, env: NodeJS.ProcessEnv): ProjectFinding | undefined {
  const pkg = readPackage(directory, env);
  if (pkg === undefined) return undefined;
  if (pkg === "broken") return { is: "passed over", remarks: ["package.json is not valid JSON"] };
  const remarks = notInstalled(pkg);
  let made: Extract<ScriptReading, { is: "builder" }> | undefined;
  for (const name of names) {
    const script = pkg.scripts[name];
    if (script === undefined) continue;
    const reading = withServers(readScript(pkg, name));
    switch (reading.is) {
      case "program": {
        const preview = previewIn(reading.program.words);
        if (
          preview !== undefined &&
          names.slice(names.indexOf(name) + 1).some((each) => Object.hasOwn(pkg.scripts, each))
        ) {
          remarks.push(`script "${name}" is passed over: it serves what was built (${preview})`);
          break;
        }
        if (process.platform === "win32" && typeof commandOfProgram(reading.program) === "string")
          return asItIs(pkg, name, [...remarks, `script "${name}" is run as it is, since it needs a shell: ${script}`]);
        if (made === undefined) remarks.push(...inProduction(name, reading.program));
        return project(pkg, made === undefined ? reading.program : beside(reading.program, made, remarks), {
          what: frameworkOf(pkg),
          how: how(name, reading.program),
          remarks,
        });
      }
      case "unreadable":
        return asItIs(pkg, name, [
          ...remarks,
          `script "${name}" is run as it is, since ${reading.why}: ${script}`,
          ...[aboutWatcher(reading.text ?? script, pkg.directory)].filter((line) => line !== undefined),
        ]);
      case "self-watching":
      case "several":
        return unclearNode(pkg, name, reading);
      case "builder":
        made ??= reading;
        remarks.push(`script "${name}" is passed over: it makes files and runs nothing (${reading.name})`);
        break;
      case "reload":
        remarks.push(`script "${name}" is passed over: it runs reload itself`);
    }
  }
  return fromMain(pkg, remarks);
}

/** Of a script for both, development and production. */
function inProduction(name: string, { env }: Program): string[] {
  return name === "start" && env["NODE_ENV"] === "production"
    ? [`script "start" sets NODE_ENV=production, and no other script is there to develop with`]
    : [];
}

function notInstalled({ directory, manifest, manager }: Package): string[] {
  const needs = ["dependencies", "devDependencies"].some((name) => Object.keys(tableOf(manifest[name])).length > 0);
  const isInstalled = upwards(directory).some((above) => has(above, "node_modules") || has(above, ".pnp.cjs"));
  return needs && !isInstalled ? [`its packages are not installed: ${manager} install`] : [];
}

/** A compiler that watches is run in one terminal, and this in another. */
function beside(program: Program, { build }: Extract<ScriptReading, { is: "builder" }>, remarks: string[]): Program {
  const { NODE_ENV, ...env } = program.env;
  const isProduction = NODE_ENV === "production";
  if (isProduction) remarks.push("NODE_ENV=production is left out: what is developed does not run so");
  const isBuilt = program.builds.length > 0 || program.once.some(({ line }) => line === build.line);
  return { ...program, env: isProduction ? env : program.env, builds: isBuilt ? program.builds : [build] };
}

/** Express, Nest …: what people call such a project. */
function frameworkOf({ manifest }: Package): string {
  const dependencies = { ...tableOf(manifest["devDependencies"]), ...tableOf(manifest["dependencies"]) };
  const known = { "@nestjs/core": "Nest", fastify: "Fastify", hono: "Hono", express: "Express", koa: "Koa" };
  const name = Object.entries(known).find(([key]) => Object.hasOwn(dependencies, key))?.[1];
  return name === undefined ? "a Node project" : `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name} project`;
}

const tableOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

const how = (name: string, { watcher }: Program): string =>
  `script ${name}${watcher === undefined ? "" : `, without ${watcher}`}`;

interface Said {
  readonly what: string;
  readonly how?: string;
  readonly remarks: readonly string[];
}

function project(pkg: Package, program: Program, { what, how: origin, remarks }: Said): ProjectFinding {
  const made = nodeSettings(pkg, program);
  return {
    is: "project",
    what,
    ...(origin === undefined ? {} : { how: origin }),
    settings: made.settings,
    remarks: [...remarks, ...made.remarks],
  };
}

function asItIs(pkg: Package, name: string, remarks: readonly string[]): ProjectFinding {
  const words = [pkg.manager, "run", name].map(word);
  return project(pkg, programOf({ assignments: [], words, redirections: [] }, pkg.directory), {
    what: frameworkOf(pkg),
    remarks,
  });
}

// ── main ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function fromMain(pkg: Package, remarks: readonly string[]): ProjectFinding {
  const { directory } = pkg;
  const { module } = pkg.manifest;
  const files = [
    pkg.main,
    // What `bun init` writes.
    ...(isOfBun(pkg) && typeof module === "string" ? [module] : []),
    "index.js",
    "server.js",
    "app.js",
    "index.ts",
    "server.ts",
    "src/index.ts",
    "src/index.js",
  ];
  const main = files.find((file) => file !== undefined && has(directory, file));
  if (main === undefined) {
    const said = pkg.main === undefined ? [] : [`main is passed over: there is no ${pkg.main}`];
    return { is: "passed over", remarks: [...remarks, ...said, ...scriptsThatAreThere(pkg)] };
  }
  const runner = runnerOf(main, pkg);
  if (runner === undefined)
    return {
      is: "unclear",
      message: `${main} is TypeScript, and this Node (${process.version}) cannot run it by itself`,
      hint: `install tsx: ${pkg.manager} ${pkg.manager === "npm" ? "install" : "add"} -D tsx`,
    };
  const reading = readShell([...runner, word(main).raw].join(" "), pkg);
  const program =
    reading.is === "program"
      ? reading.program
      : programOf({ assignments: [], words: [...runner, main].map(word), redirections: [] }, directory);
  return project(pkg, program, { what: frameworkOf(pkg), how: "main", remarks });
}

function scriptsThatAreThere({ scripts, manager }: Package): string[] {
  const all = Object.entries(scripts).filter(
    ([name]) => !/^(?:pre|post)|lint|test|format|prepare|build|release|publish|clean|deploy|type-?check/.test(name),
  );
  if (all.length === 0) return ["package.json has no script to develop with (dev, start …), and no main"];
  const width = Math.max(...all.map(([name]) => name.length));
  return [
    "package.json has these scripts; run one of them again on every change:",
    ...all.slice(0, 12).map(([name, script]) => `  reload ${manager} run ${name.padEnd(width)}   ${script}`),
  ];
}

/** Bun installs for programs of Node as well: one that is run by tsx says so. */
const isOfBun = ({ manager, manifest }: Package): boolean =>
  manager === "bun" &&
  !["dependencies", "devDependencies"].some((name) => Object.hasOwn(tableOf(manifest[name]), "tsx"));

/** What has to stand before a file so that it runs. */
function runnerOf(file: string, pkg: Package): string[] | undefined {
  const { directory } = pkg;
  if (!/\.[mc]?tsx?$/.test(file)) return ["node"];
  if (isOfBun(pkg)) return ["bun"];
  if (hasModule(directory, "tsx")) return ["tsx"];
  if (hasModule(directory, "ts-node")) return ["ts-node"];
  if (file.endsWith("x")) return undefined;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isAtLeast = (thatMajor: number, thatMinor: number): boolean =>
    major > thatMajor || (major === thatMajor && minor >= thatMinor);
  if (isAtLeast(23, 6) || (major === 22 && isAtLeast(22, 18))) return ["node"];
  return isAtLeast(22, 6) ? ["node", "--experimental-strip-types"] : undefined;
}
