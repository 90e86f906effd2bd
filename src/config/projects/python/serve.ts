/** The command that serves an application, as its people start it, without a reloader. */
import { has, textOf } from "../project.ts";
import { argumentsOf, isForItself, nothingGiven } from "./calls.ts";
import { isOnPath } from "./environment.ts";
import { type KeptAddress, keptAddress } from "./kept.ts";
import { aboutReloader } from "./self-reloading.ts";
import type { Application } from "./sources.ts";

export interface ServedApplication {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the project. */
  readonly envFiles?: readonly string[];
  /** What `reload` listens on in the name of the server. */
  readonly kept?: KeptAddress;
  readonly remarks?: readonly string[];
}

export interface ServingPlace {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** How a program of the project's environment is called. */
  call(program: string): readonly string[];
  /** `python`, as it is called here. */
  readonly interpreter: readonly string[];
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
      return ofGateway(application, place);
    case "FastAPI":
    case "Starlette":
    case "Litestar":
    case "ASGI":
      return uvicorn(application, place);
  }
}

const target = ({ module, name }: Application): string => `${module}:${name}`;

/** `uvicorn.run("main:app", host="0.0.0.0", port=8080, reload=True)`: what is said there stays. */
function uvicorn(application: Application, place: ServingPlace): ServedApplication {
  const { base, isFactory, text } = application;
  const { known: given, unknown } = argumentsOf(text, "uvicorn.run", place.env);
  if (isForItself(text, "uvicorn.run"))
    return {
      command: [...python(place), application.file],
      env: {},
      remarks: /\buvicorn\.run\(/.test(text) ? aboutReloader(place.directory, application.file) : [],
    };
  const isHypercorn = isOnly("hypercorn", "uvicorn", place);
  if (isHypercorn) {
    // Where it listens stands there.
    const configured = has(place.directory, "hypercorn.toml") ? ["--config", "hypercorn.toml"] : [];
    const kept =
      place.keepsSocket && configured.length === 0
        ? keptAddress(given["host"] ?? "127.0.0.1", given["port"] ?? "8000")
        : undefined;
    // Beside a worker of its own it lives on when that does not load.
    const bind = kept === undefined ? [] : ["--bind", "fd://3"];
    const options = configured.length > 0 ? configured : ["--workers", "0", ...bind];
    return {
      command: [...place.call("hypercorn"), ...options, `${target(application)}${isFactory ? "()" : ""}`],
      env: pathTo(base),
      ...(kept === undefined ? {} : { kept }),
    };
  }
  if (isOnly("granian", "uvicorn", place)) {
    const words = ["--interface", "asgi", ...(isFactory ? ["--factory"] : []), target(application)];
    return { command: [...place.call("granian"), ...words], env: pathTo(base) };
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
  const remarks = ofUnknown(unknown, application, "UVICORN");
  const own = ofFastapi(application, place);
  if (kept !== undefined) return { command: [...command, "--fd", "3"], env: own, kept, remarks };
  return {
    command: [...command, ...option("--host", given["host"]), ...option("--port", given["port"])],
    env: own,
    remarks,
  };
}

/** `fastapi dev` sets it, and FastAPI asks for it: what a build has not made yet is then no error. */
const ofFastapi = ({ framework }: Application, { call, env }: ServingPlace): Record<string, string> =>
  framework === "FastAPI" && call("fastapi").length === 1 && env["FASTAPI_ENV"] === undefined
    ? { FASTAPI_ENV: "development" }
    : {};

/** An address that only the program knows is not guessed without a word. */
function ofUnknown(unknown: Readonly<Record<string, string>>, { file }: Application, prefix: string): string[] {
  return ["host", "port"].flatMap((name) =>
    unknown[name] === undefined
      ? []
      : [`${file} has ${name}=${unknown[name]}, which is not read here: set ${prefix}_${name.toUpperCase()}`],
  );
}

/** `if __name__ == "__main__":`, or a call that is made wherever the file is loaded. */
const startsItself = (text: string, call: string): boolean =>
  new RegExp(`^${call}\\s*\\(`, "m").test(text) ||
  (/^if\s+__name__/m.test(text) && new RegExp(`\\b${call}\\s*\\(`).test(text));

/** Flask's and Quart's own server. One that its script starts with `debug=True` brings a reloader; without, the script itself is run. */
function flask(application: Application, place: ServingPlace, program: "flask" | "quart"): ServedApplication {
  const { base, isFactory, text, file, name, module } = application;
  // Its own server speaks WebSocket, Flask's does not.
  const isSocketIo = program === "flask" && startsItself(text, "socket_?io\\.run");
  if (isSocketIo) return { command: [...python(place), file], env: {}, remarks: aboutSocketIo(text, file) };
  const isStarted = startsItself(text, `${name}\\.run`);
  const { known: given, unknown } = isStarted ? argumentsOf(text, `${name}.run`, place.env) : nothingGiven;
  const isReloading = [given["debug"], given["use_reloader"]].includes("True");
  if (isStarted && !isReloading && unknown["debug"] === undefined)
    return { command: [...python(place), file], env: {} };
  if (isStarted && isForItself(text, `${name}.run`))
    return { command: [...python(place), file], env: {}, remarks: aboutReloader(place.directory, file) };
  const isNamed =
    place.env["FLASK_APP"] !== undefined || /^\s*FLASK_APP\s*=/m.test(textOf(place.directory, ".flaskenv") ?? "");
  const isDefault = base === "" && !isFactory && name === "app" && (module === "app" || module === "wsgi");
  const app = isNamed || isDefault ? [] : ["--app", isFactory || name === "app" ? module : target(application)];
  const command = [...place.call(program), ...app, "run", "--debug", "--no-reload"];
  const ofQuart = program === "quart" && !isNamed ? quartOnSocket(application, given, place) : undefined;
  if (ofQuart !== undefined) return { ...ofQuart, remarks: ofUnknown(unknown, application, "QUART_RUN") };
  const kept = program === "flask" ? flaskAddress(given, place) : undefined;
  // What Flask's own reloader sets for the process that serves: without the second, the first is not looked at.
  const remarks = ofUnknown(unknown, application, program === "flask" ? "FLASK_RUN" : "QUART_RUN");
  if (kept !== undefined)
    return { command, env: { ...pathTo(base), WERKZEUG_SERVER_FD: "3", WERKZEUG_RUN_MAIN: "true" }, kept, remarks };
  return {
    command: [...command, ...option("--host", given["host"]), ...option("--port", given["port"])],
    env: pathTo(base),
    remarks,
  };
}

const aboutSocketIo = (text: string, file: string): string[] => {
  const { known } = argumentsOf(text, "socketio.run", {});
  return known["debug"] === "True" && known["use_reloader"] !== "False"
    ? [`${file} has a reloader of its own (debug=True), so that two restart it: add use_reloader=False`]
    : [];
};

/** `quart run` is hypercorn inside of the program, and cannot be handed a port: hypercorn itself can. */
function quartOnSocket(
  { module, name, isFactory, base }: Application,
  given: Readonly<Record<string, string>>,
  { directory, env, keepsSocket, call }: ServingPlace,
): ServedApplication | undefined {
  // Files that `quart run` reads, and hypercorn does not.
  if ([".env", ".quartenv"].some((name) => has(directory, name))) return undefined;
  const kept = keepsSocket
    ? keptAddress(
        given["host"] ?? env["QUART_RUN_HOST"] ?? "127.0.0.1",
        given["port"] ?? env["QUART_RUN_PORT"] ?? "5000",
      )
    : undefined;
  if (kept === undefined || call("hypercorn").length > 1) return undefined;
  const served = `${module}:${name}${isFactory ? "()" : ""}`;
  return {
    command: [...call("hypercorn"), "--workers", "0", "--bind", "fd://3", served],
    env: { ...pathTo(base), QUART_DEBUG: "1" },
    kept,
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

/** Whoever starts itself is run so. */
function ofGateway(application: Application, place: ServingPlace): ServedApplication {
  const { text, file, name } = application;
  const isItself = ["run", `${name}\\.run`, "make_server", "\\w+\\.serve_forever"].some((call) =>
    startsItself(text, call),
  );
  if (isItself) return { command: [...python(place), file], env: {}, remarks: aboutReloader(place.directory, file) };
  return /\bfalcon\.asgi\b/.test(text) ? uvicorn(application, place) : gunicorn(application, place);
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

const python = (place: ServingPlace): readonly string[] => place.interpreter;

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
