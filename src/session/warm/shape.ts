/** Which commands may have a standby: those in which nothing but known wrappers works in front of the program. All others start cold, and say why. */
import type { Command } from "../../core/command.ts";
import { nodeShape, tsxShape } from "./node-shape.ts";
import { isPythonProgram, type PythonShape, pythonShape } from "./python-shape.ts";
import { binInShape, isPackageManager, nodeOptionsSetting, scriptInShape } from "./script-shape.ts";

export type Shape =
  | {
      readonly is: "node";
      /** The program, as a path that need not be real. */
      readonly main: string;
      /** What is put in front of it, as the command names it, and stands before every file that is loaded. */
      readonly loaders: readonly string[];
      /** How: `import` is that of tsx, for CommonJS and for ES modules. */
      readonly loadedBy: "require" | "import";
      /** Files that Node itself reads before the program. */
      readonly files: readonly string[];
    }
  | PythonShape
  | { readonly is: "cold"; readonly why: string };

/** What the shape is told of the project. */
export interface ShapePlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** `undefined`: no such script, or no `package.json` here. */
  script(name: string): string | undefined;
  /** `undefined`: no such file. */
  text(file: string): string | undefined;
  /** Whether a program of this name is installed here. */
  bin(name: string): boolean;
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
  const name = program.split("/").at(-1) ?? "";
  // It only sets variables, and starts what follows.
  if (name === "cross-env") return ofWords(rest, place, false);
  if (name === "node" || name === "nodejs") return nodeShape(rest, place);
  if (name === "tsx") return tsxShape(rest, place);
  if (isPythonProgram(name)) return pythonShape(name, rest, { ...place, env: { ...place.env, ...assigned(set) } });
  if (isPackageManager(name) || name === "npx") {
    if (!mayWrap) return cold(`${name} is started by what is in front of it, which is not looked into`);
    const inner = name === "npx" ? binInShape(name, rest, place) : scriptInShape(name, rest, place);
    if ("why" in inner) return cold(inner.why);
    const inside = inner.line === undefined ? inner.words : wordsOf(inner.line);
    if (inside === undefined) return cold(`the script ${inner.words[0] ?? ""} is more than one program`);
    const shape = ofWords(inner.line === undefined ? inside : [...inside, ...inner.words.slice(1)], place, false);
    const setting = shape.is === "node" && name !== "yarn" ? nodeOptionsSetting(place) : undefined;
    return setting === undefined ? shape : cold(`${setting} sets node-options, which takes the place of NODE_OPTIONS`);
  }
  return cold(`${name} is not a program that can be kept warm`);
}

const assigned = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
