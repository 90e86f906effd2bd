/** Go modules: the main package at the top, else the one in `cmd`, else the only one; in a workspace (`go.work`) those of the modules that it uses. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { embeddedByGo } from "./embeds.ts";
import { constraintsOf, isBuilt } from "./go-constraints.ts";
import { type GoRun, goRunIn } from "./go-run.ts";
import { go } from "./kinds.ts";
import { nameFor } from "./procfile.ts";
import { allOfThem, endedAtOnce, executable, fileName, type ProjectFinding, type Services, textOf } from "./project.ts";
import type { FoundSetting } from "./scripts/program.ts";
import { watchingTool } from "./watching-tools.ts";

export function lookForGo(directory: string, env: NodeJS.ProcessEnv): ProjectFinding | undefined {
  const module = textOf(directory, "go.mod");
  const workspace = module === undefined ? textOf(directory, "go.work") : undefined;
  if (module === undefined && workspace === undefined) return undefined;
  const watching = watchingTool(directory, "go.mod");
  if (watching !== undefined) return watching;
  const modules = workspace === undefined ? ["."] : used(workspace);
  const isMain = mainIn(env);
  const usual = modules.flatMap((module) =>
    isMain(join(directory, module)) ? [module] : mainsBelow(directory, module, isMain),
  );
  const mains = usual.length > 0 ? usual : modules.flatMap((module) => mainsAnywhere(directory, module, 0, isMain));
  // One that lies where nobody looks may be named as well.
  const run = goRunIn(directory, env);
  const isThere = run !== undefined && (mains.includes(run.main) || isMain(join(directory, run.main)));
  const [first, ...others] = isThere ? [run.main] : mains;
  const named = isThere ? run : undefined;
  if (first === undefined)
    return {
      is: "passed over",
      remarks: [
        workspace === undefined
          ? "go.mod is here, but no main package"
          : "go.work is here, but no module that it uses has a main package",
        ...taggedMain(directory),
      ],
    };
  if (others.length > 0) {
    return {
      is: "unclear",
      services: servicesOf(mains, [...(workspace === undefined ? [] : [".work"]), ...embeddedByGo(directory)]),
      message: `several programs can be built here: ${mains.join(", ")}`,
      hint: [
        ...mains.map((main) => `reload -b "${buildOf(main, basename(main))}" -- ./tmp/${basename(main)}`),
        allOfThem,
      ].join("\n"),
    };
  }
  const own = first.replace(/\/cmd$/, "");
  const name = fileName(/^\.(?:\/src)?$/.test(own) ? nameOf(module ?? "", directory) : basename(own));
  return {
    is: "project",
    what: `a Go ${workspace === undefined ? "project" : "workspace"}`,
    ...(named === undefined ? {} : { how: named.how }),
    settings: [
      { name: "build.cmd", raw: buildOf(first, name, named?.flags) },
      ...variables(named),
      { name: "proc.cmd", raw: [outputOf(name), ...(named?.words ?? [])] },
      {
        name: "watch.include_files",
        raw: [
          ...go.files,
          ...(workspace === undefined ? [] : [".work"]),
          ...cFiles(join(directory, first)),
          ...embeddedByGo(directory),
        ],
      },
      { name: "watch.exclude_dirs", raw: go.excluded },
    ],
    reasons: {
      "build.cmd":
        "-ldflags=-w leaves out what only a debugger reads: a third less time for each build. Take it out to debug.",
    },
    ...((named?.words ?? []).length > 0 ? {} : { endsAtOnce: endedAtOnce(name) }),
    remarks: [],
  };
}

const outputOf = (name: string): string => executable(`./tmp/${name}`);

function buildOf(main: string, name: string, flags: readonly string[] = []): string {
  const own = flags.some((flag) => /^--?ldflags\b/.test(flag)) ? flags : ["-ldflags=-w", ...flags];
  return `go build ${[...own, "-o", outputOf(name), main].join(" ")}`;
}

const variables = (named: GoRun | undefined): FoundSetting[] =>
  named === undefined || Object.keys(named.env).length === 0
    ? []
    : ["build.env", "proc.env"].map((name) => ({ name, raw: named.env }));

/** What cgo compiles into the program, where something of it lies beside the main. */
function cFiles(directory: string): string[] {
  const endings = [".c", ".h", ".cc", ".cpp", ".hpp", ".s", ".S"];
  return namesIn(directory).some((name) => endings.some((ending) => name.endsWith(ending))) ? endings : [];
}

