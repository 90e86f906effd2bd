/** Packages of Node: `scripts.dev`, else `start`, else `main`. */
import { dirname } from "node:path";
import { type Finding, has, textOf } from "./project.ts";
import { commandOf, localProgram, type Package, packageManager, watcherIn } from "./scripts.ts";

export function lookForNode(directory: string): Finding | undefined {
  const text = textOf(directory, "package.json");
  if (text === undefined) return undefined;
  const manifest = read(text);
  if (manifest === undefined) return { is: "passed over", remarks: ["package.json is not valid JSON"] };
  const its: Package = {
    directory,
    scripts: stringsIn(manifest["scripts"]),
    manager: packageManager(directory, manifest["packageManager"]),
  };
  const remarks: string[] = [];
  for (const name of ["dev", "start"]) {
    const script = its.scripts[name];
    if (script === undefined) continue;
    const watcher = watcherIn(script, its);
    if (watcher === undefined)
      return project(its, commandOf(name, its), script, [...remarks, `script "${name}": ${script}`]);
    remarks.push(
      watcher === "reload"
        ? `script "${name}" is passed over: it runs reload itself`
        : `script "${name}" is passed over: it watches by itself (${watcher})`,
    );
  }
  const named = typeof manifest["main"] === "string" ? manifest["main"] : undefined;
  const main = [named, "index.js", "server.js"].find((file) => file !== undefined && has(directory, file));
  if (main === undefined) {
    if (named !== undefined) remarks.push(`main is passed over: there is no ${named}`);
    return {
      is: "passed over",
      remarks: remarks.length > 0 ? remarks : ["package.json has neither a dev nor a start script, nor a main"],
    };
  }
  const runner = runnerOf(main, directory);
  if (runner === undefined)
    return {
      is: "unclear",
      message: `${main} is TypeScript, and this Node (${process.version}) cannot run it by itself`,
      hint: `install tsx: ${its.manager} ${its.manager === "npm" ? "install" : "add"} -D tsx`,
    };
  return project(its, [...runner, main], main, [...remarks, `main: ${main}`]);
}

/** What has to stand before a file so that it runs. */
function runnerOf(file: string, directory: string): string[] | undefined {
  if (!/\.[mc]?tsx?$/.test(file)) return ["node"];
  // As an import rather than as a program: one process less between `reload` and the program.
  if (localProgram(directory, "tsx") !== undefined) return ["node", "--import", "tsx"];
  if (file.endsWith("x")) return undefined;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isAtLeast = (thatMajor: number, thatMinor: number): boolean =>
    major > thatMajor || (major === thatMajor && minor >= thatMinor);
  if (isAtLeast(23, 6) || (major === 22 && isAtLeast(22, 18))) return ["node"];
  return isAtLeast(22, 6) ? ["node", "--experimental-strip-types"] : undefined;
}

function project(its: Package, command: readonly string[], what: string, remarks: readonly string[]): Finding {
  const output = builtDirectory(what, its);
  return {
    is: "project",
    what: "a Node project (package.json)",
    settings: [
      ...(output === undefined ? [] : [{ name: "build.cmd", raw: `${its.manager} run build` }]),
      { name: "proc.cmd", raw: command },
      {
        name: "watch.include_files",
        raw: [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".json", "!*.test.*", "!*.spec.*"],
      },
      ...(output === undefined ? [] : [{ name: "watch.exclude_dirs", raw: [`/${output}`] }]),
    ],
    remarks: output === undefined ? remarks : [...remarks, `script "build" makes ${output}`],
  };
}

/** What is run lies in the output of a build, and there is a script for it. */
function builtDirectory(what: string, { scripts }: Package): string | undefined {
  const file = /(?:^|\s)(?:\.\/)?((?:dist|build|out|lib)\/\S+?\.[mc]?js)(?:\s|$)/.exec(what)?.[1];
  const build = scripts["build"];
  if (file === undefined || build === undefined || /(?:^|\s)(?:-w|--watch)(?:\s|$)/.test(build)) return undefined;
  return dirname(file).split("/")[0];
}

function read(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function stringsIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}
