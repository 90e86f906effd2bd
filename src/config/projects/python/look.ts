/** Python programs: Django's `manage.py`, a web application with the server of its project, else `main.py` or `app.py`. */
import { join } from "node:path";
import { python } from "../kinds.ts";
import type { PassedOver, Project, ProjectFinding, Unclear } from "../project.ts";
import { allOfThem, has, textOf } from "../project.ts";
import { quote } from "../scripts/shell.ts";
import { directoriesIn } from "../scripts/workspaces.ts";
import { type Environment, environmentOf, interpreterOf, isOnPath, programIn } from "./environment.ts";
import { runserverAddress } from "./runserver.ts";
import { aboutReloader, reloadingByFile, type SelfReloading, selfReloading, streamlitIn } from "./self-reloading.ts";
import { type ServedApplication, type ServingPlace, servePython } from "./serve.ts";
import { type Application, applicationIn, applicationsIn, asStarted, ownRootOf, ownRootsBeside } from "./sources.ts";
import { taskIn } from "./tasks.ts";

export function lookForPython(
  directory: string,
  env: NodeJS.ProcessEnv,
  keepsSocket: boolean,
): ProjectFinding | undefined {
  const environment = environmentOf(directory, env);
  const interpreter = interpreterOf(environment, directory, env);
  const call = (program: string): readonly string[] => {
    const own = programIn(environment, directory, program);
    if (own !== undefined) return [own];
    // An environment without a program of this name may have its module.
    if (environment.runner.length > 0) return [...environment.runner, program];
    return environment.programs === "" && isOnPath(env, program) ? [program] : [...interpreter, "-m", program];
  };
  const place = { directory, env, call, interpreter, keepsSocket };
  const finding = lookWith(place, environment);
  if (finding?.is !== "project" || !isWithout(finding, environment, interpreter, env)) return finding;
  const remark = `no virtual environment lies here: ${interpreter.join(" ")} of the path is used`;
  return { ...finding, remarks: [...new Set([remark, ...finding.remarks])] };
}

/** A module is called that nobody has seen; in a container, where all is installed for everybody, its program is on the path. */
const isWithout = (
  { settings }: Project,
  { programs }: Environment,
  [python_]: readonly string[],
  env: NodeJS.ProcessEnv,
): boolean => {
  const command = settings.find(({ name }) => name === "proc.cmd")?.raw;
  const isModule = Array.isArray(command) && command[0] === python_ && command[1] === "-m";
  return isModule && programs === "" && env["VIRTUAL_ENV"] === undefined && env["CONDA_PREFIX"] === undefined;
};

function lookWith(place: ServingPlace, environment: Environment): ProjectFinding | undefined {
  const { directory, env, interpreter, keepsSocket } = place;
  const task = taskIn(place);
  if (task !== undefined) {
    const project = found(frameworkIn(task.command), task, environment);
    const how = [
      `${task.name} of ${task.file}${task.watcher === undefined ? "" : `, without ${task.watcher}`}`,
      project.how,
    ];
    return { ...project, how: how.filter((part) => part !== undefined).join("; ") };
  }
  if (isDjango(directory))
    // Django's own reloader would be a second one.
    return found(
      "a Django project",
      {
        command: [...interpreter, "manage.py", "runserver", "--noreload"],
        env: {},
        ...runserverAddress([], place),
      },
      environment,
    );
  const named = namedInProject(directory);
  const all = named === undefined ? applicationsIn(directory) : [[named]];
  const [application, ...others] = all.find((each) => each.length > 0) ?? [];
  const roots = ownRootsBeside(directory, application, all.flat());
  if (roots.size > 1) return severalBelow(roots);
  if (application !== undefined && others.length === 0) {
    const { framework, file } = application;
    const own = ownRootOf(directory, file);
    const there = own === undefined ? undefined : lookForPython(join(directory, own), env, keepsSocket);
    if (own !== undefined && there?.is === "project") return runThere(there, own);
    const what = `${framework === "ASGI" ? "an" : "a"} ${framework} project`;
    return found(what, servePython(asStarted(directory, application), place), environment);
  }
  if (application !== undefined)
    return {
      is: "unclear",
      message: `several applications lie here: ${[application, ...others].map(({ file }) => file).join(", ")}`,
      hint: [application, ...others]
        .map(
          (each) =>
            `reload ${servePython(each, { ...place, keepsSocket: false })
              .command.join(" ")
              .replaceAll(environment.programs || "\0", "")}`,
        )
        .join("\n"),
    };
  const django = djangoBelow(directory);
  const below = django === undefined ? undefined : lookForPython(join(directory, django), env, keepsSocket);
  if (django !== undefined && below?.is === "project") return runThere(below, django);
  const flaskApp = env["FLASK_APP"] ?? /^\s*FLASK_APP\s*=\s*(\S+)/m.exec(textOf(directory, ".flaskenv") ?? "")?.[1];
  if (flaskApp !== undefined) return found("a Flask project", servePython(namedByFlask, place), environment);
  const script = ["main.py", "app.py"].find((name) => has(directory, name)) ?? streamlitIn(directory);
  const reloading = reloadingByFile(directory) ?? (script === undefined ? undefined : selfReloading(directory, script));
  if (reloading !== undefined) return watching(reloading, script ?? "rxconfig.py");
  if (script === undefined) return programsNamed(directory, environment);
  return {
    ...found(
      "a Python project",
      { command: [...interpreter, script], env: {}, remarks: aboutReloader(directory, script) },
      environment,
    ),
    endsAtOnce: `${script} ended at once: a server would go on. If another program starts it, run that one: reload uvicorn main:app`,
  };
}

