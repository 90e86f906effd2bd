/** Programs that watch and restart by themselves, and commands that run a program instead of building it. */
import type { Command } from "../../core/command.ts";
import { textOf } from "./project.ts";

/** Names of programs, what follows them, what of the command is named (`$1` and `$2` are groups of the pattern), and what to do. */
type Watcher = readonly [names: string, rest: string, name: string, advice: string];

const leaveOut = "leave $2 out";
const runInside = "give reload the command inside it";
const alone = "run it without reload";

/** Lie in the project itself. */
const ownFiles = /manage\.py|gradlew/;

/** A program, by its name alone or in a directory of programs: `./air` and `server/vite.js` are somebody's own. */
const patternOf = (names: string, rest: string): RegExp =>
  new RegExp(
    `(?:^|[\\s"'=;&|(]|bin/${ownFiles.test(names) ? "|/" : ""})(${names})(?:\\.[cm]?js|\\.exe|\\.cmd|@[\\w.^~]+)?${rest}(?![\\w.=-])`,
  );

const watchers: readonly Watcher[] = [
  [
    "uvicorn|gunicorn|hypercorn|granian|litestar|sanic|daphne|uwsgi|robyn",
    "\\s(?:.*\\s)?(--reload|--dev|--auto-reload|--autoreload|--py-autoreload)",
    "$1 $2",
    leaveOut,
  ],
  ["flask|quart", "\\s(?:.*\\s)?(--debug|--reload)", "$1 $2", leaveOut],
  [
    "FLASK_DEBUG|QUART_DEBUG",
    "=(?:1|true)\\s+(?:\\S+\\s+)*?(?:flask|quart)\\s(?:.*\\s)?run(?!.*--no-(?:debug|reload))",
    "$1",
    "add --no-reload",
  ],
  ["fastapi", "\\s+(dev)", "$1 $2", "fastapi run does not"],
  ["manage.py", "\\s+(runserver(?:_plus)?)(?!.*--noreload)", "$1 $2", "add --noreload"],
  ["tsx|bun|deno", "\\s+(?:\\S+\\s+)*?(watch|--watch(?:=\\S*)?|--hot)(?=\\s)", "$1 $2", leaveOut],
  ["node", "\\s+(?:\\S+\\s+)*?(--watch(?:-path=\\S*)?)(?=\\s)", "$1 $2", leaveOut],
  [
    "docker-compose|docker compose|podman compose",
    "\\s(?:.*\\s)?(watch|up\\s(?:.*\\s)?(?:--watch|-w))",
    "$1 $2",
    alone,
  ],
  [
    "nest|tsup|tsdown|rollup|webpack|rspack|rsbuild|esbuild|tsc|vue-tsc|tsgo|swc|babel|vite build|tailwindcss|sass|postcss|stylus|coffee|unbuild|microbundle|ncc|graphql-codegen|jest|json-server|templ generate|pm2|forever|vite-node|dune",
    "\\s(?:.*\\s)?(-\\w?w|--watch(?:All)?(?:=(?!false)\\S*)?)",
    "$1 $2",
    leaveOut,
  ],
  [
    "nodemon|ts-node-dev|tsnd|node-dev|supervisor|watchexec|watchfiles|watchmedo|onchange|chokidar|entr|gow|wgo|reflex|modd|CompileDaemon|fresh|realize|jurigged|ptw|pytest-watch|pytest-watcher|shotgun|rerun|pm2-dev|cargo-watch|tsc-watch|npm-watch|hupper|bacon|ibazel|watchman-make|arelo",
    "",
    "$1",
    runInside,
  ],
  ["cargo|cargo leptos|cargo lambda|dotnet|gulp|grunt|shadow-cljs", "\\s+(watch)", "$1 $2", runInside],
  ["gradle|gradlew", "\\s(?:.*\\s)?(-t|--continuous)", "$1 $2", leaveOut],
  ["mvn|mvnw|quarkus|./mvnw", "\\s(?:.*\\s)?(quarkus:dev|dev)", "$1 $2", alone],
  ["sbt", "\\s+[\"']?(~)\\w*", "$1 $2", "leave ~ out"],
  ["air", "(?:\\s+-c)?", "$1", "reload reads .air.toml itself: run reload alone"],
  ["vite|electron-vite", "(?!\\s+(?:build|preview|optimize))", "$1", alone],
  ["vitest", "(?!\\s+(?:run|bench|list|related|(?:.*\\s)?--run))", "$1", alone],
  ["parcel", "\\s+(?:serve|watch|\\S+\\.html)", "$1", alone],
  [
    "next|nuxt|nuxi|astro|remix|vinxi|wrangler|gatsby|storybook|react-router|waku|turbo|turbo run|nx|nx run|svelte-kit|rsbuild|rspack|farm|sst|vercel|netlify|strapi|medusa|nitro|nitropack|solid-start|buffalo|skaffold|devspace|tauri|quasar|snowpack|vitepress|vuepress",
    "\\s+(dev|develop)",
    "$1 $2",
    alone,
  ],
  [
    "react-scripts|webpack|hexo|ladle|adev|ng|nx|vue-cli-service|expo|rspack|hugo|jekyll|trunk|mkdocs|zola|ember|react-app-rewired|craco|docusaurus|browser-sync",
    "\\s+(serve|server|start|runserver)",
    "$1 $2",
    alone,
  ],
  ["eleventy|@11ty/eleventy", "\\s(?:.*\\s)?(--serve|--watch)", "$1 $2", alone],
  ["live-server|elm-live|tilt up|webpack-dev-server|ghcid|slidev|start-storybook", "", "$1", alone],
  ["zig build", "\\s(?:.*\\s)?(--watch)", "$1 $2", leaveOut],
  ["bee|revel|encore|streamlit", "\\s+(run)", "$1 $2", alone],
];

