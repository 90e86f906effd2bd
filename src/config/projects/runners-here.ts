/** Files in which projects keep the commands that their people run: said where nothing else is known. */
import { textOf } from "./project.ts";

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
    ...(procfile === undefined ? [] : [["reload init --from Procfile", "a service for each of its lines"] as const]),
  ];
}
