/** Each shape of scripts comes to the program that its own tool was seen to run (`npm run projects -- --record`). */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "dotenv";
import { describe, expect, test } from "vitest";
import { readLine } from "../../src/config/projects/scripts/shell.ts";
import { plainWords, type Started } from "../projects/process.ts";
import { idOf, shapes } from "../projects/shapes.ts";
import { newProject, type Project } from "../rig/project.ts";
import { good, loadIn } from "./loading.ts";

const recorded: Readonly<Record<string, Started>> = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../projects/recorded.json"), "utf8"),
);

/** What their packages would have brought, as far as a look at it goes. */
const brought = ["tsx", "ts-node", "nodemon", "dotenv-cli", "cross-env", "env-cmd", "typescript"];

function install(project: Project): void {
  for (const name of brought) project.write(`node_modules/${name}/package.json`, "{}");
  project.write("node_modules/typescript/lib/typescript.js", "");
  for (const name of ["ts-node", "fastify", "tsx"]) project.write(`node_modules/.bin/${name}`, "#!/bin/sh\n");
  mkdirSync(project.path("node_modules/.bin"), { recursive: true });
  project.write("node_modules/dotenv-cli/cli.js", "");
  project.write("node_modules/fastify-cli/start.js", "");
  symlinkSync("../dotenv-cli/cli.js", project.path("node_modules/.bin/dotenv"));
}

/** The words of the program, where a shell has to read them. */
function wordsOf(command: string | readonly string[] | undefined): readonly string[] {
  if (typeof command !== "string") return command ?? [];
  const steps = readLine(command)?.steps ?? [];
  const program = steps.findLast(({ joint }) => joint !== "|");
  const words = (program?.command.words ?? []).map(({ text, raw }) => text ?? raw);
  return words[0] === "exec" ? words.slice(1) : words;
}

/** Without what stays in front of the program, which has to be there. */
function behind(front: string | undefined, words: readonly string[]): readonly string[] {
  const own = (front ?? "").split(" ").filter((word) => word !== "");
  expect(words.slice(0, own.length).map((word) => word.replace(/^.*\/\.bin\//, ""))).toEqual(own);
  return words.slice(own.length);
}

describe("a script comes to what its tool runs:", () => {
  test.each(shapes.map((shape, index) => ({ id: idOf(shape, index), shape })))("$id", async ({ id, shape }) => {
    using project = newProject(shape.files);
    install(project);
    const { config } = good(await loadIn(project));
    const { words, directory, env } = recorded[id] ?? { words: [], directory: "", env: {} };
    const { TS_NODE_DEV: _, ...variables } = config.proc.env;
    const directoryOfProgram = config.proc.cwd ?? "";
    const called = behind(shape.front, wordsOf(config.proc.cmd));
    expect({ words: plainWords(called), directory: directoryOfProgram }).toEqual({
      words,
      directory,
    });
    expect({
      ...filesOf(project, config.env_files),
      ...nodeFile(project, words),
      ...variables,
      ...shape.brought,
    }).toEqual(env);
    if (shape.first !== undefined || /^(?:tsc|esbuild|swc|nest|npm run build)/.test(id))
      expect(config.build.cmd).not.toBeUndefined();
    else if (words[0] === "ts-node")
      expect(config.build.cmd).toMatch(/transpile.js --ts-node src\/index.ts -p tsconfig.json$/);
    else if (shape.builds !== true) expect(String(config.build.cmd)).not.toMatch(/\btsc|esbuild|transpile/);
  });

  test("for sixty shapes at least, each with a process that was looked at", () => {
    expect(Object.keys(recorded).length).toBeGreaterThanOrEqual(60);
    expect(shapes.map(idOf).filter((id) => recorded[id] === undefined)).toEqual([]);
  });
});

const filesOf = (project: Project, files: readonly string[]): Record<string, string> =>
  Object.assign({}, ...files.map((file) => parse(project.read(file))));

/** Node reads it by itself. */
function nodeFile(project: Project, words: readonly string[]): Record<string, string> {
  const at = words.findIndex((word) => /^--env-file/.test(word));
  if (at < 0) return {};
  return parse(project.read(words[at]?.split("=")[1] ?? join(words[at + 1] ?? "")));
}
