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
};

/** What to write for an option as it was written, values aside. */
export const foreignAdvice = (word: string): string | undefined => foreign[word.replace(/=.*$/s, "")];
