/** Python files that may hold a web application, and what in them is one. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { has, textOf } from "../project.ts";
import { directoriesIn } from "../scripts/workspaces.ts";

export type Framework = "FastAPI" | "Starlette" | "Litestar" | "Flask" | "Quart" | "Falcon" | "Bottle" | "ASGI";

export interface Application {
  readonly framework: Framework;
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** What stands behind the colon: `app`, or `create_app`, which makes one. */
  readonly name: string;
  readonly isFactory: boolean;
  /** As it is imported: `app.main`. */
  readonly module: string;
  /** Where it is imported from, relative to the project: `""`, `src`. */
  readonly base: string;
  readonly text: string;
}

const frameworks: readonly Framework[] = ["FastAPI", "Starlette", "Litestar", "Flask", "Quart", "Falcon", "Bottle"];

const names = ["main", "app", "server", "api", "asgi", "wsgi", "application", "run", "__init__"];

const skipped =
  /^(?:\.|__pycache__$|tests?$|docs?$|examples?$|scripts$|migrations$|alembic$|static$|templates$|venv$|env$|site-packages$|build$|dist$|node_modules$)/;

/** Nearest to the top first, and `main.py` before `app.py`. */
export function applicationsIn(directory: string): readonly (readonly Application[])[] {
  const packages = (base: string): string[] =>
    directoriesIn(join(directory, base))
      .filter((name) => !skipped.test(name))
      .map((name) => (base === "" ? name : `${base}/${name}`));
  const top = packages("");
  const levels = [[""], top, top.flatMap(packages), top.flatMap(packages).flatMap(packages)];
  const usual = levels.flatMap((level) => {
    const found = level.map((place) => inPlace(directory, place));
    return names.map((name) => found.flatMap((all) => all.filter(({ file }) => basename(file) === `${name}.py`)));
  });
  return [...usual, others(directory)];
}

/** `hello.py`, as Flask's first page has it. */
const others = (directory: string): Application[] =>
  filesIn(directory)
    .filter((file) => file.endsWith(".py") && !/^(?:test_|conftest|setup)|_test\.py$/.test(file))
    .flatMap((file) => applicationIn(directory, file, textOf(directory, file) ?? "") ?? []);

const starters = ["run", "start", "serve", "server", "main", "app", "__main__", "wsgi", "asgi", "manage"];

/** The application as the file beside it says that starts it: `run.py` with `from app import app` and `app.run(port=8000)`. */
export function asStarted(directory: string, application: Application): Application {
  const { module, name, file, base } = application;
  const run = new RegExp(`^(?:if\\s+__name__|uvicorn\\.run|${name}\\.run)`, "m");
  if (base !== "" || run.test(application.text)) return application;
  const named = new RegExp(
    `(?<![\\w.])uvicorn\\.run\\(\\s*(?:app\\s*=\\s*)?["']${module.replaceAll(".", "\\.")}:${name}["']`,
  );
  const imported = new RegExp(
    `^from[ \\t]+${module.replaceAll(".", "\\.")}[ \\t]+import[ \\t]+(?:.*,[ \\t]*)?${name}\\b`,
    "m",
  );
  const started = new RegExp(`(?<![\\w.])(?:uvicorn\\.run\\(\\s*(?:app\\s*=\\s*)?${name}\\b|${name}\\.run\\s*\\()`);
  for (const each of starters.map((starter) => `${starter}.py`)) {
    const text = each === file ? undefined : textOf(directory, each);
    if (text === undefined) continue;
    if (named.test(text) || (imported.test(text) && started.test(text))) return { ...application, file: each, text };
  }
  return application;
}

/** Files by which a directory below is a project of its own, which is run from there. */
export function ownRootOf(directory: string, file: string): string | undefined {
  const parts = dirname(file).split("/");
  return parts
    .map((_, at) => parts.slice(0, at + 1).join("/"))
    .find((place) => place !== "." && ownFiles.some((name) => has(directory, `${place}/${name}`)));
}

