/** Programs that watch and restart by themselves, and commands that run a program instead of building it. */
import type { Command } from "../../core/command.ts";
import { textOf } from "./project.ts";

/** Names of programs, what follows them, what of the command is named (`$1` and `$2` are groups of the pattern), and what to do. */
type Watcher = readonly [names: string, rest: string, name: string, advice: string];

const leaveOut = "leave $2 out";
const runInside = "give reload the command inside it";
const alone = "run it without reload";

/** A program, by its name alone or at the end of a path. */
const patternOf = (names: string, rest: string): RegExp => new RegExp(`(?:^|[\\s/"'=])(${names})${rest}(?![\\w-])`);

const watchers: readonly Watcher[] = [
  [
    "uvicorn|gunicorn|hypercorn|granian|litestar|sanic|daphne|uwsgi",
    "\\s(?:.*\\s)?(--reload|--dev|--auto-reload|--py-autoreload)",
    "$1 $2",
    leaveOut,
  ],
  ["flask|quart", "\\s(?:.*\\s)?(--debug|--reload)", "$1 $2", leaveOut],
  ["fastapi", "\\s+(dev)", "$1 $2", "fastapi run does not"],
  ["manage.py", "\\s+(runserver)(?!.*--noreload)", "$1 $2", "add --noreload"],
  ["tsx|bun|deno", "\\s+(?:\\S+\\s+)*?(watch|--watch(?:=\\S*)?|--hot)(?=\\s)", "$1 $2", leaveOut],
  ["node", "\\s+(?:\\S+\\s+)*?(--watch(?:-path=\\S*)?)(?=\\s)", "$1 $2", leaveOut],
  [
    "nest|tsup|tsdown|rollup|webpack|esbuild|tsc|swc|vite build|tailwindcss",
    "\\s(?:.*\\s)?(-w|--watch(?:=\\S*)?)",
    "$1 $2",
    leaveOut,
  ],
  [
    "nodemon|ts-node-dev|tsnd|node-dev|supervisor|watchexec|watchfiles|watchmedo|onchange|entr|gow|wgo|reflex|modd|CompileDaemon|fresh|jurigged",
    "",
    "$1",
    runInside,
  ],
  ["cargo|dotnet", "\\s+(watch)", "$1 $2", runInside],
  ["air", "(?:\\s+-c)?", "$1", "reload reads .air.toml itself: run reload alone"],
  ["vite", "(?!\\s+(?:build|preview|optimize))", "$1", alone],
  ["next|nuxt|nuxi|astro|remix|vinxi|wrangler|gatsby|storybook|react-router|waku", "\\s+(dev|develop)", "$1 $2", alone],
  [
    "react-scripts|webpack|ng|vue-cli-service|expo|rspack|hugo|jekyll|trunk|mkdocs",
    "\\s+(serve|server|start)",
    "$1 $2",
    alone,
  ],
];

/** One line about a command that restarts by itself what it runs; also where a script of package.json does. */
export function aboutWatcher(command: Command, directory: string): string | undefined {
  const text = scriptOf(textOfCommand(command), directory);
  for (const [names, rest, name, advice] of watchers) {
    // An expression is compiled for a command that has the word: each start would pay for all of them.
    if (!names.split("|").some((word) => text.includes(word))) continue;
    const found = patternOf(names, rest).exec(text);
    if (found === null) continue;
    const filled = (template: string): string => template.replace("$1", found[1] ?? "").replace("$2", found[2] ?? "");
    return `${filled(name)} watches by itself, so that two restart the same program: ${filled(advice)}`;
  }
  return undefined;
}

const runners =
  /^\s*(?:\w+=\S*\s+)*(?:go\s+run|cargo\s+run|dotnet\s+run|deno\s+run|(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start|serve)|(?:node|tsx|python3?|ruby|php|java)\s)(?![^|]*(?:&&|;))/;

/** It runs a program, as far as its words tell: it will not end by itself. */
export const isRunner = (command: Command): boolean => runners.test(`${textOfCommand(command)} `);

export const textOfCommand = (command: Command): string => (typeof command === "string" ? command : command.join(" "));

/** The script that a package manager is to run; else the command itself. */
function scriptOf(command: string, directory: string): string {
  const name = /^\s*(?:npm|pnpm|yarn|bun)\s+(?:run\s+|run-script\s+)?([\w:.-]+)/.exec(command)?.[1];
  const manifest = name === undefined ? undefined : textOf(directory, "package.json");
  if (name === undefined || manifest === undefined) return command;
  try {
    const parsed: unknown = JSON.parse(manifest);
    const scripts = typeof parsed === "object" && parsed !== null && "scripts" in parsed ? parsed.scripts : undefined;
    const script =
      typeof scripts === "object" && scripts !== null
        ? Object.entries(scripts).find(([key]) => key === name)?.[1]
        : undefined;
    return typeof script === "string" ? script : command;
  } catch {
    return command;
  }
}
