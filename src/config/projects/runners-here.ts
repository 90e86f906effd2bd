/** Files in which projects keep the commands that their people run, and programs that lie there: said where nothing else is known. */
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { has, textOf } from "./project.ts";
import { jsonObject } from "./scripts/package.ts";

const phpReads = "PHP reads its files anew at each request: no reload";

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
    ...othersHere(directory),
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
  const bin = own === undefined ? "" : `${own}/bin/`;
  const named = names.flatMap((name): [string, string][] => {
    const text = name.endsWith(".py") ? (textOf(directory, name) ?? "") : "";
    const module = name.replace(/\.py$/, "");
    if (/^\w+\s*=\s*Celery\(/m.test(text)) return [[`reload ${bin}celery -A ${module} worker`, name]];
    return /^app\s*=\s*Sanic\(/m.test(text) && !/^if\s+__name__/m.test(text)
      ? [[`reload ${bin}sanic ${module}`, name]]
      : [];
  });
  return [...modules, ...named, ...scripts].slice(0, mostPrograms);
}

/** Kinds of projects that are not looked into: how their people run them. Of one kind the first that is there counts. */
const others: readonly (readonly (readonly [file: string, command: string, what: string])[])[] = [
  [["bin/rails", "reload -w config -w lib -- bin/rails server", "Rails reads app/ anew by itself"]],
  [
    ["config.ru", "reload -e rb,ru -- rackup", "config.ru"],
    ["app.rb", "reload -e rb,erb -- ruby app.rb", "app.rb"],
  ],
  [
    ["artisan", "php artisan serve", phpReads],
    ["public/index.php", "php -S localhost:8000 -t public", phpReads],
    ["index.php", "php -S localhost:8000", phpReads],
  ],
  [["mix.exs", "reload -e ex,exs,eex,heex -- mix run --no-halt", "mix.exs; Phoenix reloads by itself: mix phx.server"]],
  [
    ["mvnw", "reload -e java,xml,properties -- ./mvnw spring-boot:run", "or another goal that runs it"],
    ["pom.xml", "reload -e java,xml,properties -- mvn spring-boot:run", "or another goal that runs it"],
    ["gradlew", "reload -e java,kt,kts,properties -- ./gradlew run", "or bootRun"],
    ["build.gradle", "reload -e java,kt,kts,properties -- gradle run", "or bootRun"],
    ["build.gradle.kts", "reload -e java,kt,kts,properties -- gradle run", "or bootRun"],
    ["Main.java", "reload -e java -- java Main.java", "Main.java"],
  ],
  [[".csproj", "reload -e cs,cshtml,razor,json -- dotnet run", "a project of .NET"]],
  [[".fsproj", "reload -e fs,json -- dotnet run", "a project of .NET"]],
  [["Package.swift", "reload -e swift -- swift run", "Package.swift"]],
  [["build.zig", "reload -e zig,zon -- zig build run", "build.zig"]],
  [["shard.yml", "reload -e cr,ecr -- shards run", "shard.yml"]],
  [["stack.yaml", "reload -e hs,yaml,cabal -- stack run", "stack.yaml"]],
  [["gleam.toml", "reload -e gleam,erl,mjs -- gleam run", "gleam.toml"]],
  [["bin/server.dart", "reload -e dart -- dart run bin/server.dart", "bin/server.dart"]],
  [["dune-project", "reload -e ml,mli,dune -- dune exec NAME", "dune-project"]],
  [["CMakeLists.txt", 'reload -e c,h,cc,cpp,hpp -b "cmake --build build" -- ./build/NAME', "after: cmake -B build"]],
  [["hugo.toml", "hugo server", "watches and reloads by itself"]],
  [["_config.yml", "jekyll serve --livereload", "watches and reloads by itself"]],
  [["wsgi.py", "reload -e py -- gunicorn wsgi", "wsgi.py"]],
  [["asgi.py", "reload -e py -- uvicorn asgi:application", "asgi.py"]],
  [["nx.json", "npx nx serve NAME", "nx watches and reloads by itself"]],
  [
    ["compose.yaml", "docker compose up", "or in [service.NAME] with watch = false, beside your own programs"],
    ["compose.yml", "docker compose up", "or in [service.NAME] with watch = false, beside your own programs"],
    ["docker-compose.yml", "docker compose up", "or in [service.NAME] with watch = false, beside your own programs"],
    ["docker-compose.yaml", "docker compose up", "or in [service.NAME] with watch = false, beside your own programs"],
  ],
];

function othersHere(directory: string): (readonly [string, string])[] {
  const names = namesIn(directory);
  // An ending alone is that of any name.
  const isHere = (file: string): boolean =>
    file.startsWith(".") ? names.some((name) => name.endsWith(file)) : has(directory, file);
  return others.flatMap((kind) => {
    const found = kind.find(([file]) => isHere(file));
    return found === undefined ? [] : [[found[1], found[2]] as const];
  });
}

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
