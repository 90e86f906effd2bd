/** Commands that a pyproject.toml keeps by name, for pdm, poe, taskipy, hatch or rye, and a Pipfile for pipenv: the program in one, without its reloader. */
import { parseToml } from "../../text/toml.ts";
import { textOf } from "../project.ts";
import { peelEverywhere, peelOptions } from "../scripts/options.ts";
import { recipesIn } from "../scripts/recipes.ts";
import { readLine, type Word } from "../scripts/shell.ts";
import { type KeptAddress, keptAddress } from "./kept.ts";
import { runserverAddress } from "./runserver.ts";
import { type ServedApplication, type ServingPlace, servePython } from "./serve.ts";
import { applicationIn } from "./sources.ts";
import { lineIn, surroundings, tableOf, taskFiles } from "./task-tables.ts";

export interface PythonTask extends ServedApplication {
  readonly name: string;
  readonly file: string;
  /** `uvicorn --reload`; `undefined`: it watched nothing. */
  readonly watcher: string | undefined;
}

/** In the order in which people mean them. */
const names = ["dev", "develop", "start-dev", "serve", "server", "runserver", "start", "run"];
/** @returns `undefined`: there is none, or it runs no program of Python */
export function taskIn(place: ServingPlace): PythonTask | undefined {
  return taskOfProject(place) ?? taskOfRecipes(place);
}

/** A line of a Makefile or justfile that starts a server which watches: it is there to develop with. */
function taskOfRecipes(place: ServingPlace): PythonTask | undefined {
  for (const { file, target, lines } of recipesIn(place.directory, [...names, "run-dev", "dev-server"], place.env)) {
    const read = lines.length === 1 ? readTask(lines[0] ?? "", place) : undefined;
    if (read?.watcher !== undefined) return { ...read, name: target, file };
  }
  return undefined;
}

function taskOfProject(place: ServingPlace): PythonTask | undefined {
  const tables = taskFiles.flatMap(({ file, has, paths }) => {
    const text = textOf(place.directory, file);
    // To read it takes time, which only those with such a table pay.
    if (text === undefined || !has.test(text)) return [];
    const parsed = parseToml({ path: file, name: file, text });
    if (!parsed.ok) return [];
    return paths.map((path) => ({
      file,
      table: path.reduce<unknown>((table, key) => tableOf(table)[key], parsed.table),
    }));
  });
  for (const name of names)
    for (const { file, table } of tables) {
      const value = tableOf(table)[name];
      const line = lineIn(value);
      const read = line === undefined ? undefined : readTask(line, place);
      if (read === undefined) continue;
      const { env, envFiles } = surroundings(tableOf(value), tableOf(tableOf(table)["_"]));
      return { ...read, env: { ...env, ...read.env }, envFiles, name, file };
    }
  return undefined;
}

type Read = Omit<PythonTask, "name" | "file">;

const reloading = ["--reload", "--reload-dir", "--reload-include", "--reload-exclude", "--reload-delay"];

function readTask(written: string, place: ServingPlace): Read | undefined {
  // Words that are given to hatch and pdm, else what stands there for them.
  const line = written.replaceAll(/\{args(?::([^}]*))?\}/g, "$1").trim();
  const [step, ...others] = readLine(line)?.steps ?? [];
  if (step === undefined || others.length > 0 || step.command.redirections.length > 0) return undefined;
  const { assignments, words } = step.command;
  if (words.some(({ text }) => text === undefined) || assignments.some(({ value }) => value.text === undefined))
    return undefined;
  const set = Object.fromEntries(assignments.map(({ name, value }) => [name, value.text ?? ""]));
  const read = readWords(withoutRunner(words), place);
  return read === undefined ? undefined : { ...read, env: { ...set, ...read.env } };
}

/** `poetry run`, `uv run`, `python -m` */
function withoutRunner(words: readonly Word[]): readonly Word[] {
  const texts = words.map(({ text }) => text ?? "");
  if (["poetry", "uv", "pdm", "pipenv", "hatch", "rye"].includes(texts[0] ?? "") && texts[1] === "run")
    return withoutRunner(words.slice(2));
  const isModule = /^python3?$/.test(texts[0] ?? "") && texts[1] === "-m" && servers.has(texts[2] ?? "");
  return isModule ? words.slice(2) : words;
}

const servers = new Set(["uvicorn", "fastapi", "flask", "quart", "hypercorn", "gunicorn", "granian", "litestar"]);

function readWords([program, ...args]: readonly Word[], place: ServingPlace): Read | undefined {
  const texts = args.map(({ text }) => text ?? "");
  switch (program?.text) {
    case "uvicorn":
      return uvicorn(args, place);
    case "fastapi":
      return fastapi(args, place);
    case "flask":
    case "quart":
      return flask(program.text, args, place);
    case "hypercorn":
    case "gunicorn":
    case "granian":
    case "litestar": {
      const rest = texts.filter((text) => text !== "--reload");
      const watcher = rest.length < texts.length ? `${program.text} --reload` : undefined;
      return { command: [...place.call(program.text), ...rest], env: {}, watcher };
    }
    case "python":
    case "python3": {
      const { interpreter } = place;
      if (texts[0]?.endsWith("manage.py") !== true || texts[1] !== "runserver")
        return { command: [...interpreter, ...texts], env: {}, watcher: undefined };
      const own = texts.includes("--noreload") ? [] : ["--noreload"];
      return {
        command: [...interpreter, ...texts, ...own],
        env: {},
        ...(texts[0] === "manage.py" ? runserverAddress(texts.slice(2), place) : {}),
        watcher: own.length > 0 ? "runserver" : undefined,
      };
    }
    case "celery":
      return { command: [...place.call("celery"), ...texts], env: {}, watcher: undefined };
    case "watchfiles":
    case "watchmedo":
      return watched(program.text, args, place);
    default:
      return undefined;
  }
}

