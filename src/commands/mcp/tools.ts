/** What `reload mcp` offers: the verbs of the command line, asked of the `reload` that runs for the directory. */
import { isAbsolute, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { askRunning } from "../../adapters/control/running.ts";
import type { Given } from "../../line/given.ts";
import { palette } from "../../report/colour.ts";
import type { Io } from "../../session/io.ts";
import { explain } from "../explain.ts";
import { find, startAdvice } from "../find.ts";
import { requestHere } from "../here.ts";

type Words = Readonly<Record<string, unknown>>;

interface Circumstances {
  /** The options that the server was started with. */
  readonly given: Given;
  readonly io: Io;
  /** Nobody waits for the answer any more. */
  readonly over: AbortSignal;
}

/** The result of a tool, as the protocol has it. */
interface Result {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
  readonly structuredContent?: object;
  readonly isError: boolean;
}

interface Field {
  readonly type: "string" | "number" | "boolean" | "array";
  readonly items?: { readonly type: "string" };
  readonly description: string;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  /** Changes nothing. */
  readonly isReadOnly?: true;
  call(words: Words, circumstances: Circumstances): Promise<Result>;
}

const directory: Field = {
  type: "string",
  description: "absolute path of the project; without it, the directory that this server was started in",
};
const services: Field = {
  type: "array",
  items: { type: "string" },
  description: "names of services; without them, all",
};
const timeout: Field = {
  type: "number",
  description: "seconds to wait at most (default 50); 0: without end",
};
/** Clients give a request up after a minute: they get an answer before that. */
const defaultTimeoutSeconds = 50;

const tools: readonly Tool[] = [
  {
    name: "wait",
    description:
      "Block until everything that was written to disk before this call is running, or has failed. Call it after edits, before you test anything. Returns the address and what was built, or the error with file and line.",
    fields: { services, timeout, directory },
    call: (words, circumstances) => verb("wait", words, { timeoutMs: timeoutOf(words) }, circumstances),
  },
  {
    name: "status",
    description: "What runs: services, their states, addresses, the last change and the last error. Returns at once.",
    fields: { verbose: { type: "boolean", description: "with the phases of the last restarts" }, services, directory },
    isReadOnly: true,
    call: (words, circumstances) => verb("status", words, picked(words, ["verbose"]), circumstances),
  },
  {
    name: "restart",
    description: "Start again without an edit (built first, if that had failed), and wait for it as wait does.",
    fields: { services, timeout, directory },
    call: (words, circumstances) => verb("restart", words, { timeoutMs: timeoutOf(words) }, circumstances),
  },
  {
    name: "logs",
    description: "What the current run printed, or with build what builds, rules and hooks printed. Returns at once.",
    fields: {
      build: { type: "boolean", description: "what builds, rules and hooks printed, instead of the run" },
      lines: { type: "number", description: "how many lines at most, the last ones (default 100)" },
      run: { type: "number", description: "the number of an earlier run" },
      services,
      directory,
    },
    isReadOnly: true,
    call: (words, circumstances) => verb("logs", words, picked(words, ["build", "lines", "run"]), circumstances),
  },
  {
    name: "explain",
    description:
      "What a change of each path would do (build and restart, restart, refresh, nothing), and which pattern of which file decides. For: why did my edit not restart the program?",
    fields: {
      paths: { type: "array", items: { type: "string" }, description: "paths of files or directories" },
      directory,
    },
    required: ["paths"],
    isReadOnly: true,
    call: explained,
  },
];

export const describeTools = (): unknown =>
  tools.map(({ name, description, fields, required = [], isReadOnly = false }) => ({
    name,
    description,
    inputSchema: { type: "object", properties: fields, required, additionalProperties: false },
    annotations: { readOnlyHint: isReadOnly, destructiveHint: false, openWorldHint: false },
  }));

export const toolNamed = (name: unknown): Tool | undefined => tools.find((tool) => tool.name === name);

/** Why a tool cannot be called with these. */
export function wrongArguments({ name: tool, fields, required = [] }: Tool, words: Words): string | undefined {
  const missing = required.find((name) => words[name] === undefined);
  if (missing !== undefined) return `${tool} needs ${missing}`;
  for (const [name, value] of Object.entries(words)) {
    const field = fields[name];
    if (field === undefined) return `${tool} does not take ${name} (it takes ${Object.keys(fields).join(", ")})`;
    if (value === undefined || isOfKind(field, value)) continue;
    return `${name} has to be ${field.type === "array" ? "a list of texts" : `a ${field.type}`}`;
  }
  if (typeof words["directory"] === "string" && !isAbsolute(words["directory"]))
    return "directory has to be an absolute path";
  return undefined;
}

function isOfKind({ type }: Field, value: unknown): boolean {
  if (type === "array") return Array.isArray(value) && value.every((item) => typeof item === "string");
  if (type === "number") return typeof value === "number" && Number.isFinite(value) && value >= 0;
  return typeof value === type;
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

function timeoutOf({ timeout: seconds }: Words): number {
  return (typeof seconds === "number" ? seconds : defaultTimeoutSeconds) * 1_000;
}

/** In the directory that was named, else as the server was started. */
const place = ({ directory: named }: Words, given: Given): Given =>
  typeof named === "string" ? { ...given, cwd: named, config: undefined, pid: undefined } : given;

const result = (text: string, isError: boolean, value?: unknown): Result => ({
  content: [{ type: "text", text }],
  ...(typeof value === "object" && value !== null && !Array.isArray(value) ? { structuredContent: value } : {}),
  isError,
});

type Options = Readonly<Record<string, string | number | boolean>>;

function picked(words: Words, names: readonly string[]): Options {
  const options: Record<string, number | boolean> = {};
  for (const name of names) {
    const value = words[name];
    if (typeof value === "number" || typeof value === "boolean") options[name] = value;
  }
  return options;
}

async function verb(name: string, words: Words, options: Options, circumstances: Circumstances): Promise<Result> {
  const { given, io, over } = circumstances;
  const found = find(place(words, given), io);
  if (found.is === "none") return result(`no reload runs ${found.where}\n${startAdvice}`, true);
  if (found.is === "unclear") return result(found.message, true);
  const lines: string[] = [];
  const question = { verb: name, names: textsOf(words["services"]), options };
  const ending = await askRunning(found.one, question, (part) => lines.push(lineOf(part)), over);
  if (ending === undefined) return result(`the reload that ran here (pid ${found.one.pid}) has ended`, true);
  return result([...lines, ...(ending.text === "" ? [] : [ending.text])].join("\n"), ending.code !== 0, ending.value);
}

/** Of `logs`: what was printed may have been meant for a terminal. */
const lineOf = (part: unknown): string =>
  typeof part === "object" && part !== null && "text" in part ? stripVTControlCharacters(String(part.text)) : "";

async function explained(words: Words, { given, io }: Circumstances): Promise<Result> {
  const here = place(words, given);
  const usage = await requestHere(here, io);
  if (!usage.ok) return result(usage.problem.message, true);
  let text = "";
  const output = {
    write: (part: string) => {
      text += part;
    },
    colors: palette(false),
  };
  const code = await explain({
    request: usage.request,
    from: resolve(io.cwd(), here.cwd ?? "."),
    paths: textsOf(words["paths"]),
    json: false,
    stdout: output,
    stderr: output,
  });
  return result(text.trimEnd(), code !== 0);
}