/** Others call theirs `manage.py` too: https://flask.palletsprojects.com/en/stable/cli/#custom-scripts */
const isDjango = (directory: string): boolean =>
  /django|execute_from_command_line/i.test(textOf(directory, "manage.py") ?? "");

/** Projects in directories below, each of which could be meant. */
function severalBelow(roots: ReadonlyMap<string, Application>): Unclear {
  const rows = [...roots].map(
    ([root, { framework }]) => [`reload -C ${quote(root)}`, `a ${framework} project`] as const,
  );
  const width = Math.max(...rows.map(([command]) => command.length));
  return {
    is: "unclear",
    message: `several projects lie below: ${[...roots.keys()].join(", ")}`,
    hint: [...rows.map(([command, what]) => `${command.padEnd(width)}   ${what}`), allOfThem].join("\n"),
  };
}

const watching = ({ name, through }: SelfReloading, script: string): Unclear => ({
  is: "unclear",
  through,
  message: `${script} is for ${name}, which watches and reloads by itself`,
  hint: `${through}   runs it, without reload`,
});

/** Flask reads FLASK_APP by itself. */
const namedByFlask: Application = {
  framework: "Flask",
  file: "",
  name: "app",
  isFactory: false,
  module: "app",
  base: "",
  text: "",
};

/** What `django-admin startproject mysite` makes beside a README. */
function djangoBelow(directory: string): string | undefined {
  const [only, ...others] = directoriesIn(directory)
    .filter((name) => !/^(?:\.|(?:tests?|docs?|examples?|samples?|demo)$)/.test(name))
    .filter((name) => isDjango(join(directory, name)));
  return others.length === 0 && !["main.py", "app.py"].some((name) => has(directory, name)) ? only : undefined;
}

/** `[project.scripts]`: it may be a server, or a tool that ends at once. */
function programsNamed(directory: string, environment: Environment): PassedOver | undefined {
  const text = textOf(directory, "pyproject.toml") ?? "";
  const table = /^\[(?:project\.(?:gui-)?scripts|tool\.poetry\.scripts)\]\s*$([^[]*)/m.exec(text)?.[1] ?? "";
  const names = [...table.matchAll(/^\s*["']?([\w.-]+)["']?\s*=\s*["']([^"']+)["']/gm)];
  return names.length === 0
    ? undefined
    : {
        is: "passed over",
        remarks: [
          "pyproject.toml has these programs; run one of them again on every change:",
          ...names.map(
            ([, name = "", target = ""]) =>
              `  reload ${programIn(environment, directory, name) ?? [...environment.runner, name].join(" ")}   ${target}`,
          ),
        ],
      };
}

/** A project of its own in a directory below: from there it is run, with what lies there. */
function runThere(project: Project, own: string): Project {
  const settings = project.settings
    .filter(({ name }) => name !== "proc.cwd")
    .map(({ name, raw }) => ({ name, raw: name === "watch.exclude_dirs" ? belowOwn(raw, own) : raw }));
  return { ...project, liesBelow: true, settings: [...settings, { name: "proc.cwd", raw: inside(project, own) }] };
}

const belowOwn = (patterns: unknown, own: string): unknown =>
  Array.isArray(patterns) ? patterns.map((each) => String(each).replace(/^\//, `/${own}/`)) : patterns;

const inside = ({ settings }: Project, own: string): string => {
  const further = settings.find(({ name }) => name === "proc.cwd")?.raw;
  return typeof further === "string" ? `${own}/${further}` : own;
};

const frameworkIn = (command: readonly string[]): string => {
  const line = command.join(" ");
  const known = { "manage.py": "Django", flask: "Flask", quart: "Quart", litestar: "Litestar" };
  const name = Object.entries(known).find(([key]) => new RegExp(`(?:^|[\\s/])${key}\\b`).test(line))?.[1];
  return name === undefined ? "a Python project" : `a ${name} project`;
};

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
  const application = applicationIn(directory, file, textOf(directory, file) ?? "");
  const base = file.startsWith("src/") && !module.startsWith("src.") ? "src" : "";
  return { framework: "FastAPI", isFactory: false, text: "", ...application, file, name, module, base };
}

function found(
  what: string,
  { command, env, envFiles = [], kept, remarks = [] }: ServedApplication,
  { directory }: Environment,
): Project {
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
      ...(envFiles.length === 0 ? [] : [{ name: "env_files", raw: envFiles }]),
      ...(kept === undefined ? [] : [{ name: "sockets.listen", raw: [kept.listen] }]),
      // Templates are read anew by themselves.
      { name: "watch.include_files", raw: python.files },
      // Those with a dot are built in.
      {
        name: "watch.exclude_dirs",
        raw: [...python.excluded, ...(directory === undefined || directory.startsWith(".") ? [] : [`/${directory}`])],
      },
    ],
    remarks,
  };
}
