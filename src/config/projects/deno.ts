/** Deno programs: the task `dev` or `start`, else `main.ts` or its like. */
import { type Finding, has, textOf } from "./project.ts";
import { watcherIn } from "./scripts.ts";

export function lookForDeno(directory: string): Finding | undefined {
  const file = ["deno.json", "deno.jsonc"].find((name) => has(directory, name));
  if (file === undefined) return undefined;
  const tasks = tasksIn(textOf(directory, file) ?? "");
  const remarks: string[] = [];
  for (const name of ["dev", "start"]) {
    const task = tasks[name];
    if (task === undefined) continue;
    const watcher = watcherIn(task, { directory, scripts: tasks, manager: "deno" });
    if (watcher === undefined) return project(file, ["deno", "task", name], [...remarks, `task "${name}": ${task}`]);
    remarks.push(`task "${name}" is passed over: it watches by itself (${watcher})`);
  }
  const main = ["main.ts", "mod.ts", "server.ts", "main.js", "src/main.ts"].find((name) => has(directory, name));
  if (main === undefined)
    return { is: "passed over", remarks: [...remarks, `${file} is here, but no task dev or start, and no main.ts`] };
  return project(file, ["deno", "run", "--allow-all", main], [...remarks, `main: ${main}`]);
}

function project(file: string, command: readonly string[], remarks: readonly string[]): Finding {
  return {
    is: "project",
    what: `a Deno project (${file})`,
    settings: [
      { name: "proc.cmd", raw: command },
      {
        name: "watch.include_files",
        raw: [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".json", ".jsonc", "!*_test.*", "!*.test.*"],
      },
    ],
    remarks,
  };
}

/** JSON with comments and trailing commas. */
function tasksIn(text: string): Record<string, string> {
  const plain = text.replaceAll(
    /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, string: string | undefined) => string ?? "",
  );
  try {
    const value: unknown = JSON.parse(plain.replaceAll(/,(\s*[}\]])/g, "$1"));
    const tasks = typeof value === "object" && value !== null && "tasks" in value ? value.tasks : undefined;
    if (typeof tasks !== "object" || tasks === null) return {};
    return Object.fromEntries(
      Object.entries(tasks).flatMap(([name, task]: [string, unknown]) => {
        const command = typeof task === "object" && task !== null && "command" in task ? task.command : task;
        return typeof command === "string" ? [[name, command]] : [];
      }),
    );
  } catch {
    return {};
  }
}
