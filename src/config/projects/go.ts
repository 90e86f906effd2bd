/** Go modules: the main package at the top, else the one in `cmd`; in a workspace (`go.work`) those of the modules that it uses. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { go } from "./kinds.ts";
import { executable, fileName, type ProjectFinding, textOf } from "./project.ts";

export function lookForGo(directory: string): ProjectFinding | undefined {
  const module = textOf(directory, "go.mod");
  const workspace = module === undefined ? textOf(directory, "go.work") : undefined;
  if (module === undefined && workspace === undefined) return undefined;
  const modules = workspace === undefined ? ["."] : used(workspace);
  const mains = modules.flatMap((its) => (isMain(join(directory, its)) ? [its] : mainsBelow(directory, its)));
  const [first, ...others] = mains;
  if (first === undefined)
    return {
      is: "passed over",
      remarks: [
        workspace === undefined
          ? "go.mod is here, but no main package, neither at the top nor in cmd/*"
          : "go.work is here, but no module that it uses has a main package, neither at its top nor in cmd/*",
      ],
    };
  if (others.length > 0) {
    return {
      is: "unclear",
      message: `several programs can be built here: ${mains.join(", ")}`,
      hint: mains
        .map((main) => `reload -b "go build -ldflags=-w -o ./tmp/${basename(main)} ${main}" -- ./tmp/${basename(main)}`)
        .join("\n"),
    };
  }
  const own = first.replace(/\/cmd$/, "");
  const name = fileName(own === "." ? nameOf(module ?? "", directory) : basename(own));
  const output = executable(`./tmp/${name}`);
  return {
    is: "project",
    what: `a Go ${workspace === undefined ? "project" : "workspace"}`,
    settings: [
      { name: "build.cmd", raw: `go build -ldflags=-w -o ${output} ${first}` },
      { name: "proc.cmd", raw: [output] },
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
