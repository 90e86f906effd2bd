/** Go modules: the main package at the top, else the one in `cmd`, else the only one; in a workspace (`go.work`) those of the modules that it uses. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { go } from "./kinds.ts";
import { nameFor } from "./procfile.ts";
import { allOfThem, executable, fileName, type ProjectFinding, type Services, textOf } from "./project.ts";

export function lookForGo(directory: string): ProjectFinding | undefined {
  const module = textOf(directory, "go.mod");
  const workspace = module === undefined ? textOf(directory, "go.work") : undefined;
  if (module === undefined && workspace === undefined) return undefined;
  const modules = workspace === undefined ? ["."] : used(workspace);
  const usual = modules.flatMap((its) => (isMain(join(directory, its)) ? [its] : mainsBelow(directory, its)));
  const mains = usual.length > 0 ? usual : modules.flatMap((its) => mainsAnywhere(directory, its, 0));
  const [first, ...others] = mains;
  if (first === undefined)
    return {
      is: "passed over",
      remarks: [
        workspace === undefined
          ? "go.mod is here, but no main package"
          : "go.work is here, but no module that it uses has a main package",
      ],
    };
  if (others.length > 0) {
    return {
      is: "unclear",
      services: servicesOf(mains, workspace !== undefined),
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
    settings: [
      { name: "build.cmd", raw: buildOf(first, name) },
      { name: "proc.cmd", raw: [outputOf(name)] },
      {
        name: "watch.include_files",
        raw: workspace === undefined ? go.files : [...go.files, ".work"],
      },
      { name: "watch.exclude_dirs", raw: go.excluded },
    ],
    reasons: {
      "build.cmd":
        "-ldflags=-w leaves out what only a debugger reads: a third less time for each build. Take it out to debug.",
    },
    remarks: [],
  };
}

const outputOf = (name: string): string => executable(`./tmp/${name}`);
const buildOf = (main: string, name: string): string => `go build -ldflags=-w -o ${outputOf(name)} ${main}`;

function servicesOf(mains: readonly string[], isWorkspace: boolean): Services {
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
  const files = isWorkspace ? [...go.files, ".work"] : go.files;
  return { names, settings: [{ name: "watch.include_files", raw: files }, ...settings], remarks: [] };
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

function mainsBelow(directory: string, module: string): string[] {
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
function mainsAnywhere(directory: string, at: string, depth: number): string[] {
  return directoriesIn(join(directory, at)).flatMap((name) => {
    const place = `${at}/${name}`;
    if (aside.test(name) || textOf(join(directory, place), "go.mod") !== undefined) return [];
    if (isMain(join(directory, place))) return [place];
    return depth + 1 < deepest ? mainsAnywhere(directory, place, depth + 1) : [];
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

/** Whether `go build` would make a program of this directory: some file says `package main`, and is not kept out by `//go:build ignore`. */
function isMain(directory: string): boolean {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
      .some((name) => {
        const text = readFileSync(join(directory, name), "utf8");
        const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
        return /^[ \t]*package[ \t]+main\b/m.test(code) && !/^\/\/go:build\s+ignore\b/m.test(code);
      });
  } catch {
    return false;
  }
}
