/** Deno programs: the task `dev` or `start`, else `main.ts` or its like. */
import { deno } from "./kinds.ts";
import { has, type Project, type ProjectFinding, textOf } from "./project.ts";
import { barePackage } from "./scripts/package.ts";
import { commandOfProgram } from "./scripts/program.ts";
import { quote } from "./scripts/shell.ts";
import { jsonWithComments } from "./scripts/tsconfig.ts";
import { readShell } from "./scripts/unwrap.ts";

export function lookForDeno(directory: string, env: NodeJS.ProcessEnv): ProjectFinding | undefined {
  const file = ["deno.json", "deno.jsonc"].find((name) => has(directory, name));
  if (file === undefined) return undefined;
  const tasks = tasksIn(textOf(directory, file) ?? "");
  const pkg = barePackage(directory, tasks, env);
  for (const name of ["dev", "start"]) {
    const task = tasks[name];
    if (task === undefined) continue;
    const reading = readShell(task, pkg);
    if (reading.is === "self-watching")
      return {
        is: "unclear",
        through: `deno task ${name}`,
        message: `task "${name}" starts ${reading.name}, which watches and reloads by itself`,
        hint: `deno task ${name}   runs it, without reload`,
      };
    const { program } = reading.is === "program" ? reading : { program: undefined };
    if (program?.watcher === undefined) return project(["deno", "task", name], `task ${name}`);
    const before = [...program.once, ...program.builds];
    // What comes before the program in another way than by a line, and stays around it, only the task can do.
    if (program.directory !== directory || before.some((each) => each.directory !== directory))
      return project(["deno", "task", name], `task ${name}`);
    const found = project(commandOfProgram(program), `task ${name}, without ${program.watcher}`);
    const lines = [...neededBy(file, name, directory), ...before.map(({ line }) => line)];
    return {
      ...found,
      settings: [
        ...(lines.length === 0 ? [] : [{ name: "build.cmd", raw: lines.join(" && ") }]),
        ...found.settings,
        ...(Object.keys(program.env).length === 0 ? [] : [{ name: "proc.env", raw: program.env }]),
      ],
    };
  }
  const main = ["main.ts", "mod.ts", "server.ts", "main.js", "src/main.ts"].find((name) => has(directory, name));
  if (main === undefined)
    return { is: "passed over", remarks: [`${file} is here, but no task dev or start, and no main.ts`] };
  return project(["deno", "run", "--allow-all", main], "main");
}

function project(command: string | readonly string[], how: string): Project {
  return {
    is: "project",
    what: "a Deno project",
    how,
    settings: [
      { name: "proc.cmd", raw: command },
      {
        name: "watch.include_files",
        raw: deno.files,
      },
    ],
    remarks: [],
  };
}

/** Tasks that Deno runs first. */
function neededBy(file: string, name: string, directory: string): string[] {
  const task = Object(Object(jsonWithComments(textOf(directory, file) ?? "")?.["tasks"])[name]);
  const { dependencies } = task;
  return Array.isArray(dependencies) ? dependencies.map((each) => `deno task ${quote(String(each))}`) : [];
}

function tasksIn(text: string): Record<string, string> {
  const tasks = jsonWithComments(text)?.["tasks"];
  if (typeof tasks !== "object" || tasks === null) return {};
  return Object.fromEntries(
    Object.entries(tasks).flatMap(([name, task]: [string, unknown]) => {
      const command = typeof task === "object" && task !== null && "command" in task ? task.command : task;
      return typeof command === "string" ? [[name, command]] : [];
    }),
  );
}