/** A main package that no build has by itself. */
function taggedMain(directory: string): string[] {
  const line = sourcesIn(directory)
    .filter(({ isMain }) => isMain)
    .flatMap(({ code }) => constraintsOf(code))
    .find((each) => !/\bignore\b|\btools\b/.test(each));
  return line === undefined
    ? []
    : [`its main package is built with tags alone (//go:build ${line}): GOFLAGS=-tags=… reload`];
}

function servicesOf(mains: readonly string[], besides: readonly string[]): Services {
  const names: string[] = [];
  // One that lies above this one may be all of it.
  const others = (main: string): readonly string[] =>
    mains.filter((each) => each.startsWith("./") && each !== main && !main.startsWith(`${each}/`));
  const settings = mains.flatMap((main) => {
    const name = nameFor(basename(main.replace(/\/cmd$/, "")), names);
    names.push(name);
    return [
      { name: `service.${name}.build.cmd`, raw: buildOf(main, name) },
      { name: `service.${name}.proc.cmd`, raw: [outputOf(name)] },
      // No program imports what is beside the main of another one.
      {
        name: `service.${name}.watch.exclude_dirs`,
        raw: [...go.excluded, ...others(main).map((each) => each.slice(1))],
      },
    ];
  });
  return {
    names,
    settings: [{ name: "watch.include_files", raw: [...go.files, ...besides] }, ...settings],
    remarks: [],
  };
}

/** `example.com/team/api/v2` is called api. */
function nameOf(module: string, directory: string): string {
  const path = /^\s*module\s+"?([^\s"]+)"?/m.exec(module)?.[1] ?? basename(directory);
  const parts = path.split("/").filter((part) => part !== "" && !/^v\d+$/.test(part));
  return parts.at(-1) ?? "main";
}

/** `use ./api`, also in parentheses; as paths for `go build`. */
function used(workspace: string): string[] {
  const lines = workspace.replaceAll(/\/\/.*$/gm, "");
  const blocks = [...lines.matchAll(/^\s*use\s*\(([^)]*)\)/gm)].flatMap(([, block = ""]) => block.split("\n"));
  const single = [...lines.matchAll(/^\s*use\s+([^\s(].*)$/gm)].map(([, path = ""]) => path);
  const paths = [...blocks, ...single]
    .map((path) => path.trim().replaceAll(/^["`]|["`]$/g, ""))
    .filter((path) => path !== "");
  return paths.map((path) => (path === "." || /^\.{0,2}\//.test(path) ? path.replace(/\/$/, "") : `./${path}`));
}

type IsMain = (directory: string) => boolean;

function mainsBelow(directory: string, module: string, isMain: IsMain): string[] {
  const commands = join(directory, module, "cmd");
  if (isMain(commands)) return [`${module}/cmd`];
  return directoriesIn(commands)
    .filter((name) => isMain(join(commands, name)))
    .map((name) => `${module}/cmd/${name}`);
}

/** Where nobody looks for what is developed. */
const aside = /^(?:[._]|(?:vendor|testdata|node_modules|examples?|tests?|tools?|scripts?|hack|third_party|internal)$)/;
/** `app/services/sales-api`, `cmd/shop/server` */
const deepest = 3;

/** Neither at the top nor in cmd: modules may lie in one another, and are left out. */
function mainsAnywhere(directory: string, at: string, depth: number, isMain: IsMain): string[] {
  return directoriesIn(join(directory, at)).flatMap((name) => {
    const place = `${at}/${name}`;
    if (aside.test(name) || textOf(join(directory, place), "go.mod") !== undefined) return [];
    if (isMain(join(directory, place))) return [place];
    return depth + 1 < deepest ? mainsAnywhere(directory, place, depth + 1, isMain) : [];
  });
}

function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

/** Whether `go build` would make a program of a directory: some file that belongs to the build says `package main`. */
const mainIn =
  (env: NodeJS.ProcessEnv): IsMain =>
  (directory) =>
    sourcesIn(directory).some(({ name, code, isMain }) => isMain && isBuilt(name, code, env));

function sourcesIn(directory: string): { name: string; code: string; isMain: boolean }[] {
  return namesIn(directory)
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .map((name) => {
      const code = (textOf(directory, name) ?? "").replaceAll(/\/\*[\s\S]*?\*\//g, "");
      return { name, code, isMain: /^[ \t]*package[ \t]+main\b/m.test(code) };
    });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