/** The directories below, as deep as that of the first, that are projects of their own with an application in them; by name. */
export function ownRootsBeside(
  directory: string,
  first: Application | undefined,
  all: readonly Application[],
): ReadonlyMap<string, Application> {
  const depth = (root: string | undefined): number => root?.split("/").length ?? 0;
  const deep = first === undefined ? 0 : depth(ownRootOf(directory, first.file));
  const roots = new Map<string, Application>();
  if (deep === 0) return roots;
  for (const each of all) {
    const root = ownRootOf(directory, each.file);
    if (root !== undefined && depth(root) === deep && !roots.has(root)) roots.set(root, each);
  }
  return new Map([...roots].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const ownFiles = ["pyproject.toml", "requirements.txt", "Pipfile", "setup.py", ".venv", "venv"];

export function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function inPlace(directory: string, place: string): Application[] {
  return names
    .map((name) => (place === "" ? `${name}.py` : `${place}/${name}.py`))
    .flatMap((file) => {
      const text = textOf(directory, file);
      return text === undefined ? [] : (applicationIn(directory, file, text) ?? []);
    });
}

export function applicationIn(directory: string, file: string, text: string): Application | undefined {
  const code = text.replaceAll(/("""|''')[\s\S]*?\1/g, "").replaceAll(/^\s*#.*$/gm, "");
  const made = assigned("FastAPI|Starlette|Litestar|Flask|Quart|Bottle|Falcon|App", code);
  const subclass = /^class[ \t]+(\w+)\((?:\w+\.)*(FastAPI|Starlette|Litestar|Flask|Quart)\)/m.exec(code);
  const ofSubclass =
    subclass === null
      ? undefined
      : new RegExp(`^(\\w+)[ \\t]*(?::[^=\\n]+)?=[ \\t]*${subclass[1]}[ \\t]*\\(`, "m").exec(code)?.[1];
  const base = frameworks.find((each) => each === subclass?.[2]);
  if (ofSubclass !== undefined && base !== undefined)
    return {
      framework: base,
      file,
      name: ofSubclass,
      isFactory: false,
      ...importedAs(directory, file, code),
      text: code,
    };
  const place = () => importedAs(directory, file, code);
  const framework =
    frameworks.find((each) => each === made?.class) ??
    (made?.class === "App" && /\bfalcon\b/.test(code) ? "Falcon" : undefined);
  if (made !== undefined && framework !== undefined)
    return { framework, file, name: outermost(made.name, code), isFactory: false, ...place(), text: code };
  const factory =
    /^(?:async[ \t]+)?def[ \t]+(create_app|make_app|get_app|create_application|build_app|get_application|app_factory)[ \t]*\(/m.exec(
      code,
    )?.[1];
  const called = /^(app|application|api|asgi_app|wsgi_app)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)*(\w+)[ \t]*\(/m.exec(
    code,
  );
  const isMade = called !== null && /create|make|get|build|init|factory|setup/.test(called[2] ?? "");
  const near = frameworkIn(code) ?? (isMade ? frameworkImported(directory, file, code) : undefined);
  if (near === undefined) return ofOthers(code, { file, ...place(), text: code });
  if (isMade)
    return {
      framework: near,
      file,
      name: outermost(called[1] ?? "app", code),
      isFactory: false,
      ...place(),
      text: code,
    };
  if (factory === undefined || !new RegExp(`\\b(?:${near})\\s*\\(`).test(code)) return undefined;
  return { framework: near, file, name: factory, isFactory: true, ...place(), text: code };
}

/** `app = FastAPI(`, `app: Flask = flask.Flask(`: the first one at the top. @param classes alternatives of a regular expression */
function assigned(classes: string, code: string): { readonly name: string; readonly class: string } | undefined {
  const found = new RegExp(`^(\\w+)[ \\t]*(?::[^=\\n]+)?=[ \\t]*(?:\\w+\\.)*(${classes})[ \\t]*\\(`, "m").exec(code);
  return found === null ? undefined : { name: found[1] ?? "app", class: found[2] ?? "" };
}

/** Where there is none of the usual ones: what stands beside one of these is mounted in it, or is around it. */
function ofOthers(code: string, of: Omit<Application, "framework" | "name" | "isFactory">): Application | undefined {
  for (const [name, imported, framework] of ofOtherName) {
    const made = imported.test(code) ? assigned(name, code) : undefined;
    if (made !== undefined) return { ...of, framework, name: outermost(made.name, code), isFactory: false };
  }
  return undefined;
}

/** Classes of others that are served as those which they are made of. */
const ofOtherName: readonly (readonly [name: string, imported: RegExp, served: Framework])[] = [
  ["APIFlask", /\bapiflask\b/, "Flask"],
  ["OpenAPI", /\bflask_openapi3\b/, "Flask"],
  ["Application", /\bblacksheep\b/, "ASGI"],
  ["ASGIApp", /\bsocketio\b/, "ASGI"],
];

/** `app = socketio.ASGIApp(server, api)`: what is served is around the other one. */
const outermost = (name: string, code: string): string =>
  new RegExp(
    `^(\\w+)[ \\t]*(?::[^=\\n]+)?=[ \\t]*(?:\\w+\\.)*\\w*(?:ASGIApp|Middleware)[ \\t]*\\((?:[^()]*[ \\t(,=])?${name}\\b`,
    "m",
  ).exec(code)?.[1] ?? name;

const frameworkIn = (code: string): Framework | undefined =>
  frameworks.find((each) => new RegExp(`\\b${each}\\s*\\(`).test(code));

/** `from shop.factory import create_app`: what the file there says. */
function frameworkImported(directory: string, file: string, code: string): Framework | undefined {
  for (const [, dots = "", module = ""] of code.matchAll(/^from[ \t]+(\.*)([\w.]*)[ \t]+import\b/gm)) {
    const base = dots === "" ? "" : join(dirname(file), ...Array.from({ length: dots.length - 1 }, () => ".."));
    const path = join(base, module.replaceAll(".", "/"));
    for (const each of [`${path}.py`, `${path}/__init__.py`, `src/${path}.py`, `src/${path}/__init__.py`]) {
      const found = frameworkIn(textOf(directory, each) ?? "");
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** By which name, and from where, its people import it: packages are taken whole, `src` is where they lie. */
function importedAs(directory: string, file: string, code: string): { module: string; base: string } {
  const parts = file.replace(/\.py$/, "").split("/");
  const dotted = (all: readonly string[]): string => (all.at(-1) === "__init__" ? all.slice(0, -1) : all).join(".");
  const inside = parts.slice(0, -1);
  if (inside.length === 0) return { module: dotted(parts), base: "" };
  const top = inside[0] ?? "";
  const names_ = new RegExp(`^[ \\t]*(?:from|import)[ \\t]+${top}(?:\\.|[ \\t])`, "m");
  if (names_.test(code) || has(directory, `${top}/__init__.py`)) return { module: dotted(parts), base: "" };
  if (top === "src" && inside.length > 1) return { module: dotted(parts.slice(1)), base: "src" };
  // Neighbours that are imported by their bare names: it is run from its own directory.
  const own = [...code.matchAll(/^(?:from|import)[ \t]+([\w]+)/gm)].map(([, name = ""]) => name);
  const place = inside.join("/");
  const isAlone = own.some(
    (name) => has(directory, `${place}/${name}.py`) || has(directory, `${place}/${name}/__init__.py`),
  );
  const isRelative = /^[ \t]*from[ \t]+\.+/m.test(code);
  if (top === "src" || (isAlone && !isRelative)) return { module: dotted(parts.slice(-1)), base: place };
  return { module: dotted(parts), base: "" };
}
