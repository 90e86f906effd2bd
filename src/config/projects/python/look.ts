/** Python programs: Django's `manage.py`, a web application with the server of its project, else `main.py` or `app.py`. */

import { python } from "../kinds.ts";
import type { Project, ProjectFinding } from "../project.ts";
import { has, textOf } from "../project.ts";
import { type Environment, environmentOf, interpreterOf, isOnPath, programIn } from "./environment.ts";
import { type ServedApplication, servePython } from "./serve.ts";
import { type Application, applicationIn, applicationsIn } from "./sources.ts";

export function lookForPython(
  directory: string,
  env: NodeJS.ProcessEnv,
  keepsSocket: boolean,
): ProjectFinding | undefined {
  const environment = environmentOf(directory, env);
  const call = (program: string): readonly string[] => {
    const own = programIn(environment, directory, program);
    if (own !== undefined) return [own];
    // An environment without a program of this name may have its module.
    return environment.programs === "" && isOnPath(env, program)
      ? [program]
      : [interpreterOf(environment, directory, env), "-m", program];
  };
  if (has(directory, "manage.py"))
    // Django's own reloader would be a second one.
    return found(
      "a Django project",
      { command: [interpreterOf(environment, directory, env), "manage.py", "runserver", "--noreload"], env: {} },
      environment,
    );
  const named = namedInProject(directory);
  const candidates = named === undefined ? applicationsIn(directory).find((all) => all.length > 0) : [named];
  const [application, ...others] = candidates ?? [];
  if (application !== undefined && others.length === 0) {
    const { framework } = application;
    return found(
      `a ${framework} project`,
      servePython(application, { directory, env, call, keepsSocket }),
      environment,
    );
  }
  if (application !== undefined)
    return {
      is: "unclear",
      message: `several applications lie here: ${[application, ...others].map(({ file }) => file).join(", ")}`,
      hint: [application, ...others]
        .map(
          (each) =>
            `reload ${servePython(each, { directory, env, call, keepsSocket: false })
              .command.join(" ")
              .replaceAll(environment.programs || "\0", "")}`,
        )
        .join("\n"),
    };
  const script = ["main.py", "app.py"].find((name) => has(directory, name));
  if (script === undefined) return undefined;
  return {
    ...found(
      "a Python project",
      { command: [interpreterOf(environment, directory, env), script], env: {} },
      environment,
    ),
    endsAtOnce: `${script} ended at once: a server would go on. If another program starts it, run that one: reload uvicorn main:app`,
  };
}

/** `[tool.fastapi] entrypoint = "shop.main:app"` */
function namedInProject(directory: string): Application | undefined {
  const text = textOf(directory, "pyproject.toml") ?? "";
  const [, module, name = "app"] =
    /^\s*\[tool\.fastapi\][^[]*?^\s*entrypoint\s*=\s*["']([\w.]+)(?::(\w+))?["']/m.exec(text) ?? [];
  if (module === undefined) return undefined;
  const path = module.replaceAll(".", "/");
  const file = [`${path}.py`, `${path}/__init__.py`, `src/${path}.py`, `src/${path}/__init__.py`].find((each) =>
    has(directory, each),
  );
  if (file === undefined) return undefined;
  const its = applicationIn(directory, file, textOf(directory, file) ?? "");
  const base = file.startsWith("src/") && !module.startsWith("src.") ? "src" : "";
  return { framework: "FastAPI", isFactory: false, text: "", ...its, file, name, module, base };
}

function found(what: string, { command, env, kept }: ServedApplication, { directory }: Environment): Project {
  return {
    is: "project",
    what,
    ...(kept === undefined
      ? {}
      : {
          how: `on ${kept.url}, open during restarts too`,
          reasons: {
            "sockets.listen":
              "reload opens this in the name of the server and hands it on: no request is refused during a restart",
          },
        }),
    settings: [
      { name: "proc.cmd", raw: command },
      ...(Object.keys(env).length === 0 ? [] : [{ name: "proc.env", raw: env }]),
      ...(kept === undefined ? [] : [{ name: "sockets.listen", raw: [kept.listen] }]),
      // Templates are read anew by themselves.
      { name: "watch.include_files", raw: python.files },
      // Those with a dot are built in.
      {
        name: "watch.exclude_dirs",
        raw: [...python.excluded, ...(directory === undefined || directory.startsWith(".") ? [] : [`/${directory}`])],
      },
    ],
    remarks: [],
  };
}
