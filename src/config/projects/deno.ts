/** Deno programs: the task `dev` or `start`, else `main.ts` or its like. */
import { deno } from "./kinds.ts";
import { has, type ProjectFinding, textOf } from "./project.ts";
import { barePackage } from "./scripts/package.ts";
import { commandOfProgram } from "./scripts/program.ts";
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
    return {
      ...project(commandOfProgram(program), `task ${name}, without ${program.watcher}`),
    };
  }
  const main = ["main.ts", "mod.ts", "server.ts", "main.js", "src/main.ts"].find((name) => has(directory, name));
  if (main === undefined)
    return { is: "passed over", remarks: [`${file} is here, but no task dev or start, and no main.ts`] };
  return project(["deno", "run", "--allow-all", main], "main");
}

function project(command: string | readonly string[], how: string): ProjectFinding {
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