/** What of a command restarts by itself what it runs, and what to do about it; also where a script of package.json does. */
function watcherIn(
  command: Command,
  directory: string,
): { readonly what: string; readonly advice: string } | undefined {
  const text = scriptOf(textOfCommand(command), directory);
  for (const [names, rest, name, advice] of watchers) {
    // An expression is compiled for a command that has the word: each start would pay for all of them.
    if (!names.split("|").some((word) => text.includes(word))) continue;
    const found = patternOf(names, rest).exec(text);
    if (found === null) continue;
    const filled = (template: string): string => template.replace("$1", found[1] ?? "").replace("$2", found[2] ?? "");
    return { what: filled(name), advice: filled(advice) };
  }
  return undefined;
}

/** One line about a command that restarts by itself what it runs. */
export function aboutWatcher(command: Command, directory: string): string | undefined {
  const found = watcherIn(command, directory);
  return found === undefined
    ? undefined
    : `${found.what} watches by itself, so that two restart the same program: ${found.advice}`;
}

/** One line about a build that will never end, as far as its words tell. */
export function aboutBuild(command: Command, directory: string): string | undefined {
  const found = watcherIn(command, directory);
  const what = found?.what ?? servers.exec(scriptOf(textOfCommand(command), directory))?.[0].trim();
  if (what === undefined) return undefined;
  const advice = found?.advice.startsWith("leave ") === true ? found.advice : "what runs is cmd under [proc]";
  return `the build does not end (${what}), so that nothing comes after it: ${advice}`;
}

/** What is run, and never is a build. */
const servers =
  /^\s*(?:\w+=\S*\s+)*(?:(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start|serve|watch)|(?:docker|podman)(?:-compose|\s+compose)\s(?:\S+\s+)*?up(?=\s|$)(?!(?:.*\s)?(?:-d|--detach|--wait|--no-start)(?:\s|$))|tail\s(?:\S+\s+)*?(?:-[fF]|--follow))(?![^|]*(?:&&|;))/;

const runners =
  /^\s*(?:\w+=\S*\s+)*(?:go\s+run|cargo\s+run|dotnet\s+run|deno\s+run|(?:node|tsx|python3?|ruby|php|java)\s)(?![^|]*(?:&&|;))/;
/** A script may make something and end. */
const scripts = /^\s*(?:\w+=\S*\s+)*(?:node|tsx|python3?|ruby|php|java)\s/;

/** It runs a program, as far as its words tell: it will not end by itself. */
export function isRunner(command: Command, directory: string, isSure = false): boolean {
  const text = scriptOf(textOfCommand(command), directory);
  return (runners.test(`${text} `) || servers.test(text)) && !(isSure && scripts.test(text));
}

export const textOfCommand = (command: Command): string => (typeof command === "string" ? command : command.join(" "));

/** What is run in the end, as far as files tell: of a script of a package manager, or of a target of `make`. */
function scriptOf(command: string, directory: string): string {
  let text = command;
  // `npm run dev` → `npm run dev:api` → …
  for (let depth = 0; depth < 4; depth += 1) {
    const inside = insideOf(text, directory);
    if (inside === undefined) return text;
    text = inside;
  }
  return text;
}

function insideOf(command: string, directory: string): string | undefined {
  const target = /^\s*(?:\w+=\S*\s+)*g?make\s+(?:-s\s+)?([\w.-]+)\s*$/.exec(command)?.[1];
  if (target !== undefined) return recipeOf(target, directory);
  const [, tool, name] =
    /^\s*(?:\w+=\S*\s+)*(npm|pnpm|yarn|bun|deno\s+task)\s+(?:(?:-s|--silent)\s+)?(?:run\s+|run-script\s+)?(?:(?:-s|--silent)\s+)?([\w:.-]+)/.exec(
      command,
    ) ?? [];
  if (tool === undefined || name === undefined) return undefined;
  const [file, key] = tool.startsWith("deno") ? ["deno.json", "tasks"] : ["package.json", "scripts"];
  const script = propertyOf(propertyOf(jsonOf(textOf(directory, file)), key), name);
  return typeof script === "string" ? script : undefined;
}

/** The lines of a target in a `Makefile`, as one. */
function recipeOf(target: string, directory: string): string | undefined {
  const lines = (textOf(directory, "Makefile") ?? textOf(directory, "makefile") ?? "").split("\n");
  const at = lines.findIndex((line) => line.startsWith(`${target}:`) && !line.startsWith(`${target}:=`));
  if (at < 0) return undefined;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => !/^\t|^\s*(?:#|$)/.test(line));
  const recipe = rest
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => line.startsWith("\t"))
    .map((line) => line.trim().replace(/^[@+-]+/, ""));
  return recipe.length === 0 ? undefined : recipe.join("; ");
}

const propertyOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
