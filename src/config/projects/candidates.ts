/** A script that is more than one program: what it starts, and the command to run each. */
import { relative } from "node:path";
import { ofOthers } from "./procfile.ts";
import { allOfThem, type Unclear } from "./project.ts";
import { localProgram, type Package } from "./scripts/package.ts";
import { previewIn } from "./scripts/previews.ts";
import { commandOfProgram, type ScriptPart, type ScriptReading } from "./scripts/program.ts";
import { quote } from "./scripts/shell.ts";
import { readScript } from "./scripts/unwrap.ts";
import { servicesOfParts } from "./together.ts";

type Open = Extract<ScriptReading, { is: "self-watching" | "several" }>;

export function unclearNode(pkg: Package, name: string, reading: Open): Unclear {
  const through = `${pkg.manager} run ${name}`;
  if (reading.is === "self-watching") {
    const [, file] = / in (\S+)$/.exec(reading.name) ?? [];
    // What starts the same file without the server in it serves what was built.
    const others: [string, string][] =
      file === undefined
        ? otherPrograms(pkg, name)
        : [[`reload -w ${file} ${through}`, `again when ${file} itself changes`]];
    return {
      is: "unclear",
      through,
      message: `script "${name}" starts ${reading.name}, which ${aboutServer(reading.name)}`,
      hint: table([[through, "runs it, without reload"], ...others]),
    };
  }
  return {
    is: "unclear",
    services: servicesOfParts(pkg, reading.parts),
    message: `script "${name}" starts several programs at once`,
    hint: [
      "each in a terminal of its own:",
      table(reading.parts.map((part) => row(part, pkg))),
      allOfThem,
      `all of them, without reload: ${through}`,
    ].join("\n"),
  };
}

function aboutServer(name: string): string {
  if (name === "turbo" || name === "lerna") return "runs the scripts of several packages";
  return /compose/.test(name)
    ? "runs containers: what is in them is not seen from here"
    : "watches and reloads by itself";
}

function row({ line: written, reading }: ScriptPart, { directory, manager }: Package): [string, string] {
  // What a script finds by itself, a terminal does not.
  const isBrought = localProgram(directory, written.split(" ")[0] ?? "") !== undefined;
  const line = isBrought ? `${viaManager[manager]} ${written}` : written;
  switch (reading.is) {
    case "program": {
      if (ofOthers.test(written)) return [line, "only runs"];
      const command = commandOfProgram(reading.program);
      const text = typeof command === "string" ? `sh -c '${command.replaceAll("'", "'\\''")}'` : plainText(command);
      const variables = Object.entries(reading.program.env).map(([key, value]) => `-E ${key}=${value} `);
      const way = relative(directory, reading.program.directory);
      return [`reload ${way === "" ? "" : `-C ${quote(way)} `}${variables.join("")}${text}`, "again on every change"];
    }
    case "self-watching":
      return [line, /compose/.test(reading.name) ? "runs containers" : `${reading.name} watches by itself`];
    case "builder":
      return [line, `${reading.name} makes files`];
    default:
      return [line, "as it is"];
  }
}

const viaManager = { npm: "npx", pnpm: "pnpm exec", yarn: "yarn", bun: "bunx" } as const;

const plainText = (words: readonly string[]): string =>
  words[0] === "node" && words[1] === "--import" && words[2] === "tsx"
    ? ["tsx", ...words.slice(3)].join(" ")
    : words.join(" ");

/** Scripts beside it that start a program which is not a server of pages. */
function otherPrograms(pkg: Package, name: string): [string, string][] {
  return Object.keys(pkg.scripts)
    .filter(
      (each) =>
        each !== name && /^(?:dev|start|server?|api|backend|watch|develop)\b|:(?:server|api|backend)\b/.test(each),
    )
    .filter((each) => !/^(?:pre|post)|preview|prod/.test(each) && readScript(pkg, each).is === "program")
    .filter((each) => !isProduction(pkg, each))
    .map((each) => [`reload ${pkg.manager} run ${each}`, pkg.scripts[each] ?? ""]);
}

/** `next start` serves what was built. */
const isProduction = (pkg: Package, name: string): boolean =>
  isPreview(pkg, name) ||
  /\b(?:preview|production)\b/.test(pkg.scripts[name] ?? "") ||
  (name === "start" && /^(?:next|serve|vite|astro|node (?:build|dist|\.output))/.test(pkg.scripts[name] ?? ""));

function isPreview(pkg: Package, name: string): boolean {
  const reading = readScript(pkg, name);
  return reading.is === "program" && previewIn(reading.program.words) !== undefined;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(60, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => `${left.padEnd(width)}   ${right}`).join("\n");
}