/** `watchfiles "python bot.py" src`, `watchmedo auto-restart -p '*.py' -R -- celery -A shop worker` */
function watched(watcher: "watchfiles" | "watchmedo", args: readonly Word[], place: ServingPlace): Read | undefined {
  const at = args.findIndex(({ text }) => text === "--");
  const { rest } = peelOptions(args, {
    values: ["--filter", "--args", "--sigint-timeout", "--ignore-paths"],
    dropped: [],
  });
  const line =
    watcher === "watchfiles"
      ? rest[0]?.text
      : at < 0
        ? undefined
        : args
            .slice(at + 1)
            .map(({ raw }) => raw)
            .join(" ");
  const read = line?.includes(" ") === true ? readTask(line, place) : undefined;
  return read === undefined ? undefined : { ...read, watcher };
}

function uvicorn(args: readonly Word[], place: ServingPlace): Read {
  const valued = [...reloading.slice(1), "--host", "--port"];
  const { kept, dropped, rest } = peelEverywhere(args, {
    values: [...valued, "--app-dir", "--uds", "--fd", "--workers", "--env-file", "--log-level", "--log-config"],
    dropped: [...reloading, "--host", "--port"],
  });
  const words = [...kept, ...rest].map(({ text }) => text ?? "");
  const { env } = place;
  const [host, port] = [dropped.get("--host")?.[0], dropped.get("--port")?.[0]];
  const isElsewhere = ["--uds", "--fd", "--workers"].some((name) => words.includes(name));
  const address =
    place.keepsSocket && !isElsewhere
      ? keptAddress(host ?? env["UVICORN_HOST"] ?? "127.0.0.1", port ?? env["UVICORN_PORT"] ?? "8000")
      : undefined;
  const watcher = dropped.has("--reload") ? "uvicorn --reload" : undefined;
  const command = [...place.call("uvicorn"), ...words];
  return address === undefined
    ? { command: [...command, ...option("--host", host), ...option("--port", port)], env: {}, watcher }
    : { command: [...command, "--fd", "3"], env: {}, kept: address, watcher };
}

/** `fastapi dev app/main.py`: the file says what it is. */
function fastapi(args: readonly Word[], place: ServingPlace): Read | undefined {
  const [verb, ...others] = args;
  if (verb?.text !== "dev" && verb?.text !== "run") return undefined;
  const valued = ["--host", "--port", "--app", "--reload-dir"];
  const { kept, dropped, rest } = peelEverywhere(others, {
    values: [...valued, "--root-path", "--workers"],
    dropped: [...valued, "--reload", "--no-reload"],
  });
  const file = [...kept, ...rest].map(({ text }) => text ?? "").find((text) => text.endsWith(".py"));
  const found =
    file === undefined ? undefined : applicationIn(place.directory, file, textOf(place.directory, file) ?? "");
  if (found === undefined) return undefined;
  const [host, port] = [dropped.get("--host")?.[0], dropped.get("--port")?.[0]];
  const env = {
    ...place.env,
    UVICORN_HOST: host ?? place.env["UVICORN_HOST"] ?? (verb.text === "run" ? "0.0.0.0" : "127.0.0.1"),
    ...(port === undefined ? {} : { UVICORN_PORT: port }),
  };
  const named = { ...found, name: dropped.get("--app")?.[0] ?? found.name, text: "" };
  const served = servePython(named, { ...place, env });
  const isSet = served.kept !== undefined;
  const more = isSet ? [] : [...option("--host", host), ...option("--port", port)];
  return { ...served, command: [...served.command, ...more], watcher: verb.text === "dev" ? "fastapi dev" : undefined };
}

function flask(program: "flask" | "quart", args: readonly Word[], place: ServingPlace): Read | undefined {
  const valued = [
    "--app",
    "-A",
    "--env-file",
    "-e",
    "--host",
    "-h",
    "--port",
    "-p",
    "--extra-files",
    "--exclude-patterns",
  ];
  const { kept, dropped } = peelEverywhere(args, {
    values: valued,
    dropped: ["--host", "-h", "--port", "-p", "--reload", "--extra-files", "--exclude-patterns"],
  });
  const words = kept.map(({ text }) => text ?? "");
  if (!words.includes("run")) return undefined;
  const [host, port] = [
    dropped.get("--host")?.[0] ?? dropped.get("-h")?.[0],
    dropped.get("--port")?.[0] ?? dropped.get("-p")?.[0],
  ];
  const { env } = place;
  const address: KeptAddress | undefined =
    place.keepsSocket && program === "flask"
      ? keptAddress(host ?? env["FLASK_RUN_HOST"] ?? "127.0.0.1", port ?? env["FLASK_RUN_PORT"] ?? "5000")
      : undefined;
  const isWatching = (words.includes("--debug") || dropped.has("--reload")) && !words.includes("--no-reload");
  const command = [...place.call(program), ...words, ...(isWatching ? ["--no-reload"] : [])];
  const watcher = isWatching ? `${program} run ${dropped.has("--reload") ? "--reload" : "--debug"}` : undefined;
  return address === undefined
    ? { command: [...command, ...option("--host", host), ...option("--port", port)], env: {}, watcher }
    : { command, env: { WERKZEUG_SERVER_FD: "3", WERKZEUG_RUN_MAIN: "true" }, kept: address, watcher };
}

const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);
