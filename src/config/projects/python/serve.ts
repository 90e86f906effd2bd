/** The command that serves an application, as its people start it, without a reloader. */
import { has, textOf } from "../project.ts";
import { isOnPath } from "./environment.ts";
import { type KeptAddress, keptAddress } from "./kept.ts";
import type { Application } from "./sources.ts";

export interface ServedApplication {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What `reload` listens on in the name of the server. */
  readonly kept?: KeptAddress;
}

export interface ServingPlace {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** How a program of the project's environment is called. */
  call(program: string): readonly string[];
  /** Whether the port may be kept open by `reload`. */
  readonly keepsSocket: boolean;
}

export function servePython(application: Application, place: ServingPlace): ServedApplication {
  switch (application.framework) {
    case "Flask":
      return flask(application, place, "flask");
    case "Quart":
      return flask(application, place, "quart");
    case "Falcon":
    case "Bottle":
      return gunicorn(application, place);
    case "FastAPI":
    case "Starlette":
    case "Litestar":
      return uvicorn(application, place);
  }
}

const target = ({ module, name }: Application): string => `${module}:${name}`;

/** `uvicorn.run("main:app", host="0.0.0.0", port=8080, reload=True)`: what is said there stays. */
function uvicorn(application: Application, place: ServingPlace): ServedApplication {
  const { base, isFactory, text } = application;
  const given = argumentsOf(text, "uvicorn.run");
  const isHypercorn = isOnly("hypercorn", "uvicorn", place);
  if (isHypercorn) {
    const kept = place.keepsSocket ? keptAddress(given["host"] ?? "127.0.0.1", given["port"] ?? "8000") : undefined;
    const bind = kept === undefined ? [] : ["--bind", "fd://3"];
    return {
      command: [...place.call("hypercorn"), ...bind, target(application)],
      env: pathTo(base),
      ...(kept === undefined ? {} : { kept }),
    };
  }
  const command = [
    ...place.call("uvicorn"),
    ...(base === "" ? [] : ["--app-dir", base]),
    ...(isFactory ? ["--factory"] : []),
    target(application),
  ];
  const { env } = place;
  const isElsewhere = env["UVICORN_UDS"] !== undefined || env["UVICORN_FD"] !== undefined;
  const kept =
    place.keepsSocket && !isElsewhere
      ? keptAddress(given["host"] ?? env["UVICORN_HOST"] ?? "127.0.0.1", given["port"] ?? env["UVICORN_PORT"] ?? "8000")
      : undefined;
  if (kept !== undefined) return { command: [...command, "--fd", "3"], env: {}, kept };
  return { command: [...command, ...option("--host", given["host"]), ...option("--port", given["port"])], env: {} };
}

/** Flask's and Quart's own server. One that its script starts with `debug=True` brings a reloader; without, the script itself is run. */
function flask(application: Application, place: ServingPlace, program: "flask" | "quart"): ServedApplication {
  const { base, isFactory, text, file, name, module } = application;
  const isStarted = /^\s*(?:if\s+__name__|[\w.]+\.run\()/m.test(text) && new RegExp(`\\b${name}\\.run\\(`).test(text);
  const given = isStarted ? argumentsOf(text, `${name}.run`) : {};
  if (isStarted && given["debug"] !== "True" && given["use_reloader"] !== "True")
    return { command: [...python(place), file], env: {} };
  const isNamed =
    place.env["FLASK_APP"] !== undefined || /^\s*FLASK_APP\s*=/m.test(textOf(place.directory, ".flaskenv") ?? "");
  const isDefault = base === "" && !isFactory && name === "app" && (module === "app" || module === "wsgi");
  const app = isNamed || isDefault ? [] : ["--app", isFactory || name === "app" ? module : target(application)];
  const command = [...place.call(program), ...app, "run", "--debug", "--no-reload"];
  const kept = program === "flask" ? flaskAddress(given, place) : undefined;
  // What Flask's own reloader sets for the process that serves: without the second, the first is not looked at.
  if (kept !== undefined)
    return { command, env: { ...pathTo(base), WERKZEUG_SERVER_FD: "3", WERKZEUG_RUN_MAIN: "true" }, kept };
  return {
    command: [...command, ...option("--host", given["host"]), ...option("--port", given["port"])],
    env: pathTo(base),
  };
}

/** Files that Flask reads may say it too, if it has what reads them: Flask itself decides then. */
function flaskAddress(given: Readonly<Record<string, string>>, { directory, env, keepsSocket }: ServingPlace) {
  const isInFile = [".env", ".flaskenv"].some((name) => /\bFLASK_RUN_/.test(textOf(directory, name) ?? ""));
  return keepsSocket && !isInFile
    ? keptAddress(
        given["host"] ?? env["FLASK_RUN_HOST"] ?? "127.0.0.1",
        given["port"] ?? env["FLASK_RUN_PORT"] ?? "5000",
      )
    : undefined;
}

function gunicorn(application: Application, place: ServingPlace): ServedApplication {
  const { base, isFactory } = application;
  const app = isFactory ? `${target(application)}()` : target(application);
  const { directory, env, keepsSocket } = place;
  const port = env["PORT"];
  // It takes the socket of LISTEN_FDS by itself, before all that its configuration says.
  const isSaid = has(directory, "gunicorn.conf.py") || env["GUNICORN_CMD_ARGS"] !== undefined;
  const kept =
    keepsSocket && !isSaid ? keptAddress(port === undefined ? "127.0.0.1" : "0.0.0.0", port ?? "8000") : undefined;
  return {
    command: [...place.call("gunicorn"), ...(base === "" ? [] : ["--chdir", base]), app],
    env: {},
    ...(kept === undefined ? {} : { kept }),
  };
}

const python = (place: ServingPlace): readonly string[] => place.call("python").slice(0, 1);

const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

const pathTo = (base: string): Record<string, string> => (base === "" ? {} : { PYTHONPATH: base });

/** Whether the project names the one server and not the other. */
function isOnly(wanted: string, other: string, { directory, env, call }: ServingPlace): boolean {
  const lists = ["pyproject.toml", "requirements.txt", "Pipfile"]
    .map((name) => textOf(directory, name) ?? "")
    .join("\n");
  const names = (program: string): boolean => new RegExp(`^[\\s"']*${program}\\b`, "m").test(lists);
  return names(wanted) && !names(other) && !isOnPath(env, other) && call(other).length > 1 && has(directory, ".");
}

/** Literal words of a call: `port=8080`, `host="0.0.0.0"`. */
function argumentsOf(text: string, call: string): Readonly<Record<string, string>> {
  const at = text.search(new RegExp(`\\b${call.replaceAll(".", "\\.")}\\s*\\(`));
  if (at < 0) return {};
  const inside = text.slice(at, closing(text, text.indexOf("(", at)));
  const pairs = [
    ...inside.matchAll(
      /\b(host|port|debug|reload|use_reloader)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\d+|True|False)\b)(?=\s*[,)\n]|$)/g,
    ),
  ];
  return Object.fromEntries(pairs.map(([, name = "", double, single, bare]) => [name, double ?? single ?? bare ?? ""]));
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text.charAt(at) === "(") depth += 1;
    else if (text.charAt(at) === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
