/** The package as a program gets it: packed, and installed from its tarball. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { newProject, type Project } from "./project.ts";

export const root = join(import.meta.dirname, "../..");

export const run = (project: Project, file: string, args: readonly string[]): string =>
  execFileSync(file, args, { cwd: project.directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Installed as from the registry, but from the tarball; it needs nothing from anywhere else. */
export function installed(files: Readonly<Record<string, string>>): Project {
  const project = newProject({ "package.json": '{ "name": "consumer", "private": true }', ...files });
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project.directory], { cwd: root });
  const tarball = readdirSync(project.directory).find((name) => name.endsWith(".tgz")) ?? "";
  run(project, "npm", ["install", "--offline", "--no-audit", "--no-fund", "--silent", `./${tarball}`]);
  return project;
}

/** Compiles `files`, as modules and as CommonJS by their endings; throws with what the compiler says. */
export function compile(project: Project, files: readonly string[]): void {
  const compilerOptions = {
    module: "nodenext",
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  project.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
  run(project, process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
}
