/** Python programs: Django's `manage.py`, else `main.py` or `app.py`. */
import { delimiter } from "node:path";
import { type Finding, has } from "./project.ts";

export function lookForPython(directory: string, env: NodeJS.ProcessEnv): Finding | undefined {
  const file = ["manage.py", "main.py", "app.py"].find((name) => has(directory, name));
  if (file === undefined) return undefined;
  // Django's own reloader would be a second one.
  const args = file === "manage.py" ? ["runserver", "--noreload"] : [];
  return {
    is: "project",
    what: `a Python project`,
    settings: [
      { name: "proc.cmd", raw: [interpreter(directory, env), file, ...args] },
      { name: "watch.include_files", raw: [".py", ".html", ".jinja", ".jinja2", ".j2", "pyproject.toml"] },
      // Those with a dot are built in.
      ...(has(directory, "venv/pyvenv.cfg") ? [{ name: "watch.exclude_dirs", raw: ["/venv"] }] : []),
    ],
    remarks: [],
  };
}

/** The project's own virtual environment, else the active one, else what is on the path. */
function interpreter(directory: string, env: NodeJS.ProcessEnv): string {
  const inside = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  for (const name of [".venv", "venv"]) if (has(directory, `${name}/${inside}`)) return `./${name}/${inside}`;
  if (env["VIRTUAL_ENV"] !== undefined) return "python";
  const isOnPath = (name: string): boolean =>
    (env["PATH"] ?? "")
      .split(delimiter)
      .some((each) => each !== "" && has(each, process.platform === "win32" ? `${name}.exe` : name));
  return isOnPath("python3") || !isOnPath("python") ? "python3" : "python";
}
