/** Which commands may have a standby: those in which nothing but known wrappers works in front of the program. All others start cold, and say why. */
import { isAbsolute, resolve } from "node:path";
import type { Command } from "../../core/command.ts";
import { isPythonProgram, type PythonShape, pythonShape } from "./python-shape.ts";

export type Shape =
  /** `main`: the program, as a path that need not be real. */
  /** `loaders`: what is required in front of it, and stands before every file that is loaded. */
  | { readonly is: "node"; readonly main: string; readonly loaders: readonly string[] }
  | PythonShape
  | { readonly is: "cold"; readonly why: string };

/** What the shape is told of the project. */
export interface ShapePlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** `undefined`: no such script, or no `package.json` here. */
  script(name: string): string | undefined;
}

const cold = (why: string): Shape => ({ is: "cold", why });

export function shapeOf(command: Command, args: readonly string[], place: ShapePlace): Shape {
  if (place.platform === "win32") return cold("not available on Windows");
  if (typeof command === "string") {
    const words = wordsOf(command);
    return words === undefined
      ? cold("the command is more than one program: write it as a list of words, or as one simple command")
      : ofWords([...words, ...args], place, true);
  }
  return ofWords([...command, ...args], place, true);
}

/** Variables that change what is loaded, or who looks on. */
function inEnvironment(env: NodeJS.ProcessEnv): string | undefined {
  for (const name of ["NODE_PATH", "NODE_V8_COVERAGE", "NODE_PENDING_DEPRECATION", "NODE_PRESERVE_SYMLINKS"])
    if (env[name] !== undefined && env[name] !== "") return `${name} is set`;
  const options = env["NODE_OPTIONS"]?.split(/\s+/).filter((word) => word !== "") ?? [];
  const foreign = options.find((word) => !isHarmless(word));
  return foreign === undefined ? undefined : `NODE_OPTIONS has ${foreign}`;
}

/** Options that only say how much or how it is told. */
const isHarmless = (option: string): boolean =>
  /^--(?:max-old-space-size=\d+|max-semi-space-size=\d+|stack-trace-limit=\d+|enable-source-maps|trace-warnings|trace-deprecation|trace-uncaught|no-warnings|no-deprecation|unhandled-rejections=\w+)$/.test(
    option,
  );

/** Packages that only set variables: what they set is seen as set by the user's own code. */
const preloads = ["dotenv/config"];
/** They make JavaScript of TypeScript in the moment in which a file is loaded, and are loaded in advance before the packages. */
const loaders = ["tsx/cjs"];

/** A line without anything that only a shell understands. */
function wordsOf(line: string): readonly string[] | undefined {
  // Not a line break: to a shell it is the end of a command, wherever it stands.
  const words = line.replace(/^[ \t]+|[ \t]+$/g, "").split(/[ \t]+/);
  return words.every((word) => /^[\w@%+=:,./-]+$/.test(word)) ? words : undefined;
}

const isAssignment = (word: string): boolean => /^[A-Za-z_]\w*=/.test(word);

function ofWords(words: readonly string[], place: ShapePlace, mayWrap: boolean): Shape {
  const at = words.findIndex((word) => !isAssignment(word));
  const set = words.slice(0, Math.max(at, 0));
  const own = set.find((word) =>
    /^(?:NODE_(?!ENV=)|LD_|PATH=|TSX_|ESBUILD_|PYTHON(?!UNBUFFERED=|DONTWRITEBYTECODE=))/.test(word),
  );
  if (own !== undefined) return cold(`the command sets ${own.split("=")[0]}`);
  const [program, ...rest] = words.slice(Math.max(at, 0));
  if (program === undefined) return cold("there is no command");
  if (program === "exec" && mayWrap) return ofWords(rest, place, mayWrap);
  const name = program.split("/").at(-1);
  if (name === "node" || name === "nodejs") return ofNode(rest, place);
  if (name !== undefined && isPythonProgram(name))
    return pythonShape(name, rest, { ...place, env: { ...place.env, ...assigned(set) } });
  if (mayWrap && (name === "npm" || name === "pnpm")) return ofScript(name, rest, place);
  return cold(`${name} is not a program that can be kept warm`);
}

const assigned = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));

function ofNode(words: readonly string[], { cwd, env }: ShapePlace): Shape {
  const why = inEnvironment(env);
  if (why !== undefined) return cold(why);
  const before: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "-r" || word === "--require") {
      at += 1;
      const name = words[at] ?? "";
      if (![...preloads, ...loaders].includes(name)) return cold(`node ${word} ${name} comes before the program`);
      before.push(name);
      continue;
    }
    if (word.startsWith("-")) {
      if (!isHarmless(word)) return cold(`node has ${word}`);
      continue;
    }
    const main = isAbsolute(word) ? word : resolve(cwd, word);
    const its = before.filter((name) => loaders.includes(name));
    // It would read what the other one sets, or be there before it.
    if (its.length > 0 && before.length > 1) return cold(`${before.join(" and ")} come before the program`);
    if (its.length > 0 && env["TSX_TSCONFIG_PATH"] !== undefined) return cold("TSX_TSCONFIG_PATH is set");
    if (!(its.length > 0 ? /\.(?:[cm]?[jt]s|tsx)$/ : /\.[cm]?js$/).test(main))
      return cold(`${word} is not a JavaScript file with an ending`);
    return { is: "node", main, loaders: its };
  }
  return cold("node is given no file");
}

/** `npm run dev --silent`: a script that is one simple command, with nothing before or after it. */
function ofScript(name: string, words: readonly string[], place: ShapePlace): Shape {
  const isSilent = words.some((word) => word === "-s" || word === "--silent");
  const plain = words.filter((word) => word !== "-s" && word !== "--silent");
  const script = plain[0] === "run" ? plain[1] : plain[0] === "start" ? "start" : undefined;
  if (script === undefined || plain.length > (plain[0] === "run" ? 2 : 1))
    return cold(`${name} ${words.join(" ")} is not known to be a mere wrapper`);
  if (!isSilent) return cold(`${name} prints a line before the program starts: ${name} ${plain.join(" ")} --silent`);
  const line = place.script(script);
  if (line === undefined) return cold(`there is no script ${script} in the package.json of the working directory`);
  if (place.script(`pre${script}`) !== undefined) return cold(`pre${script} works in front of the program`);
  const own = wordsOf(line);
  if (own === undefined) return cold(`the script ${script} is more than one program`);
  return ofWords(own, place, false);
}
