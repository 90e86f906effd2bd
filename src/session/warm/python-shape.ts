/** Commands of Python that may have a standby: scripts, modules and servers that serve in the process that is started. */
import { isAbsolute, resolve } from "node:path";

export interface PythonShape {
  readonly is: "python";
  /** The file that is run; `undefined`: a module, or a program of a package. */
  readonly main: string | undefined;
  /** How the process that is the program is known: the words after Python, or after the script of this name. */
  readonly words: readonly string[];
  readonly script: string | undefined;
  /** After `-m`. */
  readonly module: string | undefined;
  /** Names that are looked for in `PATH`. */
  readonly programs: readonly string[];
}

type Cold = { readonly is: "cold"; readonly why: string };

const cold = (why: string): Cold => ({ is: "cold", why });

/** Programs that packages bring, and which are scripts of Python. */
const servers = ["uvicorn", "flask", "gunicorn", "hypercorn", "quart", "waitress-serve", "fastapi"];

const isPython = (name: string): boolean => /^python(?:3(?:\.\d+)?)?$/.test(name);

export const isPythonProgram = (name: string): boolean => isPython(name) || name === "uv" || servers.includes(name);

/** Options of Python that do not change what is loaded, or who looks on. */
const isHarmless = (word: string): boolean => /^-[uBbsqO]+$/.test(word);

/** With a value: whoever is started in advance is given it as well. */
const isHarmlessValue = (option: string, value: string): boolean =>
  option === "-W" || /^(?:dev|utf8(?:=[01])?|faulthandler|no_debug_ranges|int_max_str_digits=\d+)$/.test(value);

/** @returns where the options end that do the same to a standby as to a cold start */
function afterOptions(words: readonly string[]): number {
  let at = 0;
  for (let word = words[at]; word !== undefined; word = words[at]) {
    const [, option, value = ""] = /^(-[XW])(.*)$/.exec(word) ?? [];
    if (isHarmless(word)) at += 1;
    else if (option !== undefined && isHarmlessValue(option, value || (words[at + 1] ?? "")))
      at += value === "" ? 2 : 1;
    else break;
  }
  return at;
}

/** Variables that change how Python starts. */
function inPythonEnvironment(env: NodeJS.ProcessEnv): string | undefined {
  return [
    "PYTHONINSPECT",
    "PYTHONVERBOSE",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONTRACEMALLOC",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
  ]
    .map((name) => (env[name] === undefined || env[name] === "" ? undefined : `${name} is set`))
    .find((why) => why !== undefined);
}

export function pythonShape(
  name: string,
  words: readonly string[],
  place: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): PythonShape | Cold {
  const why = inPythonEnvironment(place.env);
  if (why !== undefined) return cold(why);
  if (name === "uv") {
    const [run, program, ...rest] = words;
    if (run !== "run" || program === undefined) return cold(`uv ${words.join(" ")} is not known to be a mere wrapper`);
    if (program.startsWith("-")) return cold(`uv run has ${program}`);
    const name = program.split("/").at(-1) ?? "";
    if (name === "uv" || !isPythonProgram(name)) return cold(`${name} is not a program that can be kept warm`);
    const shape = pythonShape(name, rest, place);
    return shape.is === "cold" ? shape : { ...shape, programs: [...shape.programs, "uv"] };
  }
  if (!isPython(name)) {
    const reloads = ofServer(name, words, place.env);
    return reloads ?? { is: "python", main: undefined, words, script: name, module: undefined, programs: [name] };
  }
  const at = afterOptions(words);
  const [word, next] = [words[at], words[at + 1]];
  if (word === undefined) return cold("python is given no file");
  const shape = { is: "python", words, script: undefined, programs: [name] } as const;
  if (word === "-m") {
    if (next === undefined) return cold("python -m is given no module");
    const reloads = ofServer(next, words.slice(at + 2), place.env);
    return reloads ?? { ...shape, main: undefined, module: next };
  }
  if (word.startsWith("-")) return cold(`python has ${word}`);
  if (!word.endsWith(".py")) return cold(`${word} is not a file that ends in .py`);
  if (words[at + 1] === "runserver" && !words.includes("--noreload"))
    return cold("runserver brings a reloader of its own: add --noreload");
  return { ...shape, main: isAbsolute(word) ? word : resolve(place.cwd, word), module: undefined };
}

/** A server that starts itself once more is not the process that is started. */
function ofServer(name: string, words: readonly string[], env: NodeJS.ProcessEnv): Cold | undefined {
  const isTrue = (variable: string): boolean => /^(?:1|true|yes|on|t|y)$/i.test(env[variable] ?? "");
  const has = (...options: string[]): string | undefined =>
    words.find((word) => options.some((option) => word === option || word.startsWith(`${option}=`)));
  switch (name) {
    case "uvicorn": {
      const own = has("--reload", "--workers");
      if (own !== undefined) return cold(`uvicorn ${own} serves in processes of its own`);
      for (const variable of ["WEB_CONCURRENCY", "UVICORN_WORKERS", "UVICORN_RELOAD"])
        if (env[variable] !== undefined && env[variable] !== "1") return cold(`${variable} is set`);
      return undefined;
    }
    case "flask":
    case "quart":
      if (has("--no-reload") !== undefined) return undefined;
      if (has("--debug", "--reload") !== undefined || isTrue("FLASK_DEBUG"))
        return cold(`${name} --debug brings a reloader of its own: add --no-reload`);
      return undefined;
    case "celery":
      return cold("celery serves in processes of its own");
    case "fastapi":
      if (words[0] !== "run" || has("--reload", "--workers") !== undefined)
        return cold("of fastapi only `fastapi run` serves in the process that is started");
      return undefined;
    default:
      return has("--reload") === undefined ? undefined : cold(`${name} --reload brings a reloader of its own`);
  }
}
