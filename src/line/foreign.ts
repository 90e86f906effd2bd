import { type CommandName, type CommandRow, rowOf, talks } from "./commands.ts";

/** Options of air, nodemon, watchexec, entr and others that have another name here, or are not needed. */
const foreign: Readonly<Record<string, string>> = {
  // nodemon
  "--exec": "the command comes last, without an option: reload go run .",
  "-x": "the command comes last, without an option: reload go run .",
  "--delay": "did you mean --debounce? (500ms, 2s)",
  "-d": "did you mean --debounce (nodemon) or --verbose (air)?",
  "--signal": "did you mean --proc.stop_signal?",
  "-s": "did you mean --proc.stop_signal?",
  "--legacy-watch": "did you mean --poll?",
  "-L": "did you mean --poll?",
  "--on-change-only": "did you mean --postpone?",
  "--exitcrash": "did you mean --proc.on_exit quit?",
  "--no-stdin": "did you mean --proc.stdin false?",
  "-I": "did you mean --proc.stdin false?",
  "--spawn": "leave it out: the program is always started as a process of its own",
  "--nodeArgs": "give them to node: reload node --inspect app.js",
  // watchexec
  "--exts": "did you mean --ext?",
  "--restart": "leave it out: a change always restarts",
  "-r": "leave it out: a change always restarts",
  "--filter": "did you mean --watch.include_files?",
  "-f": "did you mean --watch.include_files?",
  "--watch-non-recursive": "did you mean --watch.include_files?",
  "--no-vcs-ignore": "did you mean --watch.gitignore false?",
  "--no-project-ignore": "did you mean --watch.gitignore false?",
  "--stop-signal": "did you mean --proc.stop_signal?",
  "--stop-timeout": "did you mean --proc.stop_timeout?",
  "--workdir": "did you mean --cwd?",
  "--project-origin": "did you mean --root?",
  "--on-busy-update": "did you mean --build.on_change or --proc.on_change?",
  "--shell": "a command of one string goes to the shell: reload --proc.cmd 'a | b'",
  "-n": "leave it out: a COMMAND is run without a shell",
  "--notify": "did you mean --ui.notify?",
  "-N": "did you mean --ui.notify?",
  "--emit-events-to": "every child has the paths in RELOAD_CHANGED",
  "--ignore-nothing": "did you mean --watch.gitignore false?",
  // air
  "--debug": "did you mean --verbose?",
  // uvicorn, gunicorn, flask
  "--reload": "leave it out: that is what reload is for",
  "--reload-dir": "did you mean --watch?",
  "--reload-include": "did you mean --watch.include_files?",
  "--reload-exclude": "did you mean --ignore?",
  // wgo, reflex, modd, tsx
  "--regex": "did you mean --watch.include_files?",
  "--xfile": "did you mean --ignore?",
  "--include": "did you mean --watch or --watch.include_files?",
  "--exclude": "did you mean --ignore?",
  "--glob": "did you mean --watch.include_files?",
  "--start-service": "leave it out: the command is always taken for a service that is restarted",
  // docker compose, pm2
  "--detach": "did you mean --background?",
  "--daemon": "did you mean --background?",
  "--daemonize": "did you mean --background?",
  "--bg": "did you mean --background?",
  "-D": "did you mean --background?",
};

const following = "reload logs -f follows what is printed, reload wait waits for the newest edit";
const always = "leave it out: it always does that";
const killing = "leave it out: what does not end is killed after [proc] stop_timeout";
const everything = "leave it out: without a NAME it is all of them";
const lines = "did you mean --lines? (-n 50)";
const numbered = "lines are taken by number (-n 200) or by run (--run 3)";
const limit = "did you mean --timeout?";
const names = "names stand behind the command";

/** The same for commands of ours. */
const ofCommands: { readonly [name in CommandName]?: Readonly<Record<string, string>> } = {
  status: { "-f": following, "--follow": following, "-w": following, "--watch": following, "--all": everything },
  start: {
    "--background": "reload --background starts one that stays, or waits for the one that is there",
    "--detach": "reload --background starts one that stays, or waits for the one that is there",
    "--all": everything,
  },
  restart: {
    "-f": always,
    "--force": always,
    "--wait": always,
    "--build": "the key b builds as well",
    "--all": everything,
  },
  stop: { "-f": killing, "--force": killing, "--kill": killing, "-9": killing, "--wait": always, "--all": everything },
  wait: { "-t": limit, "--time": limit, "--for": limit, "--all": everything },
  url: { "--open": "the key o opens it in the browser", "-o": "the key o opens it in the browser" },
  logs: {
    "--tail": lines,
    "--number": lines,
    "--since": numbered,
    "--until": numbered,
    "--watch": "did you mean --follow?",
    "-w": "did you mean --follow?",
    "--builds": "did you mean --build?",
    "-b": "did you mean --build?",
    "--errors": "builds that failed: reload logs --build",
    "--all": everything,
  },
  pause: { "-t": "did you mean --for?", "--time": "did you mean --for?", "--timeout": "did you mean --for?" },
  rollback: { "--to": "the number stands behind the command: reload rollback 2" },
  init: {
    "-y": "leave it out: it asks nothing",
    "--yes": "leave it out: it asks nothing",
    "-f": "did you mean --force?",
  },
};

/** What to write for an option as it was written, values aside. */
export function foreignAdvice(word: string, row: CommandRow | undefined): string | undefined {
  const name = word.replace(/=.*$/s, "");
  const meaning = row === undefined ? undefined : ofCommands[row.name]?.[name];
  if (meaning !== undefined) return meaning;
  if (row !== undefined && talks(row)) return name === "--only" ? names : undefined;
  return foreign[name] ?? (rowOf(name.slice(2)) && `did you mean reload ${name.slice(2)}?`);
}
