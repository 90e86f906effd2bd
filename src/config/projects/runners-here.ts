/** Files in which projects keep the commands that their people run, and programs that lie there: said where nothing else is known. */
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { has, textOf } from "./project.ts";
import { jsonObject } from "./scripts/package.ts";

const developing = /^(?:dev|develop|run|serve|server|start|start-dev|run-dev|dev-run|watch|up|api)$/;

/** One line for each: the command, and what it runs. */
export function commandsHere(directory: string): readonly (readonly [string, string])[] {
  const targets = (program: string, text: string | undefined, pattern: RegExp): [string, string][] =>
    [...(text ?? "").matchAll(pattern)]
      .filter(([, name = ""]) => developing.test(name))
      .map(([, name = "", line = ""]) => [`reload ${program} ${name}`, line.trim().replace(/^[@-]+/, "")]);
  const make = textOf(directory, "Makefile") ?? textOf(directory, "makefile") ?? textOf(directory, "GNUmakefile");
  const just = textOf(directory, "justfile") ?? textOf(directory, "Justfile") ?? textOf(directory, ".justfile");
  const task = textOf(directory, "Taskfile.yml") ?? textOf(directory, "Taskfile.yaml");
  const procfile = textOf(directory, "Procfile");
  return [
    ...targets("make", make, /^([\w-]+)\s*:(?!=)[^\n]*\n(?:\t([^\n]*))?/gm),
    ...targets("just", just, /^([\w-]+)(?:\s+[^:\n]*)?:(?!=)[^\n]*\n(?:[ \t]+([^\n]*))?/gm),
    ...targets(
      "task",
      task,
      /^ {2}([\w-]+):\s*\n(?: {4}(?:desc|summary):[^\n]*\n)?(?: {4}cmds?:\s*\n {6}- ([^\n]*))?/gm,
    ),
    ...composerScripts(directory),
    ...others.flatMap(([file, command, what]) => (has(directory, file) ? [[command, what] as const] : [])),
    ...(procfile === undefined ? [] : [["reload init --from Procfile", "a service for each of its lines"] as const]),
    ...pythonHere(directory),
    ...programsIn(directory),
  ];
}

/** `bot.py`, `shop/__main__.py`: whether it goes on is not known. */
function pythonHere(directory: string): [string, string][] {
  const names = namesIn(directory);
  const own = [".venv", "venv"].find((name) => has(directory, `${name}/bin/python`));
  const python = own === undefined ? "python" : `${own}/bin/python`;
  const modules = names
    .filter((name) => /^[a-z]\w*$/.test(name) && has(directory, `${name}/__main__.py`))
    .map((name): [string, string] => [`reload ${python} -m ${name}`, `${name}/__main__.py`]);
  const scripts = names
    .filter((name) => /^(?!test_|conftest|setup|noxfile|tasks|fabfile)\w+(?<!_test)\.py$/.test(name))
    .filter((name) => /^if\s+__name__|^\S*\brun\w*\(|serve/m.test(textOf(directory, name) ?? ""))
    .map((name): [string, string] => [`reload ${python} ${name}`, ""]);
  return [...modules, ...scripts].slice(0, mostPrograms);
}

/** Kinds of projects that are not looked into: how their people run them. */
const others = [
  ["bin/rails", "reload -w config -w lib -- bin/rails server", "Rails reads app/ anew by itself"],
  ["config.ru", "reload -e rb,ru -- rackup", "config.ru"],
  ["artisan", "php artisan serve", "PHP reads its files anew at each request: no reload"],
  ["mix.exs", "reload -e ex,exs,eex,heex -- mix run --no-halt", "mix.exs; Phoenix reloads by itself: mix phx.server"],
  ["mvnw", "reload -e java,xml,properties -- ./mvnw spring-boot:run", "or another goal that runs it"],
  ["gradlew", "reload -e java,kt,kts,properties -- ./gradlew run", "or bootRun"],
  ["wsgi.py", "reload -e py -- gunicorn wsgi", "wsgi.py"],
  ["asgi.py", "reload -e py -- uvicorn asgi:application", "asgi.py"],
  ["nx.json", "npx nx serve NAME", "nx watches and reloads by itself"],
] as const;

function composerScripts(directory: string): [string, string][] {
  const scripts = jsonObject(textOf(directory, "composer.json") ?? "")?.["scripts"];
  return Object.entries(typeof scripts === "object" && scripts !== null ? scripts : {})
    .filter(([name]) => developing.test(name))
    .map(([name, line]) => [`reload composer run ${name}`, [line].flat().join(" && ")]);
}

const mostPrograms = 6;

/** What may be run as it lies there: `./serve.sh` */
function programsIn(directory: string): [string, string][] {
  const isProgram = (name: string): boolean => {
    try {
      const path = join(directory, name);
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  };
  // On Windows everything may be run.
  if (process.platform === "win32") return [];
  return namesIn(directory)
    .filter(
      (name) =>
        /^[\w-]+(?:\.(?:sh|bash|rb|js|mjs|pl|php))?$/.test(name) &&
        !/^(?:mvnw|gradlew|artisan|install|configure)/.test(name),
    )
    .filter(isProgram)
    .slice(0, mostPrograms)
    .map((name) => [`reload ./${name}`, "a program that lies here"]);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}
