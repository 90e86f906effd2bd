/** What a script comes to once its watcher is taken away. */
import { lineOf, type Simple, type Word } from "./shell.ts";

/** A line for the shell that comes before the program. */
export interface Before {
  readonly line: string;
  /** Absolute. */
  readonly directory: string;
}

export interface FoundSetting {
  readonly name: string;
  readonly raw: unknown;
}

export interface Program {
  readonly words: readonly Word[];
  /** What the shell of the program is told first, and what joins it: `ulimit -n 4096 &&`. */
  readonly prelude: readonly string[];
  /** Variables whose value only a shell knows: `PORT=$API_PORT`. */
  readonly assignments: Simple["assignments"];
  readonly redirections: readonly string[];
  /** `| pino-pretty`, or empty. */
  readonly pipe: string;
  readonly env: Readonly<Record<string, string>>;
  /** Relative to `directory`; a later one wins. */
  readonly envFiles: readonly string[];
  /** Absolute. */
  readonly directory: string;
  /** Once, before the first start. */
  readonly once: readonly Before[];
  /** Before each start. */
  readonly builds: readonly Before[];
  /** What was taken away: `tsx watch`. */
  readonly watcher: string | undefined;
  /** What the watcher's own flags and configuration come to. */
  readonly settings: readonly FoundSetting[];
  /** What of them has no counterpart. */
  readonly lost: readonly string[];
  readonly remarks: readonly string[];
}

export type ScriptReading =
  | { readonly is: "program"; readonly program: Program }
  /** It restarts or replaces by itself what it serves: `vite`. */
  | { readonly is: "self-watching"; readonly name: string }
  /** It makes files again and again, and runs nothing: `tsc --watch`. */
  | { readonly is: "builder"; readonly name: string; readonly build: Before }
  | { readonly is: "several"; readonly parts: readonly ScriptPart[] }
  /** It runs `reload`. */
  | { readonly is: "reload" }
  /** `text`: what could not be read, where that is not the script itself. */
  | { readonly is: "unreadable"; readonly why: string; readonly text?: string };

export interface ScriptPart {
  /** As it stands in the script. */
  readonly line: string;
  readonly reading: ScriptReading;
  /** As a Procfile calls it. */
  readonly name?: string;
  /** What it gets where its line does not say so. */
  readonly env?: Readonly<Record<string, string>>;
}

export function programOf({ words, assignments, redirections }: Simple, directory: string): Program {
  const known = assignments.flatMap(({ name, value }) => (value.text === undefined ? [] : [[name, value.text]]));
  return {
    words,
    prelude: [],
    assignments: assignments.filter(({ value }) => value.text === undefined),
    redirections,
    pipe: "",
    env: Object.fromEntries(known),
    envFiles: [],
    directory,
    once: [],
    builds: [],
    watcher: undefined,
    settings: [],
    lost: [],
    remarks: [],
  };
}

/** The same reading with its program changed, or each of its programs. */
export function mapProgram(reading: ScriptReading, change: (program: Program) => Program): ScriptReading {
  if (reading.is === "program") return { is: "program", program: change(reading.program) };
  if (reading.is !== "several") return reading;
  return { ...reading, parts: reading.parts.map((part) => ({ ...part, reading: mapProgram(part.reading, change) })) };
}

/** What stood around a program: variables are weaker than those closer to it. */
export const within =
  (env: Readonly<Record<string, string>>, assignments: Simple["assignments"] = []) =>
  (program: Program): Program => ({
    ...program,
    env: { ...env, ...program.env },
    assignments: [...assignments, ...program.assignments],
  });

/** A list that is run as it is, or a line where only a shell can tell the words. */
export function commandOfProgram(program: Program): string | readonly string[] {
  const texts = program.words.map(({ text }) => text);
  return isPlain(program) && texts.every((text) => text !== undefined) ? texts : lineOfProgram(program);
}

/** Whether no shell is needed around it. */
export const isPlain = ({ prelude, assignments, redirections, pipe }: Program): boolean =>
  prelude.length === 0 && assignments.length === 0 && redirections.length === 0 && pipe === "";

/** A shell that has been told something does not give way to its last command by itself. */
export function lineOfProgram({ prelude, words, assignments, redirections, pipe }: Program): string {
  const isLast = prelude.length > 0 && pipe === "" && assignments.length === 0;
  return [...prelude, ...(isLast ? ["exec"] : []), lineOf({ assignments, words, redirections }), pipe]
    .filter((part) => part !== "")
    .join(" ");
}
